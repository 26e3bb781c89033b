//! One reading, from its input to its table.
//!
//! Owns: [`Session`], what every layer and every format gets. Does not own: any of them.

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use oathctl_core::table::TableBuilder;

use crate::keys::{KeyRing, Opened};
use crate::options::ReadOptions;
use crate::unwrap::limits::Spent;

/// Where rows, decisions and faults go, what the caller states, and who lends keys.
pub(crate) struct Session<'s> {
    pub(crate) builder: TableBuilder,
    pub(crate) options: &'s ReadOptions,
    pub(crate) keys: &'s mut dyn KeyRing,
    pub(crate) opened: Opened,
    pub(crate) spent: Spent,
}

impl Session<'_> {
    /// A fault of one piece as a whole.
    pub(crate) fn refuse(&mut self, origin: &Source, reason: Reason) {
        self.tell(origin, Severity::Error, reason);
    }

    /// Something worth saying of one piece as a whole.
    pub(crate) fn tell(&mut self, origin: &Source, severity: Severity, reason: Reason) {
        self.builder.fault(severity, reason, origin.whole(), None);
    }
}
