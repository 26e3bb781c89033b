//! One HTTP request to Graph: out once, and what came back.
//!
//! Owns: headers, counting, the clock's food, telling Graph's replies from other people's. Does not own: what a
//! status means for a read ([`super::read`]) or a write ([`super::verdict`]).

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use oathctl_core::tenant::{ClockSample, ETag, Remote};
use oathctl_core::time::{Mono, ServerTime, Utc};
use serde_json::Value;

use super::GraphBackend;
use crate::remote::{clean, header_id, words};
use crate::retry_after::not_before;
use crate::secret::AccessToken;
use crate::signin::looks_like_html;
use crate::transport::{Broke, PublicRootOnly, TransportError};

/// A request that is ready but for the access token.
pub(super) struct Outgoing {
    pub(super) method: Method,
    /// Absolute.
    pub(super) url: String,
    pub(super) body: Option<Bytes>,
    /// The body carries a seed or a code.
    pub(super) confidential: bool,
    /// The stable name for the report.
    pub(super) route: &'static str,
    pub(super) operations: usize,
    /// Only this version of what the URL names.
    pub(super) if_match: Option<ETag>,
    /// Asks for Graph's advanced queries.
    pub(super) eventual: bool,
    pub(super) timeout: Duration,
}

/// What became of it.
pub(super) enum Came {
    /// Graph's own reply, whatever its status.
    Back(Answer),
    /// Somebody else's: a web page or a redirect. The word says which.
    Foreign { word: &'static str, remote: Remote },
    /// None.
    Not(TransportError),
}

impl Came {
    /// True when the access token was refused, and so the whole request.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Back(answer) if answer.status == 401)
    }

    /// The request id of Graph's reply.
    pub(super) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Back(answer) => answer.request_id.as_deref(),
            Self::Foreign { .. } | Self::Not(_) => None,
        }
    }
}

/// Graph's reply.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) sample: Option<ClockSample>,
    pub(super) received: Mono,
    /// Our best idea of the tenant's time when it arrived, for `Retry-After` dates.
    server_now: Utc,
    retry_after: Option<String>,
    request_id: Option<String>,
    /// The version of the one entity it is about, where a header names it.
    pub(super) etag: Option<ETag>,
}

impl Answer {
    /// The tenant's time of the reply.
    pub(super) fn at(&self) -> Option<ServerTime> {
        self.sample.map(|sample| ServerTime(sample.server))
    }

    /// Not before this instant, by the reply's own header.
    pub(super) fn until(&self) -> Option<Mono> {
        self.until_of(self.retry_after.as_deref())
    }

    /// The same for a header of an inner reply.
    pub(super) fn until_of(&self, retry_after: Option<&str>) -> Option<Mono> {
        not_before(retry_after?, self.received, self.server_now)
    }

    /// The body as JSON; `Null` when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The reply's words.
    pub(super) fn remote(&self) -> Remote {
        words(self.status, &self.json(), self.request_id.as_deref())
    }
}

impl GraphBackend {
    /// Sends once.
    pub(super) async fn call(&self, access_token: &AccessToken, out: Outgoing) -> Came {
        let (route, operations, timeout) = (out.route, out.operations, out.timeout);
        let public_only = out.confidential && !self.settings.allow_inspected_tls;
        let Some(mut request) = build(access_token, out) else {
            return Came::Not(TransportError::NotSent { kind: Broke::Request, detail: "" });
        };
        if public_only {
            request.extensions_mut().insert(PublicRootOnly);
        }
        self.counters.sent(route, operations);
        let sent = self.clock.mono();
        match self.transport.send(request, timeout).await {
            Ok(reply) => self.read_reply(reply, sent),
            Err(error) => Came::Not(error),
        }
    }

    fn read_reply(&self, reply: Response<Bytes>, sent: Mono) -> Came {
        let (parts, body) = reply.into_parts();
        let status = parts.status.as_u16();
        let word = match status {
            300..=399 => Some("redirect"),
            // "Too fast" may come from a gateway, and counts all the same.
            _ if status != 429 && looks_like_html(&parts.headers, &body) => Some("html"),
            200..=299 if !body.is_empty() && !is_json(&body) => Some("not_json"),
            _ => None,
        };
        if let Some(word) = word {
            let target = parts.headers.get(LOCATION).and_then(|l| l.to_str().ok()).map(clean);
            return Came::Foreign {
                word,
                remote: Remote { status: Some(status), message: target, ..Remote::default() },
            };
        }
        let sample =
            is_graphs(&parts.headers, status).then(|| self.dates.take_graph(&parts.headers, sent)).flatten();
        let text = |value: Option<&HeaderValue>| value.and_then(|v| v.to_str().ok()).map(str::to_owned);
        Came::Back(Answer {
            status,
            body,
            received: self.clock.mono(),
            server_now: sample.map_or_else(|| self.clock.utc(), |s| s.server),
            sample,
            retry_after: text(parts.headers.get(RETRY_AFTER)),
            request_id: header_id(&parts.headers).map(str::to_owned),
            etag: parts.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).and_then(ETag::parse),
        })
    }
}

/// A reply whose `Date` may be believed: JSON or Graph's request id, or an empty success.
fn is_graphs(headers: &HeaderMap, status: u16) -> bool {
    let json = headers
        .get(CONTENT_TYPE)
        .and_then(|t| t.to_str().ok())
        .is_some_and(|t| t.to_ascii_lowercase().contains("json"));
    json || header_id(headers).is_some() || (200..300).contains(&status)
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

fn build(access_token: &AccessToken, out: Outgoing) -> Option<Request<Bytes>> {
    let mut bearer = zeroize::Zeroizing::new(String::with_capacity(4096));
    bearer.push_str("Bearer ");
    bearer.push_str(access_token.expose_access_token());
    let mut authorization = HeaderValue::from_str(&bearer).ok()?;
    authorization.set_sensitive(true);
    let mut request = Request::builder()
        .method(out.method)
        .uri(out.url)
        .header(AUTHORIZATION, authorization)
        .header(ACCEPT, "application/json");
    if out.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    if let Some(etag) = &out.if_match {
        request = request.header(IF_MATCH, etag.as_str());
    }
    if out.eventual {
        request = request.header("ConsistencyLevel", "eventual");
    }
    request.body(out.body.unwrap_or_default()).ok()
}
