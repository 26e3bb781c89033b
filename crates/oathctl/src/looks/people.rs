//! Looking at people: who they are, what they hold, what else they sign in with.
//!
//! Owns: [`Seen`], finding people by name or id. Each part that may not be read stays unknown, never "none". Does not
//! own: what any of it permits (`oathctl-core`), its sentences ([`crate::words::en::people`]).

use std::collections::BTreeSet;

use oathctl_core::tenant::{
    Device, DeviceQuery, Known, Methods, Remote, TenantError, TenantErrorKind, User, UserKey,
};
use oathctl_core::token::{TenantId, UserId, upn_key};
use oathctl_store::{ChangeKind, Filter, Person, Token};
use serde_json::{Value, json};

use super::{Look, is_id, lines};
use crate::failure::Failure;
use crate::walk::Walk;
use crate::words::en::{foreign::clean, life};

/// A person with everything that could be found out.
pub struct Seen {
    /// As the tenant shows the account, or as this store last saw it.
    pub user: User,
    /// Whose account.
    pub tenant: TenantId,
    /// Has a directory role.
    pub admin: Known<bool>,
    /// What this store knows the person to hold, brought up to what the tenant shows.
    pub tokens: Vec<Token>,
    /// `Known::Yes`: these are all; else only what this store remembers.
    pub all_tokens: Known<()>,
    /// What the person signs in with.
    pub methods: Known<Methods>,
    /// What this store has seen of the account over time.
    pub remembered: Option<Person>,
}

/// A person by name, by id, or by a piece of a name.
pub enum Who {
    /// The whole name or the id.
    Key(UserKey),
    /// The beginning of a word.
    Piece(String),
}

impl Who {
    /// As it was typed.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if is_id(text) {
            Self::Key(UserKey::Id(UserId::new(text.to_ascii_lowercase())))
        } else if text.contains('@') {
            Self::Key(UserKey::Upn(text.to_owned()))
        } else {
            Self::Piece(text.to_owned())
        }
    }
}

