//! What a run records of its command line, so that `resume` inherits it. No secret.
//!
//! Owns: [`Recorded`], the `options` of a report. Within a major version fields are only added.

use oathctl_core::plan::{Limits, PlanOptions};
use serde::{Deserialize, Serialize};

use crate::cli::Reading;

/// The options of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// `activate`, `apply`, `resume`.
    pub command: String,
    /// The version that read the file and made the run; empty in old records and in plans.
    #[serde(default)]
    pub version: String,
    /// Which everyday verb it was, of a run without a seed file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verb: Option<String>,
    /// How the file was read.
    #[serde(default)]
    pub reading: Reading,
    /// The list of people, as named.
    #[serde(default)]
    pub users: Option<String>,
    /// Any fault refuses the file.
    #[serde(default)]
    pub strict: bool,
    /// The confirmation was answered by `--yes`.
    #[serde(default)]
    pub yes: bool,
    /// What was asked and allowed.
    #[serde(default)]
    pub plan: PlanOptions,
    /// The numbers of the gate.
    #[serde(default)]
    pub limits: Limits,
}

impl Recorded {
    /// This version.
    pub const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// As a journal keeps it.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
