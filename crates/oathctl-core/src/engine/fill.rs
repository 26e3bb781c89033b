//! Which rows leave next, and together; and what came back with them.
//!
//! Owns: `fill` (forming calls), `landed` (taking them in), the breaker's and the quota's say. Does not own: the loop.

use super::breaker::QUOTA_FLOOR;
use super::codes::CodeItem;
use super::flight::{self, Cargo, Items, Landed};
use super::look;
use super::row::{End, Phase, Row};
use super::run::{Happened, Run, is_read_while_stopping};
use super::{Stopped, react};
use crate::event::What;
use crate::journal::{CallId, CallResult, Intent, StepKind};
use crate::pace::{Ask, Feedback, Kind};
use crate::plan::Wish;
use crate::reason::Reason;
use crate::report::Outcome;
use crate::tenant::{Create, CreateHow, Delete, Held, NotSent, Reply, Unassign};
use crate::time::Mono;
use crate::token::DeviceId;

/// A call that is not full waits this long for more rows, while others are still on their way.
const GATHER_MS: u64 = 250;
/// The window of Microsoft's documented quota of activations.
const QUOTA_WINDOW_MS: u64 = 300_000;
/// How soon a clock that did not settle is read again.
const CLOCK_AGAIN_MS: u64 = 500;

/// Codes age, so activations leave first; creations, of which there are always enough, last.
const ORDER: [StepKind; 8] = [
    StepKind::Activate,
    StepKind::Deactivate,
    StepKind::Unassign,
    StepKind::RevokeSessions,
    StepKind::Delete,
    StepKind::Assign,
    StepKind::Rename,
    StepKind::Create,
];

/// The earliest instant at which filling may find more to do.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    wake: Option<Mono>,
}

impl Gathering {
    fn at(&mut self, at: Mono) {
        self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
    }
}

/// What to do about one kind of step.
enum Picked {
    /// Send these rows in one call.
    Call(Vec<usize>),
    /// A few rows are ready; more may come until then.
    Wait(Mono),
    /// No row is ready.
    Nothing,
}

