//! People in the audit: each under a pseudonym that only a key of his own ties to him.
//!
//! Owns: the table `audit_people`. A record names somebody by `p-` and 32 hex digits: the check value of his object id under
//! a random key of his own. The key lies here, sealed under the audit key, with the id sealed under it. Without the line nobody,
//! not even with the audit key and the id in hand, can say who the pseudonym was.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

use super::Keeper;
use super::key::ChainKeys;
use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::vault::secret::Key;

/// People handled in one statement.
const BATCH: usize = 500;

/// How a person's id is compared.
pub(super) fn key(id: &str) -> String {
    id.trim().to_ascii_lowercase()
}

/// By which he is found: of no use without the audit key.
pub(super) fn tag(keys: &ChainKeys, id: &str) -> Vec<u8> {
    keys.tags.mac(key(id).as_bytes())[..16].to_vec()
}

/// Sees to it that the keeper knows a pseudonym of each, as long as this transaction lasts.
pub(super) async fn know(
    tx: &mut Tx<'_>,
    keeper: &Keeper,
    keys: &ChainKeys,
    ids: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    let unknown: Vec<String> = {
        let known = keeper.known();
        let ids: BTreeSet<String> = ids.iter().map(|id| key(id)).collect();
        ids.into_iter().filter(|id| !known.people.contains_key(id)).collect()
    };
    for some in unknown.chunks(BATCH) {
        let mut names = find(tx, keys, some).await?;
        let new: Vec<&String> = some.iter().filter(|id| !names.contains_key(*id)).collect();
        names.extend(add(tx, keeper, keys, &new).await?);
        keeper.known().pending.extend(names);
    }
    Ok(())
}

async fn find(
    tx: &mut Tx<'_>,
    keys: &ChainKeys,
    ids: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let tags: BTreeMap<Vec<u8>, &String> = ids.iter().map(|id| (tag(keys, id), id)).collect();
    let mut select = Sql::new("SELECT tag, pseudonym FROM audit_people WHERE chain = ");
    select.push_value(keys.chain.as_str()).push(" AND tag IN ").push_list(tags.keys().cloned());
    let mut found = BTreeMap::new();
    for row in select.all(tx).await? {
        if let Some(id) = tags.get(&row.get::<Vec<u8>>(0)?) {
            found.insert((*id).clone(), row.get(1)?);
        }
    }
    Ok(found)
}

async fn add(
    tx: &mut Tx<'_>,
    keeper: &Keeper,
    keys: &ChainKeys,
    ids: &[&String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut added = BTreeMap::new();
    if ids.is_empty() {
        return Ok(added);
    }
    let mut insert = Sql::new("INSERT INTO audit_people (chain, tag, pseudonym, key, person) VALUES ");
    for (n, id) in ids.iter().enumerate() {
        let own = Key::random(keeper.entropy());
        let pseudonym = format!("p-{}", HEXLOWER.encode(&own.mac(id.as_bytes())[..16]));
        let tag = tag(keys, id);
        let sealed_key = keys.people.seal(keeper.entropy(), &bound(keys, &pseudonym), own.expose());
        let sealed_id = own.seal(keeper.entropy(), &bound(keys, &pseudonym), id.as_bytes());
        insert.push(if n == 0 { "(" } else { ", (" }).push_value(keys.chain.as_str());
        insert.push(", ").push_value(tag).push(", ").push_value(pseudonym.as_str());
        insert.push(", ").push_value(sealed_key).push(", ").push_value(sealed_id).push(")");
        added.insert((*id).clone(), pseudonym);
    }
    insert.run(tx).await?;
    Ok(added)
}

/// A line is good for its own pseudonym in its own chain.
fn bound(keys: &ChainKeys, pseudonym: &str) -> Vec<u8> {
    format!("oathctl audit 1 person {} {pseudonym}", keys.chain).into_bytes()
}

/// Somebody's own key, with which words about him are sealed into a record.
pub(super) struct Own {
    key: Key,
    bound: Vec<u8>,
}

impl Own {
    /// Of an object id; `None` when he is not known.
    pub(super) async fn find(
        tx: &mut Tx<'_>,
        keys: &ChainKeys,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let select = "SELECT pseudonym, key, person FROM audit_people WHERE chain = $1 AND tag = $2";
        let row = Sql::new(select).bind(keys.chain.as_str()).bind(tag(keys, id)).first(tx).await?;
        Ok(row.map(|row| own(keys, &row)).transpose()?.map(|(_, own, _)| own))
    }

    /// Words about him, as text.
    pub(super) fn seal(&self, keeper: &Keeper, words: &str) -> String {
        BASE64.encode(&self.key.seal(keeper.entropy(), &self.bound, words.as_bytes()))
    }

    /// What [`Self::seal`] made.
    pub(super) fn open(&self, sealed: &str) -> Option<String> {
        let sealed = BASE64.decode(sealed.as_bytes()).ok()?;
        let plain: Zeroizing<Vec<u8>> = self.key.open(&self.bound, &sealed)?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

/// Everybody of a chain who was not forgotten: his id and key, by pseudonym.
pub(super) async fn everybody(
    tx: &mut Tx<'_>,
    keys: &ChainKeys,
) -> Result<BTreeMap<String, (String, Own)>, StoreError> {
    let select = "SELECT pseudonym, key, person FROM audit_people WHERE chain = $1";
    let rows = Sql::new(select).bind(keys.chain.as_str()).all(tx).await?;
    let mut people = BTreeMap::new();
    for row in &rows {
        let (pseudonym, key, id) = own(keys, row)?;
        people.insert(pseudonym, (id, key));
    }
    Ok(people)
}

/// A line of which a byte was altered names nobody.
fn own(keys: &ChainKeys, row: &Row) -> Result<(String, Own, String), StoreError> {
    let damaged = || StoreError::AuditBroken { what: "who stands behind a pseudonym was altered" };
    let pseudonym: String = row.get("pseudonym")?;
    let (key, person): (Vec<u8>, Vec<u8>) = (row.get("key")?, row.get("person")?);
    let bound = bound(keys, &pseudonym);
    let key = keys.people.open(&bound, &key).and_then(|key| Key::from_slice(&key)).ok_or_else(damaged)?;
    let id = key.open(&bound, &person).ok_or_else(damaged)?;
    let id = String::from_utf8(id.to_vec()).map_err(|_| damaged())?;
    let is_his = format!("p-{}", HEXLOWER.encode(&key.mac(id.as_bytes())[..16])) == pseudonym;
    if is_his { Ok((pseudonym, Own { key, bound }, id)) } else { Err(damaged()) }
}
