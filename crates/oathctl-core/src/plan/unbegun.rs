//! The rows of a run that was refused before it began: every one with its outcome, as a report has it.
//!
//! Owns: [`of_table`], [`of_plan`], and how rows end that no tenant need be asked about. Does not own: why the run
//! didn't begin.

use std::collections::BTreeMap;

use super::make::ended;
use super::{Plan, PlanOptions, PlanRow, PlannedEnd, Seen};
use crate::fault::{Fault, Severity};
use crate::place::Place;
use crate::reason::Reason;
use crate::report::{Outcome, RowReport};
use crate::snapshot::selection;
use crate::table::{RowId, RowView, Table, Verdict};

/// What decides about rows of a table: the first fault of each that has one.
pub(super) struct Faults<'a>(BTreeMap<RowId, &'a Reason>);

impl<'a> Faults<'a> {
    pub(super) fn of(table: &'a Table) -> Self {
        let decides = |fault: &&Fault| {
            fault.severity == Severity::Error || matches!(fault.reason, Reason::DuplicateRow { .. })
        };
        let mut first = BTreeMap::new();
        for fault in table.faults().iter().filter(decides) {
            if let Some(row) = fault.row {
                first.entry(row).or_insert(&fault.reason);
            }
        }
        Self(first)
    }

    fn why(&self, row: &RowView<'_>, otherwise: Reason) -> Reason {
        self.0.get(&row.id()).copied().cloned().unwrap_or(otherwise)
    }

    /// The end of rows that are not judged at all: damaged, duplicate, not chosen.
    pub(super) fn left_out(&self, row: &RowView<'_>, options: &PlanOptions) -> Option<PlannedEnd> {
        match row.verdict() {
            Verdict::Usable => selection(row, options).map(|why| ended(Outcome::Skipped, Some(why))),
            Verdict::Duplicate => {
                let why = self.why(row, Reason::DuplicateRow { first_line: row.line() });
                Some(ended(Outcome::Skipped, Some(why)))
            }
            Verdict::Faulty => {
                let why = self.why(row, Reason::OwnFault { what: "row without a fault".into() });
                Some(ended(Outcome::Failed, Some(why)))
            }
        }
    }
}

/// Rows of a file for which nothing was planned yet: damaged and left out ones end as they would have, all others are
/// `skipped`, [`Reason::RunStopped`].
pub fn of_table(table: &Table, options: &PlanOptions) -> Vec<RowReport> {
    let faults = Faults::of(table);
    let report = |row: RowView<'_>| {
        let end = faults.left_out(&row, options).unwrap_or_else(not_begun);
        RowReport {
            serial: Some(row.serial().to_owned()).filter(|serial| !serial.is_empty()),
            upn: row.upn().map(str::to_owned),
            ..bare(row.place(None), end)
        }
    };
    table.rows().map(report).collect()
}

/// Rows of a plan that is not carried out: those that need no step end as planned, all others are `skipped`,
/// [`Reason::RunStopped`].
pub fn of_plan(plan: &Plan) -> Vec<RowReport> {
    plan.rows.iter().map(planned).collect()
}

fn planned(row: &PlanRow) -> RowReport {
    let PlanRow { row: _, serial, upn, user, source, seen, steps: _, goal: _, end, asked: _, params: _ } =
        row;
    let device_id = match seen {
        Seen::Absent => None,
        Seen::Present { device, .. } => Some(device.clone()),
    };
    RowReport {
        serial: Some(serial.clone()).filter(|serial| !serial.is_empty()),
        upn: upn.clone(),
        device_id,
        user_id: user.clone(),
        ..bare(source.clone(), end.clone().unwrap_or_else(not_begun))
    }
}

fn not_begun() -> PlannedEnd {
    ended(Outcome::Skipped, Some(Reason::RunStopped))
}

fn bare(source: Place, end: PlannedEnd) -> RowReport {
    let PlannedEnd { outcome, why, proof, seed_origin } = end;
    RowReport {
        serial: None,
        upn: None,
        source,
        outcome,
        changed: false,
        proof,
        seed_origin,
        drift_s: None,
        reason: why.as_ref().map(|why| why.word().to_owned()),
        detail: why,
        message: None,
        advice: None,
        device_id: None,
        user_id: None,
        attempts: 0,
        remote: None,
    }
}
