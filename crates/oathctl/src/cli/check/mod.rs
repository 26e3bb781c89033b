//! `oathctl check`: read and judge a seed file offline.
//!
//! Owns: its arguments, its exit code. [`text`] and [`document`] show what was found.

pub(super) mod codes;
mod document;
mod text;

use clap::Args;
use oathctl_core::fault::{Fault, Severity};
use oathctl_core::report::Exit;
use oathctl_core::table::Verdict;

use self::codes::Said;
use self::document::document;
use self::text::text;
use super::planning::Reading;
use crate::asking::Asking;
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input::{self, How, Loaded};
use crate::keys::Keys;
use crate::places::Places;
use crate::tell::faults;

/// Read and judge a seed file offline; tell every fault by its place.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl check tokens.csv\n  \
    oathctl check tokens.csv --users people.csv\n  \
    oathctl check tokens.zip --passphrase-file passphrase.txt\n  \
    oathctl check tokens.csv --codes\n  \
    oathctl check tokens.csv --hash sha256 --output json --rows")]
pub struct Check {
    /// The vendor's file; `-` for standard input
    file: String,
    /// People for the tokens: a CSV of serial,upn
    #[arg(long, value_name = "CSV")]
    users: Option<String>,
    /// Serials with the codes their tokens show, by line; `-` or nothing: typed on a terminal, else standard input
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    codes: Option<String>,
    /// Show every row too; of a seed only its length
    #[arg(long)]
    rows: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
}

impl Check {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(Places::default())
            .read("the vendor's file", Some(&self.file))
            .read("the list of `--users`", self.users.as_deref())
            .read("the list of codes", self.codes.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let from_stdin = [Some(self.file.as_str()), self.users.as_deref(), self.codes.as_deref()];
        if from_stdin.iter().flatten().filter(|name| **name == "-").count() > 1 {
            return Err(Failure::usage("Only one thing can come by standard input."));
        }
        let how = How::new(&self.reading, &self.keys);
        // Codes decide better than people.
        let how = if self.codes.is_some() { how.asking(Asking::Nothing).for_codes() } else { how };
        let loaded = input::load(desk, &self.file, self.users.as_deref(), how)?;
        let said = self.codes.as_deref().map(|from| Said::of(desk, &loaded, from)).transpose()?;
        let exit = if errors(&loaded) > 0 { Exit::Input } else { Exit::Ok };
        let exit = said.as_ref().map_or(exit, |said| exit.and(said.exit()));
        if let Some(said) = &said {
            faults::on_stderr(desk, said.faults.iter());
        }
        match desk.output() {
            Output::Text => desk.ui.data(&text(desk, &loaded, self.rows, said.as_ref())),
            Output::Json | Output::Ndjson => {
                let document = document(&loaded, self.rows, said.as_ref(), exit);
                let form = if desk.output() == Output::Json {
                    serde_json::to_string_pretty
                } else {
                    serde_json::to_string
                };
                desk.ui.data(&format!("{}\n", form(&document).unwrap_or_default()));
            }
        }
        Ok(exit)
    }
}

/// A file that a command refuses, for scripts: what `check` would print. People are told on standard error.
pub(super) fn tell_refused(desk: &Desk, loaded: &Loaded) {
    if desk.output() == Output::Json {
        let document = document(loaded, false, None, Exit::Input);
        desk.ui.data(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
    }
}

fn all_faults(loaded: &Loaded) -> impl Iterator<Item = &Fault> {
    loaded.table.faults().iter().chain(&loaded.beside)
}

fn errors(loaded: &Loaded) -> usize {
    all_faults(loaded).filter(|fault| fault.severity == Severity::Error).count()
}

fn of_severity(loaded: &Loaded, severity: Severity) -> usize {
    all_faults(loaded).filter(|fault| fault.severity == severity).count()
}

fn of_verdict(loaded: &Loaded, verdict: Verdict) -> usize {
    loaded.table.rows().filter(|row| row.verdict() == verdict).count()
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Usable => "usable",
        Verdict::Faulty => "faulty",
        Verdict::Duplicate => "duplicate",
    }
}
