//! Records going in.
//!
//! Owns: [`Entry`], and adding it to the chain of this store and key, in the transaction of what it is about. Does not own:
//! checking a chain ([`super::verify`]).
//!
//! One writer a chain: a writing transaction holds the store's write lock from its beginning, so head and record are of one
//! moment. A head that is not as it was written stops everything: going on would hide what happened.

use std::collections::BTreeSet;
use std::sync::{Arc, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use oathctl_core::journal::Actor;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId};
use serde_json::{Map, Value, json};

use super::key::{AuditKey, ChainKeys};
use super::{Keeper, Known, person};
use crate::db::{Sql, Tx};
use crate::error::StoreError;
use crate::journal::number;
use crate::store::Store;

/// What is about to be written; people still by their ids.
pub(crate) struct Entry<'a> {
    pub(crate) kind: &'a str,
    /// `None`: as late as the record before.
    pub(crate) at: Option<Utc>,
    pub(crate) actor: Option<&'a Actor>,
    pub(crate) tenant: Option<&'a TenantId>,
    pub(crate) run: Option<&'a RunId>,
    /// Everybody whom `body` is about; it asks for their pseudonyms.
    pub(crate) people: BTreeSet<&'a str>,
}

/// Pseudonyms of the people of an entry, for its body.
pub(crate) struct Named<'m>(MutexGuard<'m, Known>);

impl Named<'_> {
    /// The pseudonym of somebody whom the entry names.
    pub(crate) fn of(&self, id: &str) -> Value {
        self.0.pseudonym(id).map_or(Value::Null, |name| Value::from(name.as_str()))
    }
}

/// The last of a chain.
pub(super) struct Head {
    pub(super) records: u64,
    pub(super) last_at: i64,
    pub(super) mac: Vec<u8>,
    pub(super) forgotten: u64,
}

