//! What is on its way: calls and operations without an answer yet.
//!
//! Owns: [`Flight`] and the limits of one call and of many. Does not own: when anything may leave.

/// Calls and operations on their way, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    /// Most operations in one call.
    pub call: usize,
    /// Most calls on their way.
    pub calls_max: usize,
    /// Calls on their way.
    pub calls: usize,
    /// Operations on their way.
    pub ops: usize,
}

impl Flight {
    /// The size of a next call, if up to `width` operations may be on their way; `None` when it must wait for
    /// an answer. A call is not cut down to fill a gap: small calls cost round trips.
    pub(super) fn room(&self, want: usize, width: usize) -> Option<usize> {
        let whole = want.min(self.call).min(width).max(1);
        (self.calls == 0 || self.ops + whole <= width).then_some(whole)
    }

    /// No further call may be on its way.
    pub(super) fn is_full(&self) -> bool {
        self.calls >= self.calls_max
    }
}
