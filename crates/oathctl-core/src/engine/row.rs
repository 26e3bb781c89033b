//! One row on its way: what is still to do, what is known, what may be repeated.
//!
//! Owns: [`Row`], [`Phase`], [`Look`], budgets. Does not own: what a reply means (`react`).

use std::collections::VecDeque;

use super::Job;
use super::resume::Carried;
use crate::journal::StepKind;
use crate::plan::{Asked, Goal, PlanRow, Seen};
use crate::reason::Reason;
use crate::report::{Outcome, Proof, SeedOrigin};
use crate::table::RowId;
use crate::tenant::{ETag, Remote};
use crate::time::{Mono, Utc};
use crate::token::{DeviceId, TotpParams, UserId};

/// A refused code is followed by at most two further ones (H9).
pub const CODES_REFUSED_MAX: u32 = 3;
/// Sends of one step that were lost or may have been.
pub const SENDS_MAX: u32 = 6;
/// Refusals of a step other than activation, while the tenant may still lag behind our own writes.
pub const REFUSALS_MAX: u32 = 5;
/// How long a state may take to become visible (H19).
pub const LAG_LIMIT_MS: u64 = 60_000;
/// How long a doubtful removal is watched before it is sent again: it may still take effect.
pub const REMOVAL_WAIT_MS: u64 = 300_000;
/// How soon after a removal of ours a reading is trusted again.
pub const SETTLE_MS: u64 = 10_000;
/// How often one row waits for a quota's window (of five minutes) to pass.
pub const QUOTA_ROUNDS_MAX: u32 = 100;
/// Times a row is taken back and activated anew because of a doubtful moment (H7).
pub const REMEDIES_MAX: u32 = 2;
/// Codes of a token refused in 24 hours, after which only a code of the device goes (H9).
pub const REFUSED_BEFORE_MAX: u32 = 3;

/// The window of a code that was sent, in the tenant's time, one step wider on both sides: an activation that took
/// effect inside it taught the tenant the right clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Start of the code's own window.
    pub valid_from: Utc,
    /// Its end.
    pub valid_until: Utc,
    /// One step, in milliseconds.
    pub step_ms: i64,
}

impl Window {
    /// The window of a code nobody knows anything about: nothing is ever inside it.
    pub const NEVER: Window = Window {
        valid_from: Utc::from_unix_ms(i64::MIN / 4),
        valid_until: Utc::from_unix_ms(i64::MIN / 4),
        step_ms: 0,
    };

    /// True when something that happened at `at` happened in time.
    pub fn holds(&self, at: Utc) -> bool {
        at.ms_since(self.valid_from) >= -self.step_ms && at.ms_since(self.valid_until) <= self.step_ms
    }

    /// True when `at` is not yet past the window: a state seen then came about in time.
    pub fn not_past(&self, at: Utc) -> bool {
        at.ms_since(self.valid_until) <= self.step_ms
    }
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Another row must reach its end first.
    Waiting,
    /// Its next step may be sent.
    Ready,
    /// A call that carries it is under way.
    Flying(StepKind),
    /// It must be read before anything else.
    Looking(Look),
    /// It has its outcome.
    Ended,
}

/// Why a row is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The assignment must be visible before the first code.
    Visible,
    /// A call may or may not have taken effect.
    Doubt(StepKind),
    /// A call was refused; the state says what that means.
    Refused(StepKind),
    /// The holder, right before a deletion (H18).
    BeforeDelete,
    /// The end, read back.
    ReadBack,
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// Why, where there is a reason.
    pub why: Option<Reason>,
    /// How far it is proven.
    pub proof: Proof,
}

