//! From rows to reports.
//!
//! Owns: [`report_rows`], the outcome of rows a stopped run leaves behind. Does not own: words.

use super::row::{End, Look, Phase, Row};
use super::{Finished, Stopped};
use crate::journal::StepKind;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::report::{Exit, Outcome, Proof, RowReport, Totals};

/// The finished run. Rows without an end get the one a stopped run leaves them with.
pub(super) fn finished(plan: &Plan, rows: Vec<Row>, stopped: Option<Stopped>, repeated: u64) -> Finished {
    let complete = stopped.is_none()
        && rows.iter().all(|row| row.end.as_ref().is_some_and(|e| e.outcome != Outcome::Unknown));
    let reports: Vec<RowReport> =
        plan.rows.iter().zip(rows).map(|(planned, row)| report(planned, row)).collect();
    let totals = Totals::of(&reports);
    let rows_exit = if totals.failed + totals.unknown > 0 { Exit::Rows } else { Exit::Ok };
    let exit = stopped.as_ref().map_or(rows_exit, |why| why.exit().and(rows_exit));
    Finished { rows: reports, exit, stopped, complete, repeated }
}

fn report(planned: &crate::plan::PlanRow, row: Row) -> RowReport {
    let End { outcome, why, proof } = row.end.clone().unwrap_or_else(|| left_behind(&row));
    RowReport {
        serial: Some(planned.serial.clone()).filter(|serial| !serial.is_empty()),
        upn: planned.upn.clone(),
        source: planned.source.clone(),
        outcome,
        changed: row.changed,
        proof,
        seed_origin: row.origin,
        drift_s: None,
        reason: why.as_ref().map(|why| why.word().to_owned()),
        detail: why,
        message: None,
        advice: None,
        device_id: row.device,
        user_id: row.user,
        attempts: row.codes_sent,
        remote: row.remote,
    }
}

/// The end of a row in a run that stopped: not begun, half-way, or doubtful.
fn left_behind(row: &Row) -> End {
    let end = |outcome, why| End { outcome, why: Some(why), proof: Proof::None };
    match row.phase {
        Phase::Waiting => end(Outcome::Skipped, Reason::RunStopped),
        Phase::Flying(_) | Phase::Looking(Look::Doubt(_)) => end(Outcome::Unknown, Reason::Doubtful),
        Phase::Looking(Look::ReadBack) if row.began => end(Outcome::Unknown, Reason::NotVisible),
        _ if !row.changed => end(Outcome::Skipped, Reason::RunStopped),
        _ if row.todo.contains(&StepKind::Activate) && row.codes_sent > 0 && !row.doubtful.is_empty() => {
            end(Outcome::Unknown, Reason::Doubtful)
        }
        _ => end(Outcome::Failed, Reason::RunStopped),
    }
}
