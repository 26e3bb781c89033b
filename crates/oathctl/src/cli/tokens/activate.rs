//! `oathctl tokens activate`: active, once more or at last.

use clap::Args;
use oathctl_core::report::Exit;

use super::common::{Giving, Serials, upn};
use crate::desk::Desk;
use crate::everyday::Verb;
use crate::failure::Failure;
use crate::places::Places;

/// Activate tokens, with codes computed from the vault's seeds.
///
/// For the person who has the token; where nobody does (the user deleted the method himself), for the one who had it last.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens activate 2300000007\n  \
    oathctl tokens activate 2300000007 --user ada@contoso.com\n  \
    oathctl tokens activate --file handed-out.csv --yes")]
pub(super) struct Activate {
    #[command(flatten)]
    serials: Serials,
    /// For this person
    #[arg(long, value_name = "UPN", value_parser = upn, conflicts_with = "file")]
    user: Option<String>,
    #[command(flatten)]
    giving: Giving,
}

impl Activate {
    pub(super) fn places(&self) -> Places {
        self.giving.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serials, user, giving } = self;
        giving.carry(desk, |common| common.request(desk, Verb::Activate, serials.named(user.as_deref())))
    }
}
