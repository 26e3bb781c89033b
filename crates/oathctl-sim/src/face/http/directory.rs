//! Groups, roles, the organisation and deleted people; all read-only.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, no_resource};
use super::call::Call;
use super::filter::Filter;
use super::graph::{Ctx, no_segment, only};
use super::{page, wire};
use crate::guid::Guid;
use crate::time::rfc3339;
use crate::world::{Group, Person, PersonIx, Role};

/// Items a page where nothing else is known.
const PAGE: usize = 100;

pub(super) fn route(ctx: &Ctx<'_>, call: &Call, low: &[&str]) -> Outcome {
    only(call, "GET")?;
    match low {
        ["groups"] => groups(ctx, call),
        ["groups", id] => one_group(ctx, id),
        ["groups", id, "transitivemembers" | "members", ..] => members(ctx, call, id),
        ["directoryroles"] => roles(ctx, call),
        ["directoryroles", id, "members", ..] => role_members(ctx, call, id),
        ["rolemanagement", "directory", "roleassignments"] => assignments(ctx, call),
        ["rolemanagement", "directory", "roledefinitions"] => definitions(ctx, call),
        ["organization"] => organization(ctx, call),
        ["directory", "deleteditems", "microsoft.graph.user"] => deleted(ctx, call),
        ["directory", "deleteditems", id] => one_deleted(ctx, id),
        [.., last] => Err(no_segment(last)),
        [] => Err(no_segment("")),
    }
}

pub(super) fn group(group: &Group) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.group", "id": group.id.to_string(), "displayName": group.name,
        "securityEnabled": true, "mailEnabled": false, "groupTypes": [],
    })
}

pub(super) fn role(role: &Role) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.directoryRole", "id": role.id.to_string(), "displayName": role.name,
        "roleTemplateId": role.template.to_string(),
    })
}

fn principal(person: &Person) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.user", "id": person.id.to_string(),
        "displayName": person.display_name, "userPrincipalName": person.upn,
    })
}

fn size(call: &Call) -> usize {
    call.option("top").and_then(|top| top.parse().ok()).filter(|n| (1..=999).contains(n)).unwrap_or(PAGE)
}

/// A page of ready-made items, filtered and selected.
fn paged(ctx: &Ctx<'_>, call: &Call, context: &str, items: Vec<Value>) -> Outcome {
    let filter = call.option("filter").map(Filter::read).transpose()?;
    let (start, select) = (page::start(call)?, call.select());
    let items = items
        .into_iter()
        .enumerate()
        .skip(start)
        .filter(|(_, item)| filter.as_ref().is_none_or(|filter| filter.meets(item)))
        .map(|(place, item)| (place, wire::selected(item, &select)));
    page::answer(ctx, call, context, size(call), items)
}

fn groups(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_groups_read()?;
    paged(ctx, call, "groups", ctx.world.directory.groups.iter().map(group).collect())
}

fn find_group(ctx: &Ctx<'_>, id: &str) -> Result<usize, Answer> {
    Guid::parse(id).and_then(|id| ctx.world.directory.group(id)).ok_or_else(|| no_resource(id))
}

fn one_group(ctx: &Ctx<'_>, id: &str) -> Outcome {
    ctx.needs_groups_read()?;
    let found = find_group(ctx, id)?;
    Ok(Answer::json(200, group(&ctx.world.directory.groups[found])))
}

/// A page of people by place, without building the whole list.
fn people(ctx: &Ctx<'_>, call: &Call, people: &[PersonIx]) -> Outcome {
    let (start, select) = (page::start(call)?, call.select());
    let items = people
        .iter()
        .enumerate()
        .skip(start)
        .map(|(place, ix)| (place, wire::selected(principal(ctx.world.people.get(*ix)), &select)));
    page::answer(ctx, call, "directoryObjects", size(call), items)
}

fn members(ctx: &Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_groups_read()?;
    let group = find_group(ctx, id)?;
    let transitive = call.low.get(2).is_some_and(|s| s.starts_with("transitive"));
    if !transitive {
        return people(ctx, call, &alive(ctx, &ctx.world.directory.groups[group].members));
    }
    let (start, select) = (page::start(call)?, call.select());
    let items = ctx
        .world
        .members_from(group, start)
        .map(|ix| (ix as usize, wire::selected(principal(ctx.world.people.get(ix)), &select)));
    page::answer(ctx, call, "directoryObjects", size(call), items)
}

