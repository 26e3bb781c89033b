//! What an answer means for a write. The one place where a status decides.
//!
//! Owns: [`Verdict`]. Does not own: sending, or what is done next; that is the engine's.

use oathctl_core::tenant::{NotSent, Remote, Reply, TenantError, TenantErrorKind};
use oathctl_core::time::{Mono, ServerTime};
use serde_json::Value;

use super::batch::InnerReply;
use super::call::{Answer, Came};
use crate::fault::no_reply;
use crate::remote::{field, words};
use crate::transport::{INSPECTED, TransportError};

/// A [`Reply`] before its content is read, and with a 401 told apart: it has not been done and can be sent with
/// a new access token.
#[derive(Clone)]
pub(super) enum Verdict {
    Done { body: Value, at: Option<ServerTime> },
    Refused { remote: Remote, whole_call: bool },
    Throttled { until: Option<Mono>, remote: Remote },
    NotSent { why: NotSent, remote: Remote },
    InDoubt { remote: Remote },
    Unauthorized { remote: Remote },
}

impl Verdict {
    /// As the engine's reply. `content` reads what came back; what it cannot read may still have been done.
    pub(super) fn into_reply<T>(
        self,
        content: impl FnOnce(&Value, Option<ServerTime>) -> Option<T>,
    ) -> Reply<T> {
        match self {
            Self::Done { body, at } => match content(&body, at) {
                Some(value) => Reply::Done { value, at },
                None => Reply::InDoubt { remote: Remote::default() },
            },
            Self::Refused { remote, whole_call } => Reply::Refused { remote, whole_call },
            Self::Unauthorized { remote } => Reply::Refused { remote, whole_call: true },
            Self::Throttled { until, remote } => Reply::Throttled { until, remote },
            Self::NotSent { why, remote } => Reply::NotSent { why, remote },
            Self::InDoubt { remote } => Reply::InDoubt { remote },
        }
    }

    /// No access token, so nothing was sent.
    pub(super) fn no_access_token(error: &TenantError) -> Self {
        let why = match error.kind {
            TenantErrorKind::Unreachable | TenantErrorKind::NotTheTenant => NotSent::Unreachable,
            TenantErrorKind::Stopped => NotSent::Stopped,
            _ => NotSent::SignIn,
        };
        let mut remote = error.remote.clone();
        remote.code = Some(error.detail.clone());
        Self::NotSent { why, remote }
    }
}

/// The answer to a whole request. `whole_call` says whether it carried more than the item it is about.
pub(super) fn outer(came: &Came, whole_call: bool) -> Verdict {
    match came {
        Came::Back(answer) => {
            let failed = (!(200..300).contains(&answer.status)).then(|| answer.remote());
            judge(answer.status, answer.until(), failed, whole_call, || (answer.json(), answer.at()))
        }
        // A page of a portal or proxy proves nothing about the request; reading will tell who is there.
        Came::Foreign { word, remote } => {
            Verdict::InDoubt { remote: Remote { code: Some((*word).to_owned()), ..remote.clone() } }
        }
        Came::Not(TransportError::NotSent { detail: INSPECTED, .. }) => {
            Verdict::NotSent { why: NotSent::Unreachable, remote: inspected(None) }
        }
        Came::Not(error @ TransportError::NotSent { .. }) => {
            Verdict::NotSent { why: NotSent::Unreachable, remote: unanswered(error) }
        }
        Came::Not(error @ TransportError::Lost { .. }) => Verdict::InDoubt { remote: unanswered(error) },
    }
}

/// The words for what was kept back because somebody reads along (H20): who, as far as it is known.
pub(super) fn inspected(issuer: Option<String>) -> Remote {
    Remote { code: Some("tls_inspected".to_owned()), message: issuer, ..Remote::default() }
}

/// The answer to one item of a batch; a missing one leaves it in doubt.
pub(super) fn inner(answer: &Answer, reply: Option<InnerReply>) -> Verdict {
    let Some(reply) = reply else {
        return Verdict::InDoubt { remote: Remote { status: None, ..answer.remote() } };
    };
    let until = answer.until_of(reply.header("retry-after"));
    let failed = (!(200..300).contains(&reply.status)).then(|| reply.remote());
    judge(reply.status, until, failed, false, || (reply.body, answer.at()))
}

fn judge(
    status: u16,
    until: Option<Mono>,
    failed: Option<Remote>,
    whole_call: bool,
    content: impl FnOnce() -> (Value, Option<ServerTime>),
) -> Verdict {
    let Some(remote) = failed else {
        let (body, at) = content();
        return succeeded(status, body, at);
    };
    refusal(status, until, remote, whole_call)
}

/// A refusal by its status, of a request or of an item inside a success.
pub(super) fn refusal(status: u16, until: Option<Mono>, remote: Remote, whole_call: bool) -> Verdict {
    match status {
        401 => Verdict::Unauthorized { remote },
        429 => Verdict::Throttled { until, remote },
        408 => Verdict::InDoubt { remote },
        400..=499 => Verdict::Refused { remote, whole_call },
        _ => Verdict::InDoubt { remote },
    }
}

/// A success may still carry an error object (it has been looked for by a public client).
fn succeeded(status: u16, body: Value, at: Option<ServerTime>) -> Verdict {
    if field(&body, "error").is_some_and(Value::is_object) {
        return Verdict::Refused { remote: words(status, &body, None), whole_call: false };
    }
    Verdict::Done { body, at }
}

fn unanswered(error: &TransportError) -> Remote {
    let fault = no_reply(error);
    Remote { code: Some(fault.detail), ..fault.remote }
}
