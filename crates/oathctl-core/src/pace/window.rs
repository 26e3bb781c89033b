//! The fourth law: the tenant refills at once, every so often. Spend a window's worth at its start, then wait.
//!
//! Owns: the size, the length and the beginning of windows as far as they are known. Does not own: how a window
//! is recognised ([`Epoch::ends_a_window`]).
//!
//! `Retry-After` comes in whole seconds, rounded up, so a window's beginning is known to a second, too late
//! rather than too early. Too late costs nothing (all of the window's worth still fits), too early costs
//! refusals: where the length is only known within bounds, the longest counts. Now and then the limit is
//! touched with one operation, which shows the beginning anew, and whether the limit has been raised.

use super::flight::Flight;
use super::refusal::Epoch;
use crate::time::Mono;

/// Windows at the beginning in which the limit is touched, and how often later.
const TOUCH_FIRST: u64 = 2;
const TOUCH_EVERY: u64 = 10;
/// `Retry-After` may be this much too long.
const ROUNDING_MS: f64 = 1_000.0;

/// One window after the other.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Operations a window is worth.
    size: u64,
    /// Bounds of its length, in milliseconds.
    shortest: f64,
    longest: f64,
    /// The beginning the tenant named last.
    named: Mono,
    /// Beginning of this window, as believed.
    begin: Mono,
    /// Operations granted and accepted in this window.
    granted: u64,
    accepted: u64,
    /// Windows so far.
    number: u64,
}

impl Window {
    /// From an epoch that was one window.
    pub(super) fn new(epoch: &Epoch) -> Self {
        let span = epoch.span_ms as f64;
        Self {
            size: epoch.accepted.max(1),
            shortest: (span - ROUNDING_MS).max(1.0),
            longest: span + ROUNDING_MS,
            named: epoch.end,
            begin: epoch.end,
            granted: 0,
            accepted: 0,
            number: 1,
        }
    }

    /// Learns from a further refusal. False when it contradicts the law: two ends within half a window, or an
    /// end the tenant did not name.
    pub(super) fn learn(&mut self, epoch: &Epoch) -> bool {
        let span = epoch.end.ms_since(self.named) as f64;
        if !epoch.named || span < self.shortest / 2.0 {
            return false;
        }
        self.learn_length(span);
        // Where the tenant had named the beginning, the count is exact; else it may belong to two windows.
        let exact = self.begin == self.named;
        if self.accepted > 0 && (exact || self.accepted * 10 >= self.size * 9) {
            self.size = self.accepted;
        }
        self.next(epoch.end);
        self.named = epoch.end;
        true
    }

    fn learn_length(&mut self, span: f64) {
        let windows = (span / ((self.shortest + self.longest) / 2.0)).round().max(1.0);
        let (shortest, longest) = ((span - ROUNDING_MS) / windows, (span + ROUNDING_MS) / windows);
        let both = (self.shortest.max(shortest), self.longest.min(longest));
        (self.shortest, self.longest) = if both.0 <= both.1 { both } else { (shortest, longest) };
    }

    fn next(&mut self, begin: Mono) {
        (self.begin, self.granted, self.accepted) = (begin, 0, 0);
        self.number += 1;
    }

    /// The longest length that fits what was seen, in milliseconds: whole seconds where some fit.
    fn length(&self) -> u64 {
        let whole = (self.longest / 1_000.0).floor() * 1_000.0;
        (if whole >= self.shortest && whole > 0.0 { whole } else { self.longest.ceil() }) as u64
    }

    fn end(&self) -> Mono {
        self.begin.plus_ms(self.length())
    }

    fn touches(&self) -> bool {
        self.number <= TOUCH_FIRST || self.number.is_multiple_of(TOUCH_EVERY)
    }

    /// What the windows so far amount to: one, in the middle of its bounds.
    pub(super) fn as_epoch(&self, end: Mono) -> Epoch {
        let span_ms = ((self.shortest + self.longest) / 2.0) as u64;
        Epoch { accepted: self.size, span_ms, silent_ms: 0, named: true, slight: false, end }
    }

    /// How many may leave now (`Ok(None)`: after an answer), or when.
    pub(super) fn ask(&mut self, now: Mono, want: usize, flight: &Flight) -> Result<Option<usize>, Mono> {
        while now >= self.end() {
            self.size = self.size.max(self.accepted);
            let passed = now.ms_since(self.begin) / self.length();
            self.next(self.begin.plus_ms(passed.saturating_mul(self.length())));
        }
        let safe = self.size - self.size * 3 / 100;
        if self.granted < safe {
            let left = usize::try_from(safe - self.granted).unwrap_or(usize::MAX);
            let width = usize::try_from(self.size / 4).unwrap_or(usize::MAX).max(flight.call);
            return Ok(flight.room(want.min(left), width));
        }
        if !self.touches() {
            return Err(self.end());
        }
        // Up to the limit one by one; beyond it in growing steps, for it was raised.
        let beyond = self.granted.saturating_sub(self.size + 1);
        let step = usize::try_from(beyond / 2).unwrap_or(usize::MAX).max(1);
        Ok(flight.room(want, step))
    }

    pub(super) fn granted(&mut self, n: usize) {
        self.granted += n as u64;
    }

    pub(super) fn accepted(&mut self, n: usize) {
        self.accepted += n as u64;
    }
}
