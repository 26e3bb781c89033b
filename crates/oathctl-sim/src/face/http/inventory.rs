//! `/directory/authenticationMethodDevices/hardwareOathDevices`: the tenant's tokens.

use serde_json::{Value, json};

use super::answer::{Answer, Content, Outcome, access_denied, bad_request, not_allowed};
use super::call::Call;
use super::filter::Filter;
use super::graph::{Ctx, no_segment};
use super::{bulk, page, wire};
use crate::guid::Guid;
use crate::options::{OverMaxTop, Permit};
use crate::world::{Done, NewToken, Refusal, TokenIx, TokenRef, Write};

const CONTEXT: &str = "directory/authenticationMethodDevices/hardwareOathDevices";

/// Properties Microsoft documents `$filter eq` for, and the ids scripts use.
const FILTERABLE: [&str; 9] = [
    "assignedto",
    "assignedto/id",
    "hashfunction",
    "id",
    "manufacturer",
    "model",
    "serialnumber",
    "status",
    "timeintervalinseconds",
];

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(ctx, call),
        ("GET", ["$count"]) => count(ctx, call),
        ("POST", []) => create(ctx, call),
        ("PATCH", []) => bulk::route(ctx, call),
        ("GET", [id]) => get(ctx, call, id),
        ("PATCH", [id]) => update(ctx, call, id),
        ("DELETE", [id]) => delete(ctx, call, id),
        ("GET", [id, "assignto"]) => holder(ctx, id),
        ("PUT", [id, "assignto", "$ref"]) => assign_ref(ctx, call, id),
        (_, [] | [_]) => Err(not_allowed()),
        (_, [.., last]) => Err(no_segment(last)),
    }
}

/// An id of a path; a token that cannot exist is a token that does not exist.
pub(super) fn device_id(ctx: &Ctx<'_>, id: &str) -> Result<Guid, Answer> {
    Guid::parse(id).ok_or_else(|| ctx.refused(Refusal::NoToken))
}

/// `If-Match` as a version number.
pub(super) fn if_match(call: &Call) -> Option<u64> {
    call.header("if-match")?.trim_start_matches("W/").trim_matches('"').parse().ok()
}

fn filter(call: &Call) -> Result<Option<Filter>, Answer> {
    let Some(text) = call.option("filter") else { return Ok(None) };
    let filter = Filter::read(text)?;
    let known = filter.properties().iter().all(|name| FILTERABLE.contains(&name.as_str()));
    if known && filter.only_equality() {
        Ok(Some(filter))
    } else {
        Err(bad_request("The filter is not supported for this resource."))
    }
}

fn page_size(ctx: &Ctx<'_>, call: &Call) -> Result<usize, Answer> {
    let most = ctx.world.options().page_size.0;
    let Some(top) = call.option("top") else { return Ok(most) };
    let top: usize = top.parse().ok().filter(|n| *n > 0).ok_or_else(|| bad_request("Invalid $top."))?;
    match ctx.world.options().over_max_top {
        _ if top <= most => Ok(top),
        OverMaxTop::Cap | OverMaxTop::Ignore => Ok(most),
        OverMaxTop::Reject => Err(bad_request("The $top value is too large.")),
    }
}

/// Matching devices from a place on, as flat JSON with their places.
fn matching<'a>(
    ctx: &'a Ctx<'_>,
    filter: Option<&'a Filter>,
    from: usize,
) -> impl Iterator<Item = (usize, Value)> + 'a {
    let by_serial = filter.and_then(Filter::keys).filter(|(name, _)| name == "serialnumber");
    let places: Box<dyn Iterator<Item = usize>> = match by_serial {
        Some((_, serials)) => {
            let mut found: Vec<usize> =
                serials.iter().flat_map(|s| ctx.world.tokens.by_serial(s)).map(|ix| *ix as usize).collect();
            found.sort_unstable();
            Box::new(found.into_iter().filter(move |place| *place >= from))
        }
        None => Box::new(from..ctx.world.tokens.len()),
    };
    places.filter_map(move |place| {
        let view = ctx.world.token_at(TokenIx::try_from(place).ok()?, ctx.read_at)?;
        let item = wire::device(ctx.world, &view);
        filter.is_none_or(|filter| filter.meets(&item)).then_some((place, item))
    })
}

