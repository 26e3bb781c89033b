//! What this crate's tests share: a scripted transport, a clock that jumps to where somebody sleeps to, hand-
//! written replies. Nothing here is shared with the practice tenant.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use oathctl_core::offset::ServerClock;
use oathctl_core::pace::{Permits, Settings};
use oathctl_core::stop::Stop;
use oathctl_core::tenant::TenantError;
use oathctl_core::time::{Clock, Mono, Utc};
use serde_json::Value;

use crate::counters::Counters;
use crate::endpoint::{Cloud, Endpoint};
use crate::graph::{GraphBackend, GraphParts, GraphSettings};
use crate::secret::AccessToken;
use crate::signin::{Credential, Granted, SignIn};
use crate::transport::{Broke, PublicRootOnly, Transport, TransportError};

/// 2025-11-22T04:00:00Z; both clocks and all replies begin here.
pub(crate) const START: i64 = 1_763_784_000;
pub(crate) const TENANT: &str = "5b9f5e7c-0000-4000-8000-0000000000aa";

/// Time that passes only by sleeping or by hand.
pub(crate) struct TestClock(Mutex<(u64, i64)>);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((1_000, START * 1000))))
    }

    pub(crate) fn pass(&self, ms: u64) {
        let mut now = self.0.lock().unwrap();
        *now = (now.0 + ms, now.1 + i64::try_from(ms).unwrap());
    }
}

impl Clock for TestClock {
    fn utc(&self) -> Utc {
        Utc::from_unix_ms(self.0.lock().unwrap().1)
    }

    fn mono(&self) -> Mono {
        Mono(self.0.lock().unwrap().0)
    }

    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        let ms = at.ms_since(self.mono());
        self.pass(ms);
        Box::pin(std::future::ready(()))
    }
}

pub(crate) type Answer = Result<Response<Bytes>, TransportError>;

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) line: String,
    pub(crate) access_token: String,
    pub(crate) body: Value,
    pub(crate) raw: String,
    pub(crate) timeout: Duration,
    /// Its `If-Match`.
    pub(crate) if_match: Option<String>,
    /// Its `ConsistencyLevel`.
    pub(crate) consistency: Option<String>,
    /// It was marked to leave only over a public root.
    pub(crate) public_only: bool,
}

type Respond = Box<dyn Fn(&Sent) -> Answer + Send + Sync>;

/// Answers in the order of its script, then as its responder says, and keeps what was sent.
pub(crate) struct Script {
    answers: Mutex<VecDeque<Answer>>,
    respond: Option<Respond>,
    hangs: bool,
    /// Who reads along, if anybody.
    pub(crate) inspector: Mutex<Option<String>>,
    pub(crate) sent: Mutex<Vec<Sent>>,
}

impl Script {
    pub(crate) fn new(answers: Vec<Answer>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into()),
            respond: None,
            hangs: false,
            inspector: Mutex::default(),
            sent: Mutex::default(),
        })
    }

    pub(crate) fn responding(respond: impl Fn(&Sent) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        let respond: Option<Respond> = Some(Box::new(respond));
        Arc::new(Self {
            answers: Mutex::default(),
            respond,
            hangs: false,
            inspector: Mutex::default(),
            sent: Mutex::default(),
        })
    }

    /// Never answers.
    pub(crate) fn hanging() -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            respond: None,
            hangs: true,
            inspector: Mutex::default(),
            sent: Mutex::default(),
        })
    }

    /// `METHOD path?query` of every request.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|sent| sent.line.clone()).collect()
    }

    pub(crate) fn nth(&self, at: usize) -> Sent {
        self.sent.lock().unwrap()[at].clone()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.answers.lock().unwrap().is_empty()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Bytes>, timeout: Duration) -> Answer {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let access_token =
            parts.headers.get("authorization").and_then(|h| h.to_str().ok()).unwrap_or_default();
        let sent = Sent {
            line: format!("{} {}", parts.method, path),
            access_token: access_token.to_owned(),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            raw: String::from_utf8_lossy(&body).into_owned(),
            timeout,
            if_match: parts.headers.get("if-match").and_then(|h| h.to_str().ok()).map(str::to_owned),
            consistency: parts
                .headers
                .get("consistencylevel")
                .and_then(|h| h.to_str().ok())
                .map(str::to_owned),
            public_only: parts.extensions.get::<PublicRootOnly>().is_some(),
        };
        let answer = self.answers.lock().unwrap().pop_front();
        let answer = answer.or_else(|| self.respond.as_ref().map(|respond| respond(&sent)));
        self.sent.lock().unwrap().push(sent);
        match answer {
            Some(answer) => answer,
            None if self.hangs => std::future::pending().await,
            None => panic!("the script is at its end"),
        }
    }

    fn inspected(&self) -> Option<String> {
        self.inspector.lock().unwrap().clone()
    }
}

