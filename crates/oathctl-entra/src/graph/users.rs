//! Finding people, in few requests.
//!
//! Owns: the two passes (filters, then one by one) and the two selections. Does not own: a person's shape.
//! <https://learn.microsoft.com/en-us/graph/api/user-list>; the 15 values of an `in` are what Graph's own error
//! message says in public issue threads.

use std::collections::BTreeMap;

use oathctl_core::tenant::{TenantError, User, UserKey};
use oathctl_core::token::upn_key;
use serde_json::Value;

use super::read::Get;
use super::step::Got;
use super::{GraphBackend, path, shape};
use crate::remote::field;

/// The most values Graph takes in one `in`.
const IN_MAX: usize = 15;
/// Room for one filter; Graph and what lies between take 2,048 characters of URL.
const URL_MAX: usize = 1_800;
pub(super) const ROUTE: &str = "GET users";
const PERMISSION: &str = "User.ReadBasic.All";

pub(super) const FULL: &str = "id,userPrincipalName,displayName,accountEnabled,userType";
/// Without the members a narrower permission may not read.
pub(super) const NARROW: &str = "id,userPrincipalName,displayName";

/// People found so far, by comparable user principal name and by lower-cased id.
#[derive(Default)]
struct Found {
    by_upn: BTreeMap<String, User>,
    by_id: BTreeMap<String, User>,
}

impl Found {
    fn put(&mut self, user: User) {
        self.by_id.insert(user.id.as_str().to_ascii_lowercase(), user.clone());
        self.by_upn.insert(upn_key(&user.upn), user);
    }

    fn get(&self, key: &UserKey) -> Option<&User> {
        match key {
            UserKey::Upn(upn) => self.by_upn.get(&upn_key(upn)),
            UserKey::Id(id) => self.by_id.get(&id.as_str().to_ascii_lowercase()),
        }
    }
}

/// Some of it may not be read.
struct Forbidden(TenantError);

impl GraphBackend {
    pub(super) async fn find_users(&self, keys: &[UserKey]) -> Result<Vec<Option<User>>, TenantError> {
        let found = match self.find_with(keys, FULL).await? {
            Ok(found) => found,
            Err(Forbidden(_)) => self.find_with(keys, NARROW).await?.map_err(|Forbidden(error)| error)?,
        };
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    /// Filters first; whoever they do not show is asked for by name, because listings lag behind.
    async fn find_with(
        &self,
        keys: &[UserKey],
        select: &str,
    ) -> Result<Result<Found, Forbidden>, TenantError> {
        let mut found = Found::default();
        let names: BTreeMap<String, &str> =
            keys.iter().filter_map(upn_of).map(|upn| (upn_key(upn), upn)).collect();
        for got in self.read_many(filters(names.values().copied(), select)).await? {
            match got.status {
                403 => return Ok(Err(Forbidden(got.refused(PERMISSION)))),
                _ => listed(&got).for_each(|user| found.put(user)),
            }
        }
        let missing: BTreeMap<String, &UserKey> =
            keys.iter().filter(|key| found.get(key).is_none()).map(|key| (comparable(key), key)).collect();
        let gets = missing.values().map(|key| one(key, select)).collect();
        for (key, got) in missing.values().zip(self.read_many(gets).await?) {
            match got.status {
                403 => return Ok(Err(Forbidden(got.refused(PERMISSION)))),
                // 400 is what a name gets that cannot be one (e.g. of an unverifiable form).
                400 | 404 => {}
                _ if got.is_ok() => {
                    if let Some(user) = shape::user(&got.body).filter(|user| is_asked_for(key, user)) {
                        found.put(user);
                    }
                }
                _ => return Err(got.refused(PERMISSION)),
            }
        }
        Ok(Ok(found))
    }
}

fn upn_of(key: &UserKey) -> Option<&str> {
    match key {
        UserKey::Upn(upn) => Some(upn.trim()).filter(|upn| !upn.is_empty()),
        UserKey::Id(_) => None,
    }
}

fn comparable(key: &UserKey) -> String {
    match key {
        UserKey::Upn(upn) => upn_key(upn),
        UserKey::Id(id) => id.as_str().to_ascii_lowercase(),
    }
}

/// Guards against a look-up that is kinder than ours.
fn is_asked_for(key: &UserKey, user: &User) -> bool {
    match key {
        UserKey::Upn(upn) => upn_key(&user.upn) == upn_key(upn),
        UserKey::Id(id) => user.id.as_str().eq_ignore_ascii_case(id.as_str()),
    }
}

fn listed(got: &Got) -> impl Iterator<Item = User> {
    // A filter that was refused, or cut into pages, leaves its people to the second pass, which asks for twenty
    // at once.
    let items = field(&got.body, "value").filter(|_| got.is_ok()).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(shape::user)
}

fn one(key: &UserKey, select: &str) -> Get {
    let name = match key {
        UserKey::Upn(upn) => upn.trim(),
        UserKey::Id(id) => id.as_str(),
    };
    Get::path(format!("{}?$select={select}", path::user(name)), ROUTE)
}

/// As few filters as the limits allow.
fn filters<'a>(names: impl Iterator<Item = &'a str>, select: &str) -> Vec<Get> {
    let mut gets = Vec::new();
    let mut values: Vec<String> = Vec::new();
    let mut length = 0;
    for name in names {
        let value = path::literal(name);
        let encoded = path::query(&value).len() + 3;
        if values.len() == IN_MAX || (length + encoded > URL_MAX && !values.is_empty()) {
            gets.push(filter(&std::mem::take(&mut values), select));
            length = 0;
        }
        length += encoded;
        values.push(value);
    }
    if !values.is_empty() {
        gets.push(filter(&values, select));
    }
    gets
}

fn filter(values: &[String], select: &str) -> Get {
    let text = format!("userPrincipalName in ({})", values.join(","));
    Get::path(format!("/users?$filter={}&$select={select}", path::query(&text)), ROUTE)
}
