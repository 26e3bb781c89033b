//! `/users/{id}/authentication/hardwareOathMethods`: assign, activate, deactivate, unassign.

use serde_json::{Value, json};

use super::answer::{Answer, Content, Outcome, bad_request, not_allowed};
use super::call::Call;
use super::graph::{Ctx, no_segment};
use super::inventory::{assign_ref, device_id, if_match};
use super::{page, wire};
use crate::guid::Guid;
use crate::options::{DeletedHolder, Expand};
use crate::secret::CodeText;
use crate::time::rfc3339;
use crate::world::{Done, PersonIx, Refusal, TokenRef, TokenView, Write};

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, rest: &[&str]) -> Outcome {
    if call.method == "GET" {
        ctx.needs_method_read()?
    } else {
        ctx.needs_method_write()?
    }
    if let ("PUT", [id, "device", "assignto", "$ref"]) = (call.method.as_str(), rest) {
        return assign_ref(ctx, call, id);
    }
    let person = holder(ctx, &call.segments[1])?;
    let id = ctx.world.people.get(person).id;
    match (call.method.as_str(), rest) {
        ("GET", []) => list(ctx, call, person),
        ("GET", ["$count"]) => {
            let count = ctx.world.held_at(person, ctx.read_at).count();
            Ok(Answer::new(200, Content::Text("text/plain", count.to_string())))
        }
        ("POST", []) => assign(ctx, call, id),
        ("POST", ["assignandactivate"]) => assign_and_activate(ctx, call, id),
        ("POST", ["assignandactivatebyserialnumber"]) => by_serial(ctx, call, id),
        ("GET", [method]) => get(ctx, call, person, method),
        ("GET", [method, "device"]) => device(ctx, person, method),
        ("DELETE", [method]) => unassign(ctx, call, id, method),
        ("POST", [method, "activate" | "microsoft.graph.activate"]) => activate(ctx, call, id, method),
        ("POST", [method, "deactivate" | "microsoft.graph.deactivate"]) => deactivate(ctx, id, method),
        (_, [] | [_]) => Err(not_allowed()),
        (_, [.., last]) => Err(no_segment(last)),
    }
}

/// The person of the path; by a switch the deleted can still be named by id.
fn holder(ctx: &Ctx<'_>, key: &str) -> Result<PersonIx, Answer> {
    let deleted = Guid::parse(key).and_then(|id| ctx.world.people.by_id(id));
    match deleted {
        Some(ix) if ctx.world.options().deleted_holder == DeletedHolder::Keep => Ok(ix),
        _ => ctx.person(key),
    }
}

/// One method of a person; `device` as the switch says.
pub(super) fn method(ctx: &Ctx<'_>, call: &Call, view: &TokenView<'_>) -> Value {
    let mut out = bare(view);
    let shown = match ctx.world.options().device_in_methods {
        Expand::Always => true,
        Expand::OnRequest => call.expands("device"),
        Expand::Never => false,
    };
    if shown {
        out["device"] = wire::device(ctx.world, view);
    }
    out
}

fn bare(view: &TokenView<'_>) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.hardwareOathAuthenticationMethod",
        "id": view.id.to_string(),
        "createdDateTime": rfc3339(view.holder_since),
    })
}

fn list(ctx: &Ctx<'_>, call: &Call, person: PersonIx) -> Outcome {
    let context = format!("users('{}')/authentication/hardwareOathMethods", ctx.world.people.get(person).id);
    let select = call.select();
    let items = ctx
        .world
        .held_at(person, ctx.read_at)
        .map(|view| wire::selected(method(ctx, call, &view), &select))
        .enumerate();
    page::answer(ctx, call, &context, usize::MAX, items)
}

fn find<'a>(ctx: &'a Ctx<'_>, person: PersonIx, id: &str) -> Result<TokenView<'a>, Answer> {
    let id = device_id(ctx, id)?;
    let view = ctx.world.tokens.by_id(id).and_then(|ix| ctx.world.token_at(ix, ctx.read_at));
    view.filter(|view| view.holder == Some(person)).ok_or_else(|| ctx.refused(Refusal::NoMethod))
}

