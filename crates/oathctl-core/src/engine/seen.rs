//! What a reading means for a row. Pure: what the tenant shows goes in, the row's next phase comes out.
//!
//! Owns: `on_seen`, and with it the rules H7, H9, H10, H18, H19 as far as a reading decides them. Does not own: replies
//! (`react`), reading itself (`look`).

use super::react::{Now, STALE_MS};
use super::row::{
    CODES_REFUSED_MAX, LAG_LIMIT_MS, Look, Phase, QUOTA_ROUNDS_MAX, REMOVAL_WAIT_MS, Row, SETTLE_MS, Window,
};
use crate::journal::StepKind;
use crate::plan::{Goal, Wish};
use crate::reason::Reason;
use crate::report::{Outcome, Proof, SeedOrigin};
use crate::tenant::Device;
use crate::time::Mono;

impl Row {
    /// The row was read. `device` is what the tenant shows for it, `None` when nothing.
    pub(super) fn on_seen(&mut self, device: Option<&Device>, now: Now) {
        let Phase::Looking(look) = self.phase else { return };
        self.polls += 1;
        let device = device.filter(|device| self.gone.as_ref() != Some(&device.id));
        if let Some(device) = device {
            self.device = Some(device.id.clone());
            self.etag = device.etag.clone();
        }
        if let Some(found) = self.holder_conflict(device) {
            return self.fail(Reason::ChangedSincePlan { found });
        }
        if let Some(until) = self.too_early(look, now) {
            self.not_before = until;
            return;
        }
        match look {
            Look::ReadBack => self.seen_at_end(device, now),
            Look::Visible => self.seen_visible(device, now),
            Look::BeforeDelete => self.seen_before_delete(device, now),
            Look::Doubt(StepKind::Create) | Look::Refused(StepKind::Create) => {
                self.seen_create(look, device, now)
            }
            Look::Doubt(StepKind::Assign) | Look::Refused(StepKind::Assign) => {
                self.seen_assign(look, device, now)
            }
            Look::Doubt(StepKind::Activate) | Look::Refused(StepKind::Activate) => {
                self.seen_activate(look, device, now)
            }
            Look::Doubt(step) | Look::Refused(step) => self.seen_removal(look, step, device, now),
        }
    }

    /// Right after a removal of ours a reading may still show what was there before it; until when to wait.
    fn too_early(&self, look: Look, now: Now) -> Option<Mono> {
        let settled = self.removed_at?.plus_ms(SETTLE_MS);
        let may_mislead = !matches!(look, Look::ReadBack | Look::BeforeDelete);
        (may_mislead && now.mono < settled).then_some(settled)
    }

    /// Somebody the plan does not know holds it.
    fn holder_conflict(&self, device: Option<&Device>) -> Option<String> {
        let holder = device?.holder.as_ref()?;
        let known = [self.user.as_ref(), self.old_holder.as_ref()].into_iter().flatten();
        let expected = known.into_iter().any(|id| id.as_str().eq_ignore_ascii_case(holder.id.as_str()));
        (!expected && self.goal != Goal::Imported).then(|| format!("held by {}", holder.id))
    }

    fn is_held(&self, device: Option<&Device>) -> bool {
        matches!((device, &self.user), (Some(device), Some(user)) if device.is_held_by(user))
    }

    fn seen_at_end(&mut self, device: Option<&Device>, now: Now) {
        let held = self.is_held(device);
        let active = device.is_some_and(Device::is_active);
        match self.goal {
            Goal::Imported if device.is_some() => self.end(Outcome::Imported, None, Proof::None),
            Goal::Assigned if held => self.end(Outcome::Assigned, None, Proof::None),
            Goal::Activated if held && active => self.end(Outcome::Activated, None, Proof::ReadBack),
            Goal::Activated if held => self.poll(now, LAG_LIMIT_MS, |row| row.never_active(now)),
            Goal::Inactive if held && !active => self.end(Outcome::Assigned, None, Proof::None),
            Goal::Released if device.is_some_and(|device| device.holder.is_none()) => {
                self.end(Outcome::Imported, None, Proof::None);
            }
            // One empty reading may be a gap; a second one is the answer.
            Goal::Deleted if device.is_none() && self.polls > 1 => {
                self.end(Outcome::Deleted, None, Proof::None);
            }
            Goal::Renamed if self.is_renamed(device) => self.end(Outcome::Imported, None, Proof::None),
            Goal::Imported
            | Goal::Assigned
            | Goal::Activated
            | Goal::Inactive
            | Goal::Released
            | Goal::Deleted
            | Goal::Renamed => self.poll(now, LAG_LIMIT_MS, Self::never_seen),
        }
    }

