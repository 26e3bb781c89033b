//! `oathctl tokens refresh`: the inventory brought up to what the tenant shows.

use clap::Args;
use oathctl_core::report::Exit;
use serde_json::json;

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::looking;

/// Bring the inventory up to what the tenant shows, and tell what was changed by hand.
///
/// Changes nothing in the tenant. What runs of this store did is known already and no change.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens refresh\n  \
    oathctl tokens refresh --output json")]
pub(super) struct Refresh {}

impl Refresh {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, false, async |look| {
            look.at_all().await?;
            look.tell().await?;
            if desk.output() != Output::Text {
                look.document("oathctl.tokens/1", json!({ "tokens": null, "life": null }));
            } else if look.changes() == 0 {
                desk.ui.say("Nothing was changed by anybody else.");
            }
            Ok(Exit::Ok)
        })
    }
}
