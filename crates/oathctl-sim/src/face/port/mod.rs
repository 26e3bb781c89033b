//! The tenant behind the product's own port: no HTTP, no JSON, the same world, switches and faults.
//!
//! Owns: one call from leaving to reply ([`PortTenant`]). Time is the product's own `Clock`; [`ClockTime`] lets the
//! world run by it. Of the faults, access tokens that end, HTML and foreign links have no form of their own here:
//! HTML and redirects become doubt, as for the real client.

mod calls;
mod read;
mod values;
mod write;

use std::sync::Arc;

use oathctl_core::offset::ServerClock;
use oathctl_core::time::Clock;

use crate::Sim;
use crate::time::SimTime;

/// How long a call waits for a reply that never comes, in milliseconds: shorter than one step of 30 s.
const TIMEOUT_MS: u64 = 20_000;

/// The practice tenant as `TenantRead` and `TenantWrite`.
pub struct PortTenant {
    sim: Sim,
    clock: Arc<dyn Clock>,
    server_clock: Arc<ServerClock>,
}

impl PortTenant {
    /// The tenant `sim`, reached by a client whose clocks are `clock`; every reply's `Date` feeds `server_clock`.
    /// `sim` should run by the same clock, see [`ClockTime`].
    #[must_use]
    pub fn new(sim: Sim, clock: Arc<dyn Clock>, server_clock: Arc<ServerClock>) -> Self {
        Self { sim, clock, server_clock }
    }
}

/// The world's time by the client's monotonic clock, which is right even where its wall clock is not.
pub struct ClockTime {
    clock: Arc<dyn Clock>,
    base_ms: i64,
}

impl ClockTime {
    /// True time is `base_ms` (milliseconds since 1970) now, and runs with the monotonic clock.
    #[must_use]
    pub fn starting_at(base_ms: i64, clock: Arc<dyn Clock>) -> Self {
        let elapsed = i64::try_from(clock.mono().0).unwrap_or(0);
        Self { base_ms: base_ms - elapsed, clock }
    }
}

impl SimTime for ClockTime {
    fn unix_ms(&self) -> i64 {
        self.base_ms + i64::try_from(self.clock.mono().0).unwrap_or(i64::MAX / 4)
    }
}
