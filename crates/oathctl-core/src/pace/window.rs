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
/// Per cent of a window's worth that are left unspent; its count is exact, so a few are enough.
const SPARED: u64 = 2;
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
    /// The beginnings the tenant named first and last.
    first: Mono,
    named: Mono,
    /// Beginning of this window, as believed.
    begin: Mono,
    /// All that was granted since then belongs to this window.
    exact: bool,
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
            first: epoch.end,
            named: epoch.end,
            begin: epoch.end,
            exact: true,
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
        self.learn_length(epoch.end);
        // Where the tenant had named the beginning, the count is exact; else it may belong to two windows.
        let exact = self.exact;
        if self.accepted > 0 && (exact || self.accepted * 10 >= self.size * 9) {
            self.size = self.accepted;
        }
        let earlier = self.earlier(epoch.end);
        self.next(earlier);
        (self.named, self.exact) = (epoch.end, true);
        true
    }

    /// A window's beginning as named now, or as counted on from the last one if that is earlier: each is too late
    /// by less than the rounding, never too early.
    fn earlier(&self, named: Mono) -> Mono {
        let ahead = named.ms_since(self.begin);
        let counted = self.begin.plus_ms(ahead / self.length() * self.length());
        if (named.ms_since(counted) as f64) < ROUNDING_MS { counted } else { named }
    }

    /// Narrows the bounds, by the time since the last named beginning and by that since the first.
    fn learn_length(&mut self, end: Mono) {
        for from in [self.named, self.first] {
            let span = end.ms_since(from) as f64;
            let windows = (span / ((self.shortest + self.longest) / 2.0)).round().max(1.0);
            let (shortest, longest) = ((span - ROUNDING_MS) / windows, (span + ROUNDING_MS) / windows);
            let both = (self.shortest.max(shortest), self.longest.min(longest));
            if both.0 > both.1 {
                // What was seen first no longer holds.
                (self.shortest, self.longest, self.first) = (shortest, longest, self.named);
                return;
            }
            (self.shortest, self.longest) = both;
        }
    }

    fn next(&mut self, begin: Mono) {
        (self.begin, self.granted, self.accepted) = (begin, 0, 0);
        (self.number, self.exact) = (self.number + 1, false);
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
        let safe = self.size - self.size * SPARED / 100;
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
