//! The tenant's clock, known from the `Date` of its replies, and when not to trust it (H7, H8).
//!
//! Owns: [`ServerClock`]: offset, freshness, suspicion. Does not own: reading any clock; samples come from the
//! back end, instants from the caller.

use std::sync::Mutex;

use crate::tenant::ClockSample;
use crate::time::{Mono, ServerTime, Utc};

/// A sample older than this makes no codes.
pub const SAMPLE_LIFE_MS: u64 = 60_000;
/// Clocks that move against each other by more than this have stepped, or the machine has slept.
pub const JUMP_MS: i64 = 2_000;
/// A `Date` has whole seconds: on average the tenant's clock is half a second past it.
const DATE_MIDDLE_MS: i64 = 500;

/// Why there is no tenant time right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// No sample, or only old ones.
    NoFreshSample,
    /// The last samples disagree; two that agree are needed.
    Disagreement,
}

/// What is known of the tenant's clock. Shared by the back end (which feeds it) and the engine (which asks).
#[derive(Debug, Default)]
pub struct ServerClock(Mutex<State>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    anchor: Option<Anchor>,
    held: bool,
    jumps: u32,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    server: Utc,
    our: Utc,
    mono: Mono,
    /// Half the width of what the sample leaves open.
    doubt_ms: i64,
}

impl Anchor {
    fn of(sample: &ClockSample) -> Self {
        let round_trip = i64::try_from(sample.received.ms_since(sample.sent)).unwrap_or(i64::MAX / 4);
        Self {
            server: sample.server.plus_ms(DATE_MIDDLE_MS + round_trip / 2),
            our: sample.our,
            mono: sample.received,
            doubt_ms: DATE_MIDDLE_MS + round_trip / 2,
        }
    }

    /// The tenant's time at a monotonic instant, by this anchor.
    fn server_at(&self, mono: Mono) -> Utc {
        let forward = i64::try_from(mono.ms_since(self.mono)).unwrap_or(i64::MAX / 4);
        let back = i64::try_from(self.mono.ms_since(mono)).unwrap_or(i64::MAX / 4);
        self.server.plus_ms(forward - back)
    }

    /// How far our two clocks have moved apart since; not zero after a suspend or a step.
    fn slip_ms(&self, mono: Mono, our: Utc) -> i64 {
        let by_mono = i64::try_from(mono.ms_since(self.mono)).unwrap_or(i64::MAX / 4);
        our.ms_since(self.our) - by_mono
    }
}

impl ServerClock {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one reply's `Date`. A better sample replaces a worse one; one that contradicts holds
    /// activations until the next agrees with it.
    pub fn sample(&self, sample: &ClockSample) {
        let fresh = Anchor::of(sample);
        let mut state = self.lock();
        let Some(old) = state.anchor else {
            state.anchor = Some(fresh);
            return;
        };
        let apart = fresh.server.ms_since(old.server_at(fresh.mono)).abs();
        let slept = old.slip_ms(fresh.mono, fresh.our).abs() > JUMP_MS;
        let agrees = apart <= JUMP_MS + old.doubt_ms.min(5_000) + fresh.doubt_ms.min(5_000);
        let aged = fresh.mono.ms_since(old.mono) > SAMPLE_LIFE_MS / 4;
        if agrees && !slept {
            state.held = false;
            if aged || fresh.doubt_ms <= old.doubt_ms {
                state.anchor = Some(fresh);
            }
        } else {
            state.held = true;
            state.jumps += 1;
            state.anchor = Some(fresh);
        }
    }

    /// The tenant's time now, for a code that is about to leave.
    ///
    /// # Errors
    /// [`Unsettled`] when the last sample is older than a minute by either of our clocks, when they slipped
    /// against each other since, or when the samples disagree.
    pub fn now(&self, mono: Mono, our: Utc) -> Result<ServerTime, Unsettled> {
        let state = self.lock();
        let anchor = state.anchor.ok_or(Unsettled::NoFreshSample)?;
        if state.held {
            return Err(Unsettled::Disagreement);
        }
        let old = mono.ms_since(anchor.mono) > SAMPLE_LIFE_MS;
        if old || anchor.slip_ms(mono, our).abs() > JUMP_MS {
            return Err(Unsettled::NoFreshSample);
        }
        Ok(ServerTime(anchor.server_at(mono)))
    }

    /// The best guess without any of the guarantees of [`Self::now`]; for reports and waiting, not for codes.
    pub fn estimate(&self, mono: Mono, our: Utc) -> ServerTime {
        ServerTime(self.lock().anchor.map_or(our, |anchor| anchor.server_at(mono)))
    }

    /// Server minus ours in milliseconds; `None` before the first sample.
    pub fn offset_ms(&self, mono: Mono, our: Utc) -> Option<i64> {
        self.lock().anchor.map(|anchor| anchor.server_at(mono).ms_since(our))
    }

    /// How often the clocks contradicted each other.
    pub fn jumps(&self) -> u32 {
        self.lock().jumps
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(server_s: i64, at_ms: u64, our_ms: i64) -> ClockSample {
        ClockSample {
            server: Utc::from_unix_secs(server_s),
            sent: Mono(at_ms.saturating_sub(100)),
            received: Mono(at_ms),
            our: Utc::from_unix_ms(our_ms),
        }
    }

    #[test]
    fn a_wrong_clock_of_ours_is_corrected() {
        let clock = ServerClock::new();
        clock.sample(&sample(1_000, 1_000, 9_000_000));
        let now = clock.now(Mono(2_000), Utc::from_unix_ms(9_001_000)).unwrap();
        assert_eq!(now.0.unix_secs(), 1_001);
    }

    #[test]
    fn h08_sleep_makes_the_sample_useless() {
        let clock = ServerClock::new();
        clock.sample(&sample(1_000, 1_000, 1_000_000));
        // The monotonic clock stood still while the wall clock went on for an hour.
        let now = clock.now(Mono(1_500), Utc::from_unix_ms(4_600_000));
        assert_eq!(now, Err(Unsettled::NoFreshSample));
    }

    #[test]
    fn h08_an_old_sample_makes_no_codes() {
        let clock = ServerClock::new();
        clock.sample(&sample(1_000, 1_000, 1_000_000));
        assert!(clock.now(Mono(60_900), Utc::from_unix_ms(1_059_900)).is_ok());
        assert!(clock.now(Mono(61_200), Utc::from_unix_ms(1_060_200)).is_err());
    }

    #[test]
    fn h08_a_jump_holds_until_two_replies_agree() {
        let clock = ServerClock::new();
        clock.sample(&sample(1_000, 1_000, 1_000_000));
        clock.sample(&sample(1_300, 2_000, 1_001_000));
        assert_eq!(clock.now(Mono(2_000), Utc::from_unix_ms(1_001_000)), Err(Unsettled::Disagreement));
        clock.sample(&sample(1_301, 3_000, 1_002_000));
        let now = clock.now(Mono(3_000), Utc::from_unix_ms(1_002_000)).unwrap();
        assert_eq!(now.0.unix_secs(), 1_301);
        assert_eq!(clock.jumps(), 1);
    }
}
