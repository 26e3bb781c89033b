//! `oathctl code`: what a token in stock shows now.
//!
//! Owns: that nobody gets the code of a token that is somebody's (H28), the record before the code. Does not own:
//! computing codes (`oathctl-core`).

use clap::Args;
use oathctl_core::otp::totp_at;
use oathctl_core::report::Exit;
use oathctl_core::token::{OtpKind, TotpParams};
use oathctl_store::DeedKind;
use serde_json::json;

use super::held::{By, Held, now};
use super::unlock::Unlock;
use super::{Output, audit};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::{Look, looking, serial};
use crate::places::Places;
use crate::words::en::verify as words;

/// Show the code that a token in stock shows now.
///
/// Only of tokens that are nobody's: whoever has the code of a person's token signs in as that person. It is written
/// into the audit before it is shown.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl code 2300000007\n  \
    oathctl code 2300000007 --cached --output json")]
pub(super) struct Code {
    /// Its serial; `MAKER:SERIAL` where makers share one
    #[arg(value_parser = serial)]
    serial: String,
    /// The inventory says whose it is, and this machine what time it is; needs no sign-in
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Code {
    pub(super) fn places(&self) -> Places {
        self.unlock.places(Places::default())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| self.show(look).await)
    }

    async fn show(&self, look: &mut Look<'_>) -> Result<Exit, Failure> {
        let held = Held::find(look, &self.serial).await?;
        refuse_what_is_somebodys(&held)?;
        let p = held.listed.parameters;
        if p.kind != OtpKind::Totp {
            return Err(Failure::usage(words::COUNTS_PRESSES));
        }
        let lent = held.lend(look, &self.unlock).await?;
        let desk = look.desk;
        audit::note(desk, &look.store, DeedKind::CodeShown, &[&held.listed.serial], 1).await?;
        let (at, by) = now(desk, look);
        let params = TotpParams { hash: p.hash, digits: p.digits, period_secs: p.period_secs };
        let code = held
            .with_seed(&lent, |seed| totp_at(seed, params, at))?
            .map_err(|error| Failure::own(error.to_string()))?;
        let left = code.ms_left(at) / 1000;
        if desk.output() == Output::Text {
            desk.ui.data(&format!("{}\n", code.expose_code()));
            desk.ui.say(&words::lasts(left, by == By::Tenant));
        } else {
            let document = json!({
                "schema": "oathctl.code/1", "version": env!("CARGO_PKG_VERSION"), "serial": held.listed.serial,
                "code": code.expose_code(), "valid_until": code.valid_until, "seconds_left": left,
                "clock": by.word(),
            });
            desk.ui.data(&format!("{document}\n"));
        }
        Ok(Exit::Ok)
    }
}

/// H28: off for a token that a person has, in whichever tenant, and for one that is marked.
fn refuse_what_is_somebodys(held: &Held) -> Result<(), Failure> {
    let holder = held.lines.iter().find_map(|line| line.holder.as_ref());
    if let Some(holder) = holder {
        let name = holder.upn.as_deref().unwrap_or(holder.id.as_str());
        return Err(Failure::gate(words::is_somebodys(&held.listed.serial, name))
            .called("token_held")
            .advice(words::TEMPORARY_ACCESS_PASS));
    }
    if held.lines.iter().any(|line| line.mark.is_some()) {
        return Err(Failure::gate(words::is_marked(&held.listed.serial))
            .called("marked")
            .advice("`oathctl tokens show SERIAL` tells why."));
    }
    Ok(())
}