/// A JSON reply with the start's `Date`.
pub(crate) fn json(status: u16, body: Value) -> Answer {
    dated(status, body, START)
}

/// A JSON reply with another `Date`.
pub(crate) fn dated(status: u16, body: Value, date: i64) -> Answer {
    with_headers(status, body, &[("date", &http_date(date))])
}

pub(crate) fn with_headers(status: u16, body: Value, headers: &[(&str, &str)]) -> Answer {
    let text = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut reply = Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    Ok(reply.body(text).unwrap())
}

pub(crate) fn http_date(secs: i64) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(u64::try_from(secs).unwrap()))
}

pub(crate) fn html(status: u16) -> Answer {
    let reply = Response::builder().status(status).header("content-type", "text/html");
    let reply = reply.header("date", http_date(START + 86_400));
    Ok(reply.body(Bytes::from_static(b"<html>Sign in to the guest network</html>")).unwrap())
}

pub(crate) fn lost() -> Answer {
    Err(TransportError::Lost { kind: Broke::Reset, detail: "" })
}

pub(crate) fn not_sent(kind: Broke) -> Answer {
    Err(TransportError::NotSent { kind, detail: "" })
}

/// An error body.
pub(crate) fn error(code: &str, message: &str) -> Value {
    serde_json::json!({"error": {"code": code, "message": message, "innerError": {"request-id": "req-1"}}})
}

/// Gives `access-1`, `access-2` …, or what it was told to.
pub(crate) struct Counting {
    pub(crate) given: Mutex<u32>,
    pub(crate) fails: Mutex<Option<TenantError>>,
    pub(crate) lives: Duration,
    pub(crate) claims: Option<Value>,
}

impl Counting {
    pub(crate) fn new() -> Self {
        Self { given: Mutex::new(0), fails: Mutex::default(), lives: Duration::from_secs(3600), claims: None }
    }
}

#[async_trait]
impl Credential for Counting {
    async fn fetch(&self) -> Result<Granted, TenantError> {
        if let Some(error) = self.fails.lock().unwrap().clone() {
            return Err(error);
        }
        let mut given = self.given.lock().unwrap();
        *given += 1;
        let text = self.claims.as_ref().map_or_else(
            || format!("access-{given}"),
            |claims| {
                format!("e30.{}.s", data_encoding::BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
            },
        );
        Ok(Granted { access_token: AccessToken::new(text), lives: self.lives, date: None })
    }
}

/// A back end over a script.
pub(crate) struct Bench {
    pub(crate) script: Arc<Script>,
    pub(crate) credential: Arc<Counting>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) server_clock: Arc<ServerClock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stop: Stop,
    pub(crate) permits: Permits,
    pub(crate) graph: GraphBackend,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::new(
        "https://graph.microsoft.com/beta",
        "https://login.microsoftonline.com",
        Cloud::Global,
        None,
    )
    .unwrap()
}

pub(crate) fn bench(answers: Vec<Answer>) -> Bench {
    bench_with(answers, Counting::new())
}

pub(crate) fn bench_with(answers: Vec<Answer>, credential: Counting) -> Bench {
    bench_over(Script::new(answers), credential)
}

pub(crate) fn bench_over(script: Arc<Script>, credential: Counting) -> Bench {
    bench_set(script, credential, GraphSettings::default())
}

pub(crate) fn bench_set(script: Arc<Script>, credential: Counting, settings: GraphSettings) -> Bench {
    let (clock, stop) = (TestClock::new(), Stop::new());
    let credential = Arc::new(credential);
    let server_clock = Arc::new(ServerClock::new());
    let counters = Arc::new(Counters::new());
    let permits = Permits::new(Arc::clone(&clock) as Arc<dyn Clock>, stop.clone(), &Settings::default());
    let graph = GraphBackend::new(GraphParts {
        transport: Arc::clone(&script) as Arc<dyn Transport>,
        credential: Arc::clone(&credential) as Arc<dyn Credential>,
        endpoint: endpoint(),
        tenant: None,
        permits: permits.clone(),
        server_clock: Arc::clone(&server_clock),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        stop: stop.clone(),
        counters: Arc::clone(&counters),
        settings,
    });
    Bench { script, credential, clock, server_clock, counters, stop, permits, graph }
}

/// Sign-in over a script.
pub(crate) fn sign_in(script: &Arc<Script>, clock: &Arc<TestClock>) -> SignIn {
    SignIn {
        transport: Arc::clone(script) as Arc<dyn Transport>,
        endpoint: endpoint(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        stop: Stop::new(),
        counters: Arc::new(Counters::new()),
        timeout: Duration::from_secs(30),
        max_wait: Duration::from_secs(300),
    }
}
