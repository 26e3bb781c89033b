//! Looking without changing the tenant: what it shows now, or what the inventory remembers.
//!
//! Owns: [`Look`]: asking, taking over what is shown, whose names are read for it. [`lines`] has the columns of a
//! token, [`table`] their forms, [`people`] looks at people. Does not own: what is compared (`oathctl-store`), any command.

pub mod lines;
pub mod people;
pub mod table;
pub mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::report::Exit;
use oathctl_core::tenant::{Device, DeviceQuery, Identity, User, UserKey};
use oathctl_core::time::Utc;
use oathctl_core::token::{TenantId, UserId, serial_key};
use oathctl_store::{Change, ChangeKind, Filter, Store, Token, TokenStatus};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::tell;
use crate::walk::{Attempt, Delivery, Walk};
use crate::words::en::{foreign::clean, life};

/// The names of so many holders are read for one list; twenty go into a request.
const MOST_NAMES: usize = 2_000;
/// So many changes are told in sentences.
const TOLD: usize = 20;

/// A tenant and when it last showed us everything.
pub struct Remembered {
    pub tenant: TenantId,
    pub as_of: Option<Utc>,
}

/// A store, and a tenant beside it unless only the store is asked.
pub struct Look<'a> {
    pub desk: &'a Desk,
    pub store: Store,
    walk: Option<Walk<'a>>,
    /// Whose tokens are looked at; several only where no tenant was asked.
    pub tenants: Vec<Remembered>,
    changes: Vec<Change>,
    is_first: bool,
}