    fn is_renamed(&self, device: Option<&Device>) -> bool {
        let Wish::Rename { name } = &self.asked.wish else { return false };
        device.is_some_and(|device| device.name.as_deref() == Some(name))
    }

    /// An activation was acknowledged and never showed. After many activations a quota explains it: once more, when
    /// its window is over.
    fn never_active(&mut self, now: Now) {
        if !now.quota_possible || self.quota_rounds >= QUOTA_ROUNDS_MAX {
            return self.never_seen();
        }
        self.quota_rounds += 1;
        self.quota_wait = true;
        self.todo.push_front(StepKind::Activate);
        self.enter(Phase::Ready, now.mono);
    }

    /// What was acknowledged never showed. In a resumed run somebody may have undone it meanwhile (H15).
    fn never_seen(&mut self) {
        if self.resumed {
            self.fail(Reason::ChangedSincePlan { found: "not what the earlier run left".into() });
        } else {
            self.unknown(Reason::NotVisible);
        }
    }

    fn seen_visible(&mut self, device: Option<&Device>, now: Now) {
        if self.is_held(device) {
            if let Some(device) = device {
                self.assigned_if_held(device);
                if device.is_active() && self.codes_sent == 0 {
                    return self.end(Outcome::AlreadyActive, None, Proof::ReadBack);
                }
            }
            self.visible = true;
            return self.go_on(now.mono);
        }
        self.poll(now, LAG_LIMIT_MS, Self::never_seen);
    }

    fn seen_before_delete(&mut self, device: Option<&Device>, now: Now) {
        match device {
            None if self.polls > 1 => {
                self.step_done();
                self.gone = self.device.take();
                self.deleted = true;
                self.go_on(now.mono);
            }
            Some(device) if device.holder.is_none() => self.enter(Phase::Ready, now.mono),
            _ => self.poll(now, LAG_LIMIT_MS, |row| {
                row.fail(Reason::ChangedSincePlan { found: "still held".into() })
            }),
        }
    }

    fn seen_create(&mut self, look: Look, device: Option<&Device>, now: Now) {
        let ours = self.doubted_create || self.deleted;
        if let Some(device) = device {
            // Refused because it is there: our own request, twice, or somebody with the same file. With our parameters
            // and our person it is what was asked for; its seed is taken on trust.
            let wanted = self.user.is_none() || self.goal == Goal::Imported || self.is_held(Some(device));
            if !ours && !wanted {
                let somebody_else =
                    |row: &mut Self| row.fail(Reason::ChangedSincePlan { found: "already there".into() });
                return self.poll(now, LAG_LIMIT_MS, somebody_else);
            }
            if self.params_differ(device) {
                return self
                    .fail(Reason::ChangedSincePlan { found: "already there, with other parameters".into() });
            }
            self.created(Some(device), SeedOrigin::Adopted);
            return self.go_on(now.mono);
        }
        match look {
            Look::Refused(_) if ours && now.mono.ms_since(self.since) < LAG_LIMIT_MS => {
                // Refused as a duplicate of our own doubtful creation, which is not visible yet.
                self.poll(now, LAG_LIMIT_MS, |row| row.fail_by_remote(StepKind::Create));
            }
            // Seen before, or perhaps too young to be seen: a reading may be old.
            Look::Refused(_) if self.device.is_some() => {
                self.poll(now, LAG_LIMIT_MS, |row| row.fail_by_remote(StepKind::Create));
            }
            Look::Refused(_) if self.is_young(now) => self.not_before = now.mono.plus_ms(STALE_MS),
            Look::Refused(_) => self.fail_by_remote(StepKind::Create),
            _ => self.again_or(now, |row| row.unknown(Reason::Doubtful)),
        }
    }

    fn params_differ(&self, device: &Device) -> bool {
        device.hash.is_some_and(|hash| hash != self.params.hash)
            || device.period_secs.is_some_and(|period| period != self.params.period_secs)
    }

    fn seen_assign(&mut self, look: Look, device: Option<&Device>, now: Now) {
        if self.is_held(device) {
            self.changed = true;
            self.visible = true;
            self.step_done();
            return self.go_on(now.mono);
        }
        match look {
            Look::Refused(_) => self.retry_refused(StepKind::Assign, now),
            _ => self.again_or(now, |row| row.unknown(Reason::Doubtful)),
        }
    }

