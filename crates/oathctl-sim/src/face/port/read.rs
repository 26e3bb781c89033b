//! Reading through the port.

use std::collections::BTreeSet;

use async_trait::async_trait;
use oathctl_core::tenant::{
    Backend, Capabilities, ClockSample, Device, DeviceQuery, Identity, Known, MethodPolicy, Methods, Remote,
    TenantError, TenantErrorKind, TenantRead, User, UserKey,
};
use oathctl_core::token::{GroupId, Hash, TenantId, UserId};

use super::{PortTenant, values};
use crate::face::words::{
    DELETED_READ, GROUPS_READ, METHOD_READ, METHODS_READ, POLICY_READ, ROLES_READ, USERS_READ,
    USERS_READ_BASIC, granted,
};
use crate::guid::Guid;
use crate::options::{DeletedHolder, Expand};
use crate::world::{PersonIx, TokenIx, World};

/// Most requests in a batch, and the bulk size a client may count on without knowing more.
const BATCH: usize = 20;

fn forbidden(remote: Remote, permission: &str) -> TenantError {
    TenantError { kind: TenantErrorKind::Forbidden, detail: permission.to_owned(), remote }
}

fn find_devices(world: &World, query: &DeviceQuery, at: i64) -> Vec<Device> {
    let places: Vec<TokenIx> = match query {
        DeviceQuery::All => (0..world.tokens.len()).filter_map(|n| TokenIx::try_from(n).ok()).collect(),
        DeviceQuery::Ids(ids) => ids
            .iter()
            .filter_map(|id| Guid::parse(id.as_str()))
            .filter_map(|id| world.tokens.by_id(id))
            .collect(),
        DeviceQuery::Serials(serials) => {
            serials.iter().flat_map(|serial| world.tokens.by_serial(serial)).copied().collect()
        }
        DeviceQuery::HeldBy(users) => return held_by(world, users, at),
    };
    let views = places.into_iter().filter_map(|ix| world.token_at(ix, at));
    views.map(|view| values::device(world, &view, None)).collect()
}

/// From the side of the people: by a switch the deleted among them can still be named.
fn held_by(world: &World, users: &[UserId], at: i64) -> Vec<Device> {
    let mut people: Vec<PersonIx> = Vec::new();
    for ix in users.iter().filter_map(|user| person(world, user)) {
        let reachable = world.people.get(ix).deleted_at.is_none()
            || world.options().deleted_holder == DeletedHolder::Keep;
        if reachable && !people.contains(&ix) {
            people.push(ix);
        }
    }
    let views = people.into_iter().flat_map(|ix| world.held_at(ix, at));
    views.map(|view| values::device(world, &view, None)).collect()
}

/// The permission a query lacks: methods show their devices, unless a switch hides them.
fn lacks(world: &World, query: &DeviceQuery) -> Option<(Remote, &'static str)> {
    let inventory = (values::denied(false), POLICY_READ[0]);
    match query {
        DeviceQuery::HeldBy(_) if !granted(world, &METHOD_READ) => {
            Some((values::denied(true), METHODS_READ[0]))
        }
        DeviceQuery::HeldBy(_) if world.options().device_in_methods != Expand::Never => None,
        _ => (!granted(world, &POLICY_READ)).then_some(inventory),
    }
}

fn person(world: &World, user: &UserId) -> Option<PersonIx> {
    Guid::parse(user.as_str()).and_then(|id| world.people.by_id(id))
}

fn deleted(world: &World, users: &[UserId]) -> Vec<Known<bool>> {
    let one = |user: &UserId| match granted(world, &DELETED_READ) {
        true => Known::Yes(person(world, user).is_some_and(|ix| world.people.get(ix).deleted_at.is_some())),
        false => Known::Unknown(values::denied(false)),
    };
    users.iter().map(one).collect()
}

fn search(world: &World, text: &str, most: usize) -> Known<Vec<User>> {
    let basic = !granted(world, &USERS_READ);
    if basic && !granted(world, &USERS_READ_BASIC) {
        return Known::Unknown(values::denied(false));
    }
    Known::Yes(world.search(text, most).into_iter().map(|person| values::user(person, basic)).collect())
}

fn find_user(world: &World, key: &UserKey) -> Option<User> {
    let ix = match key {
        UserKey::Upn(upn) => world.people.by_upn(upn),
        UserKey::Id(id) => Guid::parse(id.as_str()).and_then(|id| world.people.by_id(id)),
    };
    let person = ix.map(|ix| world.people.get(ix)).filter(|person| person.deleted_at.is_none())?;
    Some(values::user(person, !granted(world, &USERS_READ)))
}

fn ids(world: &World, people: impl IntoIterator<Item = u32>) -> BTreeSet<UserId> {
    people.into_iter().map(|ix| UserId::new(world.people.get(ix).id.to_string())).collect()
}

