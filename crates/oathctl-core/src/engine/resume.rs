//! Going on after a crash: which rows are as planned, which are as this run made them, which somebody changed (H15).
//!
//! Owns: [`adopt`]. Does not own: planning anew (that is done by the ordinary planner) nor reading the journal.

use std::collections::BTreeMap;

use super::row::End;
use crate::journal::{CallResult, RunRecord, StepKind};
use crate::plan::{Plan, PlanRow, PlannedEnd, Seen};
use crate::reason::Reason;
use crate::report::{Outcome, Proof, RowReport, SeedOrigin};
use crate::table::RowId;
use crate::tenant::DeviceStatus;
use crate::token::DeviceId;

/// What an earlier run left behind for a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Whose seed the tenant holds, where that run knew.
    pub origin: Option<SeedOrigin>,
    /// It changed something.
    pub changed: bool,
    /// Codes it sent.
    pub codes_sent: u32,
    /// How the row ended then, where that still holds.
    pub end: Option<End>,
}

/// What the journal says of one row's step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Trace {
    intended: u32,
    done: u32,
    /// Came back in doubt, or never came back.
    doubtful: u32,
}

/// The traces of one row, by step, and the device its creation named.
#[derive(Clone, Debug, Default)]
struct Past {
    steps: BTreeMap<StepKind, Trace>,
    created: Option<DeviceId>,
}

impl Past {
    fn of(&self, step: StepKind) -> Trace {
        self.steps.get(&step).copied().unwrap_or_default()
    }

    fn touched(&self) -> bool {
        self.steps.values().any(|trace| trace.done + trace.doubtful > 0)
    }
}

/// Bends a fresh plan of the same input to what the earlier run planned and did: rows that neither it nor this
/// input explains end as `changed_since_plan`, activations nobody acknowledged are made anew (H7), and rows that had
/// reached their goal keep it.
pub fn adopt(earlier: &RunRecord, mut fresh: Plan) -> (Plan, BTreeMap<RowId, Carried>) {
    let pasts = pasts(earlier);
    let nothing = Past::default();
    let ends = ends(earlier);
    let mut carried = BTreeMap::new();
    for row in &mut fresh.rows {
        let Some(old) = earlier.head.plan.rows.get(row.row.0 as usize) else { continue };
        let past = pasts.get(&row.row).unwrap_or(&nothing);
        let carry = adopt_row(row, old, past, ends.get(&row.row).copied());
        if carry != Carried::default() {
            carried.insert(row.row, carry);
        }
    }
    (fresh.sealed(), carried)
}

fn adopt_row(row: &mut PlanRow, old: &PlanRow, past: &Past, ended: Option<&RowReport>) -> Carried {
    let mut carry = Carried {
        origin: origin(past),
        changed: past.touched(),
        codes_sent: past.of(StepKind::Activate).done + past.of(StepKind::Activate).doubtful,
        end: None,
    };
    // Rows that were to be left alone stay so, whatever a new look would suggest.
    if old.steps.is_empty() {
        row.steps.clear();
        row.end = old.end.clone();
        return carry;
    }
    if let Some(report) = ended.filter(|report| is_final(report)) {
        row.steps.clear();
        row.end = Some(kept(report));
        carry.end =
            row.end.as_ref().map(|end| End { outcome: end.outcome, why: end.why.clone(), proof: end.proof });
        carry.origin = report.seed_origin.or(carry.origin);
        carry.changed = report.changed;
        carry.codes_sent = report.attempts;
        return carry;
    }
    if row.seen == old.seen || explained(&row.seen, old, past) {
        reopen(row, old, past);
    } else {
        row.steps.clear();
        let found = describe(&row.seen);
        row.end = Some(super::resume::failed(Reason::ChangedSincePlan { found }));
    }
    carry
}

/// A row that is done, or failed for a reason of its own, does not begin anew.
fn is_final(report: &RowReport) -> bool {
    match report.outcome {
        Outcome::Activated | Outcome::AlreadyActive | Outcome::Assigned | Outcome::Imported => true,
        Outcome::Failed => report.detail.as_ref().is_none_or(|why| !why.info().retryable),
        Outcome::Skipped | Outcome::Unknown => false,
    }
}

fn kept(report: &RowReport) -> PlannedEnd {
    PlannedEnd {
        outcome: report.outcome,
        why: report.detail.clone(),
        proof: report.proof,
        seed_origin: report.seed_origin,
    }
}

pub(super) fn failed(why: Reason) -> PlannedEnd {
    PlannedEnd { outcome: Outcome::Failed, why: Some(why), proof: Proof::None, seed_origin: None }
}

