//! What `--strict` says to a plan.
//!
//! Owns: the refusal, with its rows. Does not own: faults of the file (`crate::input`), why a row can't go on.

use oathctl_core::plan::{Plan, PlanRow};
use oathctl_core::report::{Exit, Outcome};

use crate::failure::Failure;
use crate::tell;
use crate::words;
use crate::words::en::foreign::clean;

/// So many rows are told one by one.
const TOLD: usize = 200;

/// Refuses a plan in which a row can't go on; rows left out on purpose are no fault.
pub fn refuse(plan: &Plan) -> Result<(), Failure> {
    let failed: Vec<&PlanRow> = plan.rows.iter().filter(|row| is_failed(row)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(
        Exit::Input,
        format!(
            "Of {} {} can't go on, and `--strict` refuses the file for any; nothing was changed.",
            tell::rows(plan.totals.rows),
            failed.len()
        ),
    )
    .called("strict");
    for row in failed.iter().take(TOLD) {
        failure = failure.because(line(row));
    }
    if failed.len() > TOLD {
        failure = failure.because(format!("… and {} more", failed.len() - TOLD));
    }
    Err(failure.advice("Put these rows right, leave them out with `--exclude`, or go without `--strict`."))
}

fn is_failed(row: &PlanRow) -> bool {
    row.end.as_ref().is_some_and(|end| end.outcome == Outcome::Failed)
}

fn line(row: &PlanRow) -> String {
    let place = tell::place(&row.source);
    let person = row.upn.as_deref().map_or_else(|| "nobody".into(), clean);
    let why = row.end.as_ref().and_then(|end| end.why.as_ref());
    let (message, word) = why.map_or_else(Default::default, |why| (words::message(why), why.word()));
    format!("{place}: {} · {person}: {message} ({word})", clean(&row.serial))
}
