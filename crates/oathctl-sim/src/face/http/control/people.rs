//! What happens to people: sign-in, joining, leaving, coming back.

use serde_json::{Value, json};

use super::{Told, body, wrong};
use crate::face::http::Face;
use crate::face::http::call::Call;
use crate::secret::CodeText;
use crate::time::rfc3339;
use crate::world::{PersonIx, PersonSpec, SignIn, SignInFailure, World};

/// `{"upn", "code"}`, or `{"upn", "serial"}` for the code the true device shows: 200 with `ok` and, if not, the reason.
pub(super) fn sign_in(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let Some(upn) = body["upn"].as_str() else { return wrong("upn is needed, as text") };
    face.sim.with(|parts, now| match (body["code"].as_str(), body["serial"].as_str()) {
        (Some(code), None) => {
            let outcome = parts.world.sign_in(upn, &CodeText::new(code.to_owned()), now);
            (200, told(&parts.world, outcome))
        }
        (None, Some(serial)) => match parts.sign_in_with(upn, serial, now) {
            Ok(outcome) => (200, told(&parts.world, outcome)),
            Err(failure) => (409, json!({"error": failure.to_string()})),
        },
        _ => wrong("either code or serial is needed, as text"),
    })
}

fn told(world: &World, outcome: Result<SignIn, SignInFailure>) -> Value {
    match outcome {
        Ok(sign_in) => {
            let serial = &world.tokens.get(sign_in.token).serial;
            json!({"ok": true, "reason": null, "serial": serial, "drift_steps": sign_in.drift_steps})
        }
        Err(failure) => {
            json!({"ok": false, "reason": failure.to_string(), "serial": null, "drift_steps": null})
        }
    }
}

/// `{"upn", "deleted": true}` deletes a person, `{"deleted": false}` takes him back, `{"purged": true}` deletes him for
/// good; `{"enabled": bool}`, `{"admin": true}`, `{"new_upn"}` change him. A name nobody has is added, with `display_name`, `guest`,
/// `apps`, `phone`.
pub(super) fn change(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let Some(upn) = body["upn"].as_str() else { return wrong("upn is needed") };
    let yes = |name: &str| body[name].as_bool();
    let of_the_deleted = yes("deleted") == Some(false) || yes("purged") == Some(true);
    face.sim.with(|parts, now| {
        let world = &mut parts.world;
        let gone = || world.people.deleted_by_upn(upn).filter(|_| of_the_deleted);
        let ix = match world.people.by_upn(upn).or_else(gone) {
            Some(ix) => ix,
            None => world.add_person(&spec(upn, &body)),
        };
        if yes("deleted") == Some(false) && world.people.get(ix).deleted_at.is_some() {
            world.restore_person(ix);
        }
        if let Some(enabled) = yes("enabled") {
            world.set_enabled(ix, enabled);
        }
        if yes("admin") == Some(true) {
            world.grant_role(ix, 0);
        }
        if let Some(name) = body["new_upn"].as_str() {
            world.rename_person(ix, name);
        }
        if yes("deleted") == Some(true) {
            world.delete_person(ix, now);
        }
        if yes("purged") == Some(true) {
            world.purge_person(ix, now);
        }
        (200, one(world, ix, now))
    })
}

fn spec(upn: &str, body: &Value) -> PersonSpec {
    PersonSpec {
        upn: upn.to_owned(),
        display_name: body["display_name"].as_str().unwrap_or_default().to_owned(),
        guest: body["guest"].as_bool().unwrap_or(false),
        apps: body["apps"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(20),
        phone: body["phone"].as_bool().unwrap_or(false),
        ..PersonSpec::default()
    }
}

/// Somebody by user principal name, the deleted too.
pub(super) fn show(face: &Face, call: &Call) -> Told {
    let upn = &call.segments[2];
    face.sim.with(|parts, now| {
        let people = &parts.world.people;
        match people.by_upn(upn).or_else(|| people.deleted_by_upn(upn)) {
            Some(ix) => (200, one(&parts.world, ix, now)),
            None => (404, json!({"error": "no such person"})),
        }
    })
}

fn one(world: &World, ix: PersonIx, now: i64) -> Value {
    let person = world.people.get(ix);
    let held = world.held_at(ix, now);
    let tokens: Vec<Value> =
        held.map(|view| json!({"serial": view.serial, "status": view.status.graph_name()})).collect();
    json!({
        "id": person.id.to_string(), "upn": person.upn, "display_name": person.display_name,
        "enabled": person.enabled, "guest": person.guest, "admin": !person.roles.is_empty(),
        "deleted": person.deleted_at.map(rfc3339), "purged": person.purged,
        "sessions_revoked": person.sessions_revoked.len(), "tokens": tokens,
    })
}
