//! Killing the client at its k-th call: the future is dropped, which is what a crash is to it.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// When a process dies.
#[derive(Clone, Copy)]
pub struct Doom {
    /// At this call, from 1.
    pub at: u64,
    /// Whether the fatal call still reaches the tenant.
    pub after: bool,
}

/// Counts a process's calls and ends it.
pub struct Death {
    doom: Option<Doom>,
    calls: AtomicU64,
    died: Notify,
}

impl Death {
    pub fn of(doom: Option<Doom>) -> Self {
        Self { doom, calls: AtomicU64::new(0), died: Notify::new() }
    }

    /// Makes one call, unless it is the fatal one: that never comes back.
    pub async fn survive<T>(&self, call: impl Future<Output = T>) -> T {
        let nth = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let fatal = self.doom.filter(|doom| nth >= doom.at);
        if fatal.is_some_and(|doom| !doom.after) {
            self.die().await;
        }
        let result = call.await;
        if fatal.is_some() {
            self.die().await;
        }
        result
    }

    async fn die(&self) {
        self.died.notify_one();
        pending::<()>().await;
    }

    /// Completes when the process must die.
    pub async fn comes(&self) {
        self.died.notified().await;
    }

    /// Calls made.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}
