//! `oathctl tokens assign`: a token to a person.

use clap::Args;
use oathctl_core::plan::UpTo;
use oathctl_core::report::Exit;

use super::common::{Common, Giving, named, upn};
use crate::cli::Unlock;
use crate::cli::planning::Goal;
use crate::desk::Desk;
use crate::everyday::Verb;
use crate::failure::Failure;
use crate::places::Places;

/// Give a token to a person, and activate it.
///
/// A token the tenant doesn't know yet is imported from the vault first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens assign 2300000007 ada@contoso.com\n  \
    oathctl tokens assign 2300000007 ada@contoso.com --up-to assigned\n  \
    oathctl tokens assign --file monday.csv --yes --report run.json")]
pub(super) struct Assign {
    /// Its serial
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    serial: Option<String>,
    /// The person's user principal name
    #[arg(required_unless_present = "file", value_parser = upn)]
    upn: Option<String>,
    /// How far: imported, assigned, activated
    #[arg(long, value_enum, value_name = "GOAL", default_value = "activated")]
    up_to: Goal,
    #[command(flatten)]
    giving: Giving,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    unlock: Unlock,
}

impl Assign {
    pub(super) fn places(&self) -> Places {
        self.unlock.places(self.common.places())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serial, upn, up_to, giving, common, unlock } = self;
        common.carry(desk, &unlock, || {
            let tokens = serial.map(|serial| named(serial, upn)).into_iter().collect();
            let mut request = common.request(desk, Verb::Assign, tokens)?;
            giving.into(&mut request);
            request.options.up_to = match up_to {
                Goal::Imported => UpTo::Imported,
                Goal::Assigned => UpTo::Assigned,
                Goal::Activated => UpTo::Activated,
            };
            Ok(request)
        })
    }
}