/// Signs in (`cached`: asks nobody), looks, and closes the store however that ended.
pub fn looking(
    desk: &Desk,
    cached: bool,
    seen: impl AsyncFnOnce(&mut Look<'_>) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let settings = desk.settings()?;
    let attempt = Attempt::new(desk, &Delivery::default());
    desk.block_on(async {
        let mut look = Look::begin(desk, settings, &attempt, cached).await?;
        let done = seen(&mut look).await;
        look.store.close().await;
        done
    })
}

impl<'a> Look<'a> {
    /// Signs in; `cached`: asks nobody, the inventory answers alone.
    async fn begin(
        desk: &'a Desk,
        settings: Settings,
        attempt: &'a Attempt<'a>,
        cached: bool,
    ) -> Result<Self, Failure> {
        let walk = if cached { None } else { Some(Walk::begin(desk, settings, attempt).await?) };
        let (store, tenants) = match &walk {
            Some(walk) => {
                let store = walk.settings.open_store(desk).await?;
                let tenant = walk.identity.tenant.clone();
                let as_of = store.inventory().as_of(&tenant).await?;
                (store, vec![Remembered { tenant, as_of }])
            }
            None => {
                let settings = desk.settings()?;
                let store = settings.open_store(desk).await?;
                let tenants = remembered(&settings, &store).await?;
                (store, tenants)
            }
        };
        Ok(Self { desk, store, walk, tenants, changes: Vec::new(), is_first: false })
    }

    /// The tenant that is asked, if one is.
    pub fn walk(&self) -> Option<&Walk<'a>> {
        self.walk.as_ref()
    }

    /// The one tenant; `None` where the store knows none or several.
    pub fn tenant(&self) -> Option<&TenantId> {
        if let [one] = self.tenants.as_slice() { Some(&one.tenant) } else { None }
    }

    /// Takes over everything that the tenant shows.
    pub async fn at_all(&mut self) -> Result<(), Failure> {
        self.at(&DeviceQuery::All, None).await
    }

    /// Takes over what the tenant shows of one token.
    pub async fn at_serial(&mut self, serial: &str) -> Result<(), Failure> {
        self.at(&DeviceQuery::Serials(vec![serial.to_owned()]), Some(serial)).await
    }

    async fn at(&mut self, query: &DeviceQuery, serial: Option<&str>) -> Result<(), Failure> {
        let Some(walk) = &self.walk else { return Ok(()) };
        let (tenant, at) = (&walk.identity.tenant, self.desk.clock.utc());
        self.desk.ui.detail("Reading the tenant.");
        let devices = walk.reading(walk.connection.tenant.devices(query)).await?;
        let is_whole = serial.is_none();
        self.is_first = is_whole && self.tenants.iter().all(|it| it.as_of.is_none());
        self.changes = self.store.inventory().refresh(tenant, &devices, is_whole, at).await?;
        if is_whole {
            self.tenants = vec![Remembered { tenant: tenant.clone(), as_of: Some(at) }];
        }
        if let Some(serial) = serial {
            self.miss(serial, &devices).await?;
            self.drop_first_meetings();
        }
        Ok(())
    }

    /// A token that the tenant had and does not show: only a whole listing may note that it is gone.
    async fn miss(&self, serial: &str, devices: &[Device]) -> Result<(), Failure> {
        let shown: BTreeSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
        let known = self.store.inventory().find(serial).await?;
        let missing = known.iter().filter(|token| {
            token.tenant.as_ref() == self.tenant()
                && token.status != TokenStatus::Gone
                && token.device.as_ref().is_some_and(|device| !shown.contains(device.as_str()))
        });
        if missing.count() > 0 {
            self.desk.ui.show(&life::not_shown(&clean(serial)));
        }
        Ok(())
    }

    /// Somebody a list is asked about by name: read once, so that his tokens are found.
    pub async fn knows(&self, holder: &str) -> Result<(), Failure> {
        let key = UserKey::Upn(holder.to_owned());
        if holder.contains('@') {
            self.see(&[key]).await?;
        }
        Ok(())
    }

    /// The tokens of a filter. Where the tenant is asked, the holders that are not known by name yet are read.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Token>, Failure> {
        let filter = Filter { tenant: self.tenant().cloned(), ..filter.clone() };
        let tokens = self.store.inventory().list(&filter).await?;
        if self.names(&tokens).await? { Ok(self.store.inventory().list(&filter).await?) } else { Ok(tokens) }
    }

    /// Every line of a token, with the names of its holders.
    pub async fn find(&self, serial: &str) -> Result<Vec<Token>, Failure> {
        let tokens = self.store.inventory().find(serial).await?;
        if self.names(&tokens).await? { Ok(self.store.inventory().find(serial).await?) } else { Ok(tokens) }
    }

    /// True when more is known now.
    async fn names(&self, tokens: &[Token]) -> Result<bool, Failure> {
        let Some(walk) = &self.walk else { return Ok(false) };
        let here = tokens.iter().filter(|token| token.tenant.as_ref() == Some(&walk.identity.tenant));
        let nameless = here.filter_map(|token| token.holder.as_ref()).filter(|holder| holder.upn.is_none());
        let mut ids: Vec<&UserId> = nameless.map(|holder| &holder.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > MOST_NAMES {
            let rest = ids.len() - MOST_NAMES;
            self.desk.ui.say(&format!(
                "The user principal names of {rest} holders were not read; ask for fewer tokens, or again."
            ));
            ids.truncate(MOST_NAMES);
        }
        let keys: Vec<UserKey> = ids.into_iter().map(|id| UserKey::Id(id.clone())).collect();
        Ok(!self.see(&keys).await?.is_empty())
    }

    /// Reads people and remembers them.
    pub async fn see(&self, keys: &[UserKey]) -> Result<Vec<User>, Failure> {
        let Some(walk) = &self.walk else { return Ok(Vec::new()) };
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = walk.reading(walk.connection.tenant.users(keys)).await?;
        let people: Vec<User> = found.into_iter().flatten().collect();
        self.store.people().see(&walk.identity.tenant, &people, self.desk.clock.utc()).await?;
        Ok(people)
    }

    /// How people are called, as far as this store has seen them.
    pub async fn called<'i>(
        &self,
        tenant: &TenantId,
        ids: impl Iterator<Item = &'i UserId>,
    ) -> Result<BTreeMap<UserId, String>, Failure> {
        let ids: Vec<UserId> = ids.cloned().collect();
        let known = self.store.people().known(tenant, &ids).await?;
        Ok(known.into_iter().map(|(id, person)| (id, clean(&person.upn))).collect())
    }

    /// Says on standard error as of when the answer is, and what somebody else changed since.
    pub async fn tell(&self) -> Result<(), Failure> {
        let ui = &self.desk.ui;
        match self.walk() {
            Some(walk) => ui.say(&tell::tenant_line(&walk.identity)),
            None => {
                life::as_of(&self.tenants.iter().map(|it| (it.tenant.as_str(), it.as_of)).collect::<Vec<_>>())
                    .iter()
                    .for_each(|line| ui.show(line))
            }
        }
        self.tell_changes().await
    }

    /// At the first look what is new is only counted; what this store knew already is told like ever.
    async fn tell_changes(&self) -> Result<(), Failure> {
        let ui = &self.desk.ui;
        let is_told = |change: &&Change| !(self.is_first && change.what == ChangeKind::New);
        let told: Vec<&Change> = self.changes.iter().filter(is_told).collect();
        if self.is_first {
            ui.say(&life::first_look(self.changes.len() - told.len()));
        }
        let Some(tenant) = self.tenant().filter(|_| !told.is_empty()) else { return Ok(()) };
        let names = self.called(tenant, told.iter().copied().flat_map(concerned)).await?;
        ui.show(&life::changed_by_hand(told.len()));
        for change in told.iter().take(TOLD) {
            ui.show(&format!("  {}", life::change(change, |id| called(&names, id))));
        }
        if told.len() > TOLD {
            ui.show(&life::more_changes(told.len() - TOLD));
        }
        Ok(())
    }

    /// How many changes were found.
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    /// The head of a JSON document: of which tenant, as of when, and what was changed by hand.
    pub fn head(&self, schema: &str) -> Value {
        let identity: Option<&Identity> = self.walk().map(|walk| &walk.identity);
        let tenants: Vec<Value> =
            self.tenants.iter().map(|it| json!({"tenant": it.tenant, "as_of": it.as_of})).collect();
        json!({
            "schema": schema, "version": env!("CARGO_PKG_VERSION"), "asked_tenant": identity.is_some(),
            "practice": identity.is_some_and(|it| it.practice), "tenants": tenants, "first_look": self.is_first,
            "changes": self.changes.iter().map(change_value).collect::<Vec<_>>(),
        })
    }

    /// Prints a document made of the head and these fields.
    pub fn document(&self, schema: &str, fields: Value) {
        let mut document = self.head(schema);
        if let (Some(document), Value::Object(fields)) = (document.as_object_mut(), fields) {
            document.extend(fields);
        }
        let form = if self.desk.output() == Output::Json {
            serde_json::to_string_pretty
        } else {
            serde_json::to_string
        };
        self.desk.ui.data(&format!("{}\n", form(&document).unwrap_or_default()));
    }
}

