//! The method policy: `/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath`.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, bad_request, not_allowed};
use super::call::Call;
use super::graph::Ctx;
use crate::guid::Guid;
use crate::world::{Policy, Target, TargetKind, Write};

const TYPE: &str = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration";

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    match call.method.as_str() {
        "GET" => {
            ctx.needs_policy_read()?;
            Ok(Answer::json(200, show(&ctx.world.policy)))
        }
        "PATCH" => {
            ctx.needs_policy_write()?;
            let policy = changed(&ctx.world.policy, &call.json()?)?;
            ctx.write(Write::SetPolicy(policy))?;
            Ok(Answer::done())
        }
        "DELETE" => {
            ctx.needs_policy_write()?;
            ctx.write(Write::SetPolicy(Policy::default()))?;
            Ok(Answer::done())
        }
        _ => Err(not_allowed()),
    }
}

fn show(policy: &Policy) -> Value {
    let include = policy.include.iter().map(|target| {
        let mut item = show_target(target);
        item["isRegistrationRequired"] = json!(false);
        item
    });
    json!({
        "@odata.type": TYPE, "id": "HardwareOath",
        "state": if policy.enabled { "enabled" } else { "disabled" },
        "excludeTargets": policy.exclude.iter().map(show_target).collect::<Vec<_>>(),
        "includeTargets": include.collect::<Vec<_>>(),
    })
}

fn show_target(target: &Target) -> Value {
    let id = target.id.map_or_else(|| "all_users".to_owned(), |id| id.to_string());
    let kind = match target.kind {
        TargetKind::Group => "group",
        TargetKind::User => "user",
    };
    json!({"targetType": kind, "id": id})
}

fn changed(policy: &Policy, body: &Value) -> Result<Policy, Answer> {
    let mut next = policy.clone();
    match body["state"].as_str() {
        None if body["state"].is_null() => {}
        Some("enabled") => next.enabled = true,
        Some("disabled") => next.enabled = false,
        _ => return Err(bad_request("The state is not valid.")),
    }
    if let Some(list) = body["includeTargets"].as_array() {
        next.include = list.iter().map(target).collect::<Result<_, _>>()?;
    }
    if let Some(list) = body["excludeTargets"].as_array() {
        next.exclude = list.iter().map(target).collect::<Result<_, _>>()?;
    }
    Ok(next)
}

fn target(item: &Value) -> Result<Target, Answer> {
    let invalid = || bad_request("The target is not valid.");
    let kind = match item["targetType"].as_str() {
        Some("user") => TargetKind::User,
        Some("group") | None => TargetKind::Group,
        Some(_) => return Err(invalid()),
    };
    match item["id"].as_str() {
        Some("all_users") => Ok(Target { id: None, kind }),
        Some(id) => Ok(Target { id: Some(Guid::parse(id).ok_or_else(invalid)?), kind }),
        None => Err(invalid()),
    }
}
