//! `oathctl explain`: what a reason means and what to do.

use clap::Args;
use oathctl_core::report::Exit;

use super::runs::print;
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::words;

/// Tell what a reason means and what to do; without one, list them all.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oathctl explain seed_differs\n  oathctl explain\n  oathctl explain --output json"
)]
pub struct Explain {
    /// The word, as it stands in a report
    reason: Option<String>,
}

impl Explain {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        if desk.output() != Output::Text
            && let Some(value) = words::explain_value(self.reason.as_deref())
        {
            print(desk, &value);
            return Ok(Exit::Ok);
        }
        match &self.reason {
            None => {
                desk.ui.data(&words::index());
                Ok(Exit::Ok)
            }
            Some(word) => match words::explain(word) {
                Some(page) => {
                    desk.ui.data(&page);
                    Ok(Exit::Ok)
                }
                None => {
                    Err(Failure::usage(format!("There is no reason {}.", quoted(word))).advice(near(word)))
                }
            },
        }
    }
}

/// So many are named of those that are alike.
const MOST_NEAR: usize = 12;

/// Reasons that share a part with what was typed.
fn near(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let parts: Vec<&str> = word.split(['_', '-', ' ']).filter(|part| part.len() > 2).collect();
    let alike = |known: &&&str| parts.iter().any(|part| known.contains(part));
    let mut found: Vec<&str> = words::all_words().iter().filter(alike).copied().collect();
    found.sort_by_key(|known| !known.starts_with(&word));
    match found.len() {
        0 => "`oathctl explain` lists them all.".into(),
        1..=MOST_NEAR => format!("Did you mean {}?", found.join(", ")),
        _ => format!("Did you mean {} …? `oathctl explain` lists them all.", found[..MOST_NEAR].join(", ")),
    }
}
