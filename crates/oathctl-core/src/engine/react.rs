//! What a reply, or a reading, means for a row. Pure: values in, the row's next phase out.
//!
//! Owns: `on_reply`, `on_seen`, the rules H7, H9, H10, H18, H19 for one row. Does not own: sending and reading.

use super::row::{
    CODES_REFUSED_MAX, LAG_LIMIT_MS, Look, Phase, QUOTA_ROUNDS_MAX, REFUSALS_MAX, REMEDIES_MAX,
    REMOVAL_WAIT_MS, Row, SENDS_MAX, SETTLE_MS, Window, backoff_ms,
};
use crate::journal::StepKind;
use crate::plan::UpTo;
use crate::reason::Reason;
use crate::report::{Outcome, Proof, SeedOrigin};
use crate::tenant::{Device, NotSent, Remote, Reply};
use crate::time::{Mono, ServerTime, Utc};

/// A reading may show the tenant as it was some seconds ago.
const STALE_MS: u64 = 4_000;

/// When something was learnt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// Our monotonic clock.
    pub mono: Mono,
    /// The tenant's clock, as well as it is known.
    pub server: Utc,
    /// So many activations were accepted of late that a quota may be at work.
    pub quota_possible: bool,
}

impl Row {
    /// A call of ours came back.
    pub(super) fn on_reply(
        &mut self,
        step: StepKind,
        reply: Reply<Option<Device>>,
        window: Option<Window>,
        now: Now,
    ) {
        self.began = true;
        if step == StepKind::Activate && window.is_some() {
            self.codes_sent += 1;
            self.last_code = window;
        }
        match reply {
            Reply::Done { value, at } => self.on_done(step, value, at, window, now),
            Reply::Refused { remote, whole_call } => self.on_refused(step, remote, whole_call, now),
            Reply::Throttled { remote, .. } => {
                self.remote = Some(remote);
                self.uncount_code(step, window);
                self.enter(Phase::Ready, now.mono);
            }
            Reply::NotSent { why, remote } => {
                self.uncount_code(step, window);
                self.on_not_sent(why, remote, now);
            }
            Reply::InDoubt { remote } => self.on_doubt(step, remote, window, now),
        }
    }

    /// A code that was computed but never judged is not an attempt.
    fn uncount_code(&mut self, step: StepKind, window: Option<Window>) {
        if step == StepKind::Activate && window.is_some() {
            self.codes_sent = self.codes_sent.saturating_sub(1);
        }
    }

    fn on_done(
        &mut self,
        step: StepKind,
        value: Option<Device>,
        at: Option<ServerTime>,
        window: Option<Window>,
        now: Now,
    ) {
        self.changed = true;
        self.remote = None;
        match step {
            StepKind::Create => self.created(value.as_ref(), SeedOrigin::Created),
            StepKind::Activate => {
                let moment = at.map_or(now.server, |at| at.0);
                let timely = window.is_some_and(|w| w.holds(moment));
                if !timely {
                    return self.remedy(now);
                }
                self.doubtful.clear();
                self.step_done();
                if self.codes_unfit > 0 {
                    return self.fail(Reason::AcceptedAfterRefusal);
                }
            }
            StepKind::Unassign => {
                self.visible = false;
                self.old_holder = None;
                self.removed(now);
            }
            StepKind::Delete => {
                self.device = None;
                self.origin = None;
                self.visible = false;
                self.deleted = true;
                self.removed(now);
            }
            StepKind::Deactivate => self.removed(now),
            StepKind::Assign | StepKind::Rename => self.step_done(),
        }
        self.go_on(now.mono);
    }

    fn removed(&mut self, now: Now) {
        self.removed_at = Some(now.mono);
        self.step_done();
    }

    /// The device is there: by an acknowledged creation, or found after a doubtful one (H10).
    fn created(&mut self, device: Option<&Device>, origin: SeedOrigin) {
        self.changed = true;
        self.origin = Some(origin);
        self.step_done();
        if let Some(device) = device {
            self.device = Some(device.id.clone());
            self.assigned_if_held(device);
        }
    }

    /// A creation that named the person has assigned as well.
    fn assigned_if_held(&mut self, device: &Device) {
        let held = self.user.as_ref().is_some_and(|user| device.is_held_by(user));
        if held && self.todo.front() == Some(&StepKind::Assign) {
            self.changed = true;
            self.step_done();
        }
    }

    fn on_refused(&mut self, step: StepKind, remote: Remote, whole_call: bool, now: Now) {
        let forbidden = remote.status == Some(403);
        self.remote = Some(remote);
        if whole_call && step == StepKind::Create && !self.each {
            self.each = true;
            self.doubted_create = true;
            return self.look(Look::Doubt(step), now.mono);
        }
        if forbidden && !matches!(step, StepKind::Deactivate) {
            return self.fail_by_remote(step);
        }
        match step {
            StepKind::Activate if self.quota_forgiven => {}
            StepKind::Activate => {
                self.codes_refused += 1;
                self.codes_unfit += u32::from(self.doubtful.is_empty());
            }
            _ => self.refusals += 1,
        }
        self.look(Look::Refused(step), now.mono);
    }

    fn on_not_sent(&mut self, why: NotSent, remote: Remote, now: Now) {
        self.remote = Some(remote).filter(|r| *r != Remote::default()).or(self.remote.take());
        match why {
            NotSent::NoSeed => self.fail(Reason::SeedNotHeld),
            NotSent::Unreachable => {
                self.sends += 1;
                if self.sends >= SENDS_MAX {
                    return self.fail(Reason::NetworkFailed);
                }
                self.enter(Phase::Ready, now.mono);
                self.not_before = now.mono.plus_ms(backoff_ms(self.sends));
            }
            NotSent::NoCode | NotSent::Clock => {
                self.enter(Phase::Ready, now.mono);
                self.not_before = now.mono.plus_ms(1000);
            }
            NotSent::SignIn | NotSent::Stopped => self.enter(Phase::Ready, now.mono),
        }
    }

