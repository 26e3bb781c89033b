//! `/users`: look-up and lists of people, and their groups.

use serde_json::{Value, json};

use super::answer::{Answer, Content, Outcome, bad_request};
use super::call::Call;
use super::filter::Filter;
use super::graph::{Ctx, no_segment, only};
use super::search::Search;
use super::{directory, page, wire};
use crate::guid::Guid;
use crate::world::{Person, PersonIx, Write};

/// Shown when no `$select` asks otherwise.
const DEFAULT: [&str; 11] = [
    "businessphones",
    "displayname",
    "givenname",
    "id",
    "jobtitle",
    "mail",
    "mobilephone",
    "officelocation",
    "preferredlanguage",
    "surname",
    "userprincipalname",
];
/// All that `User.ReadBasic.All` shows.
const BASIC: [&str; 6] = ["displayname", "givenname", "id", "mail", "surname", "userprincipalname"];
const FILTERABLE: [&str; 8] =
    ["accountenabled", "displayname", "givenname", "id", "mail", "surname", "userprincipalname", "usertype"];
/// Most alternatives in a filter without the advanced capabilities.
const MOST_ALTERNATIVES: usize = 15;
/// Largest `$top`.
const LARGEST_PAGE: usize = 999;

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call, rest: &[&str]) -> Outcome {
    if let [_, "revokesigninsessions" | "microsoft.graph.revokesigninsessions"] = rest {
        return revoke_sessions(ctx, call);
    }
    only(call, "GET")?;
    match rest {
        [] => list(ctx, call),
        ["$count"] => count(ctx, call),
        [_] => get(ctx, call),
        [_, "transitivememberof" | "memberof", ..] => member_of(ctx, call),
        [.., last] => Err(no_segment(last)),
    }
}

fn shown(person: &Person, select: &[String], basic: bool) -> Value {
    let wanted: Vec<String> =
        if select.is_empty() { DEFAULT.iter().map(|s| (*s).to_owned()).collect() } else { select.to_vec() };
    let wanted: Vec<String> =
        wanted.into_iter().filter(|name| !basic || BASIC.contains(&name.as_str())).collect();
    match wanted.is_empty() {
        true => json!({"id": person.id.to_string()}),
        false => wire::selected(wire::person(person), &wanted),
    }
}

fn get(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    let basic = ctx.needs_users_read()?;
    let key = &call.segments[1];
    // A name that begins with `$` needs the bracket form, or it is taken for an option.
    if key.starts_with('$') && !call.raw_path.contains('(') && !call.raw_path.contains("%28") {
        return Err(bad_request("The request URI is not valid."));
    }
    let person = ctx.world.people.get(ctx.person(key)?);
    let mut body = shown(person, &call.select(), basic);
    body["@odata.context"] = json!(format!("{}/{}/$metadata#users/$entity", call.origin, call.version));
    Ok(Answer::json(200, body))
}

/// <https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions>
fn revoke_sessions(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    only(call, "POST")?;
    ctx.needs_sessions_revoke()?;
    let ix = ctx.person(&call.segments[1])?;
    let person = ctx.world.people.get(ix).id;
    ctx.write(Write::RevokeSessions { person })?;
    let context = format!("{}/{}/$metadata#Edm.Boolean", call.origin, call.version);
    Ok(Answer::json(200, json!({"@odata.context": context, "value": true})))
}

fn filter(call: &Call) -> Result<Option<Filter>, Answer> {
    let Some(text) = call.option("filter") else { return Ok(None) };
    let filter = Filter::read(text)?;
    let unsupported = |message: &str| Answer::error(400, "Request_UnsupportedQuery", message);
    if !filter.properties().iter().all(|name| FILTERABLE.contains(&name.as_str())) {
        return Err(unsupported("Unsupported or invalid query filter clause specified."));
    }
    let advanced = call.eventual() && call.option("count") == Some("true");
    let alternatives = filter.alternatives();
    if alternatives > MOST_ALTERNATIVES && !advanced {
        return Err(unsupported(&format!(
            "Too many child clauses specified in search filter expression containing 'OR' operators: \
             {alternatives}. Max allowed: {MOST_ALTERNATIVES}"
        )));
    }
    if filter.advanced() && !advanced {
        return Err(unsupported("Request with $filter needs ConsistencyLevel: eventual and $count=true."));
    }
    Ok(Some(filter))
}