impl Run<'_> {
    /// Sends everything that may leave now. Returns when to come back if nothing happens before.
    pub(super) fn fill(&mut self) -> Option<Mono> {
        self.gathering = Gathering::default();
        self.free_successors();
        if self.stopped.is_none() {
            for step in ORDER {
                while self.send_next(step) {}
            }
        }
        self.read_next();
        self.wake_for_rows();
        self.gathering.wake
    }

    /// Rows that wait for another: those whose predecessor has reached what was asked may go, those whose predecessor
    /// failed never do.
    fn free_successors(&mut self) {
        let waiting: Vec<usize> =
            self.rows.iter().filter(|row| row.phase == Phase::Waiting).map(|row| row.index).collect();
        let now = self.ports.clock.mono();
        for index in waiting {
            let before = self.rows[index].asked.after;
            let before = before.and_then(|id| self.rows.iter().find(|row| row.id == id));
            match before.map(|row| row.end.as_ref().map(is_reached)) {
                Some(None) => {}
                Some(Some(true)) => self.change(index, |row| row.go_on(now)),
                Some(Some(false)) | None => self.change(index, |row| row.fail(Reason::NotReplaced)),
            }
        }
    }

    fn read_next(&mut self) {
        if self.reading {
            return;
        }
        let now = self.ports.clock.mono();
        let idle = self.flights.is_empty();
        let mut due = look::due(&self.rows, now, idle);
        if self.stopped.is_some() {
            due.retain(|wanted| is_read_while_stopping(&self.rows[wanted.row]));
        }
        if !due.is_empty() {
            self.launch_reading(due);
        }
    }

    /// The next instant at which a row becomes ready or ripe.
    fn wake_for_rows(&mut self) {
        let now = self.ports.clock.mono();
        let mut earliest: Option<Mono> = None;
        for row in &self.rows {
            let at = match row.phase {
                Phase::Ready => row.not_before,
                Phase::Looking(_) if !self.reading => look::ripe_at(row),
                Phase::Looking(_) | Phase::Flying(_) | Phase::Waiting | Phase::Ended => continue,
            };
            if at > now {
                earliest = Some(earliest.map_or(at, |known| known.min(at)));
            }
        }
        if let Some(at) = earliest {
            self.gathering.at(at);
        }
    }

    /// Forms and sends one call of this kind; false when none may or need leave.
    fn send_next(&mut self, step: StepKind) -> bool {
        let now = self.ports.clock.mono();
        if step == StepKind::Activate && !self.may_activate(now) {
            return false;
        }
        let rows = match self.pick(step, now) {
            Picked::Call(rows) => rows,
            Picked::Wait(until) => {
                self.gathering.at(until);
                return false;
            }
            Picked::Nothing => return false,
        };
        match self.ports.permits.try_acquire(kind_of(step), rows.len()) {
            Ask::Go(granted) => {
                self.launch(step, &rows[..granted.min(rows.len())]);
                true
            }
            Ask::At(at) => {
                self.gathering.at(at);
                false
            }
            Ask::AfterAnswer => false,
        }
    }

    /// No code leaves while a quota is waited out or the clocks are unsettled (H8).
    fn may_activate(&mut self, now: Mono) -> bool {
        let waiting = |row: &Row| row.phase == Phase::Ready && row.todo.front() == Some(&StepKind::Activate);
        if !self.rows.iter().any(waiting) {
            return false;
        }
        if let Some(until) = self.quota_until.filter(|until| *until > now) {
            self.gathering.at(until);
            return false;
        }
        if self.ports.server_clock.now(now, self.ports.clock.utc()).is_ok() {
            return true;
        }
        if self.clock_tries > 0 && !self.clock_reading {
            self.gathering.at(now.plus_ms(CLOCK_AGAIN_MS));
        }
        if !self.clock_reading {
            self.launch_clock_reading();
        }
        false
    }

    /// Rows whose next step is this one, as many as one call takes.
    fn pick(&self, step: StepKind, now: Mono) -> Picked {
        let wave = self.wave_under_way();
        let ready = |row: &&Row| {
            row.phase == Phase::Ready && row.not_before <= now && row.todo.front() == Some(&step)
        };
        let in_wave = |row: &&Row| !wave || self.wave.contains(&row.index);
        let mut candidates = self.rows.iter().filter(ready).filter(in_wave).peekable();
        let Some(each) = candidates.peek().map(|row| row.each) else { return Picked::Nothing };
        let most =
            if step == StepKind::Create { self.capabilities.create_batch } else { self.capabilities.batch }
                .max(1);
        let together = |row: &&Row| row.each == each || step != StepKind::Create;
        let picked: Vec<&Row> = candidates.filter(together).take(most).collect();
        let oldest = picked.iter().map(|row| row.since.max(row.not_before)).min().unwrap_or(now);
        let ripe = oldest.plus_ms(GATHER_MS);
        if wave || picked.len() >= most || self.flights.is_empty() || ripe <= now {
            Picked::Call(picked.iter().map(|row| row.index).collect())
        } else {
            Picked::Wait(ripe)
        }
    }

    fn wave_under_way(&self) -> bool {
        self.wave.iter().any(|index| self.rows[*index].phase != Phase::Ended)
    }

    fn launch(&mut self, step: StepKind, indices: &[usize]) {
        self.calls += 1;
        let call = CallId(self.calls);
        let items = self.items(step, indices);
        let intents = indices.iter().map(|index| intent(&self.rows[*index])).collect();
        for index in indices {
            let row = &mut self.rows[*index];
            self.repeated += u64::from(row.sends + row.refusals > 0);
            row.phase = Phase::Flying(step);
            row.began = true;
        }
        self.emit(What::CallSent { call, step, items: indices.len() as u64 });
        let cargo = Cargo { call, step, rows: indices.to_vec(), intents, items };
        let (ports, job) = (self.ports, self.job);
        self.flights.push(Box::pin(async move { Happened::Landed(flight::fly(ports, job, cargo).await) }));
    }

    fn items(&self, step: StepKind, indices: &[usize]) -> Items {
        let rows = || indices.iter().map(|index| &self.rows[*index]);
        match step {
            StepKind::Create => {
                let how = if rows().any(|row| row.each) { CreateHow::Each } else { CreateHow::Bulk };
                Items::Create(rows().map(|row| self.create(row)).collect(), how)
            }
            StepKind::Assign => Items::Assign(rows().filter_map(held).collect()),
            StepKind::RevokeSessions => {
                Items::Revoke(rows().filter_map(|row| row.planned_holder.clone()).collect())
            }
            StepKind::Rename => Items::Rename(rows().filter_map(renamed).collect()),
            StepKind::Activate => {
                Items::Activate(rows().filter_map(held).collect(), rows().map(code_item).collect())
            }
            StepKind::Deactivate => Items::Deactivate(rows().filter_map(held).collect()),
            StepKind::Unassign => Items::Unassign(rows().filter_map(unassign).collect()),
            StepKind::Delete => Items::Delete(rows().filter_map(delete).collect()),
        }
    }

    fn create(&self, row: &Row) -> Create {
        let view = self.job.table.row(row.id);
        let fuse = self.capabilities.create_assigns && row.todo.get(1) == Some(&StepKind::Assign);
        Create {
            serial: row.serial.clone(),
            manufacturer: view.map(|v| v.manufacturer().to_owned()).unwrap_or_default(),
            model: view.map(|v| v.model().to_owned()).unwrap_or_default(),
            hash: row.params.hash,
            period_secs: row.params.period_secs,
            assign_to: row.user.clone().filter(|_| fuse),
            seed: crate::seed::SeedKey(row.id.0),
        }
    }

    /// Takes a call in: pacer, rows, quota, breaker.
    pub(super) fn landed(&mut self, landed: Landed) {
        let Landed { call, step, rows, replies, windows, sent_at, journal } = landed;
        self.tell_pacer(step, &replies, sent_at);
        self.tell_events(call, step, &replies);
        if let Err(error) = journal {
            self.stop(Stopped::Journal(error));
        }
        let now = self.now();
        let windows = windows.into_iter().chain(std::iter::repeat(None));
        for ((index, reply), window) in rows.into_iter().zip(replies).zip(windows) {
            self.watch(step, index, &reply);
            self.change(index, |row| row.on_reply(step, reply, window, now));
        }
    }

    fn tell_pacer(&self, step: StepKind, replies: &[Reply<Option<crate::tenant::Device>>], sent_at: Mono) {
        let mut feedback =
            Feedback { granted: replies.len(), accepted: 0, throttled: 0, lost: 0, until: None, sent_at };
        for reply in replies {
            match reply {
                Reply::Done { .. } | Reply::Refused { .. } => feedback.accepted += 1,
                Reply::Throttled { until, .. } => {
                    feedback.throttled += 1;
                    feedback.until = feedback.until.max(*until);
                }
                Reply::InDoubt { remote } if remote.status == Some(503) => feedback.throttled += 1,
                Reply::InDoubt { .. } | Reply::NotSent { .. } => feedback.lost += 1,
            }
        }
        self.ports.permits.answered(kind_of(step), feedback);
    }

    fn tell_events(
        &mut self,
        call: CallId,
        step: StepKind,
        replies: &[Reply<Option<crate::tenant::Device>>],
    ) {
        let mut results: Vec<(CallResult, u64)> = Vec::new();
        for result in replies.iter().map(flight::result_of) {
            match results.iter_mut().find(|(known, _)| *known == result) {
                Some((_, n)) => *n += 1,
                None => results.push((result, 1)),
            }
        }
        let throttled = results.iter().find(|(r, _)| *r == CallResult::Throttled).map(|(_, n)| *n);
        self.emit(What::CallAnswered { call, step, results });
        if let Some(operations) = throttled {
            let now = self.ports.clock.mono();
            let until = replies
                .iter()
                .filter_map(|r| if let Reply::Throttled { until, .. } = r { *until } else { None });
            let wait_ms = until.max().map(|at| at.ms_since(now));
            self.emit(What::Throttled { step: Some(step), operations, wait_ms });
        }
    }

    /// Before a row takes its reply: what it says beyond this row.
    fn watch(&mut self, step: StepKind, index: usize, reply: &Reply<Option<crate::tenant::Device>>) {
        if let Reply::NotSent { why: NotSent::SignIn, remote } = reply {
            let words = remote.code.clone().unwrap_or_else(|| "sign-in".into());
            self.stop(Stopped::SignIn(Reason::PermissionMissing { permission: words }));
        }
        if step != StepKind::Activate {
            return;
        }
        match reply {
            Reply::Done { .. } => self.quota.accepted(),
            Reply::Refused { remote, .. } => self.watch_refusal(index, remote.status, remote.code.as_deref()),
            Reply::Throttled { .. } | Reply::NotSent { .. } | Reply::InDoubt { .. } => {}
        }
    }

    /// A refusal that belongs to a burst is laid to the quota: its row gets its code back.
    fn watch_refusal(&mut self, index: usize, status: Option<u16>, code: Option<&str>) {
        let now = self.ports.clock.mono();
        if self.quota_until.is_some_and(|until| until > now) {
            self.rows[index].quota_forgiven = true;
            return;
        }
        let recent = self.ports.permits.accepted_in_last(Kind::Activate, QUOTA_WINDOW_MS) as u64;
        let Some(burst) = self.quota.refused(index, status, code, recent) else { return };
        for counted in burst.iter().filter(|counted| **counted != index) {
            let row = &mut self.rows[*counted];
            row.codes_refused = row.codes_refused.saturating_sub(1);
            row.codes_unfit = row.codes_unfit.saturating_sub(1);
            row.quota_forgiven = true;
        }
        self.rows[index].quota_forgiven = true;
        self.wait_for_quota(burst.len());
    }

    fn wait_for_quota(&mut self, rows: usize) {
        let now = self.ports.clock.mono();
        if self.quota_until.is_none_or(|until| until <= now) {
            self.quota_until = Some(now.plus_ms(QUOTA_WINDOW_MS));
            self.emit(What::Waiting { what: "quota".into(), wait_ms: QUOTA_WINDOW_MS, rows: rows as u64 });
        }
    }

    /// Changes a row and tells everybody who must know.
    pub(super) fn change(&mut self, index: usize, how: impl FnOnce(&mut Row)) {
        let before = self.rows[index].todo.front().copied();
        how(&mut self.rows[index]);
        if std::mem::take(&mut self.rows[index].quota_wait) {
            self.wait_for_quota(1);
        }
        let row = &self.rows[index];
        let ended = row.end.clone();
        let done = before.filter(|step| row.todo.front() != Some(step));
        if done.is_none() && ended.is_none() {
            return;
        }
        let what = What::RowChanged {
            row: row.id,
            serial: row.serial.clone(),
            reached: done.map(reached_word).unwrap_or_default().into(),
            outcome: ended.as_ref().map(|end| end.outcome),
            reason: ended.as_ref().and_then(|end| end.why.clone()),
        };
        self.emit(what);
        if let Some(end) = ended {
            self.judge_end(end.outcome, end.why.as_ref());
        }
    }

    fn judge_end(&mut self, outcome: Outcome, why: Option<&Reason>) {
        let more = self.rows.iter().any(|row| row.phase != Phase::Ended);
        let Some(reason) = self.breaker.ended(outcome, why, more) else { return };
        match reason {
            Reason::PermissionMissing { .. } => self.stop(Stopped::SignIn(reason)),
            Reason::NetworkFailed => self.stop(Stopped::Unreachable),
            other => self.stop(Stopped::Systemic(other)),
        }
    }

    pub(super) fn now(&self) -> react::Now {
        let mono = self.ports.clock.mono();
        let server = self.ports.server_clock.estimate(mono, self.ports.clock.utc()).0;
        let recent = self.ports.permits.accepted_in_last(Kind::Activate, QUOTA_WINDOW_MS) as u64;
        react::Now { mono, server, quota_possible: recent >= QUOTA_FLOOR }
    }
}

