//! `oathctl tokens assign`: a token to a person.

use clap::Args;
use oathctl_core::report::Exit;

use super::common::{Giving, named, upn};
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
}

impl Assign {
    pub(super) fn places(&self) -> Places {
        self.giving.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serial, upn, up_to, giving } = self;
        giving.carry(desk, |common| {
            let tokens = serial.map(|serial| named(serial, upn)).into_iter().collect();
            let mut request = common.request(desk, Verb::Assign, tokens)?;
            request.options.up_to = up_to.into();
            Ok(request)
        })
    }
}
