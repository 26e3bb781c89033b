//! `oathctl verify`: does a device show the codes of its seed, and how is its clock?
//!
//! Owns: asking for one code, and for the next where one isn't enough (H11); what is remembered of it. Does not own:
//! the proof (`oathctl-files`), its words ([`crate::words::en::verify`]). No code is shown or kept.

use clap::Args;
use oathctl_core::report::{Exit, Proof, SeedOrigin};
use oathctl_core::table::Table;
use oathctl_core::time::Utc;
use oathctl_core::token::serial_key;
use oathctl_files::proof::{Explanation, Fit, Given, Position, TokenProof, TokenResult, explain};
use oathctl_store::{Deed, Noted, TokenStatus};
use serde_json::{Value, json};

use super::check::codes::{listed, token_value};
use super::held::{By, Held, now};
use super::unlock::Unlock;
use super::{Output, audit};
use crate::desk::Desk;
use crate::failure::{Failure, io_words};
use crate::looks::{Look, looking, serial};
use crate::places::Places;
use crate::tell::faults;
use crate::words::en::verify as said;

/// Hold what a device shows against its seed in the vault.
///
/// Tells whether this is the device, under which reading, and how far its clock is off. Changes nothing in the tenant.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl verify 2300000007\n  \
    oathctl verify 2300000007 --codes codes.txt\n  \
    oathctl verify 2300000007 --cached --output json --codes -")]
pub(super) struct Verify {
    /// Its serial; `MAKER:SERIAL` where makers share one
    #[arg(value_parser = serial)]
    serial: String,
    /// Codes of it, by line: serial and code, in the order in which they were shown; `-`: standard input
    #[arg(long, value_name = "FILE|-")]
    codes: Option<String>,
    /// The inventory and this machine's clock are enough; needs no sign-in
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Verify {
    pub(super) fn places(&self) -> Places {
        let codes = self.codes.as_deref().filter(|path| *path != "-");
        self.unlock.places(Places::default()).read("the list of codes", codes)
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| self.verify(look).await)
    }

    async fn verify(&self, look: &mut Look<'_>) -> Result<Exit, Failure> {
        let held = Held::find(look, &self.serial).await?;
        if self.codes.is_none() && !look.desk.ui.terminals().can_ask() {
            return Err(Failure::usage("A code of the device is needed.").advice(
                "Run it on a terminal and type what the device shows, or say `--codes FILE` with serial and code by \
                 line.",
            ));
        }
        let lent = held.lend(look, &self.unlock).await?;
        let table = held.table(&lent)?;
        let (token, by) = match &self.codes {
            Some(from) => self.of_list(look, &held, &table, from)?,
            None => asked(look, &held, &table)?,
        };
        if let TokenResult::Fits(fit) = &token.result {
            remember(look, &held, fit, by).await?;
        }
        tell(look.desk, &token, by);
        let right = matches!(&token.result, TokenResult::Fits(fit) if is_as_kept(fit) && fit.proven);
        Ok(if right { Exit::Ok } else { Exit::Rows })
    }

    fn of_list(
        &self,
        look: &Look<'_>,
        held: &Held,
        table: &Table,
        from: &str,
    ) -> Result<(TokenProof, By), Failure> {
        let desk = look.desk;
        let mut given = listed(desk, from)?;
        faults::on_stderr(desk, given.faults.iter());
        given.codes.retain(|code| serial_key(&code.serial) == serial_key(&held.listed.serial));
        if given.codes.is_empty() {
            return Err(Failure::usage("The list has no code of this token.")
                .advice("Write serial and code by line, as in `2300000007 123456`."));
        }
        let (at, by) = now(desk, look);
        given.codes.iter_mut().for_each(|code| code.at = code.at.or(Some(at)));
        Ok((proof(table, &given.codes, at, held), by))
    }
}

/// One code, and the next one where that is not enough. Each counts for the moment it was typed.
fn asked(look: &Look<'_>, held: &Held, table: &Table) -> Result<(TokenProof, By), Failure> {
    let desk = look.desk;
    let mut codes = vec![typed(look, held, said::CODE)?];
    let (at, by) = now(desk, look);
    let first = proof(table, &codes, at, held);
    if matches!(&first.result, TokenResult::Fits(fit) if fit.proven) {
        return Ok((first, by));
    }
    desk.ui.show(said::ONE_IS_NOT_ENOUGH);
    codes.push(typed(look, held, said::NEXT_CODE)?);
    let (at, by) = now(desk, look);
    Ok((proof(table, &codes, at, held), by))
}

fn typed(look: &Look<'_>, held: &Held, question: &str) -> Result<Given, Failure> {
    let desk = look.desk;
    let code = (desk.ask_secret)(question)
        .map_err(|error| Failure::usage("The code can't be asked for.").because(io_words(&error)))?;
    let at = now(desk, look).0;
    Given::new(&held.listed.serial, &code, 0, Some(at))
        .ok_or_else(|| Failure::usage("That isn't a code of 6 to 8 digits; nothing was compared."))
}

/// What the codes of one token say.
fn proof(table: &Table, codes: &[Given], at: Utc, held: &Held) -> TokenProof {
    let found = explain(table, codes, at).tokens.into_iter().next();
    found.unwrap_or(TokenProof {
        serial: held.listed.serial.clone(),
        row: None,
        codes: 0,
        result: TokenResult::Nothing,
    })
}

fn is_as_kept(fit: &Fit) -> bool {
    fit.reading == Explanation::AsDeclared
}

/// Into the inventory: that the device works, where the tenant holds the seed we kept; its drift, where the clock it
/// was measured by was checked.
async fn remember(look: &Look<'_>, held: &Held, fit: &Fit, by: By) -> Result<(), Failure> {
    if !is_as_kept(fit) || !fit.proven {
        return Ok(());
    }
    let drift_s = match fit.position {
        Position::Drift { secs } if by == By::Tenant => Some(secs),
        _ => None,
    };
    let actor = audit::actor(look.desk).os_user.unwrap_or_default();
    for line in held.lines.iter().filter(|line| line.status != TokenStatus::Gone) {
        let (Some(tenant), Some(device)) = (&line.tenant, &line.device) else { continue };
        let is_ours = line.seed_origin == Some(SeedOrigin::Created);
        let noted = Noted {
            device: Some(device.clone()),
            serial: line.serial.clone(),
            proof: is_ours.then_some(Proof::Device),
            drift_s,
            what: "verified by its codes".into(),
            ..Noted::default()
        };
        let deed = Deed { tenant, run: None, actor: Some(&actor), at: look.desk.clock.utc() };
        look.store.inventory().note(&deed, &[noted]).await?;
    }
    Ok(())
}

fn tell(desk: &Desk, token: &TokenProof, by: By) {
    if desk.output() == Output::Text {
        let lines = said::verdict(token, by == By::Tenant);
        desk.ui.data(&format!("{}\n", lines.join("\n")));
        return;
    }
    let mut document = json!({
        "schema": "oathctl.verify/1", "version": env!("CARGO_PKG_VERSION"), "clock": by.word(),
    });
    if let (Some(document), Value::Object(fields)) = (document.as_object_mut(), token_value(token)) {
        document.extend(fields);
    }
    desk.ui.data(&format!("{document}\n"));
}