impl Look<'_> {
    /// Whom a piece of a name finds, at most so many; of the tenant, or of the people this store has seen.
    pub async fn search(&self, text: &str, most: usize) -> Result<Known<Vec<(TenantId, User)>>, Failure> {
        let Some(walk) = self.walk() else {
            let mut found = Vec::new();
            for tenant in &self.tenants {
                let limit = u32::try_from(most).unwrap_or(u32::MAX);
                let people = self.store.people().search(&tenant.tenant, text, limit).await?;
                found.extend(people.iter().map(|person| (tenant.tenant.clone(), user_of(person))));
            }
            found.truncate(most);
            return Ok(Known::Yes(found));
        };
        let tenant = &walk.identity.tenant;
        Ok(match walk.reading(walk.connection.tenant.search(text, most)).await? {
            Known::Yes(users) => Known::Yes(users.into_iter().map(|user| (tenant.clone(), user)).collect()),
            Known::Unknown(remote) => Known::Unknown(remote),
        })
    }

    /// Who has this very name or id; several only where several tenants are remembered.
    pub async fn by_key(&self, key: &UserKey) -> Result<Vec<(TenantId, User)>, Failure> {
        if let Some(walk) = self.walk() {
            let found = walk.reading(walk.connection.tenant.users(std::slice::from_ref(key))).await?;
            let here = |user| (walk.identity.tenant.clone(), user);
            return Ok(found.into_iter().flatten().map(here).collect());
        }
        let known = self.remembered_as(key).await?;
        Ok(known.iter().map(|(tenant, person)| (tenant.clone(), user_of(person))).collect())
    }

    /// People this store has seen under this very name or id.
    pub async fn remembered_as(&self, key: &UserKey) -> Result<Vec<(TenantId, Person)>, Failure> {
        let mut found = Vec::new();
        for tenant in &self.tenants {
            let people = self.store.people();
            let known: Vec<Person> = match key {
                UserKey::Id(id) => {
                    people.known(&tenant.tenant, std::slice::from_ref(id)).await?.into_values().collect()
                }
                UserKey::Upn(upn) => {
                    let same = |person: &Person| upn_key(&person.upn) == upn_key(upn);
                    let begun = people.search(&tenant.tenant, upn, 50).await?;
                    begun.into_iter().filter(same).collect()
                }
            };
            found.extend(known.into_iter().map(|person| (tenant.tenant.clone(), person)));
        }
        Ok(found)
    }

    /// True where one of these stands in the tenant's deleted items; noted, so that it is remembered.
    pub async fn are_deleted(&self, ids: &[UserId]) -> Result<bool, Failure> {
        let Some(walk) = self.walk().filter(|_| !ids.is_empty()) else { return Ok(false) };
        let known = walk.reading(walk.connection.tenant.deleted(ids)).await?;
        let deleted = ids.iter().zip(known).filter(|(_, known)| known.known() == Some(&true));
        let deleted: Vec<UserId> = deleted.map(|(id, _)| id.clone()).collect();
        self.store.people().gone(&walk.identity.tenant, &deleted, self.desk.clock.utc()).await?;
        Ok(!deleted.is_empty())
    }

    /// Everything that can be found out about these people.
    pub async fn people(&mut self, people: Vec<(TenantId, User)>) -> Result<Vec<Seen>, Failure> {
        let ids: Vec<UserId> = people.iter().map(|(_, user)| user.id.clone()).collect();
        let read = match &self.walk {
            Some(walk) => Read::of(walk, &ids).await?,
            None => Read::nothing(ids.len()),
        };
        self.take_over(&people, &read).await?;
        let mut seen = Vec::new();
        for ((((tenant, user), held), methods), admin) in
            people.into_iter().zip(read.held).zip(read.methods).zip(read.admins)
        {
            let (tokens, all_tokens) = self.tokens_of(&tenant, &user, held).await?;
            let ids = std::slice::from_ref(&user.id);
            let remembered = self.store.people().known(&tenant, ids).await?.into_values().next();
            seen.push(Seen { user, tenant, admin, tokens, all_tokens, methods, remembered });
        }
        Ok(seen)
    }

    /// What the tenant showed goes into the inventory and into what is known of people.
    async fn take_over(&mut self, people: &[(TenantId, User)], read: &Read) -> Result<(), Failure> {
        let Some(walk) = &self.walk else { return Ok(()) };
        let (tenant, at) = (walk.identity.tenant.clone(), self.desk.clock.utc());
        let users: Vec<User> = people.iter().map(|(_, user)| user.clone()).collect();
        self.store.people().see(&tenant, &users, at).await?;
        let devices: Vec<Device> = read.held.iter().filter_map(Known::known).flatten().cloned().collect();
        self.changes = self.store.inventory().refresh(&tenant, &devices, false, at).await?;
        self.drop_first_meetings();
        Ok(())
    }

    /// What is met for the first time before everything was looked at once is no change.
    pub(super) fn drop_first_meetings(&mut self) {
        if self.tenants.iter().all(|it| it.as_of.is_none()) {
            self.changes.retain(|change| change.what != ChangeKind::New);
        }
    }

    /// The inventory's lines of what somebody holds.
    async fn tokens_of(
        &self,
        tenant: &TenantId,
        user: &User,
        held: Known<Vec<Device>>,
    ) -> Result<(Vec<Token>, Known<()>), Failure> {
        let holder = Some(user.id.as_str().to_owned());
        let filter = Filter { tenant: Some(tenant.clone()), holder, ..Filter::default() };
        let mut tokens = self.store.inventory().list(&filter).await?;
        let devices = match held {
            Known::Yes(devices) => devices,
            Known::Unknown(remote) => return Ok((tokens, Known::Unknown(remote))),
        };
        let shown: BTreeSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
        tokens.retain(|token| {
            let is_shown = token.device.as_ref().is_some_and(|device| shown.contains(device.as_str()));
            if !is_shown {
                self.desk.ui.show(&life::not_with(&clean(&token.serial), &clean(&user.upn)));
            }
            is_shown
        });
        Ok((tokens, Known::Yes(())))
    }
}

impl Seen {
    /// How many more hardware tokens or authenticator apps the person may get; `None`: unknown.
    pub fn room(&self) -> Option<u32> {
        let devices = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        self.all_tokens.known().and(self.methods.known()).map(|methods| methods.room(devices))
    }

