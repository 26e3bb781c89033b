//! What a run costs the tenant, counted where requests leave.
//!
//! Owns: [`Counters`]. Does not own: the engine's own repetitions of writes, which only the engine knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oathctl_core::report::RequestReport;

/// Shared by sign-in and back end of one run.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    by_route: BTreeMap<&'static str, u64>,
    operations: u64,
    throttled: u64,
    repeated: u64,
}

impl Counters {
    /// Nothing sent yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One HTTP request is about to leave, carrying this many operations.
    pub(crate) fn sent(&self, route: &'static str, operations: usize) {
        let mut counts = self.lock();
        *counts.by_route.entry(route).or_default() += 1;
        counts.operations += operations as u64;
    }

    /// So many operations were answered "too fast".
    pub(crate) fn throttled(&self, operations: usize) {
        self.lock().throttled += operations as u64;
    }

    /// So many operations are sent again by this crate: reads, and anything after a 401.
    pub(crate) fn repeated(&self, operations: usize) {
        self.lock().repeated += operations as u64;
    }

    /// The figures so far. `repeated` lacks the writes the engine repeats; it adds them itself.
    pub fn report(&self) -> RequestReport {
        let counts = self.lock();
        RequestReport {
            total: counts.by_route.values().sum(),
            operations: counts.operations,
            by_route: counts.by_route.iter().map(|(route, n)| ((*route).to_owned(), *n)).collect(),
            throttled: counts.throttled,
            repeated: counts.repeated,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