impl Keeper {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The audit key; made where there is none.
    pub(super) fn key(&self) -> Result<Arc<AuditKey>, StoreError> {
        let mut known = self.known();
        if let Some(key) = &known.key {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(AuditKey::of(&self.folder, &*self.entropy)?);
        known.key = Some(Arc::clone(&key));
        Ok(key)
    }

    /// The audit key, if there is one; none is made.
    pub(super) fn key_at_hand(&self) -> Result<Option<Arc<AuditKey>>, StoreError> {
        let is_there = self.known().key.is_some() || AuditKey::is_in(&self.folder);
        is_there.then(|| self.key()).transpose()
    }

    pub(super) fn entropy(&self) -> &dyn oathctl_core::time::Entropy {
        &*self.entropy
    }

    /// The chain of this key in this store, begun where there is none, and its head.
    pub(super) async fn chain_and_head(
        &self,
        tx: &mut Tx<'_>,
        at: i64,
    ) -> Result<(Arc<ChainKeys>, Head), StoreError> {
        let mut keys = self.chain(tx, at).await?;
        let is_there =
            Sql::new("SELECT count(*) FROM audit_chains WHERE chain = $1").bind(keys.chain.as_str());
        if is_there.value::<i64>(&mut *tx).await? == 0 {
            // It was begun in a transaction that was taken back.
            self.known().chain = None;
            keys = self.chain(tx, at).await?;
        }
        let head = head(tx, &keys).await?;
        self.known().settle(&head.mac, head.forgotten);
        Ok((keys, head))
    }

    async fn chain(&self, tx: &mut Tx<'_>, at: i64) -> Result<Arc<ChainKeys>, StoreError> {
        let cached = self.known().chain.clone();
        if let Some(chain) = cached {
            return Ok(chain);
        }
        let key = self.key()?;
        let found = match find(tx, &key).await? {
            Some(chain) => chain,
            None => self.begin(tx, &key, at).await?,
        };
        let found = Arc::new(found);
        self.known().chain = Some(Arc::clone(&found));
        Ok(found)
    }

    async fn begin(&self, tx: &mut Tx<'_>, key: &AuditKey, at: i64) -> Result<ChainKeys, StoreError> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let keys = key.of_chain(&HEXLOWER.encode(&id));
        let mac = vec![0; 32];
        Sql::new(
            "INSERT INTO audit_chains (chain, key_id, records, last_at, mac, head, forgotten)
             VALUES ($1, $2, 0, $3, $4, $5, 0)",
        )
        .bind(keys.chain.as_str())
        .bind(keys.key_id.as_str())
        .bind(at)
        .bind(mac.as_slice())
        .bind(keys.head_mac(0, &mac, 0).to_vec())
        .run(tx)
        .await?;
        Ok(keys)
    }
}

/// The chain of a key, if it has one here.
pub(super) async fn find(tx: &mut Tx<'_>, key: &AuditKey) -> Result<Option<ChainKeys>, StoreError> {
    for row in Sql::new("SELECT chain, key_id FROM audit_chains ORDER BY chain").all(tx).await? {
        let keys = key.of_chain(&row.get::<String>(0)?);
        if keys.key_id == row.get::<String>(1)? {
            return Ok(Some(keys));
        }
    }
    Ok(None)
}

/// The head, if it is as it was written.
pub(super) async fn head(tx: &mut Tx<'_>, keys: &ChainKeys) -> Result<Head, StoreError> {
    let broken = || StoreError::AuditBroken { what: "the head of its chain was altered" };
    let select = "SELECT records, last_at, mac, head, forgotten FROM audit_chains WHERE chain = $1";
    let row = Sql::new(select).bind(keys.chain.as_str()).first(tx).await?.ok_or_else(broken)?;
    let (records, forgotten): (i64, i64) = (row.get("records")?, row.get("forgotten")?);
    let (mac, claimed): (Vec<u8>, Vec<u8>) = (row.get("mac")?, row.get("head")?);
    let head = Head {
        records: u64::try_from(records).map_err(|_| broken())?,
        last_at: row.get("last_at")?,
        mac,
        forgotten: u64::try_from(forgotten).map_err(|_| broken())?,
    };
    let expected = keys.head_mac(head.records, &head.mac, head.forgotten);
    let same: bool = subtle::ConstantTimeEq::ct_eq(&expected[..], &claimed[..]).into();
    if same { Ok(head) } else { Err(broken()) }
}

pub(super) async fn put_head(tx: &mut Tx<'_>, keys: &ChainKeys, head: &Head) -> Result<(), StoreError> {
    Sql::new(
        "UPDATE audit_chains SET records = $2, last_at = $3, mac = $4, head = $5, forgotten = $6 WHERE chain = $1",
    )
    .bind(keys.chain.as_str())
    .bind(number(head.records)?)
    .bind(head.last_at)
    .bind(head.mac.as_slice())
    .bind(keys.head_mac(head.records, &head.mac, head.forgotten).to_vec())
    .bind(number(head.forgotten)?)
    .run(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Adds a record in a transaction: it is there if, and only if, what it is about is.
    ///
    /// # Errors
    /// [`StoreError::NoAudit`], [`StoreError::AuditBroken`], and the store's: then nothing may be done.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx<'_>,
        mut entry: Entry<'_>,
        body: impl FnOnce(&Named<'_>) -> Map<String, Value>,
    ) -> Result<(), StoreError> {
        let keeper = self.keeper()?;
        let at = entry.at.map_or(0, Utc::unix_ms);
        let (keys, mut head) = keeper.chain_and_head(tx, at).await?;
        if let Some(id) = entry.actor.and_then(|actor| actor.signed_in_as.as_deref()) {
            entry.people.insert(id);
        }
        person::know(tx, keeper, &keys, &entry.people).await?;
        head.last_at = entry.at.map_or(head.last_at, Utc::unix_ms);
        head.records += 1;
        let record = {
            let named = Named(keeper.known());
            let mut record = body(&named);
            front(&mut record, &entry, head.last_at, &named);
            Value::Object(record).to_string()
        };
        head.mac = keys.record_mac(head.records, &head.mac, &record).to_vec();
        keeper.known().pending_mac.clone_from(&head.mac);
        Sql::new(
            "INSERT INTO audit_records (chain, number, at, kind, tenant, run, record, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(keys.chain.as_str())
        .bind(number(head.records)?)
        .bind(head.last_at)
        .bind(entry.kind)
        .bind(entry.tenant.map(TenantId::as_str))
        .bind(entry.run.map(RunId::as_str))
        .bind(record)
        .bind(head.mac.as_slice())
        .run(tx)
        .await?;
        put_head(tx, &keys, &head).await
    }

    pub(super) fn keeper(&self) -> Result<&Keeper, StoreError> {
        self.keeper.as_deref().ok_or(StoreError::NoAudit)
    }
}

/// What every record has.
fn front(record: &mut Map<String, Value>, entry: &Entry<'_>, at: i64, named: &Named<'_>) {
    record.insert("at".into(), Utc::from_unix_ms(at).to_string().into());
    record.insert("kind".into(), entry.kind.into());
    if let Some(tenant) = entry.tenant {
        record.insert("tenant".into(), tenant.as_str().into());
    }
    if let Some(run) = entry.run {
        record.insert("run".into(), run.as_str().into());
    }
    if let Some(actor) = entry.actor {
        let signed_in_as = actor.signed_in_as.as_deref().map_or(Value::Null, |id| named.of(id));
        let who =
            json!({"os_user": actor.os_user, "os_user_is": "self_asserted", "signed_in_as": signed_in_as});
        record.insert("actor".into(), who);
    }
}
