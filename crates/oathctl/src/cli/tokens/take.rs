//! `oathctl tokens deactivate | unassign | release`: what takes something away.

use clap::Args;
use oathctl_core::plan::PlanInput;
use oathctl_core::report::Exit;
use oathctl_core::token::Mark;

use super::common::{Common, Serials, named, upn};
use crate::cli::Unlock;
use crate::desk::Desk;
use crate::everyday::{About, Named, TakeOut, Verb};
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
///
/// `--lost`, `--stolen`, `--retired`: the token is marked before anything is sent, and nothing but `tokens found` moves
/// it again; with the first two it goes even when it is its person's last method.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens release 2300000007\n  \
    oathctl tokens release --user ada@contoso.com\n  \
    oathctl tokens release --leavers --disabled-for 90\n  \
    oathctl tokens release 2300000007 --lost --revoke-sessions\n  \
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
    marks: Marks,
    #[command(flatten)]
    common: Common,
}

/// What a token is marked as.
#[derive(Debug, Args)]
#[command(next_help_heading = "What becomes of them")]
struct Marks {
    /// They are lost
    #[arg(long, conflicts_with_all = ["stolen", "retired", "user", "leavers"])]
    lost: bool,
    /// They are stolen
    #[arg(long, conflicts_with_all = ["retired", "user", "leavers"])]
    stolen: bool,
    /// They are broken or too old, and aren't given out again
    #[arg(long, conflicts_with_all = ["user", "leavers"])]
    retired: bool,
    /// With `--lost` or `--stolen`: end their people's sign-in sessions, so that whoever has a browser open is asked again
    #[arg(long, conflicts_with_all = ["retired", "user", "leavers"])]
    revoke_sessions: bool,
}

impl Marks {
    fn verb(&self) -> Result<Verb, Failure> {
        let Self { lost, stolen, retired, revoke_sessions: revoke } = *self;
        let marks = [(lost, Mark::Lost), (stolen, Mark::Stolen), (retired, Mark::Retired)];
        match marks.into_iter().find(|(is_said, _)| *is_said) {
            Some((_, mark)) => Ok(Verb::TakeOut(TakeOut { mark, revoke })),
            None if revoke => Err(Failure::usage("`--revoke-sessions` goes with `--lost` or `--stolen`.")
                .advice("Say which of them it is, or leave the flag away. Nothing was changed.")),
            None => Ok(Verb::Release),
        }
    }
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
        let Self { serials, user, leavers, disabled_for, marks, common } = self;
        let about = match user {
            Some(upn) => About::HeldBy(upn),
            None if leavers => About::Leavers { disabled_for },
            None => {
                let tokens = serials.into_iter().map(|serial| named(serial, None)).collect();
                return by_serial(desk, &common, tokens, marks.verb()?);
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