    fn on_doubt(&mut self, step: StepKind, remote: Remote, window: Option<Window>, now: Now) {
        self.remote = Some(remote);
        self.sends += 1;
        match step {
            StepKind::Create => self.doubted_create = true,
            StepKind::Activate => self.doubtful.extend(window),
            _ => {}
        }
        self.look(Look::Doubt(step), now.mono);
    }

    /// The row was read. `device` is what the tenant shows for it, `None` when nothing.
    pub(super) fn on_seen(&mut self, device: Option<&Device>, now: Now) {
        let Phase::Looking(look) = self.phase else { return };
        self.polls += 1;
        if let Some(device) = device {
            self.device = Some(device.id.clone());
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
        (!expected && self.goal != UpTo::Imported).then(|| format!("held by {}", holder.id))
    }

    fn is_held(&self, device: Option<&Device>) -> bool {
        matches!((device, &self.user), (Some(device), Some(user)) if device.is_held_by(user))
    }

    fn seen_at_end(&mut self, device: Option<&Device>, now: Now) {
        let held = self.is_held(device);
        let active = device.is_some_and(Device::is_active);
        match self.goal {
            UpTo::Imported if device.is_some() => self.end(Outcome::Imported, None, Proof::None),
            UpTo::Assigned if held => self.end(Outcome::Assigned, None, Proof::None),
            UpTo::Activated if held && active => self.end(Outcome::Activated, None, Proof::ReadBack),
            UpTo::Activated if held => self.poll(now, LAG_LIMIT_MS, |row| row.never_active(now)),
            UpTo::Imported | UpTo::Assigned | UpTo::Activated => {
                self.poll(now, LAG_LIMIT_MS, Self::never_seen);
            }
        }
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
                self.device = None;
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
            let wanted = self.user.is_none() || self.goal == UpTo::Imported || self.is_held(Some(device));
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
            _ => false,
        };
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
            Look::Refused(_) => self.retry_refused(step, now),
            _ => {
                self.poll(now, REMOVAL_WAIT_MS, |row| row.again_or(now, |row| row.unknown(Reason::Doubtful)))
            }
        }
    }

    /// H7: it may have taken effect outside its code's window; taken back, and once more with a fresh code.
    fn remedy(&mut self, now: Now) {
        self.remedies += 1;
        if self.remedies > REMEDIES_MAX {
            return self.fail(Reason::ClockDoubt);
        }
        self.doubtful.clear();
        if self.todo.front() != Some(&StepKind::Activate) {
            self.todo.push_front(StepKind::Activate);
        }
        self.todo.push_front(StepKind::Deactivate);
        self.sends = 0;
        self.refusals = 0;
        self.enter(Phase::Ready, now.mono);
    }

    /// The tenant may lag behind our own writes: again, a few times, later and later.
    fn retry_refused(&mut self, step: StepKind, now: Now) {
        if self.refusals >= REFUSALS_MAX {
            return self.fail_by_remote(step);
        }
        self.enter(Phase::Ready, now.mono);
        self.not_before = now.mono.plus_ms(backoff_ms(self.refusals));
    }

    /// Sends the present step again, within its budget.
    fn again_or(&mut self, now: Now, otherwise: impl FnOnce(&mut Self)) {
        if self.sends >= SENDS_MAX {
            return otherwise(self);
        }
        self.enter(Phase::Ready, now.mono);
        if self.sends > 0 {
            self.not_before = now.mono.plus_ms(backoff_ms(self.sends));
        }
    }

    /// True while what is read may be older than what was sent.
    fn is_young(&self, now: Now) -> bool {
        now.mono.ms_since(self.since) < STALE_MS
    }

    /// Reads once more, later, until the limit.
    fn poll(&mut self, now: Now, limit_ms: u64, otherwise: impl FnOnce(&mut Self)) {
        if now.mono.ms_since(self.since) >= limit_ms {
            return otherwise(self);
        }
        self.not_before = now.mono.plus_ms(backoff_ms(self.polls));
    }

    /// The least permission a step needs, for the message. A creation that names a person needs two; which one is
    /// missing shows in the code: `accessDenied` comes from the side of people's methods (observed,
    /// <https://github.com/microsoftgraph/msgraph-sdk-go/issues/441>), `Authorization_RequestDenied` from the directory.
    fn missing_permission(&self, step: StepKind) -> &'static str {
        const DEVICES: &str = "Policy.ReadWrite.AuthenticationMethod";
        const METHODS: &str = "UserAuthMethod-HardwareOATH.ReadWrite.All";
        let code = self.remote.as_ref().and_then(|remote| remote.code.as_deref());
        let about_methods = code.is_some_and(|code| code.eq_ignore_ascii_case("accessDenied"));
        match step {
            StepKind::Create if about_methods => METHODS,
            StepKind::Create | StepKind::Delete | StepKind::Rename => DEVICES,
            StepKind::Assign | StepKind::Activate | StepKind::Deactivate | StepKind::Unassign => METHODS,
        }
    }

    /// Fails with the tenant's own words.
    fn fail_by_remote(&mut self, step: StepKind) {
        let status = self.remote.as_ref().and_then(|remote| remote.status);
        self.fail(match status {
            // The holder is in the path of the request (H18); what is not found is he, not the token.
            Some(404) if step == StepKind::Unassign => Reason::HolderGone,
            Some(403) => Reason::PermissionMissing { permission: self.missing_permission(step).into() },
            Some(429) => Reason::ThrottledOut,
            _ => Reason::TenantRefused,
        });
    }
}
