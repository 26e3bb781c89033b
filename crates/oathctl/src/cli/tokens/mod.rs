//! `oathctl tokens`: the everyday life of a token, one file a verb or a family of verbs.
//!
//! Owns: the table of contents. [`common`] has what all of them can be told. Does not own: what happens
//! ([`crate::everyday`]); a command only builds a request.

mod activate;
mod anew;
mod assign;
mod common;
mod found;
mod list;
mod refresh;
mod rename;
mod replace;
mod show;
mod take;

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;

/// Look at tokens, give them out, replace them, take them back.
#[derive(Debug, Args)]
#[command(
    after_help = "Each verb that changes something takes one token or, with `--file`, a list of serials (and people). It plans, shows what \
    will happen, asks, journals, reads back and reports, as `oathctl activate` does; `oathctl resume` goes on with what \
    was cut off. `list`, `show` and `refresh` change nothing in the tenant.\n\nExamples:\n  \
    oathctl tokens list --status activated --never-used\n  \
    oathctl tokens show 2300000007\n  \
    oathctl tokens assign 2300000007 ada@contoso.com\n  \
    oathctl tokens replace 2300000007 --next --lost --not-in-hand --revoke-sessions\n  \
    oathctl tokens release --user ada@contoso.com\n  \
    oathctl tokens release --leavers\n  \
    oathctl tokens activate --file handed-out.csv --yes"
)]
pub struct Tokens {
    #[command(subcommand)]
    what: What,
}

// What each does is said where its arguments stand.
#[derive(Debug, Subcommand)]
enum What {
    List(Box<list::List>),
    Show(show::Show),
    Refresh(refresh::Refresh),
    Assign(Box<assign::Assign>),
    Activate(Box<activate::Activate>),
    Deactivate(Box<take::Deactivate>),
    Unassign(Box<take::Unassign>),
    Release(Box<take::Release>),
    Replace(Box<replace::Replace>),
    Rename(Box<rename::Rename>),
    Reseed(Box<anew::Reseed>),
    Delete(Box<anew::Delete>),
    Found(found::Found),
}

impl Tokens {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            What::Assign(it) => it.places(),
            What::Activate(it) => it.places(),
            What::Deactivate(it) => it.places(),
            What::Unassign(it) => it.places(),
            What::Release(it) => it.places(),
            What::Replace(it) => it.places(),
            What::Rename(it) => it.places(),
            What::Reseed(it) => it.places(),
            What::Delete(it) => it.places(),
            What::List(_) | What::Show(_) | What::Refresh(_) | What::Found(_) => Places::default(),
        }
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        match self.what {
            What::List(it) => it.run(desk),
            What::Show(it) => it.run(desk),
            What::Refresh(it) => it.run(desk),
            What::Assign(it) => it.run(desk),
            What::Activate(it) => it.run(desk),
            What::Deactivate(it) => it.run(desk),
            What::Unassign(it) => it.run(desk),
            What::Release(it) => it.run(desk),
            What::Replace(it) => it.run(desk),
            What::Rename(it) => it.run(desk),
            What::Reseed(it) => it.run(desk),
            What::Delete(it) => it.run(desk),
            What::Found(it) => it.run(desk),
        }
    }
}
