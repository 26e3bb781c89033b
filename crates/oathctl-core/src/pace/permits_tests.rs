//! Waiting, waking and giving up, on a clock that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Ask, Counts, Feedback, Kind, PermitError, Permits, Settings};
use crate::stop::{Stop, StopLevel};
use crate::time::{Clock, Mono, Utc};

/// Sleeping moves the clock.
struct Jump(AtomicU64);

impl Clock for Jump {
    fn utc(&self) -> Utc {
        Utc::default()
    }
    fn mono(&self) -> Mono {
        Mono(self.0.load(Ordering::SeqCst))
    }
    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        self.0.fetch_max(at.0, Ordering::SeqCst);
        Box::pin(async {})
    }
}

fn permits() -> (Permits, Arc<Jump>, Stop) {
    let clock = Arc::new(Jump(AtomicU64::new(0)));
    let stop = Stop::new();
    (Permits::new(clock.clone(), stop.clone(), &Settings::default()), clock, stop)
}

fn throttled(granted: usize, until: Option<Mono>) -> Feedback {
    Feedback { granted, throttled: granted, until, ..Feedback::default() }
}

#[test]
fn waits_until_the_named_instant() {
    let (permits, clock, _) = permits();
    assert_eq!(permits.acquire(Kind::Write, 20).now_or_never(), Some(Ok(5)));
    permits.answered(Kind::Write, throttled(5, Some(Mono(7_000))));
    assert_eq!(permits.held_until(Kind::Write), Some(Mono(7_000)));
    assert_eq!(permits.held_until(Kind::Read), None);
    assert!(matches!(permits.acquire(Kind::Write, 20).now_or_never(), Some(Ok(_))));
    assert_eq!(clock.mono(), Mono(7_000));
    assert_eq!(permits.counts(), Counts { operations: 5, throttled: 5 });
}

#[test]
fn an_answer_wakes_who_waits_for_it() {
    let (permits, _, _) = permits();
    let granted = permits.acquire(Kind::Read, 20).now_or_never().unwrap().unwrap();
    let mut waiting = std::pin::pin!(permits.acquire(Kind::Read, 20));
    assert_eq!(waiting.as_mut().now_or_never(), None);
    assert!(!permits.is_idle());
    permits.answered(Kind::Read, Feedback { granted, accepted: granted, ..Feedback::default() });
    assert_eq!(waiting.as_mut().now_or_never(), Some(Ok(20)));
}

#[test]
fn a_stop_ends_the_wait() {
    let (permits, _, stop) = permits();
    assert!(permits.acquire(Kind::Write, 20).now_or_never().unwrap().is_ok());
    let mut waiting = std::pin::pin!(permits.acquire(Kind::Write, 20));
    assert_eq!(waiting.as_mut().now_or_never(), None);
    stop.ask(StopLevel::Drain);
    assert_eq!(waiting.as_mut().now_or_never(), Some(Err(PermitError::Stopped)));
    assert_eq!(permits.acquire(Kind::Activate, 1).now_or_never(), Some(Err(PermitError::Stopped)));
    let read = permits.acquire(Kind::Read, 1).now_or_never();
    assert_eq!(read, Some(Ok(1)), "what became of doubtful writes is still read");
    stop.ask(StopLevel::Abort);
    assert_eq!(permits.acquire(Kind::Read, 1).now_or_never(), Some(Err(PermitError::Stopped)));
}

#[test]
fn a_wait_beyond_the_allowed_is_an_error_that_names_it() {
    let (permits, clock, _) = permits();
    let Ask::Go(granted) = permits.try_acquire(Kind::Activate, 20) else { panic!("must be allowed") };
    permits.answered(Kind::Activate, throttled(granted, Some(Mono(600_001))));
    assert_eq!(permits.wait_too_long(), Some(600_001));
    let refused = permits.acquire(Kind::Activate, 1).now_or_never();
    assert_eq!(refused, Some(Err(PermitError::WaitTooLong { until_ms: 600_001 })));
    assert_eq!(clock.mono(), Mono(0), "it did not wait first");
    assert!(permits.acquire(Kind::Write, 1).now_or_never().unwrap().is_ok(), "other kinds go on");
}

#[test]
fn our_own_waits_are_never_too_long() {
    let (permits, _, _) = permits();
    for _ in 0..12 {
        let granted = permits.acquire(Kind::Write, 1).now_or_never().unwrap().unwrap();
        permits.answered(Kind::Write, throttled(granted, None));
        assert_eq!(permits.wait_too_long(), None);
    }
}