    /// What is unknown, with the tenant's words about it.
    pub fn unknown(&self) -> Vec<(&'static str, &Remote)> {
        [
            ("tokens", self.all_tokens.known().is_none().then(|| words(&self.all_tokens)).flatten()),
            ("methods", words(&self.methods)),
            ("admin", words(&self.admin)),
        ]
        .into_iter()
        .filter_map(|(what, remote)| Some((what, remote?)))
        .collect()
    }

    /// For scripts; null: unknown.
    pub fn value(&self) -> Value {
        let User { id, upn, name, enabled, guest } = &self.user;
        let remembered = self.remembered.as_ref();
        json!({
            "id": id, "upn": upn, "name": name, "tenant": self.tenant, "enabled": enabled, "guest": guest,
            "admin": self.admin.known(), "disabled_since": remembered.and_then(|it| it.disabled_since),
            "gone_since": remembered.and_then(|it| it.gone_since), "seen_at": remembered.map(|it| it.seen_at),
            "tokens": self.tokens.iter().map(lines::value).collect::<Vec<_>>(),
            "all_tokens": self.all_tokens.known().is_some(),
            "methods": self.methods.known().map(|methods| &methods.kinds), "room": self.room(),
            "unknown": self.unknown().into_iter()
                .map(|(what, remote)| json!({"what": what, "remote": remote})).collect::<Vec<_>>(),
        })
    }
}

fn words<T>(known: &Known<T>) -> Option<&Remote> {
    match known {
        Known::Yes(_) => None,
        Known::Unknown(remote) => Some(remote),
    }
}

/// What a tenant says of people, in their order.
struct Read {
    held: Vec<Known<Vec<Device>>>,
    methods: Vec<Known<Methods>>,
    admins: Vec<Known<bool>>,
}

impl Read {
    /// Nobody was asked.
    fn nothing(people: usize) -> Self {
        Self { held: unknown(people), methods: unknown(people), admins: unknown(people) }
    }

    async fn of(walk: &Walk<'_>, ids: &[UserId]) -> Result<Self, Failure> {
        let tenant = walk.connection.tenant.reads();
        let held = held_by(walk, ids).await?;
        let methods = walk.reading(tenant.methods_of(ids)).await?;
        let admins = match walk.reading(tenant.admins()).await? {
            Known::Yes(admins) => ids.iter().map(|id| Known::Yes(admins.contains(id))).collect(),
            Known::Unknown(remote) => ids.iter().map(|_| Known::Unknown(remote.clone())).collect(),
        };
        Ok(Self { held, methods, admins })
    }
}

fn unknown<T>(people: usize) -> Vec<Known<T>> {
    (0..people).map(|_| Known::Unknown(Remote::default())).collect()
}

/// All at once; where that is refused, each by himself, since the refusal may be about one of them.
async fn held_by(walk: &Walk<'_>, ids: &[UserId]) -> Result<Vec<Known<Vec<Device>>>, Failure> {
    let of = async |ids: &[UserId]| -> Result<Known<Vec<Device>>, TenantError> {
        let query = DeviceQuery::HeldBy(ids.to_vec());
        match walk.reading(walk.connection.tenant.reads().devices(&query)).await {
            Ok(devices) => Ok(Known::Yes(devices)),
            Err(error) if error.kind == TenantErrorKind::Forbidden => Ok(Known::Unknown(error.remote)),
            Err(error) => Err(error),
        }
    };
    let mut held = Vec::new();
    match of(ids).await? {
        Known::Yes(devices) => {
            held.extend(ids.iter().map(|id| {
                Known::Yes(devices.iter().filter(|device| device.is_held_by(id)).cloned().collect())
            }))
        }
        Known::Unknown(remote) if ids.len() < 2 => held.push(Known::Unknown(remote)),
        Known::Unknown(_) => {
            for id in ids {
                held.push(of(std::slice::from_ref(id)).await?);
            }
        }
    }
    Ok(held)
}

fn user_of(person: &Person) -> User {
    User {
        id: person.id.clone(),
        upn: person.upn.clone(),
        name: person.name.clone(),
        enabled: person.enabled,
        guest: None,
    }
}
