//! What ends a command before its own end: one error with an exit code, what happened, why, and what to do.
//!
//! Owns: [`Failure`] and how it is shown. [`tenant`], [`store`] and [`vault`] turn the errors of those crates into one. Does
//! not own: failed rows; those are outcomes, with reasons.

mod store;
mod tenant;
mod vault;

use std::io;

use oathctl_core::report::{Exit, StopReport};
use serde_json::{Value, json};

use crate::os;
use crate::ui::Ui;
use crate::words::en::foreign::clean;

/// Ends a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// With this code.
    pub exit: Exit,
    word: &'static str,
    what: String,
    because: Vec<String>,
    advice: Option<String>,
}

impl Failure {
    /// What happened, in a sentence without its full stop's need for more.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, word: word_of(exit), what: what.into(), because: Vec::new(), advice: None }
    }

    /// Under a closer word than its exit code's.
    pub const fn called(mut self, word: &'static str) -> Self {
        self.word = word;
        self
    }

    /// The stable word, for scripts.
    pub const fn word(&self) -> &'static str {
        self.word
    }

    /// As a report has it: what happened with its causes, and what to do.
    pub fn as_stop(&self) -> StopReport {
        let causes = self.because.join("; ");
        let message =
            if causes.is_empty() { self.what.clone() } else { format!("{} Because: {causes}", self.what) };
        StopReport { reason: self.word.into(), message, advice: self.advice.clone() }
    }

    /// Wrong use or configuration.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// A refusal of the gate or of the confirmation.
    pub fn gate(what: impl Into<String>) -> Self {
        Self::new(Exit::Gate, what)
    }

    /// A fault of oathctl's own or of its machine.
    pub fn own(what: impl Into<String>) -> Self {
        Self::new(Exit::Own, what)
    }

    /// Adds a cause; may be called again. Foreign text in it was cleaned.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.because.push(cause.into());
        self
    }

    /// Adds what to do.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds one more thing to do.
    pub fn advice_also(mut self, more: &str) -> Self {
        self.advice = Some(self.advice.map_or_else(|| more.to_owned(), |advice| format!("{advice} {more}")));
        self
    }

    /// A file of configuration or selection that can't be read.
    pub fn unreadable(what: &str, path: &str, error: &io::Error) -> Self {
        Self::usage(format!("{what} {} can't be read.", quoted(path))).because(io_words(error))
    }

    /// A file that can't be written.
    pub fn unwritable(what: &str, path: &str, error: &io::Error) -> Self {
        let advice = if os::is_full(error) {
            "Make room, or name a place with room, and run the command again."
        } else {
            "Name a place that can be written to."
        };
        Self::own(format!("{what} {} can't be written.", quoted(path)))
            .because(io_words(error))
            .advice(advice)
    }

    /// `oathctl.error/1`, for scripts.
    pub fn document(&self) -> Value {
        json!({
            "schema": "oathctl.error/1",
            "version": env!("CARGO_PKG_VERSION"),
            "exit_code": self.exit.code(),
            "stopped": self.as_stop(),
        })
    }

    /// Shows it on standard error.
    pub fn show(&self, ui: &Ui) {
        ui.wrong(&format!("oathctl: {}", self.what));
        for cause in &self.because {
            ui.wrong(&format!("  because: {cause}"));
        }
        if let Some(advice) = &self.advice {
            ui.wrong(&format!("  what to do: {advice}"));
        }
    }
}

/// The word of a failure that has no closer one.
const fn word_of(exit: Exit) -> &'static str {
    match exit {
        Exit::Ok | Exit::Rows | Exit::Own => "own_fault",
        Exit::Usage => "usage",
        Exit::SignIn => "sign_in",
        Exit::Unreachable => "unreachable",
        Exit::Input => "input_refused",
        Exit::Gate => "gate",
        Exit::Interrupted => "interrupted",
    }
}

/// A path as it is shown.
pub fn quoted(path: &str) -> String {
    format!("`{}`", clean(path))
}

/// The operating system's words for the usual cases, without its numbers.
pub fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "the operating system doesn't permit it".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".into(),
        _ if os::is_full(error) => "no space is left there".into(),
        _ => clean(&error.to_string()),
    }
}