/// Which tenants this store remembers: the one that the settings name by its id, else all.
async fn remembered(settings: &Settings, store: &Store) -> Result<Vec<Remembered>, Failure> {
    let known = store.inventory().listings().await?;
    let all = known.into_iter().map(|(tenant, at)| Remembered { tenant, as_of: Some(at) });
    let Some(named) = settings.tenant.as_deref().map(str::trim) else { return Ok(all.collect()) };
    let tenant = if is_id(named) {
        TenantId::new(named.to_ascii_lowercase())
    } else {
        // A domain belongs to one tenant: whose people were seen with it, that is the one.
        let of_domain = store.people().tenants_of_domain(named).await?;
        let [one] = of_domain.as_slice() else { return Ok(all.collect()) };
        one.clone()
    };
    let here = all.into_iter().find(|it| it.tenant.as_str().eq_ignore_ascii_case(tenant.as_str()));
    Ok(vec![here.unwrap_or(Remembered { tenant, as_of: None })])
}

/// A tenant may be named by a domain too, which the inventory does not know.
fn is_id(name: &str) -> bool {
    name.len() == 36 && name.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn concerned(change: &Change) -> impl Iterator<Item = &UserId> {
    let (before, after) = match &change.what {
        ChangeKind::Holder { before, after } => (before.as_ref(), after.as_ref()),
        _ => (None, None),
    };
    before.into_iter().chain(after)
}

/// By name, else by id.
pub fn called(names: &BTreeMap<UserId, String>, id: &UserId) -> String {
    names.get(id).cloned().unwrap_or_else(|| clean(id.as_str()))
}

fn change_value(change: &Change) -> Value {
    let (kind, before, after) = match &change.what {
        ChangeKind::New => ("new", Value::Null, Value::Null),
        ChangeKind::Vanished => ("vanished", Value::Null, Value::Null),
        ChangeKind::Returned => ("returned", Value::Null, Value::Null),
        ChangeKind::Holder { before, after } => ("holder", json!(before), json!(after)),
        ChangeKind::Status { before, after } => ("status", json!(before.word()), json!(after.word())),
    };
    json!({"serial": change.serial, "device": change.device, "what": kind, "before": before, "after": after})
}

/// A serial as it was typed; never nothing.
pub fn serial(text: &str) -> Result<String, String> {
    if serial_key(text).is_empty() {
        Err("a serial can't be empty".into())
    } else {
        Ok(text.trim().to_owned())
    }
}
