//! The way to tell a run to end: once to drain, twice to abort.
//!
//! Owns: [`Stop`]. Does not own: signals (the binary turns them into calls of [`Stop::ask`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use event_listener::Event;

/// How far a run has been told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopLevel {
    /// Go on.
    None,
    /// Begin nothing new; wait for what is under way.
    Drain,
    /// Leave everything where it is.
    Abort,
}

/// Shared by everything that works for one run. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    level: AtomicU8,
    changed: Event,
}

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far it has gone.
    pub fn level(&self) -> StopLevel {
        match self.0.level.load(Ordering::SeqCst) {
            0 => StopLevel::None,
            1 => StopLevel::Drain,
            _ => StopLevel::Abort,
        }
    }

    /// True once anything was asked.
    pub fn is_asked(&self) -> bool {
        self.level() != StopLevel::None
    }

    /// Asks for (at least) this level; never goes back.
    pub fn ask(&self, level: StopLevel) {
        self.0.level.fetch_max(level as u8, Ordering::SeqCst);
        self.0.changed.notify(usize::MAX);
    }

    /// Completes once at least `level` was asked.
    pub async fn asked(&self, level: StopLevel) {
        while self.level() < level {
            let listener = self.0.changed.listen();
            if self.level() >= level {
                return;
            }
            listener.await;
        }
    }
}
