//! `$batch`: several requests in one, answered in any order.
//!
//! Owns: its wire form (<https://learn.microsoft.com/en-us/graph/json-batching>). Does not own: which requests
//! go in, or what the replies mean.

use std::collections::BTreeMap;

use bytes::Bytes;
use oathctl_core::tenant::{ETag, Remote};
use serde::Serialize;
use serde_json::Value;

use super::shape::Body;
use crate::remote::{field, words};
use crate::secret::WipedBody;

/// A request that can stand alone or in a batch.
pub(super) struct Inner {
    pub(super) method: &'static str,
    /// Relative to Graph's base, encoded.
    pub(super) path: String,
    pub(super) body: Option<Body>,
    /// Only this version of what the path names.
    pub(super) if_match: Option<ETag>,
    /// The stable name for the report, when it stands alone.
    pub(super) route: &'static str,
}

impl Inner {
    /// True when it carries a seed or a code.
    pub(super) fn is_confidential(&self) -> bool {
        self.body.as_ref().is_some_and(Body::is_confidential)
    }
}

#[derive(Serialize)]
struct Requests<'a> {
    requests: Vec<RequestWire<'a>>,
}

#[derive(Serialize)]
struct RequestWire<'a> {
    id: String,
    method: &'static str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Headers<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a Body>,
}

/// Every request with a body must name its kind.
#[derive(Serialize)]
struct Headers<'a> {
    #[serde(rename = "Content-Type", skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    #[serde(rename = "If-Match", skip_serializing_if = "Option::is_none")]
    if_match: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn of(inner: &'a Inner) -> Option<Self> {
        let content_type = inner.body.as_ref().map(|_| "application/json");
        let if_match = inner.if_match.as_ref().map(ETag::as_str);
        (content_type.is_some() || if_match.is_some()).then_some(Self { content_type, if_match })
    }
}

/// The body of a `$batch`; ids are the positions from 1.
pub(super) fn encode(inner: &[&Inner]) -> Option<Bytes> {
    let requests = inner
        .iter()
        .enumerate()
        .map(|(at, inner)| RequestWire {
            id: (at + 1).to_string(),
            method: inner.method,
            url: &inner.path,
            headers: Headers::of(inner),
            body: inner.body.as_ref(),
        })
        .collect();
    WipedBody::json(&Requests { requests })
}

/// One inner reply.
pub(super) struct InnerReply {
    pub(super) status: u16,
    headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

impl InnerReply {
    /// A header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Its words.
    pub(super) fn remote(&self) -> Remote {
        words(self.status, &self.body, self.header("request-id"))
    }
}

/// The replies by position, joined by id; `None` where none came. `Err` when it is no batch reply at all.
pub(super) fn decode(body: Value, count: usize) -> Result<Vec<Option<InnerReply>>, ()> {
    let Value::Object(mut object) = body else { return Err(()) };
    let Some(Value::Array(responses)) = object.remove("responses") else { return Err(()) };
    let mut replies: Vec<Option<InnerReply>> = (0..count).map(|_| None).collect();
    for response in responses {
        let at = number(field(&response, "id")).and_then(|id| id.checked_sub(1));
        if let Some(slot) = at.and_then(|at| replies.get_mut(at)).filter(|slot| slot.is_none()) {
            *slot = read_inner(response);
        }
    }
    Ok(replies)
}

fn read_inner(mut response: Value) -> Option<InnerReply> {
    let status = number(field(&response, "status")).and_then(|s| u16::try_from(s).ok())?;
    let headers =
        field(&response, "headers").and_then(Value::as_object).map_or_else(BTreeMap::new, |object| {
            object
                .iter()
                .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)))
                .collect()
        });
    let body = response.get_mut("body").map_or(Value::Null, Value::take);
    Some(InnerReply { status, headers, body })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => values.first().and_then(text),
        _ => None,
    }
}

/// A number, also one in quotes.
fn number(value: Option<&Value>) -> Option<usize> {
    match value? {
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn replies_are_joined_by_id_in_any_order() {
        let body = json!({"responses": [
            {"id": "3", "status": 204},
            {"id": "1", "status": "429", "headers": {"Retry-After": 7}, "body": {"error": {"code": "x"}}},
            {"id": "1", "status": 200}, {"id": "99", "status": 200}, {"status": 200},
        ]});
        let replies = decode(body, 3).unwrap();
        let first = replies[0].as_ref().unwrap();
        assert_eq!((first.status, first.header("retry-after")), (429, Some("7")));
        assert!(replies[1].is_none());
        assert_eq!(replies[2].as_ref().unwrap().status, 204);
    }

    #[test]
    fn what_is_no_batch_reply() {
        assert!(decode(json!({"value": []}), 1).is_err());
        assert!(decode(Value::Null, 1).is_err());
    }
}