/// One row on its way.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the plan.
    pub index: usize,
    /// Its number in the table.
    pub id: RowId,
    /// Its serial.
    pub serial: String,
    /// Its person.
    pub user: Option<UserId>,
    /// Whoever the plan saw holding it, when that is somebody else.
    pub old_holder: Option<UserId>,
    /// Whoever the plan saw holding it, or was to be holding it when its sessions are ended.
    pub planned_holder: Option<UserId>,
    /// The device, once known.
    pub device: Option<DeviceId>,
    /// The version of it that was last seen and that no write of ours has changed since.
    pub etag: Option<ETag>,
    /// What the plan saw.
    pub planned: Seen,
    /// How far it is to go.
    pub goal: Goal,
    /// What is asked of it.
    pub asked: Asked,
    /// Its code's parameters.
    pub params: TotpParams,
    /// What is still to do; the front is next.
    pub todo: VecDeque<StepKind>,
    /// Where it stands.
    pub phase: Phase,
    /// Nothing happens to it before.
    pub not_before: Mono,
    /// Since when it is in its phase.
    pub since: Mono,
    /// Whose seed the tenant holds.
    pub origin: Option<SeedOrigin>,
    /// When this run last took something away from it: a reading soon after may still show what was before.
    pub removed_at: Option<Mono>,
    /// Times its activation was acknowledged and never showed, which a quota would explain.
    pub quota_rounds: u32,
    /// It waits for a quota's window to pass.
    pub quota_wait: bool,
    /// It goes on from an earlier run.
    pub resumed: bool,
    /// This run changed something.
    pub changed: bool,
    /// A call of this run carried it.
    pub began: bool,
    /// The assignment has been seen.
    pub visible: bool,
    /// Creation goes one by one: the bulk form was refused.
    pub each: bool,
    /// A creation of ours may have taken effect unacknowledged.
    pub doubted_create: bool,
    /// This run deleted the device before creating it anew.
    pub deleted: bool,
    /// The device it deleted: an old reading may still show it.
    pub gone: Option<DeviceId>,
    /// Lost sends of the present step.
    pub sends: u32,
    /// Refusals of the present step.
    pub refusals: u32,
    /// Codes sent.
    pub codes_sent: u32,
    /// Codes refused.
    pub codes_refused: u32,
    /// Of these, refused while no earlier send could have taken effect: nothing but the code explains them.
    pub codes_unfit: u32,
    /// Its last refusal is laid to a quota, not to its code.
    pub quota_forgiven: bool,
    /// The last code's window.
    pub last_code: Option<Window>,
    /// Windows of codes that may have taken effect unacknowledged.
    pub doubtful: Vec<Window>,
    /// Times it was taken back because of a doubtful moment.
    pub remedies: u32,
    /// Readings in the present phase.
    pub polls: u32,
    /// The tenant's last words about it.
    pub remote: Option<Remote>,
    /// Its end.
    pub end: Option<End>,
}

impl Row {
    /// A row as the plan has it; rows with nothing to do have ended.
    pub fn begin(index: usize, plan: &PlanRow, params: TotpParams, job: &Job<'_>, now: Mono) -> Self {
        let (device, holder) = match &plan.seen {
            Seen::Absent => (None, None),
            Seen::Present { device, holder, .. } => (Some(device.clone()), holder.clone()),
        };
        let held = holder.is_some() && holder == plan.user;
        let origin = device.as_ref().map(|_| SeedOrigin::Adopted);
        let planned_holder = holder.clone().or_else(|| plan.user.clone());
        let old_holder = holder.filter(|_| !held);
        let mut row = Self {
            index,
            id: plan.row,
            serial: plan.serial.clone(),
            user: plan.user.clone(),
            old_holder,
            planned_holder,
            etag: device.as_ref().and_then(|device| job.etags.get(device)).cloned(),
            device,
            planned: plan.seen.clone(),
            goal: plan.goal,
            asked: plan.asked.clone(),
            params,
            todo: plan.steps.iter().copied().collect(),
            phase: Phase::Ready,
            not_before: now,
            since: now,
            origin,
            removed_at: None,
            quota_rounds: 0,
            quota_wait: false,
            resumed: false,
            changed: false,
            began: false,
            visible: held,
            each: false,
            doubted_create: false,
            deleted: false,
            gone: None,
            sends: 0,
            refusals: 0,
            codes_sent: 0,
            codes_refused: 0,
            codes_unfit: 0,
            quota_forgiven: false,
            last_code: None,
            doubtful: Vec::new(),
            remedies: 0,
            polls: 0,
            remote: None,
            end: None,
        };
        if let Some(end) = &plan.end {
            row.origin = end.seed_origin.or(row.origin);
            row.end(end.outcome, end.why.clone(), end.proof);
        }
        let carried = job.carried.get(&plan.row);
        if let Some(carried) = carried {
            row.carry(carried);
        }
        row.refuse_worn_out(job);
        match (&row.phase, carried.is_some_and(|carried| carried.look)) {
            (Phase::Ended, _) => {}
            (_, true) if !row.todo.is_empty() => row.look(Look::Visible, now),
            _ if row.doubts_removal(carried) => row.look(Look::Doubt(StepKind::Deactivate), now),
            _ if row.asked.after.is_some() => row.phase = Phase::Waiting,
            _ => row.go_on(now),
        }
        row
    }