fn get(ctx: &Ctx<'_>, call: &Call, person: PersonIx, id: &str) -> Outcome {
    let view = find(ctx, person, id)?;
    Ok(Answer::json(200, method(ctx, call, &view)))
}

fn device(ctx: &Ctx<'_>, person: PersonIx, id: &str) -> Outcome {
    let view = find(ctx, person, id)?;
    Ok(Answer::json(200, wire::device(ctx.world, &view)))
}

fn named_device(ctx: &Ctx<'_>, body: &Value) -> Result<TokenRef, Answer> {
    let id = body["device"]["id"].as_str();
    let id = id.ok_or_else(|| bad_request("The property device with an id is required."))?;
    device_id(ctx, id).map(TokenRef::Id)
}

/// The code is a string; a number has lost its leading zeros and is refused.
fn code(ctx: &Ctx<'_>, body: &Value) -> Result<CodeText, Answer> {
    let code = body["verificationCode"].as_str().map(|code| CodeText::new(code.to_owned()));
    code.ok_or_else(|| ctx.refused(Refusal::BadField("verificationCode")))
}

fn name(body: &Value) -> Option<String> {
    body["displayName"].as_str().map(str::to_owned)
}

fn assign(ctx: &mut Ctx<'_>, call: &Call, person: Guid) -> Outcome {
    let token = named_device(ctx, &call.json()?)?;
    match ctx.write(Write::Assign { token, person })? {
        Done::Token(ix) => {
            let token = ctx.world.tokens.get(ix);
            let mut body = json!({
                "@odata.type": "#microsoft.graph.hardwareOathAuthenticationMethod",
                "id": token.id.to_string(), "createdDateTime": rfc3339(ctx.now),
            });
            body["@odata.context"] = json!(format!(
                "{}/{}/$metadata#users('{person}')/authentication/hardwareOathMethods/$entity",
                call.origin, call.version
            ));
            Ok(Answer::json(201, body))
        }
        Done::Bulk(_) | Done::Nothing | Done::Later => Ok(Answer::done()),
    }
}

fn activate(ctx: &mut Ctx<'_>, call: &Call, person: Guid, method: &str) -> Outcome {
    let body = call.json()?;
    let token = TokenRef::Id(device_id(ctx, method)?);
    let code = code(ctx, &body)?;
    ctx.write(Write::Activate { token, person, code, display_name: name(&body) })?;
    Ok(Answer::done())
}

fn assign_and_activate(ctx: &mut Ctx<'_>, call: &Call, person: Guid) -> Outcome {
    let body = call.json()?;
    let token = named_device(ctx, &body)?;
    both(ctx, &body, token, person)
}

fn by_serial(ctx: &mut Ctx<'_>, call: &Call, person: Guid) -> Outcome {
    let body = call.json()?;
    let serial = body["serialNumber"].as_str();
    let serial = serial.ok_or_else(|| ctx.refused(Refusal::BadField("serialNumber")))?;
    both(ctx, &body, TokenRef::Serial(serial.to_owned()), person)
}

fn both(ctx: &mut Ctx<'_>, body: &Value, token: TokenRef, person: Guid) -> Outcome {
    let code = code(ctx, body)?;
    ctx.write(Write::AssignAndActivate { token, person, code, display_name: name(body) })?;
    Ok(Answer::done())
}

fn deactivate(ctx: &mut Ctx<'_>, person: Guid, method: &str) -> Outcome {
    let token = TokenRef::Id(device_id(ctx, method)?);
    ctx.write(Write::Deactivate { token, person })?;
    Ok(Answer::done())
}

fn unassign(ctx: &mut Ctx<'_>, call: &Call, person: Guid, method: &str) -> Outcome {
    let token = TokenRef::Id(device_id(ctx, method)?);
    ctx.write(Write::Unassign { token, person, etag: if_match(call) })?;
    Ok(Answer::done())
}
