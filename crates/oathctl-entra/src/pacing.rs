//! Permits for our own reads.
//!
//! Owns: giving a permit back whatever happens. Does not own: rates ([`oathctl_core::pace`]); nor permits for
//! writes, which the engine gets and answers for.

use oathctl_core::pace::{Feedback, Kind, PermitError, Permits};
use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};
use oathctl_core::time::Mono;

use crate::fault::{fault, stopped};

/// A permit in use. Dropped unanswered (the caller was given up), what had been sent counts as lost.
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    granted: usize,
    sent_at: Option<Mono>,
    open: bool,
}

/// What became of the operations of one permit; what is in no count never left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) throttled: usize,
    pub(crate) lost: usize,
    pub(crate) until: Option<Mono>,
}

impl<'a> Permit<'a> {
    /// Waits for a permit for 1 to `want` reads.
    pub(crate) async fn acquire(permits: &'a Permits, want: usize) -> Result<Self, TenantError> {
        let granted = permits.acquire(Kind::Read, want).await.map_err(|error| match error {
            PermitError::Stopped => stopped(),
            PermitError::WaitTooLong { .. } => {
                fault(TenantErrorKind::WaitTooLong, "retry_after", Remote::default())
            }
        })?;
        Ok(Self { permits, granted, sent_at: None, open: true })
    }

    pub(crate) const fn granted(&self) -> usize {
        self.granted
    }

    /// From here on they may have left.
    pub(crate) fn sends(&mut self, at: Mono) {
        self.sent_at = Some(at);
    }

    pub(crate) fn answered(mut self, tally: Tally) {
        self.close(tally);
    }

    fn close(&mut self, tally: Tally) {
        self.open = false;
        let Tally { accepted, throttled, lost, until } = tally;
        let sent_at = self.sent_at.unwrap_or_default();
        self.permits.answered(
            Kind::Read,
            Feedback { granted: self.granted, accepted, throttled, lost, until, sent_at },
        );
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            let lost = if self.sent_at.is_some() { self.granted } else { 0 };
            self.close(Tally { lost, ..Tally::default() });
        }
    }
}
