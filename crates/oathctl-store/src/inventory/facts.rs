//! The things themselves: which token is meant, and what is known of it.
//!
//! Owns: writes on the table `tokens` but for marks and places. A token is known by serial and maker; one whose maker
//! nobody said yet takes the first that is said.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::time::Utc;
use oathctl_core::token::{Hash, serial_key};

use super::token::TokenFacts;
use crate::db::{Sql, Tx};
use crate::error::StoreError;

/// A line of `tokens`, as far as it is compared.
#[derive(Clone, Debug)]
struct Thing {
    id: i64,
    facts: TokenFacts,
}

/// What came of looking for tokens.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The token of each of the facts, in their order.
    pub(super) ids: Vec<i64>,
    /// Those that were new.
    pub(super) new: BTreeSet<i64>,
}

/// Finds the token of each, adds what is new, and fills in what was not known.
pub(super) async fn know(tx: &mut Tx<'_>, facts: &[TokenFacts], at: Utc) -> Result<Found, StoreError> {
    let keys: BTreeSet<String> = facts.iter().map(|facts| serial_key(&facts.serial)).collect();
    let mut things = by_serials(tx, keys).await?;
    let new = place(&things, facts);
    if !new.is_empty() {
        insert(tx, &new, at).await?;
        let keys = new.iter().map(|facts| serial_key(&facts.serial)).collect();
        let mut found = Found::default();
        for (key, added) in by_serials(tx, keys).await? {
            let before = things.entry(key).or_default();
            found.new.extend(added.iter().map(|it| it.id).filter(|id| !before.iter().any(|b| b.id == *id)));
            *before = added;
        }
        return learn(tx, things, facts, found).await;
    }
    learn(tx, things, facts, Found::default()).await
}

/// The facts of tokens that are not there yet, each once.
fn place<'f>(things: &BTreeMap<String, Vec<Thing>>, facts: &'f [TokenFacts]) -> Vec<&'f TokenFacts> {
    let mut new: BTreeMap<(String, String), &TokenFacts> = BTreeMap::new();
    for facts in facts {
        let key = serial_key(&facts.serial);
        if which(things.get(&key).map_or(&[], Vec::as_slice), &facts.maker).is_none() {
            new.entry((key, serial_key(&facts.maker))).or_insert(facts);
        }
    }
    new.into_values().collect()
}

/// Of several with one serial the one of this maker; else the one whose maker nobody said; and where no maker is
/// said now, the only one there is.
fn which(things: &[Thing], maker: &str) -> Option<usize> {
    let maker = serial_key(maker);
    let of = |maker: &str| things.iter().position(|it| serial_key(&it.facts.maker) == maker);
    of(&maker).or_else(|| of("")).or_else(|| (maker.is_empty() && things.len() == 1).then_some(0))
}

async fn learn(
    tx: &mut Tx<'_>,
    mut things: BTreeMap<String, Vec<Thing>>,
    facts: &[TokenFacts],
    mut found: Found,
) -> Result<Found, StoreError> {
    for facts in facts {
        let same = things.entry(serial_key(&facts.serial)).or_default();
        let at = which(same, &facts.maker).ok_or_else(|| StoreError::damaged("a token is missing"))?;
        let thing = &mut same[at];
        found.ids.push(thing.id);
        let merged = merged(&thing.facts, facts);
        if merged != thing.facts {
            update(tx, thing.id, &merged).await?;
            thing.facts = merged;
        }
    }
    Ok(found)
}

/// What was known, but for what is said now. Batch and place are said once and moved by hand since.
fn merged(known: &TokenFacts, said: &TokenFacts) -> TokenFacts {
    let either =
        |known: &String, said: &String| if known.is_empty() { said.trim() } else { known }.to_owned();
    TokenFacts {
        serial: known.serial.clone(),
        maker: either(&known.maker, &said.maker),
        model: either(&known.model, &said.model),
        hash: said.hash.or(known.hash),
        digits: said.digits.or(known.digits),
        period_secs: said.period_secs.or(known.period_secs),
        batch: either(&known.batch, &said.batch),
        location: either(&known.location, &said.location),
    }
}

