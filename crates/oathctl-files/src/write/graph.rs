//! The body of a bulk creation in Microsoft Graph.
//!
//! Owns: its shape (<https://learn.microsoft.com/graph/api/authenticationmethoddevice-update>). Does not own:
//! sending anything.

use data_encoding::BASE32_NOPAD;
use oathctl_core::reason::Reason;
use oathctl_core::token::Hash;

use super::sink::Sink;
use super::token::Token;

pub(super) fn write(tokens: &[Token<'_>], out: &mut Sink) -> Result<(), Reason> {
    out.push("{\"@context\":\"#$delta\",\"value\":[");
    for (n, token) in tokens.iter().enumerate() {
        out.push(if n == 0 { "\n" } else { ",\n" });
        one(n + 1, token, out).map_err(|_| Reason::OwnFault { what: "writing JSON".into() })?;
    }
    out.push("\n]}\n");
    Ok(())
}

fn one(number: usize, token: &Token<'_>, out: &mut Sink) -> serde_json::Result<()> {
    out.push(&format!("{{\"@contentId\":\"{number}\""));
    let row = token.row;
    for (key, text) in
        [("serialNumber", row.serial()), ("manufacturer", row.manufacturer()), ("model", row.model())]
    {
        out.push(&format!(",\"{key}\":"));
        serde_json::to_writer(&mut *out, text)?;
    }
    out.push(",\"secretKey\":\"");
    out.push_spelled(&BASE32_NOPAD, token.expose_seed());
    let hash = if token.hash == Hash::Sha256 { "hmacsha256" } else { "hmacsha1" };
    out.push(&format!("\",\"timeIntervalInSeconds\":{},\"hashFunction\":\"{hash}\"", token.period_secs));
    if let Some(id) = row.user_id() {
        out.push(",\"assignTo\":{\"id\":");
        serde_json::to_writer(&mut *out, id)?;
        out.push("}");
    }
    out.push("}");
    Ok(())
}
