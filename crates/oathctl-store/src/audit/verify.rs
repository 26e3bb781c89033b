//! Is the chain as it was written?
//!
//! Owns: [`super::Audit::verify`] and what it finds. Reads every record; changes nothing.

use data_encoding::HEXLOWER;
use futures_util::StreamExt;
use oathctl_core::time::Utc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::key::{AuditKey, ChainKeys};
use super::{Audit, Checkpoint, chain, person};
use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Records in all chains here.
    pub records: u64,
    /// The chains, by id.
    pub chains: Vec<ChainVerified>,
    /// Checkpoints that are not of this key, or were altered.
    pub foreign_checkpoints: u64,
}

/// One chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainVerified {
    /// Its id.
    pub chain: String,
    /// False when the key here is not its key: nothing can be said of it.
    pub is_ours: bool,
    /// Records it has.
    pub records: u64,
    /// Where it is first not as it was written.
    pub broken_at: Option<AuditBroken>,
    /// The latest genuine checkpoint that it agrees with.
    pub checkpoint: Option<Checkpoint>,
}

impl ChainVerified {
    /// Records that a key holder can't have forged, if he can't write where the checkpoint is stored.
    pub fn covered(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.records.min(self.records))
    }
}

impl Verified {
    /// The first break of a chain that is ours.
    pub fn broken_at(&self) -> Option<&AuditBroken> {
        self.chains.iter().find_map(|chain| chain.broken_at.as_ref())
    }
}

/// A break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditBroken {
    /// The number of the record.
    pub number: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It, its number or what comes before it is not as it was written.
    Altered,
    /// It is not there, though later ones are.
    Missing,
    /// Its columns say otherwise than itself.
    IndexAltered,
    /// It and all after it are not there.
    CutOff,
    /// How many there are was altered.
    HeadAltered,
    /// Who stands behind a pseudonym was altered.
    PersonAltered,
    /// A checkpoint covers it and says otherwise: an older copy was brought back, or a key holder wrote it anew.
    NotAsCheckpointed,
    /// A checkpoint of this key names a chain that is not here.
    ChainMissing,
}

impl Audit<'_> {
    /// Reads every record, and compares the chain of the audit key here with checkpoints.
    ///
    /// # Errors
    /// [`StoreError::NoAudit`], [`StoreError::Locked`], [`StoreError::Io`]. A broken chain is no error but an answer.
    pub async fn verify(&self, checkpoints: &[Checkpoint]) -> Result<Verified, StoreError> {
        let key = self.0.keeper()?.key_at_hand()?;
        let mut tx = self.0.db().snapshot().await?;
        let mut done = Verified::default();
        let select = "SELECT chain, key_id FROM audit_chains UNION
                      SELECT DISTINCT chain, '' FROM audit_records WHERE chain NOT IN (SELECT chain FROM audit_chains)
                      ORDER BY 1";
        for row in Sql::new(select).all(&mut tx).await? {
            let (chain, key_id): (String, String) = (row.get(0)?, row.get(1)?);
            let keys = key.as_ref().map(|key| key.of_chain(&chain));
            // Whose chain it is its own records say, whatever stands beside them.
            let is_ours = match &keys {
                None => false,
                Some(keys) => {
                    keys.key_id == key_id
                        || checkpoints.iter().any(|it| it.is_genuine(keys))
                        || begins_with(&mut tx, keys).await?
                }
            };
            let chain = match keys.filter(|_| is_ours) {
                Some(keys) => ours(&mut tx, &keys, checkpoints).await?,
                None => {
                    let records = count(&mut tx, &chain).await?;
                    ChainVerified { chain, is_ours: false, records, broken_at: None, checkpoint: None }
                }
            };
            done.records += chain.records;
            done.chains.push(chain);
        }
        for checkpoint in checkpoints {
            let is_ours = |key: &AuditKey| checkpoint.is_genuine(&key.of_chain(&checkpoint.chain));
            let is_here = done.chains.iter().any(|chain| chain.chain == checkpoint.chain);
            match key.as_deref().is_some_and(is_ours) {
                false => done.foreign_checkpoints += 1,
                true if is_here => {}
                true => done.chains.push(ChainVerified {
                    chain: checkpoint.chain.clone(),
                    is_ours: true,
                    records: 0,
                    broken_at: Some(AuditBroken { number: 1, fault: Fault::ChainMissing }),
                    checkpoint: None,
                }),
            }
        }
        Ok(done)
    }
}

