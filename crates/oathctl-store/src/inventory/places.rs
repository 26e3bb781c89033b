//! Where tokens lie, and which delivery they count to: what people say of it.
//!
//! Owns: [`Inventory::place`]. Does not own: what else is known of a thing ([`super::facts`]).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::time::Utc;
use oathctl_core::token::serial_key;

use super::history::EventKind;
use super::{BATCH, Inventory, marks};
use crate::db::{Sql, Tx};
use crate::error::StoreError;

/// A token and its place from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Its serial; of several makers' tokens, all.
    pub serial: String,
    /// Where it lies; `None` leaves that as it is.
    pub location: Option<String>,
    /// The delivery it counts to; `None` leaves that as it is.
    pub batch: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It lies there now.
    Moved,
    /// It lay there already.
    There,
    /// Nobody here knows it.
    Unknown,
}

/// A line of `tokens`, as far as this is about it.
struct Thing {
    id: i64,
    key: String,
    location: String,
    batch: String,
}

impl Inventory<'_> {
    /// Which of these serials are known, by [`serial_key`].
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn known_serials(&self, serials: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let keys: Vec<String> = serials.iter().map(|serial| serial_key(serial)).collect();
        let mut found = BTreeSet::new();
        for some in keys.chunks(BATCH) {
            let mut select = Sql::new("SELECT DISTINCT serial_key FROM tokens WHERE serial_key IN ");
            select.push_list(some.iter().map(String::as_str));
            for row in select.all(self.0).await? {
                found.insert(row.get("serial_key")?);
            }
        }
        Ok(found)
    }

    /// Says where tokens lie from now on, in one transaction; what came of each, in the order given.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; then nothing moved.
    pub async fn place(
        &self,
        placements: &[Placement],
        actor: &str,
        at: Utc,
    ) -> Result<Vec<Placed>, StoreError> {
        let mut alike: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
        for placement in placements {
            let to =
                (placement.location.as_deref().map(str::trim), placement.batch.as_deref().map(str::trim));
            alike.entry(to).or_default().push(serial_key(&placement.serial));
        }
        let mut done: BTreeMap<String, Placed> = BTreeMap::new();
        let mut tx = self.0.begin().await?;
        for ((location, batch), keys) in alike {
            for some in keys.chunks(BATCH) {
                let things = things(&mut tx, some).await?;
                let differs = |thing: &&Thing| {
                    location.is_some_and(|to| to != thing.location)
                        || batch.is_some_and(|to| to != thing.batch)
                };
                let moved: Vec<&Thing> = things.iter().filter(differs).collect();
                done.extend(things.iter().map(|thing| (thing.key.clone(), Placed::There)));
                done.extend(moved.iter().map(|thing| (thing.key.clone(), Placed::Moved)));
                let ids: Vec<i64> = moved.iter().map(|thing| thing.id).collect();
                put(&mut tx, &ids, location, batch).await?;
                marks::note_each(&mut tx, &ids, EventKind::Moved, &detail(location, batch), actor, at)
                    .await?;
            }
        }
        tx.commit().await?;
        let of = |placement: &Placement| done.get(&serial_key(&placement.serial)).copied();
        Ok(placements.iter().map(|placement| of(placement).unwrap_or(Placed::Unknown)).collect())
    }
}

async fn things(tx: &mut Tx<'_>, keys: &[String]) -> Result<Vec<Thing>, StoreError> {
    let mut select = Sql::new("SELECT id, serial_key, location, batch FROM tokens WHERE serial_key IN ");
    select.push_list(keys.iter().map(String::as_str)).push(" ORDER BY id");
    let rows = select.all(&mut *tx).await?;
    let thing = |row: &crate::db::Row| {
        Ok(Thing {
            id: row.get("id")?,
            key: row.get("serial_key")?,
            location: row.get("location")?,
            batch: row.get("batch")?,
        })
    };
    rows.iter().map(thing).collect()
}

async fn put(
    tx: &mut Tx<'_>,
    ids: &[i64],
    location: Option<&str>,
    batch: Option<&str>,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut set = Sql::new("UPDATE tokens SET location = coalesce(");
    set.push_value(location).push(", location), batch = coalesce(").push_value(batch);
    set.push(", batch) WHERE id IN ").push_list(ids.iter().copied());
    set.run(tx).await?;
    Ok(())
}

/// `Desk 2, batch 2026-11`.
fn detail(location: Option<&str>, batch: Option<&str>) -> String {
    let batch = batch.map(|batch| format!("batch {batch}"));
    let parts: Vec<String> = location.map(str::to_owned).into_iter().chain(batch).collect();
    parts.join(", ")
}
