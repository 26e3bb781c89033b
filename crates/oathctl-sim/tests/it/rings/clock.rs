//! Our side's clocks under virtual time: they may be wrong, step, or stand still while the world goes on.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use oathctl_core::time::{Clock, Entropy, Mono, Utc};
use tokio::time::Instant;

/// Tokio's paused clock behind core's port.
pub struct VirtualClock {
    base_ms: i64,
    started: Instant,
    /// What our wall clock is off by.
    wrong_ms: AtomicI64,
}

impl VirtualClock {
    pub fn starting_at(base_ms: i64, wrong_ms: i64) -> Self {
        Self { base_ms, started: Instant::now(), wrong_ms: AtomicI64::new(wrong_ms) }
    }

    /// The wall clock steps.
    pub fn step_ms(&self, by: i64) {
        self.wrong_ms.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn utc(&self) -> Utc {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX / 2);
        Utc::from_unix_ms(self.base_ms + elapsed + self.wrong_ms.load(Ordering::SeqCst))
    }

    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX / 2))
    }

    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        let until = self.started + Duration::from_millis(at.0);
        Box::pin(tokio::time::sleep_until(until))
    }
}

/// Counts instead of dicing.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        for (slot, byte) in buf.iter_mut().zip(n.iter().cycle()) {
            *slot = *byte;
        }
    }
}