/// `$search`, where it may be used.
fn search(ctx: &Ctx<'_>, call: &Call) -> Result<Option<Search>, Answer> {
    let Some(text) = call.option("search") else { return Ok(None) };
    let unsupported = |message: &str| Answer::error(400, "Request_UnsupportedQuery", message);
    if !ctx.world.options().user_search {
        return Err(unsupported("$search is not supported in this tenant."));
    }
    if !call.eventual() {
        return Err(unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    let search = Search::read(text).ok_or_else(|| bad_request("Syntax error in $search."))?;
    let known = |name: &String| FILTERABLE.contains(&name.as_str());
    if search.properties().iter().all(known) {
        Ok(Some(search))
    } else {
        Err(unsupported("Unsupported property in $search."))
    }
}

/// Places to look at, from one on: those an index gives, or all.
fn places(ctx: &Ctx<'_>, filter: Option<&Filter>, from: usize) -> Box<dyn Iterator<Item = PersonIx>> {
    let people = &ctx.world.people;
    let mut places: Vec<PersonIx> = match filter.and_then(Filter::keys) {
        Some((name, keys)) if name == "userprincipalname" => {
            keys.into_iter().filter_map(|key| people.by_upn(key)).collect()
        }
        Some((name, keys)) if name == "id" => {
            keys.into_iter().filter_map(Guid::parse).filter_map(|id| people.by_id(id)).collect()
        }
        _ => return Box::new((from..people.len()).filter_map(|place| PersonIx::try_from(place).ok())),
    };
    places.sort_unstable();
    places.dedup();
    Box::new(places.into_iter().filter(move |place| *place as usize >= from))
}

fn matching<'a>(
    ctx: &'a Ctx<'_>,
    filter: Option<&'a Filter>,
    search: Option<&'a Search>,
    from: usize,
) -> impl Iterator<Item = PersonIx> + 'a {
    places(ctx, filter, from).filter(move |ix| {
        let person = ctx.world.people.get(*ix);
        person.deleted_at.is_none()
            && filter.is_none_or(|filter| filter.meets(&wire::person(person)))
            && search.is_none_or(|search| search.meets(&wire::person(person)))
    })
}

fn page_size(ctx: &Ctx<'_>, call: &Call) -> Result<usize, Answer> {
    match call.option("top") {
        None => Ok(ctx.world.options().users_page_size.0),
        Some(top) => top.parse().ok().filter(|n| (1..=LARGEST_PAGE).contains(n)).ok_or_else(|| {
            let message = format!(
                "Invalid page size specified: '{top}'. Must be between 1 and {LARGEST_PAGE} inclusive."
            );
            Answer::error(400, "Request_UnsupportedQuery", &message)
        }),
    }
}

fn list(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    let basic = ctx.needs_users_read()?;
    if call.option("skip").is_some() {
        return Err(bad_request("'$skip' is not supported by the service."));
    }
    let (filter, search, size, select) =
        (filter(call)?, search(ctx, call)?, page_size(ctx, call)?, call.select());
    let items = matching(ctx, filter.as_ref(), search.as_ref(), page::start(call)?)
        .map(|ix| (ix as usize, shown(ctx.world.people.get(ix), &select, basic)));
    let mut answer = page::answer(ctx, call, "users", size, items)?;
    if let (Some("true"), true, Content::Json(body)) =
        (call.option("count"), call.eventual(), &mut answer.content)
    {
        body["@odata.count"] = json!(matching(ctx, filter.as_ref(), search.as_ref(), 0).count());
    }
    Ok(answer)
}

fn count(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_users_read()?;
    let filter = filter(call)?;
    let count = matching(ctx, filter.as_ref(), None, 0).count();
    Ok(Answer::new(200, Content::Text("text/plain", count.to_string())))
}

fn member_of(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_groups_read()?;
    let ix = ctx.person(&call.segments[1])?;
    let transitive = call.low.get(2).is_some_and(|s| s.starts_with("transitive"));
    let kind = call.low.get(3).map(String::as_str);
    let person = ctx.world.people.get(ix);
    let groups = if transitive { ctx.world.groups_of(ix) } else { person.groups.clone() };
    let groups = groups.iter().map(|group| directory::group(&ctx.world.directory.groups[*group]));
    let roles = person.roles.iter().map(|role| directory::role(&ctx.world.directory.roles[*role]));
    let wanted: Vec<Value> = groups
        .chain(roles)
        .filter(|item| {
            kind.is_none_or(|kind| {
                item["@odata.type"].as_str().is_some_and(|t| t[1..].eq_ignore_ascii_case(kind))
            })
        })
        .collect();
    let start = page::start(call)?;
    let select = call.select();
    let items = wanted.into_iter().enumerate().skip(start).map(|(n, v)| (n, wire::selected(v, &select)));
    page::answer(ctx, call, "directoryObjects", page_size(ctx, call)?, items)
}
