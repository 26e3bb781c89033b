//! The first law: nothing was ever refused, so nothing is known but what went well.
//!
//! Owns: how fast the number in flight grows. Does not own: what happens after a refusal.

use super::flight::Flight;

/// Accepted operations up to which one call at a time is enough: the smallest quota Microsoft documents is
/// 200 activations in 5 minutes
/// (<https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-manage-oath-tokens>).
const CAREFUL: usize = 200;
/// Operations of the very first call.
const FIRST: usize = 5;
/// Past a hundred, the roundest of quotas, calls are smaller for a while: (operations accepted, size of a call).
const SMALLER: [(usize, usize); 4] = [(100, usize::MAX), (120, 10), (180, 15), (CAREFUL, 16)];
/// Calls that are added each round trip once the careful part is over.
const CALLS_A_ROUND: f64 = 4.0;

/// Grows by what was accepted.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    accepted: usize,
    width: f64,
}

impl Opening {
    pub(super) fn new() -> Self {
        Self { accepted: 0, width: FIRST as f64 }
    }

    pub(super) fn ask(&self, want: usize, flight: &Flight) -> Option<usize> {
        let call =
            SMALLER.iter().find(|(below, _)| self.accepted < *below).map_or(usize::MAX, |(_, call)| *call);
        flight.room(want, call.min(self.width as usize))
    }

    pub(super) fn accepted(&mut self, n: usize, flight: &Flight) {
        self.accepted += n;
        let call = flight.call as f64;
        if self.accepted <= CAREFUL {
            self.width = self.width.max(call);
        } else {
            let most = call * flight.calls_max as f64;
            self.width = (self.width + CALLS_A_ROUND * call * n as f64 / self.width).min(most);
        }
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