fn alive(ctx: &Ctx<'_>, people: &[PersonIx]) -> Vec<PersonIx> {
    people.iter().copied().filter(|ix| ctx.world.people.get(*ix).deleted_at.is_none()).collect()
}

fn roles(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_roles_read()?;
    let expand = call.expands("members");
    let items = ctx.world.directory.roles.iter().map(|it| {
        let mut item = role(it);
        if expand {
            let members = alive(ctx, &it.members);
            item["members"] = members.iter().map(|ix| principal(ctx.world.people.get(*ix))).collect();
        }
        item
    });
    paged(ctx, call, "directoryRoles", items.collect())
}

fn role_members(ctx: &Ctx<'_>, call: &Call, id: &str) -> Outcome {
    ctx.needs_roles_read()?;
    let found = ctx.world.directory.roles.iter().find(|role| Some(role.id) == Guid::parse(id));
    let role = found.ok_or_else(|| no_resource(id))?;
    people(ctx, call, &alive(ctx, &role.members))
}

fn assignments(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_roles_read()?;
    let expand = call.expands("principal");
    let mut items = Vec::new();
    for role in &ctx.world.directory.roles {
        for ix in alive(ctx, &role.members) {
            let person = ctx.world.people.get(ix);
            let mut item = json!({
                // An assignment's id is opaque; this one is made of its two ends.
                "id": Guid(role.id.0 ^ person.id.0).to_string(), "principalId": person.id.to_string(),
                "roleDefinitionId": role.template.to_string(), "directoryScopeId": "/",
            });
            if expand {
                item["principal"] = principal(person);
            }
            items.push(item);
        }
    }
    paged(ctx, call, "roleManagement/directory/roleAssignments", items)
}

fn definitions(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_roles_read()?;
    let items = ctx.world.directory.roles.iter().map(|role| {
        json!({
            "id": role.template.to_string(), "templateId": role.template.to_string(),
            "displayName": role.name, "isBuiltIn": true, "isEnabled": true,
        })
    });
    paged(ctx, call, "roleManagement/directory/roleDefinitions", items.collect())
}

fn organization(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_organization_read()?;
    let directory = &ctx.world.directory;
    let last = directory.domains.len().saturating_sub(1);
    let domains: Vec<Value> = directory
        .domains
        .iter()
        .enumerate()
        .map(|(n, name)| {
            json!({
                "name": name, "type": "Managed", "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": n == 0, "isInitial": n == last,
            })
        })
        .collect();
    let item = json!({
        "id": directory.tenant.to_string(), "displayName": directory.name, "tenantType": "AAD",
        "verifiedDomains": domains,
    });
    paged(ctx, call, "organization", vec![item])
}

fn deleted_person(person: &Person, at: i64) -> Value {
    json!({
        "id": person.id.to_string(), "displayName": person.display_name,
        // The name of a deleted person begins with the id, so that it can be used anew.
        "userPrincipalName": format!("{}{}", person.id.to_string().replace('-', ""), person.upn),
        "deletedDateTime": rfc3339(at),
    })
}

fn deleted(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_deleted_users_read()?;
    let people = ctx.world.people.iter();
    let people = people.map(|(_, person)| person).filter(|person| person.is_restorable());
    let items = people.filter_map(|person| person.deleted_at.map(|at| deleted_person(person, at)));
    paged(ctx, call, "users", items.collect())
}

fn one_deleted(ctx: &Ctx<'_>, id: &str) -> Outcome {
    ctx.needs_deleted_users_read()?;
    let ix = Guid::parse(id).and_then(|id| ctx.world.people.by_id(id));
    let person = ix.map(|ix| ctx.world.people.get(ix));
    match person.and_then(|person| person.deleted_at.map(|at| (person, at))) {
        Some((person, at)) => Ok(Answer::json(200, deleted_person(person, at))),
        None => Err(no_resource(id)),
    }
}
