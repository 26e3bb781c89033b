//! What was counted: requests by route, statuses, most in flight at once, connections.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::call::Call;
use crate::guid::Guid;

/// Connections accepted by the server.
#[derive(Debug, Clone, Default)]
pub struct ConnectionCount(Arc<AtomicU64>);

impl ConnectionCount {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Counts {
    routes: BTreeMap<String, u64>,
    inner: BTreeMap<String, u64>,
    statuses: BTreeMap<u16, u64>,
    in_flight: u64,
    peak: u64,
}

/// The counters.
pub(super) struct Stats {
    counts: Mutex<Counts>,
    connections: ConnectionCount,
}

/// A request in flight; leaves when dropped.
pub(super) struct Flight<'a>(&'a Stats);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.counts().in_flight -= 1;
    }
}

impl Stats {
    pub fn new(connections: ConnectionCount) -> Self {
        Self { counts: Mutex::default(), connections }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn enter(&self, call: &Call) -> Flight<'_> {
        let mut counts = self.counts();
        *counts.routes.entry(template(call)).or_default() += 1;
        counts.in_flight += 1;
        counts.peak = counts.peak.max(counts.in_flight);
        drop(counts);
        Flight(self)
    }

    pub fn inner(&self, call: &Call) {
        *self.counts().inner.entry(template(call)).or_default() += 1;
    }

    pub fn answered(&self, status: u16) {
        *self.counts().statuses.entry(status).or_default() += 1;
    }

    /// Forgets everything but the requests in flight now.
    pub fn clear(&self) {
        let mut counts = self.counts();
        let in_flight = counts.in_flight;
        *counts = Counts { in_flight, peak: in_flight, ..Counts::default() };
        self.connections.0.store(0, Ordering::Relaxed);
    }

    pub fn show(&self) -> Value {
        let counts = self.counts();
        json!({
            "requests": counts.routes.values().sum::<u64>(),
            "by_route": counts.routes,
            "inner_requests": counts.inner.values().sum::<u64>(),
            "inner_by_route": counts.inner,
            "by_status": counts.statuses.iter().map(|(s, n)| (s.to_string(), *n)).collect::<BTreeMap<_, _>>(),
            "in_flight": counts.in_flight,
            "peak_in_flight": counts.peak,
            "connections": self.connections.0.load(Ordering::Relaxed),
        })
    }
}

/// `GET /users/{id}/authentication/methods`: ids and names taken out.
fn template(call: &Call) -> String {
    let mut out = call.method.clone();
    out.push(' ');
    let mut previous = "";
    for segment in &call.low {
        let named = previous == "users" || segment.contains('@') || Guid::parse(segment).is_some();
        out.push('/');
        out.push_str(if named { "{id}" } else { segment });
        previous = segment;
    }
    out
}
