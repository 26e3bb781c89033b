//! `oathctl tokens deactivate | unassign | release`: what takes something away.

use clap::Args;
use oathctl_core::plan::PlanInput;
use oathctl_core::report::Exit;

use super::common::{Common, Serials, named, upn};
use crate::cli::Unlock;
use crate::desk::Desk;
use crate::everyday::{About, Named, Verb};
use crate::failure::Failure;
use crate::places::Places;

/// Make tokens inactive; they stay their people's.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens deactivate 2300000007\n  \
    oathctl tokens deactivate --file parental-leave.csv")]
pub(super) struct Deactivate {
    #[command(flatten)]
    serials: Serials,
    #[command(flatten)]
    common: Common,
}

/// Take tokens from their people; `release` does the same.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens unassign 2300000007\n  \
    oathctl tokens unassign --file back.csv --yes")]
pub(super) struct Unassign {
    #[command(flatten)]
    serials: Serials,
    #[command(flatten)]
    common: Common,
}

/// Take tokens back to stock.
///
/// `--leavers`: of everybody whose account was deleted, for certain. Disabled accounts may be on parental leave: they
/// count only with `--disabled-for DAYS`, by what this store itself has seen.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens release 2300000007\n  \
    oathctl tokens release --user ada@contoso.com\n  \
    oathctl tokens release --leavers --disabled-for 90\n  \
    oathctl tokens release --file back.csv --yes")]
pub(super) struct Release {
    /// Their serials
    #[arg(required_unless_present_any = ["file", "user", "leavers"], conflicts_with_all = ["file", "user", "leavers"], value_name = "SERIAL")]
    serials: Vec<String>,
    /// All that this person holds
    #[arg(long, value_name = "UPN", value_parser = upn, conflicts_with_all = ["file", "leavers"], help_heading = "Which tokens")]
    user: Option<String>,
    /// All whose holders have left
    #[arg(long, conflicts_with = "file", help_heading = "Which tokens")]
    leavers: bool,
    /// Accounts seen disabled for so many days count as having left
    #[arg(long, value_name = "DAYS", requires = "leavers", help_heading = "Which tokens")]
    disabled_for: Option<u32>,
    #[command(flatten)]
    common: Common,
}

impl Deactivate {
    pub(super) fn places(&self) -> Places {
        self.common.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        by_serial(desk, &self.common, self.serials.named(None), Verb::Deactivate)
    }
}

impl Unassign {
    pub(super) fn places(&self) -> Places {
        self.common.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        by_serial(desk, &self.common, self.serials.named(None), Verb::Unassign)
    }
}

impl Release {
    pub(super) fn places(&self) -> Places {
        self.common.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serials, user, leavers, disabled_for, common } = self;
        let about = match user {
            Some(upn) => About::HeldBy(upn),
            None if leavers => About::Leavers { disabled_for },
            None => {
                let tokens = serials.into_iter().map(|serial| named(serial, None)).collect();
                return by_serial(desk, &common, tokens, Verb::Release);
            }
        };
        common.carry(desk, &Unlock::default(), || {
            common.about(desk, Verb::Release, about, PlanInput::default())
        })
    }
}

fn by_serial(desk: &Desk, common: &Common, tokens: Vec<Named>, verb: Verb) -> Result<Exit, Failure> {
    common.carry(desk, &Unlock::default(), || common.request(desk, verb, tokens))
}
