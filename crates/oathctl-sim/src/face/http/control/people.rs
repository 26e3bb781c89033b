//! What happens to people: sign-in, joining, leaving.

use serde_json::json;

use super::{Told, body, wrong};
use crate::face::http::Face;
use crate::face::http::call::Call;
use crate::secret::CodeText;
use crate::world::PersonSpec;

/// `{"upn", "code"}`: 200 with `ok` and, if not, the reason.
pub(super) fn sign_in(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let (Some(upn), Some(code)) = (body["upn"].as_str(), body["code"].as_str()) else {
        return wrong("upn and code are needed, both as text");
    };
    let code = CodeText::new(code.to_owned());
    face.sim.with(|parts, now| {
        let outcome = parts.world.sign_in(upn, &code, now);
        let told = match outcome {
            Ok(sign_in) => {
                let serial = &parts.world.tokens.get(sign_in.token).serial;
                json!({"ok": true, "reason": null, "serial": serial, "drift_steps": sign_in.drift_steps})
            }
            Err(failure) => {
                json!({"ok": false, "reason": failure.to_string(), "serial": null, "drift_steps": null})
            }
        };
        (200, told)
    })
}

/// `{"upn", "deleted": true}`, `{"upn", "enabled": bool}`, `{"upn", "admin": true}` change a person; a name
/// nobody has is added, with `display_name`, `guest`, `apps`, `phone`.
pub(super) fn change(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let Some(upn) = body["upn"].as_str() else { return wrong("upn is needed") };
    let yes = |name: &str| body[name].as_bool();
    face.sim.with(|parts, now| {
        let world = &mut parts.world;
        let ix = world.people.by_upn(upn).unwrap_or_else(|| {
            world.add_person(&PersonSpec {
                upn: upn.to_owned(),
                display_name: body["display_name"].as_str().unwrap_or_default().to_owned(),
                guest: yes("guest").unwrap_or(false),
                apps: body["apps"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0).min(20),
                phone: yes("phone").unwrap_or(false),
                ..PersonSpec::default()
            })
        });
        if let Some(enabled) = yes("enabled") {
            world.set_enabled(ix, enabled);
        }
        if yes("admin") == Some(true) {
            world.grant_role(ix, 0);
        }
        if yes("deleted") == Some(true) {
            world.delete_person(ix, now);
        }
        (200, json!({"id": world.people.get(ix).id.to_string(), "upn": upn}))
    })
}
