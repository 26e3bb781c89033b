//! Going on after a crash: which rows are as planned, which are as this run made them, which somebody changed (H15).
//!
//! Owns: [`adopt`]. Does not own: planning anew (that is done by the ordinary planner) nor reading the journal.

use std::collections::BTreeMap;

use super::row::End;
use crate::journal::{CallResult, RunRecord, StepKind};
use crate::plan::{Goal, Plan, PlanRow, PlannedEnd, Seen};
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
    /// The device it created.
    pub device: Option<DeviceId>,
    /// A creation of its own may still turn up.
    pub doubted_create: bool,
    /// A code of its own may have taken effect, or may yet, at a moment nobody knows.
    pub doubted_code: bool,
    /// It deleted the device.
    pub deleted: bool,
    /// The device it deleted: an old reading may still show it.
    pub gone: Option<DeviceId>,
    /// It took something away, and nobody knows whether that has happened yet.
    pub doubted_removal: bool,
    /// What it did is not what the tenant shows: look again before anything else.
    pub look: bool,
}

/// What the journal says of one row's step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Trace {
    intended: u32,
    done: u32,
    /// Came back in doubt, or never came back.
    doubtful: u32,
    /// Refused; which may be the echo of a send that took effect.
    refused: u32,
}

/// The traces of one row, by step, and the device its creation named.
#[derive(Clone, Debug, Default)]
struct Past {
    steps: BTreeMap<StepKind, Trace>,
    created: Option<DeviceId>,
    /// The acknowledged creation showed the person as holder.
    created_held: bool,
    /// The device that was deleted.
    deleted: Option<DeviceId>,
    /// An activation was acknowledged in time, and nothing was taken away since.
    settled: bool,
}

impl Past {
    fn of(&self, step: StepKind) -> Trace {
        self.steps.get(&step).copied().unwrap_or_default()
    }

    fn touched(&self) -> bool {
        self.steps.values().any(|trace| trace.done + trace.doubtful > 0)
    }
}

/// Bends a fresh plan of the same input to what the earlier runs planned and did. `chain` is the run to go on with and
/// those it went on with itself, oldest first. Rows that neither they nor this input explain end as
/// `changed_since_plan`, activations nobody acknowledged are made anew (H7), what was acknowledged is not sent again,
/// and rows that had reached their goal keep it.
pub fn adopt(chain: &[RunRecord], mut fresh: Plan) -> (Plan, BTreeMap<RowId, Carried>) {
    let Some(last) = chain.last() else { return (fresh, BTreeMap::new()) };
    let (pasts, nothing, ends) = (pasts(chain), Past::default(), ends(last));
    let mut carried = BTreeMap::new();
    for row in &mut fresh.rows {
        let olds: Vec<&PlanRow> =
            chain.iter().filter_map(|record| record.head.plan.rows.get(row.row.0 as usize)).collect();
        let past = pasts.get(&row.row).unwrap_or(&nothing);
        let carry = adopt_row(row, &olds, past, ends.get(&row.row).copied());
        if carry != Carried::default() {
            carried.insert(row.row, carry);
        }
    }
    fresh.recount();
    (fresh.sealed(), carried)
}

fn adopt_row(row: &mut PlanRow, olds: &[&PlanRow], past: &Past, ended: Option<&RowReport>) -> Carried {
    let Some(old) = olds.last() else { return Carried::default() };
    let activate = past.of(StepKind::Activate);
    let mut carry = Carried {
        origin: origin(past),
        changed: past.touched(),
        codes_sent: activate.done + activate.doubtful + activate.refused,
        ..Carried::default()
    };
    // Rows that were to be left alone stay so, whatever a new look would suggest.
    if old.steps.is_empty() {
        row.steps.clear();
        row.end = old.end.clone().filter(|end| still_shows(end.outcome, row));
        return carry;
    }
    if let Some(report) = ended.filter(|report| is_final(report)) {
        row.steps.clear();
        row.end = Some(kept(report)).filter(|end| still_shows(end.outcome, row));
        carry.end =
            row.end.as_ref().map(|end| End { outcome: end.outcome, why: end.why.clone(), proof: end.proof });
        carry.origin = report.seed_origin.or(carry.origin);
        carry.changed = report.changed;
        carry.codes_sent = report.attempts;
        return carry;
    }
    if olds.iter().any(|old| old.seen == row.seen || explained(&row.seen, old, past)) {
        rebase(row, olds, past, &mut carry);
        still_revoke(row, old, past);
    } else {
        let found = describe(&row.seen);
        row.steps.clear();
        row.end = Some(failed(Reason::ChangedSincePlan { found }));
    }
    carry
}

/// What an earlier run reached is said again only if the tenant still shows it; else the row is read until it does,
/// or has changed since (H15).
fn still_shows(outcome: Outcome, row: &PlanRow) -> bool {
    let Seen::Present { status, holder, .. } = &row.seen else {
        return matches!(outcome, Outcome::Deleted | Outcome::Failed | Outcome::Skipped | Outcome::Unknown);
    };
    let held = holder.is_some() && *holder == row.user;
    match outcome {
        Outcome::Activated | Outcome::AlreadyActive => held && *status == DeviceStatus::Activated,
        Outcome::Assigned if row.goal == Goal::Inactive => held && *status != DeviceStatus::Activated,
        Outcome::Assigned => held,
        Outcome::Imported if row.goal == Goal::Released => holder.is_none(),
        Outcome::Deleted => false,
        Outcome::Imported | Outcome::Failed | Outcome::Skipped | Outcome::Unknown => true,
    }
}

