//! Delimited targets: Microsoft's upload, and the list OTP servers read.
//!
//! Owns: their columns and the quoting of cells. Does not own: which rows fit.

use data_encoding::{BASE32_NOPAD, HEXLOWER};

use super::sink::Sink;
use super::token::Token;

/// The columns of Microsoft's upload
/// (<https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-upload-oath-tokens>).
const MICROSOFT: &str = "upn,serial number,secret key,time interval,manufacturer,model\r\n";

/// UTF-8 without a mark, lines as RFC 4180 ends them.
pub(super) fn write_microsoft(tokens: &[Token<'_>], out: &mut Sink) {
    out.push(MICROSOFT);
    for token in tokens {
        // An apostrophe is written twice, as the page above has it.
        cell(out, &token.row.upn().unwrap_or("").replace('\'', "''"));
        out.push(",");
        cell(out, token.row.serial());
        out.push(",");
        out.push_spelled(&BASE32_NOPAD, token.expose_seed());
        out.push(if token.period_secs == 60 { ",60," } else { ",30," });
        cell(out, token.row.manufacturer());
        out.push(",");
        cell(out, token.row.model());
        out.push("\r\n");
    }
}

/// Every cell filled, so that no reader has to know a default.
pub(super) fn write_oath(tokens: &[Token<'_>], out: &mut Sink) {
    out.push("# serial, seed in hex, type, digits, period or counter, hash\n");
    for token in tokens {
        let step = if token.is_totp() { u64::from(token.period_secs) } else { token.counter };
        cell(out, token.row.serial());
        out.push(",");
        out.push_spelled(&HEXLOWER, token.expose_seed());
        out.push(&format!(",{},{},{step},{}\n", token.kind_word(), token.digits, token.hash.word()));
    }
}

fn cell(out: &mut Sink, text: &str) {
    if text.contains([',', ';', '"', '\n', '\r', '\t']) || text.trim() != text {
        out.push(&format!("\"{}\"", text.replace('"', "\"\"")));
    } else {
        out.push(text);
    }
}
