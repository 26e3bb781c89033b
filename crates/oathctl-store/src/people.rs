//! People as tenants showed them to us.
//!
//! Owns: the table `people`: names as last seen, and since when we have seen an account disabled. Does not own: what
//! follows (H3: the binary, with `--disabled-for`). A tenant does not say since when an account is disabled; we know only
//! since when we saw it so, and that is never earlier.

use std::collections::BTreeMap;

use oathctl_core::tenant::User;
use oathctl_core::time::Utc;
use oathctl_core::token::{TenantId, UserId, upn_key};

use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::store::Store;

/// People handled in one statement.
const BATCH: usize = 500;

/// A person of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Object id, in lower case.
    pub id: UserId,
    /// User principal name as last seen.
    pub upn: String,
    /// Display name as last seen.
    pub name: String,
    /// Whether the account may sign in, when that was last readable.
    pub enabled: Option<bool>,
    /// When we first saw him.
    pub first_seen: Utc,
    /// When we last did.
    pub seen_at: Utc,
    /// When we first saw the account disabled, with no sighting of it enabled since.
    pub disabled_since: Option<Utc>,
    /// When the tenant first said that he is gone, with no sighting since.
    pub gone_since: Option<Utc>,
}

/// The people a store knows.
#[derive(Clone, Copy)]
pub struct People<'s>(&'s Store);

impl Store {
    /// People as tenants showed them to us.
    pub fn people(&self) -> People<'_> {
        People(self)
    }
}

impl People<'_> {
    /// Takes over what a tenant shows. Where it may not be read whether an account is enabled, what we knew stays.
    /// `at` is best the tenant's own time: leavers are judged by it.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; batches before the error stay.
    pub async fn see(&self, tenant: &TenantId, people: &[User], at: Utc) -> Result<(), StoreError> {
        let people: BTreeMap<String, &User> = people.iter().map(|person| (key(&person.id), person)).collect();
        let people: Vec<(String, &User)> = people.into_iter().collect();
        for some in people.chunks(BATCH) {
            let mut tx = self.0.begin().await?;
            upsert(&mut tx, tenant, some, at).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Notes that the tenant says of these that they are gone; of people we never saw, nothing.
    ///
    /// # Errors
    /// As for [`Self::see`].
    pub async fn gone(&self, tenant: &TenantId, ids: &[UserId], at: Utc) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        for some in ids.chunks(BATCH) {
            let mut set = Sql::new("UPDATE people SET gone_since = coalesce(gone_since, ");
            set.push_value(at.unix_ms()).push(") WHERE tenant = ").push_value(tenant.as_str());
            set.push(" AND person IN ").push_list(some.iter().map(key));
            set.run(&mut tx).await?;
        }
        tx.commit().await
    }

    /// Of those among these whose account we have only seen disabled of late: since when. Who is not in it is
    /// enabled, or nobody knows.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn disabled_since(
        &self,
        tenant: &TenantId,
        ids: &[UserId],
    ) -> Result<BTreeMap<UserId, Utc>, StoreError> {
        let known = self.known(tenant, ids).await?;
        Ok(known.into_iter().filter_map(|(id, person)| Some((id, person.disabled_since?))).collect())
    }

    /// What is known of these, by their ids as asked.
    ///
    /// # Errors
    /// As for [`Self::disabled_since`].
    pub async fn known(
        &self,
        tenant: &TenantId,
        ids: &[UserId],
    ) -> Result<BTreeMap<UserId, Person>, StoreError> {
        let mut found = BTreeMap::new();
        for some in ids.chunks(BATCH) {
            let mut select = Sql::new(concat!(
                "SELECT person, upn, name, enabled, first_seen, seen_at, disabled_since, gone_since FROM people ",
                "WHERE tenant = "
            ));
            select.push_value(tenant.as_str()).push(" AND person IN ").push_list(some.iter().map(key));
            let rows = select.all(self.0).await?;
            let mut people: BTreeMap<String, Person> = BTreeMap::new();
            for row in &rows {
                people.insert(row.get("person")?, person(row)?);
            }
            found.extend(some.iter().filter_map(|id| Some((id.clone(), people.get(&key(id))?.clone()))));
        }
        Ok(found)
    }

    /// The tenants among whose people somebody's user principal name is of this domain.
    ///
    /// # Errors
    /// As for [`Self::disabled_since`].
    pub async fn tenants_of_domain(&self, domain: &str) -> Result<Vec<TenantId>, StoreError> {
        let rows = Sql::new(
            "SELECT DISTINCT tenant FROM people
             WHERE substr(upn_key, length(upn_key) - length($1) + 1) = $1 AND upn_key NOT LIKE '%#ext#%' ORDER BY tenant",
        )
        .bind(format!("@{}", upn_key(domain)))
        .all(self.0)
        .await?;
        rows.iter().map(|row| row.get::<String>("tenant").map(TenantId::new)).collect()
    }

    /// The people of a tenant whose user principal name, display name or id begins like this, in any case (ASCII).
    ///
    /// # Errors
    /// As for [`Self::disabled_since`].
    pub async fn search(
        &self,
        tenant: &TenantId,
        beginning: &str,
        limit: u32,
    ) -> Result<Vec<Person>, StoreError> {
        let rows = Sql::new(
            "SELECT person, upn, name, enabled, first_seen, seen_at, disabled_since, gone_since FROM people
             WHERE tenant = $1 AND (substr(upn_key, 1, length($2)) = $2 OR substr(lower(name), 1, length($2)) = $2
                                    OR person = $2)
             ORDER BY upn_key LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(upn_key(beginning))
        .bind(i64::from(limit))
        .all(self.0)
        .await?;
        rows.iter().map(person).collect()
    }
}

