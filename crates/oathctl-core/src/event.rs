//! What happens in a run, as data: `oathctl.event/1`.
//!
//! Owns: [`RunEvent`], the [`EventSink`] port. Does not own: bars, log lines or streams; those are sinks of this
//! one type. The journal is no sink: it is awaited.

use serde::Serialize;

use crate::journal::{CallId, CallResult, StepKind};
use crate::plan::PlanTotals;
use crate::reason::Reason;
use crate::report::{Outcome, Totals};
use crate::table::RowId;
use crate::time::Utc;
use crate::token::{RunId, TenantId};

/// The schema's name.
pub const EVENT_SCHEMA: &str = "oathctl.event/1";

/// One event with its number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunEvent {
    /// From 1, without gaps, per run.
    pub seq: u64,
    /// When (our clock).
    pub at: Utc,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A run begins.
    RunOpened {
        /// Its id.
        run: RunId,
        /// The tenant.
        tenant: TenantId,
        /// Its display name.
        tenant_name: String,
        /// True on loopback.
        practice: bool,
        /// Rows of the input.
        rows: u64,
    },
    /// Faults were found in the input.
    Faults {
        /// Errors.
        errors: u64,
        /// Warnings.
        warnings: u64,
    },
    /// The tenant's clock against ours.
    Clock {
        /// Server minus ours in milliseconds.
        offset_ms: i64,
    },
    /// The tenant was read.
    Snapshot {
        /// Devices in it.
        devices: u64,
        /// People of the input found.
        people: u64,
    },
    /// The plan stands.
    Planned {
        /// Its numbers.
        totals: PlanTotals,
    },
    /// The gate and the confirmation are passed.
    Gated,
    /// A call leaves.
    CallSent {
        /// Its number.
        call: CallId,
        /// What kind.
        step: StepKind,
        /// Items in it.
        items: u64,
    },
    /// A call came back.
    CallAnswered {
        /// Its number.
        call: CallId,
        /// What kind.
        step: StepKind,
        /// Items by result.
        results: Vec<(CallResult, u64)>,
    },
    /// A row moved on or ended.
    RowChanged {
        /// The row.
        row: RowId,
        /// Its serial.
        serial: String,
        /// `created`, `assigned`, `activated`, or empty when it ended without a step.
        reached: String,
        /// Its outcome, once it has one.
        outcome: Option<Outcome>,
        /// Why, where there is a reason.
        reason: Option<Reason>,
    },
    /// The tenant says: too fast.
    Throttled {
        /// What kind.
        step: Option<StepKind>,
        /// Operations refused.
        operations: u64,
        /// Milliseconds until the next may leave.
        wait_ms: Option<u64>,
    },
    /// Nothing can be sent for a while.
    Waiting {
        /// `visibility`, `quota`, `clock`, `throttle`, `retry`.
        what: String,
        /// Milliseconds.
        wait_ms: u64,
        /// Rows waiting.
        rows: u64,
    },
    /// The run was stopped before its end.
    Stopped {
        /// `interrupted`, `systemic`, `sign_in`, `unreachable`, `journal`.
        why: String,
        /// The reason behind it, where there is one.
        reason: Option<Reason>,
    },
    /// The run is over.
    RunClosed {
        /// The counts.
        totals: Totals,
        /// The exit code.
        exit_code: u8,
    },
}

/// Takes events. Never blocks, never fails.
pub trait EventSink: Send + Sync {
    /// Takes one.
    fn emit(&self, event: &RunEvent);
}

/// A sink that forgets.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl EventSink for NoEvents {
    fn emit(&self, _event: &RunEvent) {}
}
