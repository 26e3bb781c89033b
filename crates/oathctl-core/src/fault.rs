//! What is wrong with an input, by place, and how its reading was decided.
//!
//! Owns: [`Fault`], [`Severity`], [`Decision`]. Does not own: the words for people, nor what a fault does to a
//! run ([`crate::check`]).

use serde::{Deserialize, Serialize};

use crate::place::Place;
use crate::reason::Reason;
use crate::table::RowId;

/// How much a fault weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file (without a row) or the row (with one) cannot be used.
    Error,
    /// It can be used; somebody should look.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing wrong, or worth saying, at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// How much it weighs.
    pub severity: Severity,
    /// What it is.
    #[serde(flatten)]
    pub reason: Reason,
    /// Where it stands.
    pub place: Place,
    /// The row it belongs to; `None` for the file as a whole.
    pub row: Option<RowId>,
    /// The serial of that row, when it has a readable one.
    pub serial: Option<String>,
}

/// How one question about an input was answered, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided: `encoding`, `separator`, `header`, `seed_encoding`, `hash`, `period`, `digits`,
    /// `dialect` …
    pub what: String,
    /// The answer.
    pub chosen: String,
    /// Why, as a stable word: `stated_by_flag`, `stated_by_answer`, `stated_by_column`, `stated_by_header`,
    /// `byte_order_mark`, `definition`, `only_one_fits`, `likelihood`, `counted`.
    pub why: String,
    /// Certain enough to activate with (a likelihood is not).
    pub certain: bool,
    /// The piece it is about (a member of an archive, a sheet); `None` for the input as a whole.
    #[serde(default)]
    pub piece: Option<String>,
}
