//! Whether a plan that was agreed to still holds when the tenant is looked at again.
//!
//! Owns: [`differences`]. Does not own: what happens then (the binary stops with exit 7 and shows them).

use serde::Serialize;

use super::{Plan, PlanRow};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::report::Outcome;
use crate::table::RowId;

/// One row that would now undergo something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The row.
    pub row: RowId,
    /// Its serial.
    pub serial: String,
    /// What was agreed to.
    pub planned: Vec<StepKind>,
    /// What would happen now.
    pub now: Vec<StepKind>,
    /// Why the row can no longer go on, where it cannot.
    pub why: Option<Reason>,
}

/// Rows of `fresh` that do more than, or other than, what was agreed to in `agreed`. Steps that are done already drop
/// out and are no difference; neither is a refusal that stood in the agreed plan.
pub fn differences(agreed: &Plan, fresh: &Plan) -> Vec<Difference> {
    let same_length = agreed.rows.len() == fresh.rows.len();
    let pairs = agreed.rows.iter().zip(&fresh.rows);
    let mut found: Vec<Difference> =
        pairs.filter(|(old, new)| !still_holds(old, new)).map(|(old, new)| difference(old, new)).collect();
    if !same_length {
        found.extend(fresh.rows.iter().skip(agreed.rows.len()).map(|new| difference(new, new)));
    }
    found
}

fn still_holds(old: &PlanRow, new: &PlanRow) -> bool {
    let another_row =
        old.serial != new.serial || old.upn != new.upn || old.goal != new.goal || old.asked != new.asked;
    let another_person = old.user.is_some() && old.user != new.user;
    if another_row || another_person {
        return false;
    }
    let outcome = |row: &PlanRow| row.end.as_ref().map(|end| end.outcome);
    match (old.steps.is_empty(), new.steps.is_empty()) {
        // Nothing was to be done, and nothing is, for no new reason.
        (true, true) => is_reached(outcome(new)) || why(old) == why(new),
        (true, false) => false,
        (false, true) => is_reached(outcome(new)),
        (false, false) => old.steps.ends_with(&new.steps),
    }
}

fn is_reached(outcome: Option<Outcome>) -> bool {
    matches!(
        outcome,
        Some(
            Outcome::Activated
                | Outcome::AlreadyActive
                | Outcome::Assigned
                | Outcome::Imported
                | Outcome::Deleted
        )
    )
}

fn difference(old: &PlanRow, new: &PlanRow) -> Difference {
    Difference {
        row: new.row,
        serial: new.serial.clone(),
        planned: old.steps.clone(),
        now: new.steps.clone(),
        why: why(new).cloned(),
    }
}

fn why(row: &PlanRow) -> Option<&Reason> {
    row.end.as_ref()?.why.as_ref()
}