    fn seen_activate(&mut self, look: Look, device: Option<&Device>, now: Now) {
        let seen_at = device.and_then(|d| d.seen_at).map_or(now.server, |at| at.0);
        if self.is_held(device) && device.is_some_and(Device::is_active) {
            self.changed = true;
            let in_time = |w: &Window| w.not_past(seen_at);
            let timely = self.doubtful.iter().all(in_time) && self.last_code.as_ref().is_some_and(in_time);
            // One refusal of the only code is the echo of a request that arrived twice.
            if self.codes_unfit == 1 && !timely {
                self.codes_unfit = 0;
            }
            if !timely {
                return self.remedy(now);
            }
            self.doubtful.clear();
            self.step_done();
            // One refusal may be the echo of a send that took effect (a request that arrived twice); more cannot.
            if self.codes_unfit > 1 {
                return self.fail(Reason::AcceptedAfterRefusal);
            }
            self.enter(Phase::Looking(Look::ReadBack), now.mono);
            return self.seen_at_end(device, now);
        }
        if !self.is_held(device) && look == Look::Refused(StepKind::Activate) {
            return self.poll(now, LAG_LIMIT_MS, |row| row.fail_by_remote(StepKind::Activate));
        }
        match look {
            Look::Refused(_) if self.quota_forgiven => {
                self.quota_forgiven = false;
                self.enter(Phase::Ready, now.mono);
            }
            Look::Refused(_) if self.origin == Some(SeedOrigin::Adopted) && !self.doubted_create => {
                self.fail(Reason::SeedDiffers);
            }
            Look::Refused(_) if self.waits_for_later_step(now) => {}
            Look::Refused(_) if self.codes_refused >= CODES_REFUSED_MAX => self.fail(Reason::CodeRefused),
            Look::Refused(_) => self.enter(Phase::Ready, now.mono),
            // What a reading shows may be seconds old; a code sent on top of one that took effect is wasted.
            _ if self.is_young(now) => self.not_before = now.mono.plus_ms(STALE_MS),
            _ => self.again_or(now, |row| row.unknown(Reason::Doubtful)),
        }
    }

    /// After a refusal only a code of a later step goes, and only after another look: the refusal may be the echo of
    /// a send that took effect.
    fn waits_for_later_step(&mut self, now: Now) -> bool {
        let Some(window) = self.last_code else { return false };
        let wait = u64::try_from(window.valid_until.ms_since(now.server)).unwrap_or(0);
        self.not_before = now.mono.plus_ms(wait.max(1));
        wait > 0
    }

    fn seen_removal(&mut self, look: Look, step: StepKind, device: Option<&Device>, now: Now) {
        let done = match step {
            StepKind::Deactivate => device.is_some_and(|d| !d.is_active()),
            StepKind::Unassign => device.is_some_and(|d| d.holder.is_none()),
            StepKind::Delete => device.is_none() && self.polls > 1,
            StepKind::Rename => self.is_renamed(device),
            StepKind::Create | StepKind::Assign | StepKind::Activate | StepKind::RevokeSessions => false,
        };
        if step == StepKind::Delete && device.is_none() && !done {
            // One empty reading may be a gap; asking the tenant to delete it again would only be refused.
            self.not_before = now.mono.plus_ms(STALE_MS);
            return;
        }
        if done && self.is_young(now) {
            // It may show what was before the state that is to be taken away.
            self.not_before = self.since.plus_ms(STALE_MS);
            return;
        }
        if done {
            return self.on_done(step, None, None, None, now);
        }
        if step == StepKind::Deactivate && look == Look::Refused(step) {
            // What Microsoft asks for a deactivation is undocumented; taking it back and giving it anew does the same.
            self.todo.pop_front();
            self.todo.push_front(StepKind::Assign);
            self.todo.push_front(StepKind::Unassign);
            self.refusals = 0;
            return self.enter(Phase::Ready, now.mono);
        }
        match look {
            // What is read at once may be older than what the tenant refused for.
            Look::Refused(_) if self.is_conflict() && self.is_young(now) => {
                self.not_before = self.since.plus_ms(STALE_MS);
            }
            Look::Refused(_) if self.is_conflict() => self.after_conflict(step, device, now),
            Look::Refused(_) => self.retry_refused(step, now),
            // The same once more does no harm.
            _ if matches!(step, StepKind::Rename | StepKind::RevokeSessions) => {
                self.again_or(now, |row| row.unknown(Reason::Doubtful))
            }
            _ => {
                self.poll(now, REMOVAL_WAIT_MS, |row| row.again_or(now, |row| row.unknown(Reason::Doubtful)))
            }
        }
    }
}
