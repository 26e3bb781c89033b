//! The first law: nothing was ever refused, so nothing is known but what went well.
//!
//! Owns: how fast the number in flight grows. Does not own: what happens after a refusal.

use super::Kind;
use super::flight::Flight;

/// Operations of the very first call.
const FIRST: usize = 5;
/// One call at a time for so many operations accepted: the smallest quota Microsoft documents is 200 activations in
/// 5 minutes
/// (<https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-manage-oath-tokens>). Past a hundred, the
/// roundest of quotas, calls are smaller for a while: (operations accepted, size of a call, calls in flight).
const WRITES: [Stage; 4] = [(100, usize::MAX, 1), (120, 10, 1), (180, 15, 1), (200, 16, 1)];
/// The same for reads, whose documented limits lie in the thousands
/// (<https://learn.microsoft.com/graph/throttling-limits>): past the roundest of quotas two calls at a time will do.
const READS: [Stage; 3] = [(100, usize::MAX, 1), (120, 10, 1), (180, usize::MAX, 2)];
/// Calls that are added each round trip once the careful part is over.
const CALLS_A_ROUND: f64 = 4.0;

/// Below so many operations accepted: the largest call, and calls in flight.
type Stage = (usize, usize, usize);

/// Grows by what was accepted.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    careful: &'static [Stage],
    accepted: usize,
    width: f64,
}

impl Opening {
    pub(super) fn new(kind: Kind) -> Self {
        let careful: &[Stage] = if kind == Kind::Read { &READS } else { &WRITES };
        Self { careful, accepted: 0, width: FIRST as f64 }
    }

    pub(super) fn ask(&self, want: usize, flight: &Flight) -> Option<usize> {
        let call = self.stage().map_or(usize::MAX, |(_, call, _)| call);
        flight.room(want, call.min(self.width as usize))
    }

    pub(super) fn accepted(&mut self, n: usize, flight: &Flight) {
        self.accepted += n;
        let call = flight.call as f64;
        if let Some((_, _, calls)) = self.stage() {
            self.width = self.width.max(call * calls as f64);
        } else {
            let most = call * flight.calls_max as f64;
            self.width = (self.width + CALLS_A_ROUND * call * n as f64 / self.width).min(most);
        }
    }

    /// The careful stage it is in, if any.
    fn stage(&self) -> Option<Stage> {
        self.careful.iter().find(|(below, ..)| self.accepted < *below).copied()
    }

    /// One call failed among many good ones.
    pub(super) fn stumble(&mut self, flight: &Flight) {
        self.width = (self.width / 2.0).max(flight.call as f64);
    }

    /// Another kind was refused: perhaps it is the same limit.
    pub(super) fn hint(&mut self, flight: &Flight) {
        self.width = self.width.min(flight.call as f64);
    }
}
