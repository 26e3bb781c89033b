//! What a reply means for a row. Pure: values in, the row's next phase out.
//!
//! Owns: `on_reply`, budgets and waits, what a failure is called. Does not own: readings (`seen`), sending.

use super::row::{Look, Phase, REFUSALS_MAX, REMEDIES_MAX, Row, SENDS_MAX, Window, backoff_ms};
use crate::journal::StepKind;
use crate::plan;
use crate::reason::Reason;
use crate::report::SeedOrigin;
use crate::tenant::{Device, NotSent, Remote, Reply};
use crate::time::{Mono, ServerTime, Utc};

/// A reading may show the tenant as it was some seconds ago.
pub(super) const STALE_MS: u64 = 4_000;

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

    pub(super) fn on_done(
        &mut self,
        step: StepKind,
        value: Option<Device>,
        at: Option<ServerTime>,
        window: Option<Window>,
        now: Now,
    ) {
        self.changed = true;
        self.remote = None;
        self.etag = None;
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
                self.gone = self.device.take();
                self.origin = None;
                self.visible = false;
                self.deleted = true;
                self.removed(now);
            }
            StepKind::Deactivate => self.removed(now),
            StepKind::Assign | StepKind::Rename | StepKind::RevokeSessions => self.step_done(),
        }
        self.go_on(now.mono);
    }

    fn removed(&mut self, now: Now) {
        self.removed_at = Some(now.mono);
        self.step_done();
    }

    /// The device is there: by an acknowledged creation, or found after a doubtful one (H10).
    pub(super) fn created(&mut self, device: Option<&Device>, origin: SeedOrigin) {
        self.changed = true;
        self.origin = Some(origin);
        self.step_done();
        if let Some(device) = device {
            self.device = Some(device.id.clone());
            self.assigned_if_held(device);
        }
    }

    /// A creation that named the person has assigned as well.
    pub(super) fn assigned_if_held(&mut self, device: &Device) {
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

    /// H7: it may have taken effect outside its code's window; taken back, and once more with a fresh code.
    pub(super) fn remedy(&mut self, now: Now) {
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
    pub(super) fn retry_refused(&mut self, step: StepKind, now: Now) {
        if self.refusals >= REFUSALS_MAX {
            return self.fail_by_remote(step);
        }
        self.enter(Phase::Ready, now.mono);
        self.not_before = now.mono.plus_ms(backoff_ms(self.refusals));
    }

    /// Another version of it is there than the one we saw (H18): RFC 9110 §15.5.13.
    pub(super) fn is_conflict(&self) -> bool {
        self.remote.as_ref().and_then(|remote| remote.status) == Some(412)
    }

    /// After a conflict: once more, for the version that was read since, and only if it shows what was planned for.
    pub(super) fn after_conflict(&mut self, step: StepKind, device: Option<&Device>, now: Now) {
        let Some(device) = device else {
            return self.fail(Reason::ChangedSincePlan { found: "no longer there".into() });
        };
        let as_planned = match step {
            StepKind::Delete => device.holder.is_none(),
            // Our own writes have changed what the plan saw; the holder was compared already.
            _ => self.changed || plan::seen(device) == self.planned,
        };
        if !as_planned || self.refusals >= REFUSALS_MAX {
            let found = match &device.holder {
                Some(holder) => format!("held by {}, and changed by somebody else", holder.id),
                None => "changed by somebody else".into(),
            };
            return self.fail(Reason::ChangedSincePlan { found });
        }
        self.retry_refused(step, now);
    }

    /// Sends the present step again, within its budget.
    pub(super) fn again_or(&mut self, now: Now, otherwise: impl FnOnce(&mut Self)) {
        if self.sends >= SENDS_MAX {
            return otherwise(self);
        }
        self.enter(Phase::Ready, now.mono);
        if self.sends > 0 {
            self.not_before = now.mono.plus_ms(backoff_ms(self.sends));
        }
    }

    /// True while what is read may be older than what was sent.
    pub(super) fn is_young(&self, now: Now) -> bool {
        now.mono.ms_since(self.since) < STALE_MS
    }

    /// Reads once more, later, until the limit.
    pub(super) fn poll(&mut self, now: Now, limit_ms: u64, otherwise: impl FnOnce(&mut Self)) {
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
            StepKind::RevokeSessions => "User.RevokeSessions.All",
        }
    }

    /// Fails with the tenant's own words.
    pub(super) fn fail_by_remote(&mut self, step: StepKind) {
        let status = self.remote.as_ref().and_then(|remote| remote.status);
        self.fail(match status {
            _ if step == StepKind::RevokeSessions => Reason::SessionsNotRevoked,
            // The holder is in the path of the request (H18); what is not found is he, not the token.
            Some(404) if step == StepKind::Unassign => Reason::HolderGone,
            Some(403) => Reason::PermissionMissing { permission: self.missing_permission(step).into() },
            Some(429) => Reason::ThrottledOut,
            _ => Reason::TenantRefused,
        });
    }
}
