//! `oathctl tokens rename`: another display name, in stock.

use clap::Args;
use oathctl_core::report::Exit;

use super::common::{Common, named};
use crate::cli::Unlock;
use crate::desk::Desk;
use crate::everyday::Verb;
use crate::failure::Failure;
use crate::places::Places;

/// Give tokens in stock another display name; `{serial}` stands for the serial.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens rename 2300000007 \"Front desk\"\n  \
    oathctl tokens rename \"Spare {serial}\" --file spares.csv")]
pub(super) struct Rename {
    /// Its serial, then its new name; with `--file` the name alone
    #[arg(required = true, num_args = 1..=2, value_name = "SERIAL NAME")]
    serial_and_name: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// The longest name that is sent.
const LONGEST: usize = 128;

impl Rename {
    pub(super) fn places(&self) -> Places {
        self.common.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serial_and_name, common } = self;
        common.carry(desk, &Unlock::default(), || {
            let (serial, name) = match (serial_and_name.as_slice(), &common.file) {
                ([serial, name], None) => (Some(serial.clone()), name.trim()),
                ([name], Some(_)) => (None, name.trim()),
                _ => {
                    return Err(Failure::usage(
                        "A serial and a name are needed; with `--file`, the name alone.",
                    )
                    .advice("As in: oathctl tokens rename 2300000007 \"Front desk\""));
                }
            };
            if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
                return Err(Failure::usage(format!(
                    "A display name has 1 to {LONGEST} characters, and no control characters."
                )));
            }
            let tokens = serial.map(|serial| named(serial, None)).into_iter().collect();
            common.request(desk, Verb::Rename(name.to_owned()), tokens)
        })
    }
}
