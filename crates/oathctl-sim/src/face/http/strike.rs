//! One call from arrival to answer: latency, faults, the lock, request ids, dates.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::answer::{Answer, Content, too_many};
use super::call::{Call, Realm};
use super::graph::{self, Ctx};
use super::{Face, login};
use crate::guid::Guid;
use crate::options::RetryAfter;
use crate::sim::Parts;
use crate::time::{graph_stamp, http_date};
use crate::world::{CallFaults, CallKind, Duplicate, Strike, When, World};

/// In a response's extensions: there is no response. The server breaks the connection, a caller in
/// process turns it into a transport error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimFault {
    /// Reset before anything happened.
    ResetBefore,
    /// Reset after the effect.
    ResetAfter,
    /// Never answered; the effect has happened or will.
    Lost,
}

enum Reply {
    Answer(Answer),
    Broken(SimFault),
}

/// Works on one call.
pub(super) async fn answer(face: &Face, call: &Call) -> Response<Body> {
    let kind = kind_of(call);
    let (faults, arrived) = face.sim.with(|parts, now| (parts.world.draw_faults(kind), now));
    pause(faults.latency_ms / 2).await;
    let (response, hold_ms) = face.sim.with(|parts, now| {
        let reply = reply(face, parts, call, faults, now, arrived);
        let lost = matches!(reply, Reply::Broken(SimFault::Lost));
        let hold_ms = if lost { parts.world.options().lost_hold_ms } else { 0 };
        (render(&mut parts.world, call, reply, faults, now), hold_ms)
    });
    face.stats.answered(response.status().as_u16());
    pause(faults.latency_ms - faults.latency_ms / 2 + hold_ms).await;
    response
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// A batch may write, whatever it holds.
fn kind_of(call: &Call) -> CallKind {
    match (call.realm(), call.method.as_str()) {
        (Realm::Login, _) => CallKind::Login,
        (_, "GET" | "HEAD") => CallKind::Read,
        _ => CallKind::Write,
    }
}

fn reply(face: &Face, parts: &mut Parts, call: &Call, faults: CallFaults, now: i64, arrived: i64) -> Reply {
    match faults.strike {
        Strike::TooMany { .. } | Strike::Internal | Strike::Unavailable => {
            Reply::Answer(refusal(faults.strike, now))
        }
        Strike::Html => Reply::Answer(html()),
        Strike::Redirect => Reply::Answer(
            Answer::new(302, Content::None).header("location", "https://captive.example/login".to_owned()),
        ),
        Strike::ResetBefore => Reply::Broken(SimFault::ResetBefore),
        Strike::None
        | Strike::GatewayTimeout
        | Strike::ResetAfter
        | Strike::Lost
        | Strike::Delayed { .. } => {
            let answer = effect(face, parts, call, faults, now, arrived);
            match faults.strike {
                Strike::GatewayTimeout => Reply::Answer(Answer::error(
                    504,
                    "UnknownError",
                    "The gateway did not receive a response in time.",
                )),
                Strike::ResetAfter => Reply::Broken(SimFault::ResetAfter),
                Strike::Lost | Strike::Delayed { .. } => Reply::Broken(SimFault::Lost),
                _ => Reply::Answer(answer),
            }
        }
    }
}

/// The answer of a fault that is an ordinary status.
pub(super) fn refusal(strike: Strike, now: i64) -> Answer {
    match strike {
        Strike::TooMany { retry_after_ms } => {
            too_many(retry_after_ms.map(|ms| now + i64::try_from(ms).unwrap_or(0)))
        }
        Strike::Unavailable => {
            Answer::error(503, "serviceNotAvailable", "The service is temporarily unavailable.")
        }
        _ => Answer::error(500, "generalException", "An unexpected error occurred."),
    }
}

fn html() -> Answer {
    let page = "<!DOCTYPE html><html><head><title>Proxy</title></head><body>Please sign in to the network.</body></html>";
    Answer::new(200, Content::Text("text/html; charset=utf-8", page.to_owned()))
}

fn effect(face: &Face, parts: &mut Parts, call: &Call, faults: CallFaults, now: i64, arrived: i64) -> Answer {
    let mut once = || {
        if call.realm() == Realm::Login {
            return login::route(face, &mut parts.world, call, now);
        }
        let when = match faults.strike {
            Strike::Delayed { by_ms } => When::Later(now + by_ms),
            _ => When::Now(now),
        };
        let mut ctx = Ctx {
            face,
            world: &mut parts.world,
            now,
            read_at: now - faults.stale_ms,
            when,
            arrived,
            foreign_next_link: faults.foreign_next_link,
        };
        graph::dispatch(&mut ctx, call, false)
    };
    let first = once();
    match faults.duplicate {
        None => first,
        Some(Duplicate::FirstReply) => {
            once();
            first
        }
        Some(Duplicate::SecondReply) => once(),
    }
}

/// `Retry-After` as the switch spells it.
pub(super) fn retry_after(world: &World, at: i64, now: i64) -> Option<String> {
    let wait_ms = (at - now).max(0);
    match world.options().retry_after {
        RetryAfter::Integer => Some((wait_ms + 999).div_euclid(1000).to_string()),
        RetryAfter::Decimal => Some(format!("{}.{:03}", wait_ms / 1000, wait_ms % 1000)),
        RetryAfter::Date => Some(http_date(world.tenant_clock(at) + 999)),
        RetryAfter::None => None,
    }
}

fn render(world: &mut World, call: &Call, reply: Reply, faults: CallFaults, now: i64) -> Response<Body> {
    let answer = match reply {
        Reply::Answer(answer) => answer,
        Reply::Broken(fault) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response.extensions_mut().insert(fault);
            return response;
        }
    };
    let clock = world.tenant_clock(now);
    let request_id = world.fresh_id().to_string();
    let asked = call.header("client-request-id").filter(|id| Guid::parse(id).is_some());
    let client_id = asked.map_or_else(|| request_id.clone(), str::to_owned);
    let (kind, body) = match &answer.content {
        Content::Text(kind, text) => (*kind, text.clone()),
        _ => {
            let body = answer.body(&graph_stamp(clock), &request_id, &client_id);
            ("application/json; charset=utf-8", body.map_or_else(String::new, |value| value.to_string()))
        }
    };
    let mut headers = answer.headers.clone();
    if !body.is_empty() {
        headers.push(("content-type", kind.to_owned()));
    }
    headers.extend(answer.retry_at.and_then(|at| retry_after(world, at, now)).map(|v| ("retry-after", v)));
    headers.push(("date", http_date(clock + faults.date_lie_ms)));
    headers.push(("request-id", request_id));
    headers.push(("client-request-id", client_id));
    assemble(answer.status, headers, body)
}

fn assemble(status: u16, headers: Vec<(&'static str, String)>, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
