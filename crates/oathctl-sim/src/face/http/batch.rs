//! `POST /$batch`: up to twenty requests in one
//! (<https://learn.microsoft.com/en-us/graph/json-batching>).

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Content, Outcome};
use super::call::Call;
use super::graph::{self, Ctx, only};
use super::strike;
use crate::options::BatchOrder;
use crate::time::graph_stamp;
use crate::world::Strike;

/// Most requests in one batch.
const MOST: usize = 20;

struct Inner {
    id: String,
    after: Vec<String>,
    call: Call,
}

fn malformed(message: &str) -> Answer {
    Answer::error(400, "BadRequest", message)
}

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    only(call, "POST")?;
    let body = call.json()?;
    let inner = read(call, &body)?;
    let mut responses = work(ctx, inner);
    match ctx.world.options().batch_order {
        BatchOrder::Asked => {}
        BatchOrder::Reversed => responses.reverse(),
        BatchOrder::Shuffled => ctx.world.rng().shuffle(&mut responses),
    }
    Ok(Answer::json(200, json!({"responses": responses})))
}

fn read(outer: &Call, body: &Value) -> Result<Vec<Inner>, Answer> {
    let requests = body["requests"].as_array().filter(|r| !r.is_empty());
    let requests = requests.ok_or_else(|| malformed("Invalid batch payload format."))?;
    if requests.len() > MOST {
        let message = format!("Number of batch request steps exceeds the maximum value of {MOST}.");
        return Err(malformed(&message));
    }
    let inner = requests.iter().map(|request| one(outer, request)).collect::<Result<Vec<_>, _>>()?;
    let mut ids = BTreeSet::new();
    if !inner.iter().all(|request| ids.insert(request.id.to_lowercase())) {
        return Err(malformed("Request Id appears more than once in the batch."));
    }
    if inner.iter().flat_map(|request| &request.after).any(|id| !ids.contains(&id.to_lowercase())) {
        return Err(malformed("Invalid dependsOn: no request has this id."));
    }
    Ok(inner)
}

fn one(outer: &Call, request: &Value) -> Result<Inner, Answer> {
    let text = |name: &str| request[name].as_str().filter(|t| !t.is_empty());
    let (Some(id), Some(method), Some(url)) = (text("id"), text("method"), text("url")) else {
        return Err(malformed("Every request needs id, method and url."));
    };
    let mut headers = HeaderMap::new();
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str());
        let value = HeaderValue::try_from(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    if request.get("body").is_some() && !headers.contains_key("content-type") {
        let message = format!("Write request id : {id} does not contain Content-Type header or body.");
        return Err(malformed(&message));
    }
    if let Some(authorization) = outer.headers.get("authorization") {
        headers.entry("authorization").or_insert_with(|| authorization.clone());
    }
    let body = request.get("body").map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let after = request["dependsOn"].as_array().into_iter().flatten();
    Ok(Inner {
        id: id.to_owned(),
        after: after.filter_map(Value::as_str).map(str::to_owned).collect(),
        call: Call::inner(outer, method, url, headers, body),
    })
}

/// Works on the requests, each as soon as those it depends on are done.
fn work(ctx: &mut Ctx<'_>, requests: Vec<Inner>) -> Vec<Value> {
    let mut done: BTreeMap<String, u16> = BTreeMap::new();
    let mut responses = Vec::with_capacity(requests.len());
    let mut waiting = requests;
    while !waiting.is_empty() {
        let is_ready = |r: &Inner| r.after.iter().all(|id| done.contains_key(&id.to_lowercase()));
        let (mut ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        waiting = later;
        if ready.is_empty() {
            // A circle: nobody in it can ever start.
            ready = std::mem::take(&mut waiting);
            for request in &mut ready {
                request.after.push(String::new());
            }
        }
        for request in ready {
            let good = |id: &String| done.get(&id.to_lowercase()).is_some_and(|status| *status < 400);
            let answer =
                if request.after.iter().all(good) { run(ctx, &request) } else { dependency_failed() };
            done.insert(request.id.to_lowercase(), answer.status);
            responses.push(response(ctx, &request, &answer));
        }
    }
    responses
}

fn run(ctx: &mut Ctx<'_>, request: &Inner) -> Answer {
    ctx.face.stats.inner(&request.call);
    match ctx.world.draw_inner() {
        Strike::None => graph::dispatch(ctx, &request.call, true),
        strike => strike::refusal(strike, ctx.now),
    }
}

fn dependency_failed() -> Answer {
    Answer::error(424, "FailedDependency", "The request this one depends on has failed.")
}

fn response(ctx: &mut Ctx<'_>, request: &Inner, answer: &Answer) -> Value {
    let request_id = ctx.world.fresh_id().to_string();
    let mut headers = Map::new();
    for (name, value) in &answer.headers {
        headers.insert((*name).to_owned(), json!(value));
    }
    let retry = answer.retry_at.and_then(|at| strike::retry_after(ctx.world, at, ctx.now));
    if let Some(wait) = retry {
        headers.insert("Retry-After".to_owned(), json!(wait));
    }
    let stamp = graph_stamp(ctx.world.tenant_clock(ctx.now));
    let body = match &answer.content {
        Content::Text(kind, text) => {
            headers.insert("Content-Type".to_owned(), json!(kind));
            Some(json!(text))
        }
        _ => answer.body(&stamp, &request_id, &request_id),
    };
    if body.is_some() && !headers.contains_key("Content-Type") {
        headers.insert("Content-Type".to_owned(), json!("application/json"));
    }
    headers.insert("request-id".to_owned(), json!(request_id));
    let mut out = json!({"id": request.id, "status": answer.status, "headers": headers});
    if let Some(body) = body {
        out["body"] = body;
    }
    out
}
