//! Which writes a row needs, given what the tenant shows for its serial (H10, H17).
//!
//! Owns: [`course`]. Does not own: whether the person may have the token ([`super::person`]).

use super::everyday::name_of;
use super::make::ended;
use super::{Goal, PlanOptions, PlannedEnd};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::report::{Outcome, Proof, SeedOrigin};
use crate::snapshot::Snapshot;
use crate::table::RowView;
use crate::tenant::{Device, User};

/// Where a row goes.
pub(super) enum Course {
    /// Through these writes.
    Steps(Vec<StepKind>),
    /// Nowhere: it has ended.
    End(PlannedEnd),
}

impl Course {
    pub(super) fn failed(reason: Reason) -> Self {
        Self::End(ended(Outcome::Failed, Some(reason)))
    }
}

/// Whether a device that is there is made anew from our seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anew {
    /// No.
    Never,
    /// Unless its seed is known to be ours, or somebody has signed in with it.
    Unproven,
    /// In any case: that is what was asked.
    Asked,
}

/// The course of one row whose person (if it needs one) exists. `is_ours`: the device's seed is known to be the row's,
/// so that making it anew would gain nothing.
pub(super) fn course(
    row: &RowView<'_>,
    person: Option<&User>,
    device: Option<&Device>,
    (anew, is_ours): (Anew, bool),
    goal: Goal,
    options: &PlanOptions,
    snapshot: &Snapshot,
) -> Course {
    let Some(device) = device else { return Course::Steps(fresh(goal)) };
    let held = person.is_some_and(|user| device.is_held_by(&user.id));
    let proven = held && device.is_active() && device.last_used.is_some();
    if anew == Anew::Asked || (anew == Anew::Unproven && !proven && !is_ours) {
        return recreate(device, held, person, goal, options, snapshot);
    }
    match usual(row, person, device, goal, options, snapshot) {
        Course::End(end) if is_ours && end.outcome != Outcome::Failed => {
            Course::End(PlannedEnd { seed_origin: Some(SeedOrigin::Created), ..end })
        }
        course => course,
    }
}

/// The course of a device that stays.
fn usual(
    row: &RowView<'_>,
    person: Option<&User>,
    device: &Device,
    goal: Goal,
    options: &PlanOptions,
    snapshot: &Snapshot,
) -> Course {
    let held = person.is_some_and(|user| device.is_held_by(&user.id));
    if let Some(reason) = parameters_differ(row, device) {
        return Course::failed(reason);
    }
    if goal == Goal::Imported {
        return adopted(Outcome::Imported, device);
    }
    match &device.holder {
        None => Course::Steps(tail(goal)),
        Some(_) if held => of_its_person(device, goal),
        Some(holder) if !options.reassign => Course::failed(Reason::HeldByOther { holder: name_of(holder) }),
        Some(holder) => match taken_from(device, holder, snapshot, options) {
            Some(reason) => Course::failed(reason),
            None => Course::Steps(with_front(&[StepKind::Unassign], goal)),
        },
    }
}

fn of_its_person(device: &Device, goal: Goal) -> Course {
    if device.is_active() {
        return adopted(Outcome::AlreadyActive, device);
    }
    if goal == Goal::Assigned {
        return adopted(Outcome::Assigned, device);
    }
    Course::Steps(vec![StepKind::Activate])
}

fn recreate(
    device: &Device,
    held: bool,
    person: Option<&User>,
    goal: Goal,
    options: &PlanOptions,
    snapshot: &Snapshot,
) -> Course {
    let other = device.holder.as_ref().filter(|_| !held);
    if let Some(holder) = other
        && !(options.reassign && person.is_some())
    {
        return Course::failed(Reason::HeldByOther { holder: name_of(holder) });
    }
    let mut steps = Vec::new();
    if let Some(holder) = &device.holder {
        if let Some(reason) = taken_from(device, holder, snapshot, options) {
            return Course::failed(reason);
        }
        steps.push(StepKind::Unassign);
    }
    steps.push(StepKind::Delete);
    steps.extend(fresh(goal));
    Course::Steps(steps)
}

fn fresh(goal: Goal) -> Vec<StepKind> {
    with_front(&[StepKind::Create], goal)
}

fn tail(goal: Goal) -> Vec<StepKind> {
    with_front(&[], goal)
}

fn with_front(front: &[StepKind], goal: Goal) -> Vec<StepKind> {
    let mut steps = front.to_vec();
    match goal {
        Goal::Assigned => steps.push(StepKind::Assign),
        Goal::Activated => steps.extend([StepKind::Assign, StepKind::Activate]),
        Goal::Imported | Goal::Inactive | Goal::Released | Goal::Deleted | Goal::Renamed => {}
    }
    steps
}

/// Already where it should be: left alone, with what its use proves.
fn adopted(outcome: Outcome, device: &Device) -> Course {
    let active = outcome == Outcome::AlreadyActive;
    let proof = match device.last_used {
        Some(_) if active => Proof::SignIn,
        _ if active => Proof::ReadBack,
        _ => Proof::None,
    };
    let end = PlannedEnd { proof, seed_origin: Some(SeedOrigin::Adopted), ..ended(outcome, None) };
    Course::End(end)
}

fn parameters_differ(row: &RowView<'_>, device: &Device) -> Option<Reason> {
    let (hash, period) = (row.hash()?, row.period_secs()?);
    let differ = |field: &str, tenant: String, file: String| {
        Some(Reason::ParametersDiffer { field: field.into(), tenant, file })
    };
    if let Some(theirs) = device.hash.filter(|theirs| *theirs != hash) {
        return differ("hash", theirs.word().into(), hash.word().into());
    }
    if let Some(theirs) = device.period_secs.filter(|theirs| *theirs != period) {
        return differ("period", theirs.to_string(), period.to_string());
    }
    None
}

/// What isn't active is nobody's method yet.
fn taken_from(
    device: &Device,
    holder: &crate::tenant::Holder,
    snapshot: &Snapshot,
    options: &PlanOptions,
) -> Option<Reason> {
    device.is_active().then(|| takes_last_method(snapshot, holder, options)).flatten()
}

/// H2: nobody loses the last method through a removal, nor until a token made anew is active. For active devices.
pub(super) fn takes_last_method(
    snapshot: &Snapshot,
    holder: &crate::tenant::Holder,
    options: &PlanOptions,
) -> Option<Reason> {
    if options.last_method_ok {
        return None;
    }
    let methods = snapshot.methods.get(&holder.id)?.known()?;
    // Tokens that are assigned and not active open nothing.
    // Whether the tenant lists them there at all is unknown.
    let theirs = || snapshot.devices.iter().filter(|device| device.is_held_by(&holder.id));
    let active = theirs().filter(|device| device.is_active()).count();
    let (active, idle) = (small(active), small(theirs().count() - active));
    let hardware = methods.hardware.saturating_sub(idle).max(active);
    let left = (hardware + methods.authenticators + methods.other_mfa).saturating_sub(1);
    (left == 0).then_some(Reason::LastMethod)
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
