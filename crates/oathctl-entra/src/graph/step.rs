//! What an answer means for a read: the one place where a status decides.
//!
//! Owns: [`Got`], [`Step`]. Does not own: how often, or when, something is asked again ([`super::progress`]).

use oathctl_core::tenant::{ClockSample, ETag, Remote, TenantError};
use oathctl_core::time::{Mono, ServerTime};
use serde_json::Value;

use super::batch::{self, InnerReply};
use super::call::{Answer, Came};
use crate::fault::{foreign, no_reply, refused, unavailable};
use crate::pacing::Tally;
use crate::transport::{Broke, TransportError};

/// Sends of one read that gets no answer, or a 5xx.
const TRIES: u32 = 6;
/// Sends of one read whose host cannot be found or reached.
const TRIES_UNREACHABLE: u32 = 3;
/// A clear answer: a success or a refusal.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) at: Option<ServerTime>,
    pub(super) sample: Option<ClockSample>,
    /// The version of the one entity it is about, where a header names it.
    pub(super) etag: Option<ETag>,
    remote: Option<Remote>,
}

impl Got {
    pub(super) const fn is_ok(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The words of a refusal.
    pub(super) fn remote(&self) -> Remote {
        self.remote.clone().unwrap_or(Remote { status: Some(self.status), ..Remote::default() })
    }

    /// The refusal as the end of the whole read.
    pub(super) fn refused(&self, permission: &str) -> TenantError {
        refused(self.status, permission, self.remote())
    }
}

/// What one send of one read came to.
pub(super) enum Step {
    Got(Got),
    Unauthorized(Remote),
    Throttled { until: Option<Mono>, remote: Remote },
    Again { error: TenantError, tries: u32, counts: bool },
    Final(TenantError),
}

impl Step {
    /// An outer answer is every inner one's.
    pub(super) fn copy(&self) -> Self {
        match self {
            Self::Got(got) => {
                let (body, remote, etag) = (got.body.clone(), got.remote.clone(), got.etag.clone());
                Self::Got(Got { body, remote, etag, ..*got })
            }
            Self::Unauthorized(remote) => Self::Unauthorized(remote.clone()),
            Self::Throttled { until, remote } => Self::Throttled { until: *until, remote: remote.clone() },
            Self::Again { error, tries, counts } => {
                Self::Again { error: error.clone(), tries: *tries, counts: *counts }
            }
            Self::Final(error) => Self::Final(error.clone()),
        }
    }
}

/// What the pacer is told about one round.
pub(super) fn tally(steps: &[Step]) -> Tally {
    let mut tally = Tally::default();
    for step in steps {
        match step {
            Step::Got(_) | Step::Unauthorized(_) | Step::Final(_) => tally.accepted += 1,
            Step::Throttled { until, .. } => {
                tally.throttled += 1;
                tally.until = tally.until.max(*until);
            }
            Step::Again { counts, .. } => tally.lost += usize::from(*counts),
        }
    }
    tally
}

/// What a single reply means for a read.
pub(super) fn alone(came: Came) -> Step {
    match came {
        Came::Back(answer) => {
            let remote = if (200..300).contains(&answer.status) { None } else { Some(answer.remote()) };
            judge(answer.status, answer.until(), remote, || got(&answer, answer.json()))
        }
        // A gateway's own page; the next try may reach Graph.
        Came::Foreign { remote, .. } if remote.status.is_some_and(|s| s >= 500) => {
            let status = remote.status.unwrap_or(500);
            Step::Again { error: unavailable(status, remote), tries: TRIES, counts: true }
        }
        Came::Foreign { word, remote } => Step::Final(foreign(word, remote)),
        Came::Not(error) => unanswered(&error),
    }
}

fn unanswered(error: &TransportError) -> Step {
    let fault = no_reply(error);
    match (error, error.kind()) {
        (_, Broke::TooLarge)
        | (TransportError::NotSent { .. }, Broke::Tls | Broke::Proxy | Broke::Request) => Step::Final(fault),
        (TransportError::NotSent { .. }, _) => {
            Step::Again { error: fault, tries: TRIES_UNREACHABLE, counts: false }
        }
        (TransportError::Lost { .. }, _) => Step::Again { error: fault, tries: TRIES, counts: true },
    }
}

/// What a batch's replies mean, one by one.
pub(super) fn together(answer: &Answer, count: usize) -> Vec<Step> {
    let Ok(replies) = batch::decode(answer.json(), count) else {
        return (0..count).map(|_| Step::Final(foreign("not_json", answer.remote()))).collect();
    };
    replies.into_iter().map(|reply| inner_step(answer, reply)).collect()
}

fn inner_step(answer: &Answer, reply: Option<InnerReply>) -> Step {
    let Some(reply) = reply else {
        let error = unavailable(answer.status, Remote::default());
        return Step::Again { error, tries: TRIES, counts: true };
    };
    let until = answer.until_of(reply.header("retry-after"));
    let remote = if (200..300).contains(&reply.status) { None } else { Some(reply.remote()) };
    let etag = reply.header("etag").and_then(ETag::parse);
    judge(reply.status, until, remote, || Got { status: reply.status, etag, ..got(answer, reply.body) })
}

fn got(answer: &Answer, body: Value) -> Got {
    let etag = answer.etag.clone();
    Got { status: answer.status, body, at: answer.at(), sample: answer.sample, etag, remote: None }
}

/// The one place where a status decides about a read.
fn judge(status: u16, until: Option<Mono>, remote: Option<Remote>, got: impl FnOnce() -> Got) -> Step {
    let words = remote.clone().unwrap_or_default();
    match status {
        401 => Step::Unauthorized(words),
        429 => Step::Throttled { until, remote: words },
        503 if until.is_some() => Step::Throttled { until, remote: words },
        408 | 500..=599 => Step::Again { error: unavailable(status, words), tries: TRIES, counts: true },
        _ => Step::Got(Got { remote, ..got() }),
    }
}