/// A row that waits for this one may go: the token is where it was to go, whatever else was wanted for its person.
fn is_reached(end: &End) -> bool {
    let failed = matches!(end.outcome, Outcome::Failed | Outcome::Skipped | Outcome::Unknown);
    !failed || end.why == Some(Reason::SessionsNotRevoked)
}

fn kind_of(step: StepKind) -> Kind {
    match step {
        StepKind::Activate => Kind::Activate,
        StepKind::Create
        | StepKind::Assign
        | StepKind::Deactivate
        | StepKind::Unassign
        | StepKind::Delete
        | StepKind::Rename
        | StepKind::RevokeSessions => Kind::Write,
    }
}

fn reached_word(step: StepKind) -> &'static str {
    match step {
        StepKind::Create => "created",
        StepKind::Assign => "assigned",
        StepKind::Activate => "activated",
        StepKind::Deactivate => "deactivated",
        StepKind::Unassign => "unassigned",
        StepKind::Delete => "deleted",
        StepKind::Rename => "renamed",
        StepKind::RevokeSessions => "sessions_revoked",
    }
}

fn intent(row: &Row) -> Intent {
    Intent { row: row.id, device: row.device.clone(), user: row.user.clone() }
}

fn held(row: &Row) -> Option<Held> {
    Some(Held { device: row.device.clone()?, user: row.user.clone()? })
}

/// H18: a token is taken only from the holder the plan saw, and only in the version that was seen.
fn unassign(row: &Row) -> Option<Unassign> {
    let user = row.old_holder.clone().or_else(|| row.user.clone())?;
    Some(Unassign { held: Held { device: row.device.clone()?, user }, etag: row.etag.clone() })
}

fn renamed(row: &Row) -> Option<(DeviceId, String)> {
    let Wish::Rename { name } = &row.asked.wish else { return None };
    Some((row.device.clone()?, name.clone()))
}

fn delete(row: &Row) -> Option<Delete> {
    Some(Delete { device: row.device.clone()?, etag: row.etag.clone() })
}

fn code_item(row: &Row) -> CodeItem {
    CodeItem {
        seed: crate::seed::SeedKey(row.id.0),
        params: row.params,
        drift_s: 0,
        after: row.last_code.filter(|_| row.codes_refused > 0).map(|window| window.valid_until),
    }
}