async fn by_serials(
    tx: &mut Tx<'_>,
    keys: BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Thing>>, StoreError> {
    let mut things: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
    let keys: Vec<String> = keys.into_iter().collect();
    for some in keys.chunks(super::BATCH) {
        let mut select = Sql::new(
            "SELECT id, serial, serial_key, maker, model, hash, digits, period, batch, location
             FROM tokens WHERE serial_key IN ",
        );
        select.push_list(some.iter().map(String::as_str)).push(" ORDER BY id");
        for row in select.all(&mut *tx).await? {
            let hash: Option<String> = row.get("hash")?;
            let (digits, period): (Option<i64>, Option<i64>) = (row.get("digits")?, row.get("period")?);
            let facts = TokenFacts {
                serial: row.get("serial")?,
                maker: row.get("maker")?,
                model: row.get("model")?,
                hash: hash.as_deref().and_then(Hash::parse),
                digits: digits.and_then(|n| u8::try_from(n).ok()),
                period_secs: period.and_then(|n| u32::try_from(n).ok()),
                batch: row.get("batch")?,
                location: row.get("location")?,
            };
            things.entry(row.get("serial_key")?).or_default().push(Thing { id: row.get("id")?, facts });
        }
    }
    Ok(things)
}

async fn insert(tx: &mut Tx<'_>, new: &[&TokenFacts], at: Utc) -> Result<(), StoreError> {
    for some in new.chunks(super::BATCH) {
        let mut insert = Sql::new(
            "INSERT INTO tokens (serial, serial_key, maker, maker_key, model, hash, digits, period, batch, location,
                                 known_at, in_stock) VALUES ",
        );
        for (n, facts) in some.iter().enumerate() {
            insert.push(if n == 0 { "(" } else { ", (" }).push_value(facts.serial.trim());
            insert.push(", ").push_value(serial_key(&facts.serial));
            insert.push(", ").push_value(facts.maker.trim());
            insert.push(", ").push_value(serial_key(&facts.maker));
            insert.push(", ").push_value(facts.model.trim());
            insert.push(", ").push_value(facts.hash.map(Hash::word));
            insert.push(", ").push_value(facts.digits.map(i64::from));
            insert.push(", ").push_value(facts.period_secs.map(i64::from));
            insert.push(", ").push_value(facts.batch.trim());
            insert.push(", ").push_value(facts.location.trim());
            insert.push(", ").push_value(at.unix_ms()).push(", 1)");
        }
        insert.run(tx).await?;
    }
    Ok(())
}

async fn update(tx: &mut Tx<'_>, id: i64, facts: &TokenFacts) -> Result<(), StoreError> {
    Sql::new(
        "UPDATE tokens SET maker = $2, maker_key = $3, model = $4, hash = $5, digits = $6, period = $7, batch = $8,
                           location = $9 WHERE id = $1",
    )
    .bind(id)
    .bind(facts.maker.as_str())
    .bind(serial_key(&facts.maker))
    .bind(facts.model.as_str())
    .bind(facts.hash.map(Hash::word))
    .bind(facts.digits.map(i64::from))
    .bind(facts.period_secs.map(i64::from))
    .bind(facts.batch.as_str())
    .bind(facts.location.as_str())
    .run(tx)
    .await?;
    Ok(())
}

/// Notes for each of these whether any tenant has it.
pub(super) async fn count_stock(tx: &mut Tx<'_>, ids: &BTreeSet<i64>) -> Result<(), StoreError> {
    let ids: Vec<i64> = ids.iter().copied().collect();
    for some in ids.chunks(super::BATCH) {
        let mut set = Sql::new(
            "UPDATE tokens SET in_stock = CASE WHEN EXISTS
                 (SELECT 1 FROM token_devices d WHERE d.token = tokens.id AND d.gone_at IS NULL)
             THEN 0 ELSE 1 END WHERE id IN ",
        );
        set.push_list(some.iter().copied());
        set.run(tx).await?;
    }
    Ok(())
}
