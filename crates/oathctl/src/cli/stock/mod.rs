//! `oathctl stock`: what lies where. Changes nothing in the tenant.
//!
//! Owns: the list of its commands. Does not own: what counts as free (`oathctl-store`).

mod list;
mod shelves;
mod shift;

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;

/// What lies where: free tokens by model, delivery and place, and what to reorder.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
    oathctl stock --reorder-below 20\n  \
    oathctl stock list --location Berlin\n  \
    oathctl stock move 2300000007 2300000008 --to Berlin\n  \
    oathctl stock move --file boxes.csv"
)]
pub struct Stock {
    #[command(flatten)]
    shelves: shelves::Shelves,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the tokens that nobody has
    List(list::List),
    /// Say where tokens lie, or which delivery they count to
    Move(shift::Move),
}

impl Stock {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            Some(What::Move(it)) => it.places(),
            Some(What::List(_)) | None => Places::default(),
        }
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        match self.what {
            None => self.shelves.run(desk),
            Some(What::List(it)) => it.run(desk),
            Some(What::Move(it)) => it.run(desk),
        }
    }
}
