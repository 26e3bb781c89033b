//! A limit the user sets: never more than so many operations in any span of so long.
//!
//! Owns: [`Cap`] and the log of grants behind it. Does not own: its spelling on the command line.

use std::collections::VecDeque;

use crate::time::Mono;

/// At most `ops` operations in any span of `window_ms` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cap {
    /// Operations; 0 counts as 1, for a run that may send nothing would never end.
    pub ops: usize,
    /// Milliseconds.
    pub window_ms: u64,
}

/// What was granted within the last window.
#[derive(Clone, Debug)]
pub(super) struct Capped {
    cap: Cap,
    grants: VecDeque<(Mono, usize)>,
    sum: usize,
}

impl Capped {
    pub(super) fn new(cap: Cap) -> Self {
        Self { cap: Cap { ops: cap.ops.max(1), ..cap }, grants: VecDeque::new(), sum: 0 }
    }

    /// How many of `want` may leave now, or when the next may.
    pub(super) fn room(&mut self, now: Mono, want: usize) -> Result<usize, Mono> {
        while let Some(&(at, n)) = self.grants.front() {
            if now.ms_since(at) <= self.cap.window_ms {
                break;
            }
            self.sum -= n;
            self.grants.pop_front();
        }
        match (self.cap.ops.saturating_sub(self.sum).min(want), self.grants.front()) {
            (0, Some((oldest, _))) => Err(oldest.plus_ms(self.cap.window_ms + 1)),
            (room, _) => Ok(room.max(1)),
        }
    }

    /// Notes a grant.
    pub(super) fn took(&mut self, now: Mono, n: usize) {
        self.grants.push_back((now, n));
        self.sum += n;
    }
}
