//! Which writes an everyday verb needs, given what the tenant shows (H2, H6, H10, H15, H17).
//!
//! Owns: [`course`] of the verbs that take away, delete or rename. Does not own: giving and making anew
//! ([`super::steps`]), who may get a token ([`super::person`]).

use super::make::ended;
use super::steps::{Course, takes_last_method};
use super::wish::{Asked, Wish};
use super::{PlanOptions, PlannedEnd};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::report::{Outcome, Proof};
use crate::snapshot::Snapshot;
use crate::tenant::{Device, Holder, User};

/// What is known beside the device.
pub(super) struct Case<'a> {
    pub asked: &'a Asked,
    /// The row names a person: whoever is expected to hold it.
    pub person: Option<&'a User>,
    pub seed_held: bool,
    pub options: &'a PlanOptions,
    pub snapshot: &'a Snapshot,
}

/// The course of one row whose wish is neither to give nor to make anew.
pub(super) fn course(case: &Case<'_>, device: Option<&Device>) -> Course {
    let Some(device) = device else {
        return match case.asked.wish {
            Wish::Delete => done(Outcome::Deleted),
            _ => Course::failed(Reason::NotInTenant),
        };
    };
    if let Some(reason) = held_by_somebody_else(case, device) {
        return Course::failed(reason);
    }
    match &case.asked.wish {
        Wish::Give | Wish::Reseed => Course::failed(Reason::OwnFault { what: "everyday course".into() }),
        Wish::Deactivate => deactivate(case, device),
        Wish::Release => release(case, device),
        Wish::Delete => delete(case, device),
        Wish::Rename { name } => rename(device, name),
    }
}

/// H18: who names a person means that person's token.
fn held_by_somebody_else(case: &Case<'_>, device: &Device) -> Option<Reason> {
    let holder = device.holder.as_ref()?;
    let expected = case.person?;
    (!device.is_held_by(&expected.id)).then(|| Reason::HeldByOther { holder: name_of(holder) })
}

fn deactivate(case: &Case<'_>, device: &Device) -> Course {
    match &device.holder {
        None => done(Outcome::Imported),
        Some(_) if !device.is_active() => done(Outcome::Assigned),
        Some(_) if !case.snapshot.capabilities.deactivate => {
            Course::failed(Reason::BackendCannot { what: "deactivate".into() })
        }
        Some(holder) => removal(case, device, holder, vec![StepKind::Deactivate]),
    }
}

fn release(case: &Case<'_>, device: &Device) -> Course {
    match &device.holder {
        None => of_nobody(case),
        Some(holder) => {
            let revoke = case.asked.revoke.then_some(StepKind::RevokeSessions);
            removal(case, device, holder, std::iter::once(StepKind::Unassign).chain(revoke).collect())
        }
    }
}

/// Nobody has it any more; whose sessions are to end with it is then whom the row names.
fn of_nobody(case: &Case<'_>) -> Course {
    let Some(person) = case.person.filter(|_| case.asked.revoke) else { return done(Outcome::Imported) };
    let is_admin = case.snapshot.admins.known().is_some_and(|admins| admins.contains(&person.id));
    if is_admin && !case.options.include_admins {
        return Course::failed(Reason::AdminTarget);
    }
    Course::Steps(vec![StepKind::RevokeSessions])
}

fn delete(case: &Case<'_>, device: &Device) -> Course {
    if !case.seed_held && !case.options.seed_lost {
        return Course::failed(Reason::SeedNotHeld);
    }
    match &device.holder {
        None => Course::Steps(vec![StepKind::Delete]),
        Some(holder) => removal(case, device, holder, vec![StepKind::Unassign, StepKind::Delete]),
    }
}

/// Microsoft documents the change of a device for unassigned ones only.
fn rename(device: &Device, name: &str) -> Course {
    match &device.holder {
        _ if device.name.as_deref() == Some(name) => {
            let held = device.holder.is_some();
            done(if held { Outcome::Assigned } else { Outcome::Imported })
        }
        Some(_) => Course::failed(Reason::BackendCannot { what: "rename_assigned".into() }),
        None => Course::Steps(vec![StepKind::Rename]),
    }
}

/// Something is taken from its holder.
fn removal(case: &Case<'_>, device: &Device, holder: &Holder, steps: Vec<StepKind>) -> Course {
    // What isn't active is nobody's method; nor is a lost token, nor one whose successor is active by then.
    let counts = device.is_active() && !case.asked.lost && !case.asked.left && case.asked.after.is_none();
    let disabled = case
        .snapshot
        .users
        .get(&holder.id.as_str().to_lowercase())
        .is_some_and(|user| matches!(user, Some(user) if user.enabled == Some(false)));
    let taken =
        (counts && !disabled).then(|| takes_last_method(case.snapshot, holder, case.options)).flatten();
    match taken {
        Some(reason) => Course::failed(reason),
        None => Course::Steps(steps),
    }
}

fn done(outcome: Outcome) -> Course {
    Course::End(PlannedEnd { proof: Proof::None, ..ended(outcome, None) })
}

pub(super) fn name_of(holder: &Holder) -> String {
    holder.name.clone().unwrap_or_else(|| holder.id.to_string())
}
