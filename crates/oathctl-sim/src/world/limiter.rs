//! The limiter of operations. It counts what the service would count: each inner request of a `$batch`, each
//! item of a bulk body.

use super::World;
use crate::options::Throttle;

/// What the limiter has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// Let through.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
    /// Arrived although an earlier refusal, already answered, had asked to wait longer.
    pub early: u64,
}

/// State of the limiter.
#[derive(Debug, Default)]
pub struct Limiter {
    /// What it has seen.
    pub counts: OperationCounts,
    level: Option<f64>,
    level_at: i64,
    window: i64,
    in_window: u64,
    last: Option<(i64, i64)>,
}

impl World {
    /// Lets `operations` through, or says until when (milliseconds since 1970) to wait.
    ///
    /// # Errors
    /// The time from which a repetition may succeed.
    pub fn admit(&mut self, operations: u64, arrived: i64, now: i64) -> Result<(), i64> {
        let ops = self.options.throttle_ops.max(1);
        let window = i64::try_from(self.options.throttle_window_ms.max(1)).unwrap_or(i64::MAX / 4);
        let limiter = &mut self.limiter;
        if limiter.last.is_some_and(|(answered, until)| arrived > answered && arrived < until) {
            limiter.counts.early += operations;
        }
        let verdict = match self.options.throttle {
            Throttle::Off => Ok(()),
            Throttle::TokenBucket => limiter.bucket(operations, ops, window, now),
            Throttle::FixedWindow => limiter.fixed(operations, ops, window, now),
        };
        match verdict {
            Ok(()) => limiter.counts.accepted += operations,
            Err(until) => {
                limiter.counts.refused += operations;
                limiter.last = Some((now, until));
            }
        }
        verdict
    }
}

impl Limiter {
    fn bucket(&mut self, operations: u64, size: u64, window: i64, now: i64) -> Result<(), i64> {
        let (size, per_ms) = (size as f64, size as f64 / window as f64);
        let idle = (now - self.level_at).max(0) as f64;
        let level = (self.level.unwrap_or(size) + idle * per_ms).min(size);
        self.level_at = self.level_at.max(now);
        // A body larger than the bucket would never pass; it passes when the bucket is full.
        let needed = (operations as f64).min(size);
        if level + 1e-9 >= needed {
            self.level = Some(level - operations as f64);
            return Ok(());
        }
        self.level = Some(level);
        Err(now + ((needed - level) / per_ms).ceil() as i64)
    }

    fn fixed(&mut self, operations: u64, size: u64, window: i64, now: i64) -> Result<(), i64> {
        let current = now.div_euclid(window);
        if self.window != current {
            (self.window, self.in_window) = (current, 0);
        }
        if self.in_window == 0 || self.in_window + operations <= size {
            self.in_window += operations;
            return Ok(());
        }
        Err((current + 1) * window)
    }
}