fn list(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_policy_read()?;
    let (filter, size, select) = (filter(call)?, page_size(ctx, call)?, call.select());
    let shape = ctx.world.options().inventory_item_shape;
    let items = matching(ctx, filter.as_ref(), page::start(call)?)
        .map(|(place, item)| (place, wire::shaped(shape, wire::selected(item, &select))));
    let mut answer = page::answer(ctx, call, CONTEXT, size, items)?;
    if let (Some("true"), Content::Json(body)) = (call.option("count"), &mut answer.content) {
        body["@odata.count"] = json!(matching(ctx, filter.as_ref(), 0).count());
    }
    Ok(answer)
}

fn count(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_policy_read()?;
    let filter = filter(call)?;
    let count = matching(ctx, filter.as_ref(), 0).count();
    Ok(Answer::new(200, Content::Text("text/plain", count.to_string())))
}

fn get(ctx: &Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_policy_read()?;
    let id = device_id(ctx, id)?;
    let view = ctx.world.tokens.by_id(id).and_then(|ix| ctx.world.token_at(ix, ctx.read_at));
    let view = view.ok_or_else(|| ctx.refused(Refusal::NoToken))?;
    let item = wire::selected(wire::device(ctx.world, &view), &call.select());
    let shape = ctx.world.options().inventory_item_shape;
    Ok(entity(call, 200, wire::shaped(shape, item), ctx.world.options().etags.then(|| wire::etag(&view))))
}

fn entity(call: &Call, status: u16, mut item: Value, etag: Option<String>) -> Answer {
    item["@odata.context"] = json!(format!("{}/{}/$metadata#{CONTEXT}/$entity", call.origin, call.version));
    let answer = Answer::json(status, item);
    match etag {
        Some(etag) => answer.header("etag", etag),
        None => answer,
    }
}

/// Strikes out or refuses `assignTo` when the app may not write methods.
pub(super) fn permit_assignment(ctx: &Ctx<'_>, mut new: NewToken) -> Result<NewToken, Answer> {
    if new.assign_to.is_some() && !ctx.may_write_methods() {
        match ctx.world.options().assign_to_unpermitted {
            Permit::Allow => {}
            Permit::Forbid => return Err(access_denied()),
            Permit::Ignore => new.assign_to = None,
        }
    }
    Ok(new)
}

fn create(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_policy_write()?;
    let new = wire::new_token(&call.json()?).map_err(|refusal| ctx.refused(refusal))?;
    let new = permit_assignment(ctx, new)?;
    match ctx.write(Write::Create(new))? {
        Done::Token(ix) => {
            let view = ctx.world.token_at(ix, ctx.now).ok_or_else(|| ctx.refused(Refusal::NoToken))?;
            let etag = ctx.world.options().etags.then(|| wire::etag(&view));
            Ok(entity(call, 201, wire::device(ctx.world, &view), etag))
        }
        Done::Bulk(_) | Done::Nothing | Done::Later => Ok(Answer::done()),
    }
}

fn update(ctx: &mut Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_policy_write()?;
    let token = TokenRef::Id(device_id(ctx, id)?);
    let changes = wire::changes(&call.json()?).map_err(|refusal| ctx.refused(refusal))?;
    ctx.write(Write::Update { token, changes, etag: if_match(call) })?;
    Ok(Answer::done())
}

fn delete(ctx: &mut Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_policy_write()?;
    let token = TokenRef::Id(device_id(ctx, id)?);
    ctx.write(Write::Delete { token, etag: if_match(call) })?;
    Ok(Answer::done())
}

fn holder(ctx: &Ctx<'_>, id: &str) -> Outcome {
    ctx.needs_policy_read()?;
    let id = device_id(ctx, id)?;
    let view = ctx.world.tokens.by_id(id).and_then(|ix| ctx.world.token_at(ix, ctx.read_at));
    let view = view.ok_or_else(|| ctx.refused(Refusal::NoToken))?;
    match view.holder {
        Some(ix) => Ok(Answer::json(200, wire::person(ctx.world.people.get(ix)))),
        None => Ok(Answer::done()),
    }
}

/// `PUT …/assignTo/$ref`: the body names the person by URL.
pub(super) fn assign_ref(ctx: &mut Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_method_write()?;
    let token = TokenRef::Id(device_id(ctx, id)?);
    let body = call.json()?;
    let url = body["@odata.id"].as_str().unwrap_or_default();
    let key = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let person = ctx.person(key)?;
    let person = ctx.world.people.get(person).id;
    ctx.write(Write::Assign { token, person })?;
    Ok(Answer::done())
}
