//! The second law: something was refused, so there is a limit; walk up to it in small steps.
//!
//! Owns: the size of the steps. Does not own: what the walk has shown (that is the epoch).

use super::flight::Flight;
use super::refusal::Epoch;
use crate::time::Mono;

/// Most operations of a step, until many were accepted: after a short wait (a refill of perhaps a few operations
/// ahead) and after a longer one (a window's worth ahead).
const STEP_SHORT: usize = 2;
const STEP_LONG: usize = 5;
const SHORT_MS: u64 = 1_000;
/// Later a step may be this part of what was accepted, and this part of what was accepted before.
const PART: usize = 8;
const PART_BEFORE: usize = 40;
/// For each of these, steps grow by so many: slow answers must not make the walk longer than a window.
const LONGER_MS: u64 = 1_500;
const LONGER_STEP: usize = 3;

/// One walk, from a resume instant to the next refusal.
#[derive(Clone, Debug)]
pub(super) struct Learning {
    /// Where the limit was met before; it may be there again.
    hint: usize,
    step: usize,
    granted: usize,
    accepted: usize,
    begin: Mono,
    last: Mono,
    longest_gap_ms: u64,
}

impl Learning {
    /// Begins after this epoch.
    pub(super) fn new(epoch: &Epoch) -> Self {
        let hint = usize::try_from(epoch.accepted).unwrap_or(usize::MAX);
        let step = if epoch.silent_ms <= SHORT_MS { STEP_SHORT } else { STEP_LONG }.max(hint / PART_BEFORE);
        Self { hint, step, granted: 0, accepted: 0, begin: epoch.end, last: epoch.end, longest_gap_ms: 0 }
    }

    pub(super) fn ask(&self, want: usize, flight: &Flight) -> Option<usize> {
        flight.room(want, self.step())
    }

    /// Small at first, larger the longer the walk takes; single operations where the limit is likely to be:
    /// where it was before, and at a hundred, the roundest of quotas.
    fn step(&self) -> usize {
        let lasted = usize::try_from(self.last.ms_since(self.begin) / LONGER_MS).unwrap_or(usize::MAX);
        let step = self.step.saturating_add(lasted.saturating_mul(LONGER_STEP));
        let step = (self.accepted / 2 + 1).min(step).max(self.accepted / PART);
        [self.hint, 100].into_iter().fold(step, |step, likely| match likely.checked_sub(self.granted) {
            Some(0) => 1,
            Some(left) => step.min(left),
            None if self.granted < likely + 2 => 1,
            None => step,
        })
    }

    pub(super) fn granted(&mut self, now: Mono, n: usize) {
        self.granted += n;
        self.longest_gap_ms = self.longest_gap_ms.max(now.ms_since(self.last));
        self.last = now;
    }

    pub(super) fn accepted(&mut self, n: usize) {
        self.accepted += n;
    }

    /// The walk paused for so long that its epoch says little about how often the tenant refills.
    pub(super) fn was_idle(&self, epoch: &Epoch) -> bool {
        self.longest_gap_ms > epoch.span_ms / 3
    }
}
