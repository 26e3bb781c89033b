//! The truth about the tenant, no lag and no seed.

use serde_json::{Value, json};

use crate::sim::Parts;
use crate::time::rfc3339;
use crate::world::{Person, Token, World};

pub(super) fn show(parts: &mut Parts, now: i64) -> Value {
    let world = &parts.world;
    let tokens: Vec<Value> =
        world.tokens.iter().filter(|token| token.exists()).map(|token| one(world, token)).collect();
    json!({
        "unix_ms": now,
        "people": world.people.len(),
        "deleted_people": world.people.iter().filter(|(_, p)| p.is_restorable()).count(),
        "sessions_revoked": world.people.iter().filter_map(|(_, person)| revoked(person)).collect::<Vec<_>>(),
        "pending_effects": world.pending_effects(),
        "policy_enabled": world.policy.enabled,
        "tokens": tokens,
    })
}

/// How often somebody's sign-in sessions were ended, and when last.
fn revoked(person: &Person) -> Option<Value> {
    let at = person.sessions_revoked.last()?;
    let times = person.sessions_revoked.len();
    Some(json!({"id": person.id.to_string(), "upn": person.upn, "times": times, "last": rfc3339(*at)}))
}

fn one(world: &World, token: &Token) -> Value {
    let details = token.details();
    let holder = token.holder().map(|ix| world.people.get(ix));
    json!({
        "id": token.id.to_string(), "serial": token.serial, "status": token.status().graph_name(),
        "holder": holder.map(|person| json!({"id": person.id.to_string(), "upn": person.upn})),
        "display_name": details.display_name, "manufacturer": details.manufacturer, "model": details.model,
        "period_s": details.period_s, "hash": details.hash.graph_name(),
        "drift_steps": token.drift_steps, "drift_s": token.drift_steps * i64::from(details.period_s),
        "created": rfc3339(token.created_at), "last_used": token.last_used().map(rfc3339),
    })
}
