//! The pacers of one tenant, shared by everything that sends: waiting for a permit, waking, counting.
//!
//! Owns: [`Permits`]. Does not own: the decision ([`Pacer`]).

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use event_listener::Event;
use futures_util::future::{Either, select};

use super::{Ask, Feedback, Kind, Pacer, Settings};
use crate::stop::{Stop, StopLevel};
use crate::time::{Clock, Mono};

/// Why no permit was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    /// The run was told to stop (drain or abort).
    #[error("stopped")]
    Stopped,
    /// The tenant asks for a longer wait than allowed.
    #[error("wait of {until_ms} ms is too long")]
    WaitTooLong {
        /// Milliseconds from now until it would let us.
        until_ms: u64,
    },
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations answered, refused or lost: everything that left.
    pub operations: u64,
    /// Operations answered with 429 or 503.
    pub throttled: u64,
}

/// Gives permits to send. Cheap to clone; all clones share the same pacers.
#[derive(Clone)]
pub struct Permits(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    stop: Stop,
    max_wait_ms: u64,
    state: Mutex<State>,
    answered: Event,
}

struct State {
    pacers: [Pacer; 3],
    counts: Counts,
}

impl State {
    fn pacer(&mut self, kind: Kind) -> &mut Pacer {
        let [read, write, activate] = &mut self.pacers;
        match kind {
            Kind::Read => read,
            Kind::Write => write,
            Kind::Activate => activate,
        }
    }
}

impl Permits {
    /// Fresh pacers: nothing is known of the tenant.
    pub fn new(clock: Arc<dyn Clock>, stop: Stop, settings: &Settings) -> Self {
        let pacers = Kind::ALL.map(|kind| Pacer::new(kind, settings));
        let state = Mutex::new(State { pacers, counts: Counts::default() });
        Self(Arc::new(Inner {
            clock,
            stop,
            max_wait_ms: settings.max_wait_ms,
            state,
            answered: Event::new(),
        }))
    }

    /// Asks once, without waiting. The answer does not depend on [`Stop`]; see [`Self::wait_too_long`] too.
    pub fn try_acquire(&self, kind: Kind, want: usize) -> Ask {
        let now = self.0.clock.mono();
        self.with(|state| state.pacer(kind).ask(now, want))
    }

    /// Waits until 1 to `want` operations of this kind may leave in one call, and says how many. Whoever gets
    /// them must tell [`Self::answered`], whatever happens.
    ///
    /// # Errors
    /// [`PermitError::Stopped`] once a drain (for reads: an abort) was asked for; [`PermitError::WaitTooLong`] when the tenant's
    /// `Retry-After` lies further ahead than the settings allow.
    pub async fn acquire(&self, kind: Kind, want: usize) -> Result<usize, PermitError> {
        // A run that drains still reads what became of its doubtful writes.
        let stops_at = if kind == Kind::Read { StopLevel::Abort } else { StopLevel::Drain };
        loop {
            if self.0.stop.level() >= stops_at {
                return Err(PermitError::Stopped);
            }
            let answered = self.0.answered.listen();
            let at = match self.try_acquire(kind, want) {
                Ask::Go(granted) => return Ok(granted),
                Ask::At(at) => Some(at),
                Ask::AfterAnswer => None,
            };
            if let Some(until_ms) = self.too_long(kind) {
                return Err(PermitError::WaitTooLong { until_ms });
            }
            let wake = async {
                match at {
                    Some(at) => drop(select(self.0.clock.sleep_until(at), answered).await),
                    None => answered.await,
                }
            };
            if let Either::Left(_) = select(pin!(self.0.stop.asked(stops_at)), pin!(wake)).await {
                return Err(PermitError::Stopped);
            }
        }
    }

    /// Tells what became of a grant, and wakes everybody who waits.
    pub fn answered(&self, kind: Kind, feedback: Feedback) {
        let now = self.0.clock.mono();
        self.with(|state| {
            state.counts.operations += (feedback.accepted + feedback.throttled + feedback.lost) as u64;
            state.counts.throttled += feedback.throttled as u64;
            state.pacer(kind).answered(now, &feedback);
            if feedback.throttled > 0 {
                for other in Kind::ALL.into_iter().filter(|&other| other != kind) {
                    state.pacer(other).hint();
                }
            }
        });
        self.0.answered.notify(usize::MAX);
    }

    /// What was counted since the start, all kinds together.
    pub fn counts(&self) -> Counts {
        self.with(|state| state.counts)
    }

    /// Milliseconds from now until the tenant would let us, when that is longer than the settings allow, for
    /// the kind that must wait longest.
    pub fn wait_too_long(&self) -> Option<u64> {
        Kind::ALL.into_iter().filter_map(|kind| self.too_long(kind)).max()
    }

    /// Until when the tenant asked us to send nothing of this kind; `None` when it may be asked.
    pub fn held_until(&self, kind: Kind) -> Option<Mono> {
        let now = self.0.clock.mono();
        self.with(|state| state.pacer(kind).held_until(now))
    }

    /// Operations of this kind accepted within the last `window_ms` milliseconds, at most five minutes back.
    pub fn accepted_in_last(&self, kind: Kind, window_ms: u64) -> usize {
        let now = self.0.clock.mono();
        self.with(|state| state.pacer(kind).accepted_in_last(now, window_ms))
    }

    /// Operations of this kind that wait for an answer.
    pub fn in_flight(&self, kind: Kind) -> usize {
        self.with(|state| state.pacer(kind).in_flight())
    }

    /// Nothing of any kind waits for an answer.
    pub fn is_idle(&self) -> bool {
        Kind::ALL.into_iter().all(|kind| self.in_flight(kind) == 0)
    }

    fn too_long(&self, kind: Kind) -> Option<u64> {
        let now = self.0.clock.mono();
        let until = self.with(|state| state.pacer(kind).retry_after(now))?;
        Some(until.ms_since(now)).filter(|&ms| ms > self.0.max_wait_ms)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // A panic elsewhere while the lock was held leaves numbers, not broken invariants.
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Permits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permits").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
