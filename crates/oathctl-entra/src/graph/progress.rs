//! How far a chunk of reads is: what is pending, how often it was tried, how long to wait.
//!
//! Owns: the budgets of reads. Does not own: sending ([`super::read`]).

use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};
use oathctl_core::time::Mono;

use super::step::{Got, Step};
use crate::fault::{fault, refused};

/// Sends of one read that is answered "too fast"; each one obeys `Retry-After`.
const TRIES_THROTTLED: u32 = 60;
/// Renewals of the access token within one chunk of reads.
const RENEWALS: u32 = 3;

/// How far a chunk of reads is.
pub(super) struct Progress {
    pub(super) pending: Vec<usize>,
    pub(super) got: Vec<Option<Got>>,
    tries: Vec<u32>,
    round_again: usize,
    renewals: u32,
    pub(super) unauthorized: bool,
    pub(super) wait: Option<Wait>,
    /// Since when nothing but "too fast" has come back.
    stalled_since: Option<Mono>,
}

/// How long to wait before the next round.
pub(super) struct Wait {
    pub(super) backoff_ms: u64,
    pub(super) until: Option<Mono>,
    pub(super) remote: Remote,
}

impl Progress {
    pub(super) fn new(count: usize) -> Self {
        Self {
            pending: (0..count).collect(),
            got: (0..count).map(|_| None).collect(),
            tries: vec![0; count],
            round_again: 0,
            renewals: 0,
            unauthorized: false,
            wait: None,
            stalled_since: None,
        }
    }

    /// Milliseconds for which nothing but "too fast" has come back, at the end of a round.
    pub(super) fn stalled_ms(&mut self, now: Mono) -> u64 {
        now.ms_since(*self.stalled_since.get_or_insert(now))
    }

    /// Takes in one answer; `Err` when it ends the whole read.
    pub(super) fn take(&mut self, at: usize, step: Step) -> Result<(), TenantError> {
        match step {
            Step::Got(got) => {
                self.stalled_since = None;
                if let Some(slot) = self.got.get_mut(at) {
                    *slot = Some(got);
                }
                Ok(())
            }
            Step::Final(error) => Err(error),
            Step::Unauthorized(remote) => self.renew(at, remote),
            Step::Throttled { until, remote } => {
                let error = fault(TenantErrorKind::WaitTooLong, "throttled", remote);
                self.again(at, TRIES_THROTTLED, until, error)
            }
            Step::Again { error, tries, .. } => self.again(at, tries, None, error),
        }
    }

    fn renew(&mut self, at: usize, remote: Remote) -> Result<(), TenantError> {
        if !self.unauthorized {
            self.renewals += 1;
        }
        if self.renewals > RENEWALS {
            return Err(refused(401, "", remote));
        }
        self.unauthorized = true;
        self.requeue(at);
        Ok(())
    }

    fn again(
        &mut self,
        at: usize,
        tries: u32,
        until: Option<Mono>,
        error: TenantError,
    ) -> Result<(), TenantError> {
        let Some(tried) = self.tries.get_mut(at) else { return Err(error) };
        *tried += 1;
        if *tried >= tries {
            return Err(error);
        }
        let backoff_ms = 500u64 << (*tried - 1).min(4);
        let wait = self.wait.get_or_insert(Wait { backoff_ms: 0, until: None, remote: Remote::default() });
        wait.backoff_ms = wait.backoff_ms.max(backoff_ms);
        wait.until = wait.until.max(until);
        wait.remote = error.remote;
        self.requeue(at);
        Ok(())
    }

    fn requeue(&mut self, at: usize) {
        self.pending.push(at);
        self.round_again += 1;
    }

    /// How many of this round go again.
    pub(super) fn end_round(&mut self) -> usize {
        self.unauthorized = false;
        std::mem::take(&mut self.round_again)
    }
}