fn admins(world: &World) -> Known<BTreeSet<UserId>> {
    if !granted(world, &ROLES_READ) {
        return Known::Unknown(values::denied(false));
    }
    let holders = world.directory.roles.iter().flat_map(|role| role.members.iter().copied());
    Known::Yes(ids(world, holders.filter(|ix| world.people.get(*ix).deleted_at.is_none())))
}

fn members(world: &World, group: &GroupId) -> Known<BTreeSet<UserId>> {
    if !granted(world, &GROUPS_READ) {
        return Known::Unknown(values::denied(false));
    }
    match Guid::parse(group.as_str()).and_then(|id| world.directory.group(id)) {
        Some(place) => Known::Yes(ids(world, world.members_from(place, 0))),
        None => Known::Unknown(super::calls::remote(404, "Request_ResourceNotFound", "")),
    }
}

fn methods_of(world: &World, users: &[UserId], at: i64) -> Vec<Known<Methods>> {
    let one = |user: &UserId| {
        if !granted(world, &METHODS_READ) {
            return Known::Unknown(values::denied(true));
        }
        match Guid::parse(user.as_str()).and_then(|id| world.people.by_id(id)) {
            Some(ix) => Known::Yes(values::methods(world, ix, at)),
            None => Known::Unknown(super::calls::remote(404, "Request_ResourceNotFound", "")),
        }
    };
    users.iter().map(one).collect()
}

#[async_trait]
impl TenantRead for PortTenant {
    async fn identity(&self) -> Result<Identity, TenantError> {
        let app = self.sim.app();
        let (tenant, client) = (app.tenant_id.to_string(), app.client_id.to_string());
        let answered = self
            .read(|world, _| Identity {
                tenant: TenantId::new(tenant.clone()),
                name: world.directory.name.to_owned(),
                domains: world.directory.domains.iter().map(|domain| domain.to_lowercase()).collect(),
                host: "127.0.0.1".to_owned(),
                practice: true,
                signed_in_as: Some(client.clone()),
            })
            .await?;
        Ok(answered.value)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            backend: Backend::Graph,
            create_batch: BATCH,
            batch: BATCH,
            create_assigns: true,
            page: self.sim.lock().world.options().page_size.0,
            hashes: vec![Hash::Sha1, Hash::Sha256],
            periods_secs: vec![30, 60],
            digits: vec![6],
            deactivate: true,
        }
    }

    async fn server_clock(&self) -> Result<ClockSample, TenantError> {
        Ok(self.read(|_, _| ()).await?.sample)
    }

    async fn devices(&self, query: &DeviceQuery) -> Result<Vec<Device>, TenantError> {
        let answered = self
            .read(|world, at| match lacks(world, query) {
                None => Ok(find_devices(world, query, at)),
                Some(lack) => Err(lack),
            })
            .await?;
        let seen_at = answered.at();
        let found = answered.value.map_err(|(remote, permission)| forbidden(remote, permission))?;
        Ok(found.into_iter().map(|device| Device { seen_at: Some(seen_at), ..device }).collect())
    }

    async fn users(&self, keys: &[UserKey]) -> Result<Vec<Option<User>>, TenantError> {
        let answered = self
            .read(|world, _| {
                let may = granted(world, &USERS_READ) || granted(world, &USERS_READ_BASIC);
                may.then(|| keys.iter().map(|key| find_user(world, key)).collect())
            })
            .await?;
        answered.value.ok_or_else(|| forbidden(values::denied(false), USERS_READ_BASIC[0]))
    }

    async fn policy(&self) -> Result<Known<MethodPolicy>, TenantError> {
        let answered = self
            .read(|world, _| match granted(world, &POLICY_READ) {
                true => Known::Yes(values::policy(&world.policy)),
                false => Known::Unknown(values::denied(false)),
            })
            .await?;
        Ok(answered.value)
    }

    async fn members(&self, group: &GroupId) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        Ok(self.read(|world, _| members(world, group)).await?.value)
    }

    async fn admins(&self) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        Ok(self.read(|world, _| admins(world)).await?.value)
    }

    async fn methods_of(&self, users: &[UserId]) -> Result<Vec<Known<Methods>>, TenantError> {
        Ok(self.read(|world, at| methods_of(world, users, at)).await?.value)
    }

    async fn deleted(&self, users: &[UserId]) -> Result<Vec<Known<bool>>, TenantError> {
        Ok(self.read(|world, _| deleted(world, users)).await?.value)
    }

    async fn search(&self, text: &str, most: usize) -> Result<Known<Vec<User>>, TenantError> {
        Ok(self.read(|world, _| search(world, text, most)).await?.value)
    }
}