    /// What an earlier run left behind.
    fn carry(&mut self, carried: &Carried) {
        let Carried { origin, changed, codes_sent, end, device, doubted_create, doubted_code, .. } = carried;
        let Carried { deleted, gone, look, doubted_removal: _, .. } = carried;
        self.resumed = true;
        self.origin = origin.or(self.origin);
        self.changed |= changed;
        self.codes_sent += codes_sent;
        self.device = device.clone().or(self.device.take());
        self.doubted_create = *doubted_create;
        self.deleted = *deleted;
        self.gone.clone_from(gone);
        if self.gone.is_some() && self.device == self.gone {
            self.device = None;
        }
        self.visible &= !look;
        if *doubted_code {
            self.doubtful.push(Window::NEVER);
        }
        if let Some(end) = end {
            self.end(end.outcome, end.why.clone(), end.proof);
        }
    }

    /// An earlier run's deactivation may still take effect: it is watched before it is sent again.
    fn doubts_removal(&self, carried: Option<&Carried>) -> bool {
        carried.is_some_and(|carried| carried.doubted_removal)
            && self.todo.front() == Some(&StepKind::Deactivate)
    }

    /// H9: after three refusals in a day only a code of the device goes.
    fn refuse_worn_out(&mut self, job: &Job<'_>) {
        let refused = self.device.as_ref().and_then(|device| job.refused_before.get(device)).copied();
        let computed = self.todo.contains(&StepKind::Activate) && !self.todo.contains(&StepKind::Create);
        if computed {
            self.codes_refused = refused.unwrap_or(0);
        }
        if self.end.is_none() && computed && self.codes_refused >= REFUSED_BEFORE_MAX {
            self.end(Outcome::Failed, Some(Reason::CodeRefused), Proof::None);
        }
    }

    /// Ends the row.
    pub fn end(&mut self, outcome: Outcome, why: Option<Reason>, proof: Proof) {
        self.phase = Phase::Ended;
        self.end = Some(End { outcome, why, proof });
    }

    /// Fails the row.
    pub fn fail(&mut self, why: Reason) {
        self.end(Outcome::Failed, Some(why), Proof::None);
    }

    /// Nobody can say.
    pub fn unknown(&mut self, why: Reason) {
        self.end(Outcome::Unknown, Some(why), Proof::None);
    }

    /// Makes the row ready for its next step, or has it read first where that step needs it.
    pub fn go_on(&mut self, now: Mono) {
        match self.todo.front() {
            None => self.look(Look::ReadBack, now),
            Some(StepKind::Activate) if !self.visible => self.look(Look::Visible, now),
            Some(StepKind::Delete) => self.look(Look::BeforeDelete, now),
            Some(_) => self.enter(Phase::Ready, now),
        }
    }

    /// Has the row read, at once.
    pub fn look(&mut self, look: Look, now: Mono) {
        self.enter(Phase::Looking(look), now);
    }

    /// Enters a phase; counters of readings begin anew.
    pub fn enter(&mut self, phase: Phase, now: Mono) {
        self.phase = phase;
        self.since = now;
        self.not_before = self.not_before.max(now);
        self.polls = 0;
    }

    /// The present step is done.
    pub fn step_done(&mut self) {
        self.todo.pop_front();
        self.sends = 0;
        self.refusals = 0;
        self.not_before = Mono::default();
    }
}

/// 1, 2, 4, 8, 8 … seconds.
pub fn backoff_ms(nth: u32) -> u64 {
    1000 << nth.saturating_sub(1).min(3)
}
