//! `oathctl tokens found`: a lost token is back. Changes this store only; nothing is sent.

use clap::Args;
use oathctl_core::report::Exit;
use serde_json::json;

use crate::cli::Output;
use crate::desk::Desk;
use crate::everyday;
use crate::failure::Failure;
use crate::words::en::foreign::clean;

/// Take the mark off tokens that were lost and are back.
///
/// Nothing is sent: a token that is to be somebody's again is given out with `tokens assign`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens found 2300000007\n  \
    oathctl tokens found 2300000007 --note \"lay in the car\"")]
pub(super) struct Found {
    /// Their serials
    #[arg(required = true, value_name = "SERIAL")]
    serials: Vec<String>,
    /// What is to be remembered of it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
}

impl Found {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            let mut told = Vec::new();
            for serial in &self.serials {
                told.push((serial.trim(), everyday::found(desk, &store, serial.trim(), &self.note).await?));
            }
            store.close().await;
            tell(desk, &told);
            Ok(Exit::Ok)
        })
    }
}

fn tell(desk: &Desk, told: &[(&str, u64)]) {
    if desk.output() != Output::Text {
        let values: Vec<_> =
            told.iter().map(|(serial, n)| json!({ "serial": serial, "was_marked": *n > 0 })).collect();
        return desk.ui.data(&format!("{}\n", json!({ "found": values })));
    }
    for (serial, n) in told {
        let serial = clean(serial);
        desk.ui.data(&match n {
            0 => format!("Token {serial} has no mark.\n"),
            _ => format!(
                "Token {serial} has no mark any more. To give it out: oathctl tokens assign {serial} UPN\n"
            ),
        });
    }
}