/// The first record was written with this key.
async fn begins_with(tx: &mut Tx<'_>, keys: &ChainKeys) -> Result<bool, StoreError> {
    let select = "SELECT record, mac FROM audit_records WHERE chain = $1 AND number = 1";
    let Some(row) = Sql::new(select).bind(keys.chain.as_str()).first(tx).await? else { return Ok(false) };
    let (record, mac): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
    Ok(subtle::ConstantTimeEq::ct_eq(&keys.record_mac(1, &[0; 32], &record)[..], &mac[..]).into())
}

async fn count(tx: &mut Tx<'_>, chain: &str) -> Result<u64, StoreError> {
    let count = Sql::new("SELECT count(*) FROM audit_records WHERE chain = $1").bind(chain);
    Ok(count.value::<i64>(tx).await?.unsigned_abs())
}

/// Reads a chain from its beginning.
struct Walk<'k> {
    keys: &'k ChainKeys,
    before: Vec<u8>,
    next: u64,
    records: u64,
    broken: Option<AuditBroken>,
}

impl Walk<'_> {
    fn fail(&mut self, number: u64, fault: Fault) {
        self.broken.get_or_insert(AuditBroken { number, fault });
    }

    fn take(&mut self, row: &Row) -> Result<(), StoreError> {
        let number = row.get::<i64>("number")?.unsigned_abs();
        let (record, mac): (String, Vec<u8>) = (row.get("record")?, row.get("mac")?);
        self.records += 1;
        if number != self.next {
            let fault = if number > self.next { Fault::Missing } else { Fault::Altered };
            self.fail(self.next.min(number), fault);
        }
        let expected = self.keys.record_mac(number, &self.before, &record);
        let same: bool = subtle::ConstantTimeEq::ct_eq(&expected[..], &mac[..]).into();
        if !same {
            self.fail(number, Fault::Altered);
        } else if !has_its_index(row, &record)? {
            self.fail(number, Fault::IndexAltered);
        }
        self.before = mac;
        self.next = number + 1;
        Ok(())
    }
}

fn has_its_index(row: &Row, record: &str) -> Result<bool, StoreError> {
    let Ok(record) = serde_json::from_str::<Value>(record) else { return Ok(false) };
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    let (tenant, run): (Option<String>, Option<String>) = (row.get("tenant")?, row.get("run")?);
    let at = Utc::from_unix_ms(row.get("at")?).to_string();
    Ok(text("kind") == Some(row.get("kind")?)
        && text("at") == Some(at)
        && text("tenant") == tenant
        && text("run") == run)
}

async fn ours(
    tx: &mut Tx<'_>,
    keys: &ChainKeys,
    checkpoints: &[Checkpoint],
) -> Result<ChainVerified, StoreError> {
    let genuine: Vec<&Checkpoint> = checkpoints.iter().filter(|it| it.is_genuine(keys)).collect();
    let mut walk = Walk { keys, before: vec![0; 32], next: 1, records: 0, broken: None };
    let mut otherwise: Option<u64> = None;
    let mut agreed: Option<&Checkpoint> = None;
    {
        let select = "SELECT number, at, kind, tenant, run, record, mac FROM audit_records WHERE chain = $1
                      ORDER BY number";
        let mut rows = Sql::new(select).bind(keys.chain.as_str()).stream(tx);
        while let Some(row) = rows.next().await {
            walk.take(&row?)?;
            let mac = HEXLOWER.encode(&walk.before);
            for checkpoint in genuine.iter().filter(|it| it.records == walk.next - 1) {
                if checkpoint.mac == mac {
                    agreed = Some(checkpoint);
                } else {
                    otherwise.get_or_insert(checkpoint.records);
                }
            }
        }
    }
    let last = walk.next - 1;
    match chain::head(tx, keys).await {
        Ok(head) if head.records > last => walk.fail(last + 1, Fault::CutOff),
        Ok(head) if head.records < last || head.mac != walk.before => walk.fail(last, Fault::HeadAltered),
        Ok(_) => {}
        Err(StoreError::AuditBroken { .. }) => walk.fail(last, Fault::HeadAltered),
        Err(error) => return Err(error),
    }
    if matches!(person::everybody(tx, keys).await, Err(StoreError::AuditBroken { .. })) {
        walk.fail(0, Fault::PersonAltered);
    }
    let beyond = genuine.iter().any(|it| it.records > last).then_some(last + 1);
    if let Some(number) = otherwise.into_iter().chain(beyond).min() {
        walk.fail(number, Fault::NotAsCheckpointed);
    }
    Ok(ChainVerified {
        chain: keys.chain.clone(),
        is_ours: true,
        records: walk.records,
        broken_at: walk.broken,
        checkpoint: agreed.cloned(),
    })
}
