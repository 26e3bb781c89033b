//! The loop: fill the air with calls as the pacer allows, take what comes back, read what must be read, stop when told.
//!
//! Owns: [`apply`] and its order of work. Does not own: what a reply means (`react`), what rows go into a call
//! (`fill`), how a reading is made (`look`).

use std::pin::Pin;

use futures_util::future::{self, BoxFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt, select_biased};

use super::breaker::{Breaker, FIRST_WAVE, QuotaWatch};
use super::fill::Gathering;
use super::flight::Landed;
use super::look::{self, Seen};
use super::row::{Look, Phase, Row};
use super::{Finished, Job, Ports, Stopped, finish};
use crate::event::{RunEvent, What};
use crate::journal::RunEnd;
use crate::report::Totals;
use crate::stop::StopLevel;
use crate::tenant::{Capabilities, TenantError, TenantErrorKind};
use crate::time::Mono;
use crate::token::TotpParams;

/// How long a run that was told to stop waits for what is under way.
const DRAIN_MS: u64 = 30_000;
/// Readings of the tenant's clock in a row that did not settle it.
const CLOCK_TRIES: u32 = 20;

/// Something that came back.
pub(super) enum Happened {
    Landed(Landed),
    Seen(Seen),
    Clock(Result<(), TenantError>),
}

/// One run under way.
pub(super) struct Run<'a> {
    pub ports: Ports<'a>,
    pub job: &'a Job<'a>,
    pub capabilities: Capabilities,
    pub rows: Vec<Row>,
    pub wave: Vec<usize>,
    pub flights: FuturesUnordered<BoxFuture<'a, Happened>>,
    pub gathering: Gathering,
    pub calls: u64,
    pub reading: bool,
    pub clock_reading: bool,
    pub clock_tries: u32,
    pub breaker: Breaker,
    pub quota: QuotaWatch,
    /// No activation before: a quota is being waited out.
    pub quota_until: Option<Mono>,
    pub stopped: Option<Stopped>,
    pub drain_until: Mono,
    pub repeated: u64,
    seq: u64,
}

/// Carries the plan of `job` out. Returns when every row has its end, or when the run must stop.
pub async fn apply(job: &Job<'_>, ports: Ports<'_>) -> Finished {
    let mut run = Run::new(job, ports);
    match ports.journal.open(job.head).await {
        Ok(()) => run.go().await,
        Err(error) => run.stop(Stopped::Journal(error)),
    }
    run.close().await
}

impl<'a> Run<'a> {
    fn new(job: &'a Job<'a>, ports: Ports<'a>) -> Self {
        let now = ports.clock.mono();
        let plan = &job.head.plan;
        let fallback = TotpParams { hash: crate::token::Hash::Sha1, digits: 6, period_secs: 30 };
        let rows: Vec<Row> = plan
            .rows
            .iter()
            .enumerate()
            .map(|(n, planned)| {
                let params = job.table.row(planned.row).and_then(|row| row.params()).unwrap_or(fallback);
                Row::begin(n, planned, params, job, now)
            })
            .collect();
        let wave = rows
            .iter()
            .filter(|row| row.phase != Phase::Ended)
            .map(|row| row.index)
            .take(FIRST_WAVE)
            .collect();
        Self {
            ports,
            job,
            capabilities: ports.read.capabilities(),
            rows,
            wave,
            flights: FuturesUnordered::new(),
            gathering: Gathering::default(),
            calls: 0,
            reading: false,
            clock_reading: false,
            clock_tries: 0,
            breaker: Breaker::default(),
            quota: QuotaWatch::default(),
            quota_until: None,
            stopped: None,
            drain_until: Mono(u64::MAX),
            repeated: 0,
            seq: 0,
        }
    }

    async fn go(&mut self) {
        self.open_events();
        loop {
            self.check_stop();
            let wake = self.fill();
            if self.is_over() {
                return;
            }
            let wake = self.stopped.is_some().then_some(self.drain_until).into_iter().chain(wake).min();
            if wake.is_none() && self.flights.is_empty() {
                // Nothing under way and nothing due: a fault of ours, told rather than waited for.
                return;
            }
            self.wait(wake).await;
        }
    }

    /// Waits for the first of: something came back, an instant, a word to stop.
    async fn wait(&mut self, wake: Option<Mono>) {
        let ports = self.ports;
        let mut timer: Pin<Box<dyn Future<Output = ()> + Send>> = match wake {
            Some(at) => ports.clock.sleep_until(at),
            None => Box::pin(future::pending()),
        };
        let next = if ports.stop.is_asked() { StopLevel::Abort } else { StopLevel::Drain };
        let stop = ports.stop.asked(next).fuse();
        futures_util::pin_mut!(stop);
        let mut timer = (&mut timer).fuse();
        let happened = select_biased! {
            happened = self.flights.select_next_some() => Some(happened),
            () = stop => None,
            () = timer => None,
        };
        match happened {
            Some(Happened::Landed(landed)) => self.landed(landed),
            Some(Happened::Seen(seen)) => self.seen(seen),
            Some(Happened::Clock(read)) => self.clock_read(read),
            None => {}
        }
    }

    fn check_stop(&mut self) {
        if self.ports.stop.is_asked() && !matches!(self.stopped, Some(Stopped::Interrupted)) {
            self.stopped = None;
            self.stop(Stopped::Interrupted);
        }
        if self.stopped.is_none() && self.ports.permits.wait_too_long().is_some() {
            self.stop(Stopped::Unreachable);
        }
    }

