//! How fast the tenant may be asked: as fast as it lets us, and no faster.
//!
//! Owns: [`Pacer`], the pure state machine of one kind of operation, and [`Permits`], its shared, awaitable
//! form. Does not own: sending, repeating, or any clock; time is an argument.
//!
//! What is counted is *operations* (inner requests of a `$batch`, items of a bulk body), not HTTP calls.
//! A pacer lives through four laws:
//!
//! 1. *opening*: nothing was ever refused. One call at a time for the first two hundred operations (the
//!    smallest quota Microsoft documents; reads, which have larger ones, two from a hundred and twenty on), then
//!    four more calls in flight each round trip.
//! 2. *learning*: after the first refusal, one small step after the other until the next refusal. The
//!    operations accepted between two *resume instants* (refusal + `Retry-After`) over the time between them
//!    are the sustainable rate, of a token bucket and of a fixed window alike.
//! 3. *steady*: the tenant refills all the time. Go a little above the rate in small calls until a further
//!    refusal has confirmed it; then hold 97 % of it, evenly, in larger calls; after a while of peace probe
//!    upward, in small calls again, slowly at first (a plateau, then a cube).
//! 4. *window*: the tenant refills at once, every so often: it asks for a longer wait than one operation's
//!    worth. Spend 98 % of a window's worth at its start, wait for the next. Touch the limit with single
//!    operations in the first two windows and every tenth, to know where windows begin and whether the limit
//!    was raised.
//!
//! A limit set by the user ([`Cap`]) stands above all of them. After a refusal nothing of that kind leaves
//! before `Retry-After` (RFC 9110 §10.2.3); without one the wait doubles from one second to one minute.
//! Refusals of calls that were in flight together are one event. Whole calls refused without a named wait, here
//! and there, are *stumbles* of a gateway, not a limit: a wait, but no lesson.
//!
//! How well it does is printed by `cargo run --release -p oathctl-core --example pace_figures`. What it cannot
//! do: the first refusal comes unforeseen, and costs what is in flight then: up to 20 operations below a limit
//! of 200, up to 240 above.

mod cap;
mod flight;
mod learning;
mod opening;
mod pacer;
mod permits;
mod refusal;
mod steady;
mod window;

pub use cap::Cap;
pub use pacer::Pacer;
pub use permits::{Counts, PermitError, Permits};

use crate::time::Mono;

/// What is asked of the tenant. Each kind is paced alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Reads.
    Read,
    /// Writes that are no activations.
    Write,
    /// Activations, which Microsoft limits apart from other writes.
    Activate,
}

impl Kind {
    /// All kinds, in a fixed order.
    pub const ALL: [Kind; 3] = [Kind::Read, Kind::Write, Kind::Activate];
}

/// What the user and the back end say about pacing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Never more reads than this.
    pub read: Option<Cap>,
    /// Never more writes than this.
    pub write: Option<Cap>,
    /// Never more activations than this.
    pub activate: Option<Cap>,
    /// Most operations in one call, at least 1.
    pub call: usize,
    /// Most calls in flight of one kind, at least 1.
    pub calls_in_flight: usize,
    /// Longest `Retry-After` worth waiting for, in milliseconds.
    pub max_wait_ms: u64,
}

impl Default for Settings {
    /// Calls of 20, 12 in flight, ten minutes: twice the window of the documented activation quota.
    fn default() -> Self {
        Self { read: None, write: None, activate: None, call: 20, calls_in_flight: 12, max_wait_ms: 600_000 }
    }
}

impl Settings {
    /// The same limit for every kind: `--pace N/DURATION`.
    pub fn with_cap(mut self, cap: Option<Cap>) -> Self {
        (self.read, self.write, self.activate) = (cap, cap, cap);
        self
    }

    /// The limit of one kind.
    pub fn cap(&self, kind: Kind) -> Option<Cap> {
        match kind {
            Kind::Read => self.read,
            Kind::Write => self.write,
            Kind::Activate => self.activate,
        }
    }
}

/// The answer to "may I send?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// This many operations may leave now, in one call: at least 1, at most what was asked for.
    Go(usize),
    /// None now; ask again at this instant, which is later than now.
    At(Mono),
    /// None before one of the calls in flight is answered.
    AfterAnswer,
}

/// What became of the operations of one grant. Whatever of `granted` is in none of the three counts never left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// Operations granted.
    pub granted: usize,
    /// Operations the tenant dealt with, whatever it said about them.
    pub accepted: usize,
    /// Operations answered with 429 or 503.
    pub throttled: usize,
    /// Operations without an answer.
    pub lost: usize,
    /// Nothing before this instant (`Retry-After`); `None` when the tenant gave none.
    pub until: Option<Mono>,
    /// When the call left.
    pub sent_at: Mono,
}

#[cfg(test)]
use crate::{pace, time};

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod permits_tests;
