//! One kind's pacer: what is in flight, what must wait, and which law says how much may leave.
//!
//! Owns: [`Pacer`]. Does not own: the laws themselves (the sibling modules).

use std::collections::VecDeque;

use super::cap::Capped;
use super::{Ask, Feedback, Kind, Settings};
use crate::time::Mono;

/// Longest look back of [`Pacer::accepted_in_last`]: the window of the documented activation quota.
const LOOK_BACK_MS: u64 = 300_000;

/// Decides when operations of one kind may leave.
#[derive(Clone, Debug)]
pub struct Pacer {
    call: usize,
    calls_max: usize,
    cap: Option<Capped>,
    calls: usize,
    in_flight: usize,
    hold: Option<Mono>,
    accepted: VecDeque<(Mono, usize)>,
}

impl Pacer {
    /// A pacer that knows nothing of the tenant.
    pub fn new(kind: Kind, settings: &Settings) -> Self {
        Self {
            call: settings.call.max(1),
            calls_max: settings.calls_in_flight.max(1),
            cap: settings.cap(kind).map(Capped::new),
            calls: 0,
            in_flight: 0,
            hold: None,
            accepted: VecDeque::new(),
        }
    }

    /// May up to `want` operations (at least 1) leave now, in one call?
    pub fn ask(&mut self, now: Mono, want: usize) -> Ask {
        if let Some(until) = self.held_until(now) {
            return Ask::At(until);
        }
        if self.calls >= self.calls_max {
            return Ask::AfterAnswer;
        }
        let n = want.clamp(1, self.call);
        let n = match self.cap.as_mut().map_or(Ok(n), |cap| cap.room(now, n)) {
            Ok(n) => n,
            Err(at) => return Ask::At(at),
        };
        if let Some(cap) = &mut self.cap {
            cap.took(now, n);
        }
        self.calls += 1;
        self.in_flight += n;
        Ask::Go(n)
    }

    /// What became of one grant.
    pub fn answered(&mut self, now: Mono, feedback: &Feedback) {
        self.calls = self.calls.saturating_sub(1);
        self.in_flight = self.in_flight.saturating_sub(feedback.granted);
        self.note_accepted(now, feedback.accepted);
        if feedback.throttled > 0 {
            self.hold = self.hold.max(Some(feedback.until.unwrap_or(now.plus_ms(1000))));
        }
    }

    /// Another kind was refused; be careful.
    pub fn hint(&mut self) {}

    /// Until when nothing may leave because of a refusal.
    pub fn held_until(&self, now: Mono) -> Option<Mono> {
        self.hold.filter(|&until| until > now)
    }

    /// Like [`Self::held_until`], when the tenant itself named the instant.
    pub fn retry_after(&self, now: Mono) -> Option<Mono> {
        self.held_until(now)
    }

    /// Operations accepted within the last `window_ms` milliseconds, at most five minutes back.
    pub fn accepted_in_last(&self, now: Mono, window_ms: u64) -> usize {
        self.accepted.iter().filter(|(at, _)| now.ms_since(*at) <= window_ms).map(|(_, n)| n).sum()
    }

    /// Operations that wait for an answer.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn note_accepted(&mut self, now: Mono, n: usize) {
        while self.accepted.front().is_some_and(|(at, _)| now.ms_since(*at) > LOOK_BACK_MS) {
            self.accepted.pop_front();
        }
        if n > 0 {
            self.accepted.push_back((now, n));
        }
    }
}
