//! What goes back: a status, headers, a body; and the error shapes of Graph.

use serde_json::{Value, json};

use crate::face::words::{status_of, wording};
use crate::world::{Refusal, World};

/// The body of an answer.
#[derive(Debug, Clone)]
pub(super) enum Content {
    None,
    Json(Value),
    /// Graph's error object; request ids are added when it leaves.
    Error {
        code: String,
        message: String,
        inner_message: bool,
    },
    Text(&'static str, String),
}

/// An answer before request ids and dates are put on.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
    /// For 429: when a repetition may succeed, in milliseconds since 1970.
    pub retry_at: Option<i64>,
}

/// A handler's way out; both sides are answers.
pub(super) type Outcome = Result<Answer, Answer>;

impl Answer {
    pub fn new(status: u16, content: Content) -> Self {
        Self { status, headers: Vec::new(), content, retry_at: None }
    }

    pub fn json(status: u16, body: Value) -> Self {
        Self::new(status, Content::Json(body))
    }

    pub fn done() -> Self {
        Self::new(204, Content::None)
    }

    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        Self::new(status, Content::Error { code, message, inner_message: false })
    }

    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn retry_at(mut self, at: Option<i64>) -> Self {
        self.retry_at = at;
        self
    }

    /// The body as JSON, error objects completed with the ids of this request.
    pub fn body(&self, stamp: &str, request_id: &str, client_request_id: &str) -> Option<Value> {
        match &self.content {
            Content::None | Content::Text(..) => None,
            Content::Json(value) => Some(value.clone()),
            Content::Error { code, message, inner_message } => {
                let mut inner = json!({
                    "date": stamp, "request-id": request_id, "client-request-id": client_request_id
                });
                if *inner_message {
                    inner["message"] = json!(message);
                }
                Some(json!({"error": {"code": code, "message": message, "innerError": inner}}))
            }
        }
    }
}

pub(super) fn bad_request(message: &str) -> Answer {
    Answer::error(400, "badRequest", message)
}

/// The methods back end's refusal: the text stands in `innerError` too.
pub(super) fn access_denied() -> Answer {
    let (code, message) = ("accessDenied".to_owned(), "Request Authorization failed".to_owned());
    Answer::new(403, Content::Error { code, message, inner_message: true })
}

/// The directory's refusal.
pub(super) fn request_denied() -> Answer {
    let message = "Insufficient privileges to complete the operation.";
    Answer::error(403, "Authorization_RequestDenied", message)
}

pub(super) fn no_resource(id: &str) -> Answer {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    Answer::error(404, "Request_ResourceNotFound", &message)
}

pub(super) fn not_allowed() -> Answer {
    let message = "Specified HTTP method is not allowed for the request target.";
    Answer::error(405, "Request_BadRequest", message)
}

/// 429 as the service words it.
pub(super) fn too_many(retry_at: Option<i64>) -> Answer {
    let message = "Please retry again later.";
    Answer::error(429, "TooManyRequests", message).retry_at(retry_at)
}

/// A refusal of the world in Graph's words, or, where those are unknown, in words marked as our own.
pub(super) fn refused(world: &World, refusal: Refusal) -> Answer {
    let (status, code) = status_of(world, refusal);
    match refusal {
        Refusal::AdminTarget => access_denied(),
        Refusal::Quota { until } => too_many(Some(until)),
        _ => Answer::error(status, code, &wording(world, refusal)),
    }
}
