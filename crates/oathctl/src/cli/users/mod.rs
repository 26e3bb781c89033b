//! `oathctl users`: people, as far as tokens are concerned. Changes nothing in the tenant.
//!
//! Owns: the list of its commands. Does not own: what is read of people ([`crate::looks::people`]).

mod search;
mod show;

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;

/// Look at people: tokens, other methods, room for more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl users show ada@contoso.com\n  \
    oathctl users search lovelace\n  \
    oathctl users search ada --cached --output json")]
pub struct Users {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show a person: account, tokens, other methods, room left
    Show(show::Show),
    /// Find people by a piece of their name
    Search(search::Search),
}

impl Users {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        match self.what {
            What::Show(it) => it.run(desk),
            What::Search(it) => it.run(desk),
        }
    }
}

/// Somebody has to be meant.
fn text(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("write a name, or the beginning of one".into()),
        some => Ok(some.to_owned()),
    }
}