/// Object ids are compared in any case.
fn key(id: &UserId) -> String {
    id.as_str().to_ascii_lowercase()
}

async fn upsert(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    people: &[(String, &User)],
    at: Utc,
) -> Result<(), StoreError> {
    let mut upsert = Sql::new(
        "INSERT INTO people (tenant, person, upn, upn_key, name, enabled, first_seen, seen_at, disabled_since)
         VALUES ",
    );
    for (n, (id, person)) in people.iter().enumerate() {
        upsert.push(if n == 0 { "(" } else { ", (" }).push_value(tenant.as_str());
        upsert.push(", ").push_value(id.as_str()).push(", ").push_value(person.upn.as_str());
        upsert.push(", ").push_value(upn_key(&person.upn)).push(", ").push_value(person.name.as_str());
        upsert.push(", ").push_value(person.enabled.map(i64::from));
        upsert.push(", ").push_value(at.unix_ms()).push(", ").push_value(at.unix_ms());
        let disabled = (person.enabled == Some(false)).then_some(at.unix_ms());
        upsert.push(", ").push_value(disabled).push(")");
    }
    upsert.push(
        " ON CONFLICT (tenant, person) DO UPDATE SET upn = excluded.upn, upn_key = excluded.upn_key,
              name = excluded.name, enabled = coalesce(excluded.enabled, people.enabled),
              seen_at = excluded.seen_at, gone_since = NULL,
              disabled_since = CASE excluded.enabled WHEN 1 THEN NULL
                  WHEN 0 THEN coalesce(people.disabled_since, excluded.disabled_since)
                  ELSE people.disabled_since END",
    );
    upsert.run(tx).await?;
    Ok(())
}

fn person(row: &Row) -> Result<Person, StoreError> {
    let time = |name: &'static str| row.get::<Option<i64>>(name).map(|at| at.map(Utc::from_unix_ms));
    Ok(Person {
        id: UserId::new(row.get::<String>("person")?),
        upn: row.get("upn")?,
        name: row.get("name")?,
        enabled: row.get::<Option<i64>>("enabled")?.map(|yes| yes != 0),
        first_seen: Utc::from_unix_ms(row.get("first_seen")?),
        seen_at: Utc::from_unix_ms(row.get("seen_at")?),
        disabled_since: time("disabled_since")?,
        gone_since: time("gone_since")?,
    })
}
