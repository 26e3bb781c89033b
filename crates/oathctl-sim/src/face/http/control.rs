//! `/_sim/…`: what no real tenant has. Switches, reset, clock, the truth about the state, figures, devices,
//! people, deeds by hand, sign-in. No seed is ever shown, except for devices it was asked to invent.

mod devices;
mod hands;
mod people;
mod state;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::Face;
use super::call::Call;
use crate::options::Options;
use crate::time::rfc3339;
use crate::world::World;

/// Status and body.
type Told = (u16, Value);

fn wrong(message: impl Into<String>) -> Told {
    (400, json!({"error": message.into()}))
}

pub(super) fn answer(face: &Face, call: &Call) -> Response<Body> {
    let low = call.low();
    let (status, body) = match (call.method.as_str(), &low[1..]) {
        ("GET", ["options"]) => (200, face.sim.with(|parts, _| show_options(&parts.world))),
        ("PATCH", ["options"]) => patch_options(face, call),
        ("POST", ["reset"]) => reset(face, call),
        ("POST", ["clock"]) => advance(face, call),
        ("GET", ["clock"]) => (200, clock(face)),
        ("GET", ["state"]) => (200, face.sim.with(state::show)),
        ("GET", ["stats"]) => (200, stats(face)),
        ("POST", ["devices"]) => devices::add(face, call),
        ("GET", ["devices"]) => (200, devices::list(face)),
        ("PATCH", ["devices", _]) => devices::bend(face, call),
        ("GET", ["devices", _, "code"]) => devices::press(face, call),
        ("POST", ["people"]) => people::change(face, call),
        ("GET", ["people", _]) => people::show(face, call),
        ("POST", ["hand"]) => hands::act(face, call),
        ("POST", ["sign-in"]) => people::sign_in(face, call),
        _ => (404, json!({"error": "no such control route"})),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

/// The body as an object; an absent body is an empty object.
fn body(call: &Call) -> Result<Value, Told> {
    if call.body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&call.body).map_err(|_| wrong("the body is not JSON"))
}

fn show_options(world: &World) -> Value {
    let options = world.options();
    let list: Vec<Value> = Options::table()
        .iter()
        .map(|spec| {
            json!({
                "name": spec.name, "value": spec.value_in(options), "default": spec.default_value(),
                "values": spec.values, "certainty": spec.certainty.word(), "meaning": spec.meaning,
            })
        })
        .collect();
    json!({"options": list})
}

/// `{"name": value, …}`; all or none.
fn patch_options(face: &Face, call: &Call) -> Told {
    let wanted = match body(call) {
        Ok(Value::Object(map)) => map,
        Ok(_) => return wrong("an object of names and values is needed"),
        Err(told) => return told,
    };
    face.sim.with(|parts, _| match set_all(&mut parts.world, &wanted) {
        Ok(()) => (200, show_options(&parts.world)),
        Err(message) => wrong(message),
    })
}

fn set_all(world: &mut World, wanted: &Map<String, Value>) -> Result<(), String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut trial = world.options().clone();
    for (name, value) in wanted {
        trial.set(name, &text(value)).map_err(|e| e.to_string())?;
    }
    for (name, value) in wanted {
        world.set_option(name, &text(value)).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// `{"options": true}` and `{"devices": true}` reset those too.
fn reset(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let asked = |name: &str| body[name].as_bool().unwrap_or(false);
    face.sim.reset(asked("options"), asked("devices"));
    face.stats.clear();
    (200, json!({"reset": true}))
}

fn advance(face: &Face, call: &Call) -> Told {
    let seconds = match body(call) {
        Ok(body) => body["advance_s"].as_f64().filter(|s| (0.0..=1.0e9).contains(s)),
        Err(told) => return told,
    };
    let Some(seconds) = seconds else { return wrong("advance_s: seconds forward, a number") };
    face.sim.lock().advance_ms += (seconds * 1000.0) as i64;
    (200, clock(face))
}

fn clock(face: &Face) -> Value {
    face.sim.with(|parts, now| {
        let tenant = parts.world.tenant_clock(now);
        json!({"unix_ms": now, "utc": rfc3339(now), "tenant_unix_ms": tenant, "advanced_ms": parts.advance_ms})
    })
}

fn stats(face: &Face) -> Value {
    let counts = face.sim.with(|parts, _| parts.world.limiter.counts);
    let mut out = face.stats.show();
    out["operations"] =
        json!({"accepted": counts.accepted, "refused": counts.refused, "early": counts.early});
    out
}