    /// Begins to stop: nothing new leaves, what is doubtful is still read for a while.
    pub(super) fn stop(&mut self, why: Stopped) {
        if self.stopped.is_some() {
            return;
        }
        let reason = match &why {
            Stopped::Systemic(reason) | Stopped::SignIn(reason) => Some(reason.clone()),
            _ => None,
        };
        self.emit(What::Stopped { why: why.word().into(), reason });
        self.drain_until = self.ports.clock.mono().plus_ms(DRAIN_MS);
        self.stopped = Some(why);
    }

    fn is_over(&self) -> bool {
        let Some(why) = &self.stopped else {
            return self.rows.iter().all(|row| row.phase == Phase::Ended);
        };
        if self.ports.stop.level() == StopLevel::Abort || self.ports.clock.mono() >= self.drain_until {
            return true;
        }
        let may_read = matches!(why, Stopped::Interrupted | Stopped::Systemic(_));
        self.flights.is_empty() && !(may_read && self.rows.iter().any(is_read_while_stopping))
    }

    fn seen(&mut self, seen: Seen) {
        self.reading = false;
        let now = self.now();
        match seen.found {
            Ok(devices) => {
                for (index, device) in seen.rows.into_iter().zip(devices) {
                    self.change(index, |row| row.on_seen(device.as_ref(), now));
                }
            }
            Err(error) => self.reading_failed(&error),
        }
    }

    fn clock_read(&mut self, read: Result<(), TenantError>) {
        self.clock_reading = false;
        if let Err(error) = read {
            return self.reading_failed(&error);
        }
        let settled = self.ports.server_clock.now(self.ports.clock.mono(), self.ports.clock.utc()).is_ok();
        self.clock_tries = if settled { 0 } else { self.clock_tries + 1 };
        if self.clock_tries >= CLOCK_TRIES {
            self.stop(Stopped::Clock);
        }
    }

    fn reading_failed(&mut self, error: &TenantError) {
        match error.kind {
            TenantErrorKind::SignIn | TenantErrorKind::Forbidden => {
                self.stop(Stopped::SignIn(forbidden(error)))
            }
            TenantErrorKind::Stopped => self.check_stop(),
            TenantErrorKind::Unreachable
            | TenantErrorKind::NotTheTenant
            | TenantErrorKind::WaitTooLong
            | TenantErrorKind::Refused
            | TenantErrorKind::Settings => self.stop(Stopped::Unreachable),
        }
    }

    async fn close(mut self) -> Finished {
        // Whatever is still under way is left behind; its rows are doubtful and the journal says so.
        self.flights.clear();
        let stopped = self.stopped.take();
        let rows = std::mem::take(&mut self.rows);
        let mut finished = finish::finished(&self.job.head.plan, rows, stopped, self.repeated);
        let end = RunEnd {
            finished_at: self.ports.clock.utc(),
            exit_code: finished.exit.code(),
            complete: finished.complete,
            rows: finished.rows.clone(),
        };
        if let Err(error) = self.ports.journal.close(&self.job.head.run, &end).await {
            finished.exit = finished.exit.and(crate::report::Exit::Own);
            finished.stopped.get_or_insert(Stopped::Journal(error));
        }
        let totals = Totals::of(&finished.rows);
        self.emit(What::RunClosed { totals, exit_code: finished.exit.code() });
        finished
    }

    fn open_events(&mut self) {
        let plan = &self.job.head.plan;
        self.emit(What::RunOpened {
            run: self.job.head.run.clone(),
            tenant: plan.tenant.clone(),
            tenant_name: plan.tenant_name.clone(),
            practice: plan.practice,
            rows: plan.totals.rows,
        });
    }

    pub(super) fn emit(&mut self, what: What) {
        self.seq += 1;
        self.ports.events.emit(&RunEvent { seq: self.seq, at: self.ports.clock.utc(), what });
    }

    pub(super) fn launch_reading(&mut self, wanted: Vec<look::Wanted>) {
        self.reading = true;
        let ports = self.ports;
        let capabilities = self.capabilities.clone();
        let created = self.rows.iter().filter(|row| row.changed).count();
        let totals = &self.job.head.plan.totals;
        let known = usize::try_from(totals.tenant_devices).ok().filter(|_| !totals.devices_partial);
        let devices = known.unwrap_or(usize::MAX / 2) + created;
        let reading =
            async move { Happened::Seen(look::read_rows(ports, &capabilities, devices, wanted).await) };
        self.flights.push(Box::pin(reading));
    }

    pub(super) fn launch_clock_reading(&mut self) {
        self.clock_reading = true;
        let ports = self.ports;
        let reading = async move { Happened::Clock(ports.read.server_clock().await.map(|_| ())) };
        self.flights.push(Box::pin(reading));
    }
}

/// What a stopping run still reads: whether doubtful writes happened, and the state of what it finished.
pub(super) fn is_read_while_stopping(row: &Row) -> bool {
    matches!(row.phase, Phase::Looking(Look::Doubt(_) | Look::ReadBack))
}

fn forbidden(error: &TenantError) -> crate::reason::Reason {
    crate::reason::Reason::PermissionMissing { permission: error.detail.clone() }
}
