//! The engine: carries a plan out, repeats what must be repeated, and tells the truth about every row.
//!
//! Owns: the order of calls ([`run`]), what a reply or a reading means for a row ([`row`], `react`), codes at the
//! moment they leave ([`codes`]), the first wave and the circuit breaker ([`breaker`]), going on after a crash
//! ([`resume`]). Does not own: planning and consent, pacing ([`crate::pace`]), any wire, any clock.
//!
//! A future of this engine that is dropped *is* a crash: everything it must not forget is in the journal first.

pub mod breaker;
pub mod codes;
mod fill;
mod finish;
mod flight;
mod look;
mod react;
pub mod resume;
pub mod row;
mod run;
mod seen;

use std::collections::BTreeMap;

use crate::event::EventSink;
use crate::journal::{Journal, JournalError, RunHead};
use crate::offset::ServerClock;
use crate::pace::Permits;
use crate::reason::Reason;
use crate::report::{Exit, RowReport};
use crate::seed::SeedSource;
use crate::stop::Stop;
use crate::table::{RowId, Table};
use crate::tenant::{ETag, TenantRead, TenantWrite};
use crate::time::Clock;
use crate::token::DeviceId;

pub use run::apply;

/// Everything the engine speaks to.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Reading the tenant.
    pub read: &'a dyn TenantRead,
    /// Writing to it.
    pub write: &'a dyn TenantWrite,
    /// The durable record.
    pub journal: &'a dyn Journal,
    /// Our clocks.
    pub clock: &'a dyn Clock,
    /// The tenant's clock, fed by the back end.
    pub server_clock: &'a ServerClock,
    /// The pacer.
    pub permits: &'a Permits,
    /// Who watches.
    pub events: &'a dyn EventSink,
    /// The way to stop.
    pub stop: &'a Stop,
}

/// What to carry out.
pub struct Job<'a> {
    /// The head under which the run is journaled; its plan is what is carried out.
    pub head: &'a RunHead,
    /// The rows.
    pub table: &'a Table,
    /// Their seeds, by [`crate::seed::SeedKey`] of the row: the table itself, or a vault.
    pub seeds: &'a dyn SeedSource,
    /// What an earlier run of the same input left behind, by row.
    pub carried: BTreeMap<RowId, resume::Carried>,
    /// The versions the tenant gave of devices that may be taken away or deleted (H18).
    pub etags: BTreeMap<DeviceId, ETag>,
    /// Codes refused in the last 24 hours, by device (H9).
    pub refused_before: BTreeMap<DeviceId, u32>,
}

/// Why a run came to no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody asked.
    Interrupted,
    /// One reason that is not the person's, again and again (H16).
    Systemic(Reason),
    /// Sign-in refused, or a permission missing for all.
    SignIn(Reason),
    /// The tenant cannot be reached, or asks for more patience than `--max-wait`.
    Unreachable,
    /// The clocks never settled.
    Clock,
    /// The journal cannot be written.
    Journal(JournalError),
}

impl Stopped {
    /// The exit code of such an end.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Interrupted => Exit::Interrupted,
            Self::Systemic(_) => Exit::Gate,
            Self::SignIn(_) => Exit::SignIn,
            Self::Unreachable => Exit::Unreachable,
            Self::Clock => Exit::Rows,
            Self::Journal(_) => Exit::Own,
        }
    }

    /// The stable word of events.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Systemic(_) => "systemic",
            Self::SignIn(_) => "sign_in",
            Self::Unreachable => "unreachable",
            Self::Clock => "clock",
            Self::Journal(_) => "journal",
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Every row of the input, in its order.
    pub rows: Vec<RowReport>,
    /// The exit code.
    pub exit: Exit,
    /// Why it came to no end, if it did not.
    pub stopped: Option<Stopped>,
    /// True when nothing is left to resume.
    pub complete: bool,
    /// Operations sent again.
    pub repeated: u64,
}