/// A row that is done, or failed for a reason of its own, does not begin anew.
fn is_final(report: &RowReport) -> bool {
    match report.outcome {
        Outcome::Activated
        | Outcome::AlreadyActive
        | Outcome::Assigned
        | Outcome::Imported
        | Outcome::Deleted => true,
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

fn failed(why: Reason) -> PlannedEnd {
    PlannedEnd { outcome: Outcome::Failed, why: Some(why), proof: Proof::None, seed_origin: None }
}

/// Whose seed it is, by what was acknowledged.
fn origin(past: &Past) -> Option<SeedOrigin> {
    let create = past.of(StepKind::Create);
    if create.done > 0 {
        Some(SeedOrigin::Created)
    } else if create.doubtful + create.refused > 0 {
        Some(SeedOrigin::Adopted)
    } else {
        None
    }
}

/// The state is one that the earlier run's own calls lead to.
fn explained(seen: &Seen, old: &PlanRow, past: &Past) -> bool {
    let did = |step| {
        let trace: Trace = past.of(step);
        trace.done + trace.doubtful + trace.refused > 0
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

/// Takes out of a fresh course what the earlier runs had acknowledged; what the tenant shows may lag behind it.
fn rebase(row: &mut PlanRow, olds: &[&PlanRow], past: &Past, carry: &mut Carried) {
    let activate = past.of(StepKind::Activate);
    let newly_active = was_active(&row.seen) && olds.first().is_some_and(|root| !was_active(&root.seen));
    carry.doubted_removal = past.of(StepKind::Deactivate).doubtful > 0;
    if newly_active && past.settled {
        row.steps.clear();
        let proof = Proof::ReadBack;
        row.end =
            Some(PlannedEnd { outcome: Outcome::Activated, why: None, proof, seed_origin: origin(past) });
    } else if newly_active && activate.done + activate.doubtful + activate.refused > 0 {
        // Nobody knows when it took effect (H7).
        row.steps = vec![StepKind::Deactivate, StepKind::Activate];
        row.end = None;
    } else if row.steps.is_empty() {
        if let Some(end) = row.end.as_mut().filter(|_| past.touched()) {
            end.seed_origin = origin(past).or(end.seed_origin);
        }
    } else {
        drop_acknowledged(row, past, carry);
    }
}

fn drop_acknowledged(row: &mut PlanRow, past: &Past, carry: &mut Carried) {
    let (create, delete) = (past.of(StepKind::Create), past.of(StepKind::Delete));
    let mut drop_through = |step: StepKind| {
        if let Some(at) = row.steps.iter().position(|s| *s == step) {
            row.steps.drain(..=at);
            carry.look = true;
        }
    };
    if past.of(StepKind::Unassign).done > 0 {
        drop_through(StepKind::Unassign);
    }
    if delete.done > 0 {
        drop_through(StepKind::Delete);
    }
    if create.done > 0 {
        drop_through(StepKind::Create);
    }
    if past.created_held || past.of(StepKind::Assign).done > 0 {
        drop_through(StepKind::Assign);
    }
    if past.settled {
        drop_through(StepKind::Activate);
    }
    carry.device.clone_from(&past.created);
    carry.deleted = delete.done > 0 && create.done == 0;
    carry.gone.clone_from(&past.deleted);
    carry.doubted_create = create.doubtful + create.refused > 0 && create.done == 0;
    carry.doubted_code = past.of(StepKind::Activate).doubtful > 0;
    // A creation that named the person and was never acknowledged: without its person now, it lags, or somebody has
    // taken it back (H15).
    carry.look |= carry.doubted_create && row.steps.first() == Some(&StepKind::Assign);
    // Without a device there is nothing to look at but the creation itself.
    carry.look &= row.steps.first() != Some(&StepKind::Create);
}

/// A token that is back in stock shows nobody whose sessions were to be ended; the old plan does.
fn still_revoke(row: &mut PlanRow, old: &PlanRow, past: &Past) {
    let step = StepKind::RevokeSessions;
    let owed = old.steps.contains(&step) && past.of(step).done == 0;
    if owed && !row.steps.contains(&step) && past.touched() {
        row.steps.push(step);
        row.end = None;
        row.user = old.user.clone();
        row.upn.clone_from(&old.upn);
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

fn pasts(chain: &[RunRecord]) -> BTreeMap<RowId, Past> {
    let mut pasts: BTreeMap<RowId, Past> = BTreeMap::new();
    for call in chain.iter().flat_map(|record| &record.calls) {
        for intent in &call.intents {
            let past = pasts.entry(intent.row).or_default();
            let trace = past.steps.entry(call.step).or_default();
            trace.intended += 1;
            let state = call.observed.as_ref().and_then(|states| states.iter().find(|s| s.row == intent.row));
            let done = state.is_some_and(|s| s.result == CallResult::Done);
            match call.step {
                StepKind::Activate => past.settled |= done,
                StepKind::Deactivate | StepKind::Unassign | StepKind::Delete => past.settled = false,
                StepKind::Create | StepKind::Assign | StepKind::Rename | StepKind::RevokeSessions => {}
            }
            match state.map(|s| s.result) {
                Some(CallResult::Done) => trace.done += 1,
                None | Some(CallResult::InDoubt) => trace.doubtful += 1,
                Some(CallResult::Refused) => trace.refused += 1,
                Some(CallResult::Throttled | CallResult::NotSent) => {}
            }
            if call.step == StepKind::Delete && done {
                past.deleted = intent.device.clone().or(past.deleted.take());
            }
            if call.step == StepKind::Create {
                // What a refused one names is what it was sent for, which may be the device deleted before.
                let made = state.filter(|s| s.result == CallResult::Done).and_then(|s| s.device.clone());
                past.created = made.or(past.created.take());
                past.created_held |= state.is_some_and(|s| s.held);
            }
        }
    }
    pasts
}
