//! `oathctl vault list`: whose seeds are kept.

use oathctl_core::report::Exit;
use oathctl_core::token::OtpKind;
use oathctl_store::Store;
use oathctl_store::vault::{Listed, Vault, VaultError};
use serde_json::{Value, json};

use super::count;
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::words::en::foreign::clean;

pub(super) async fn run(desk: &Desk, store: &Store) -> Result<Exit, Failure> {
    if !Vault::exists(store).await? {
        return Err(VaultError::None.into());
    }
    let listed = Vault::list(store).await?;
    match desk.output() {
        Output::Text => {
            listed.iter().for_each(|token| desk.ui.data(&line(token)));
            desk.ui.say(&format!("The vault has the seeds of {}.", count(listed.len(), "token")));
        }
        Output::Json => {
            let tokens: Vec<Value> = listed.iter().map(value).collect();
            let document = json!({"tokens": tokens});
            desk.ui.data(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
        }
        Output::Ndjson => listed.iter().for_each(|token| desk.ui.data(&format!("{}\n", value(token)))),
    }
    Ok(Exit::Ok)
}

fn line(token: &Listed) -> String {
    let made = [&token.maker, &token.model].map(|text| clean(text)).join(" ");
    let p = token.parameters;
    let steps = if p.kind == OtpKind::Totp { format!("{} s", p.period_secs) } else { "hotp".to_owned() };
    format!("{}\t{}\t{}\t{} digits\t{steps}\n", clean(&token.serial), made.trim(), p.hash, p.digits)
}

fn value(token: &Listed) -> Value {
    let p = token.parameters;
    json!({
        "serial": token.serial, "manufacturer": token.maker, "model": token.model, "type": p.kind, "hash": p.hash,
        "digits": p.digits, "period": p.period_secs, "added_at": token.added_at,
    })
}