/// Whose seed it is, by what was acknowledged.
fn origin(past: &Past) -> Option<SeedOrigin> {
    let create = past.of(StepKind::Create);
    if create.done > 0 {
        Some(SeedOrigin::Created)
    } else if create.doubtful > 0 {
        Some(SeedOrigin::Adopted)
    } else {
        None
    }
}

/// The state is one that the earlier run's own calls lead to.
fn explained(seen: &Seen, old: &PlanRow, past: &Past) -> bool {
    let did = |step| {
        let trace: Trace = past.of(step);
        trace.done + trace.doubtful > 0
    };
    match seen {
        Seen::Absent => did(StepKind::Delete),
        Seen::Present { device, status, holder } => {
            let same_device = match (&old.seen, &past.created) {
                (_, Some(created)) => created == device,
                (Seen::Present { device: planned, .. }, None) => planned == device || did(StepKind::Create),
                (Seen::Absent, None) => did(StepKind::Create),
            };
            let holder_ok = match holder {
                None => did(StepKind::Create) || did(StepKind::Unassign),
                Some(holder) => {
                    let ours = old.user.as_ref() == Some(holder);
                    let before = matches!(&old.seen, Seen::Present { holder: Some(h), .. } if h == holder);
                    (ours && (did(StepKind::Assign) || did(StepKind::Create) || before)) || before
                }
            };
            let active_ok =
                *status != DeviceStatus::Activated || did(StepKind::Activate) || was_active(&old.seen);
            same_device && holder_ok && active_ok
        }
    }
}

fn was_active(seen: &Seen) -> bool {
    matches!(seen, Seen::Present { status: DeviceStatus::Activated, .. })
}

/// The fresh planner sees an active token and leaves it alone; but if this run's own activation was never
/// acknowledged, nobody knows when it took effect (H7).
fn reopen(row: &mut PlanRow, old: &PlanRow, past: &Past) {
    let activate = past.of(StepKind::Activate);
    let active = was_active(&row.seen) && !was_active(&old.seen);
    if active && activate.done == 0 && activate.doubtful > 0 {
        row.steps = vec![StepKind::Deactivate, StepKind::Activate];
        row.end = None;
    } else if active && activate.done > 0 {
        row.end = Some(PlannedEnd {
            outcome: Outcome::Activated,
            why: None,
            proof: Proof::ReadBack,
            seed_origin: origin(past),
        });
        row.steps.clear();
    } else if row.steps.is_empty() && row.end.as_ref().is_some_and(|end| end.outcome == Outcome::Failed) {
        // The person's state changed meanwhile: the planner's refusal stands.
    } else if row.steps.is_empty() && past.touched() {
        // Reached by the earlier run's own calls (imported or assigned was all that was asked).
        if let Some(end) = &mut row.end {
            end.seed_origin = origin(past).or(end.seed_origin);
        }
    }
}

fn describe(seen: &Seen) -> String {
    match seen {
        Seen::Absent => "no such token".into(),
        Seen::Present { status, holder: None, .. } => format!("{status:?}, held by nobody").to_lowercase(),
        Seen::Present { status, holder: Some(holder), .. } => {
            format!("{}, held by {holder}", format!("{status:?}").to_lowercase())
        }
    }
}

fn ends(earlier: &RunRecord) -> BTreeMap<RowId, &RowReport> {
    let rows = earlier.end.iter().flat_map(|end| &end.rows);
    earlier.head.plan.rows.iter().map(|row| row.row).zip(rows).collect()
}

fn pasts(earlier: &RunRecord) -> BTreeMap<RowId, Past> {
    let mut pasts: BTreeMap<RowId, Past> = BTreeMap::new();
    for call in &earlier.calls {
        for intent in &call.intents {
            let past = pasts.entry(intent.row).or_default();
            let trace = past.steps.entry(call.step).or_default();
            trace.intended += 1;
            let state = call.observed.as_ref().and_then(|states| states.iter().find(|s| s.row == intent.row));
            match state.map(|s| s.result) {
                Some(CallResult::Done) => trace.done += 1,
                None | Some(CallResult::InDoubt) => trace.doubtful += 1,
                // A refusal of the whole call may have left some of its items done.
                Some(CallResult::Refused) if call.step == StepKind::Create => trace.doubtful += 1,
                Some(CallResult::Refused | CallResult::Throttled | CallResult::NotSent) => {}
            }
            if call.step == StepKind::Create {
                past.created = state.and_then(|s| s.device.clone()).or(past.created.take());
            }
        }
    }
    pasts
}
