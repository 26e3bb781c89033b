//! Records as they are read back.
//!
//! Owns: [`AuditRecord`], [`AuditFilter`], lists and streams. Does not own: whether they are as they were written
//! ([`super::verify`]).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId, UserId};
use serde_json::Value;

use super::person::Own;
use super::{Audit, chain, person};
use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::wire;

/// One record, with the people in it as far as they are known here.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Its chain.
    pub chain: String,
    /// Its number there, from 1.
    pub number: u64,
    /// When, as the one who did it had it.
    pub at: Utc,
    /// What.
    pub kind: String,
    /// In which tenant.
    pub tenant: Option<TenantId>,
    /// In which run.
    pub run: Option<RunId>,
    /// All of it, as it was written.
    pub record: Value,
    /// The object id behind each pseudonym in it; `None` for somebody who was forgotten, and without the audit key.
    pub people: BTreeMap<String, Option<UserId>>,
    /// What was said about a person, if he was not forgotten.
    pub said: Option<String>,
    /// Its check value.
    pub mac: Vec<u8>,
}

/// Which records; the default is all, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only of this moment or later.
    pub since: Option<Utc>,
    /// Only before this moment.
    pub until: Option<Utc>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of this tenant.
    pub tenant: Option<TenantId>,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Only those that name this person.
    pub person: Option<UserId>,
    /// Only those that name this serial.
    pub serial: Option<String>,
    /// At most the latest so many.
    pub latest: Option<u32>,
}

pub(super) type Names = BTreeMap<String, (String, Own)>;

impl Audit<'_> {
    /// The records that a filter lets through.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::AuditBroken`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn list(&self, filter: &AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
        let mut found = Vec::new();
        self.each(filter, |record| {
            found.push(record);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Lends the records one by one: for more than should stand in memory.
    ///
    /// # Errors
    /// As for [`Self::list`], and what `lend` says.
    pub async fn each(
        &self,
        filter: &AuditFilter,
        mut lend: impl FnMut(AuditRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.db().snapshot().await?;
        let names = self.names(&mut tx).await?;
        let Some(select) = select(filter, &names) else { return Ok(()) };
        let mut rows = select.stream(&mut tx);
        while let Some(row) = rows.next().await {
            lend(record(&row?, &names)?)?;
        }
        Ok(())
    }

    /// Who stands behind the pseudonyms; nobody without the audit key.
    async fn names(&self, tx: &mut Tx<'_>) -> Result<Names, StoreError> {
        let key = match &self.0.keeper {
            Some(keeper) => keeper.key_at_hand()?,
            None => None,
        };
        let Some(key) = key else { return Ok(Names::new()) };
        match chain::find(tx, &key).await? {
            Some(keys) => person::everybody(tx, &keys).await,
            None => Ok(Names::new()),
        }
    }
}

/// `None` when nothing can match.
fn select(filter: &AuditFilter, names: &Names) -> Option<Sql> {
    let mut select = Sql::new(
        "SELECT chain, number, at, kind, tenant, run, record, mac FROM
             (SELECT chain, number, at, kind, tenant, run, record, mac FROM audit_records WHERE 1 = 1",
    );
    if let Some(at) = filter.since {
        select.push(" AND at >= ").push_value(at.unix_ms());
    }
    if let Some(at) = filter.until {
        select.push(" AND at < ").push_value(at.unix_ms());
    }
    for (column, text) in [
        (" AND kind = ", filter.kind.as_deref()),
        (" AND tenant = ", filter.tenant.as_ref().map(TenantId::as_str)),
        (" AND run = ", filter.run.as_ref().map(RunId::as_str)),
    ] {
        if let Some(text) = text {
            select.push(column).push_value(text);
        }
    }
    if let Some(id) = &filter.person {
        let id = person::key(id.as_str());
        let (pseudonym, _) = names.iter().find(|(_, (theirs, _))| *theirs == id)?;
        select.push(" AND record LIKE ").push_value(format!("%\"{pseudonym}\"%"));
    }
    if let Some(serial) = &filter.serial {
        let quoted = Value::from(serial.trim()).to_string();
        let quoted = quoted.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        select.push(" AND record LIKE ").push_value(format!("%{quoted}%")).push(" ESCAPE '\\'");
    }
    if let Some(latest) = filter.latest {
        select.push(" ORDER BY at DESC, chain DESC, number DESC LIMIT ").push_value(i64::from(latest));
    }
    select.push(") AS chosen ORDER BY chain, number");
    Some(select)
}

fn record(row: &Row, names: &Names) -> Result<AuditRecord, StoreError> {
    let text: String = row.get("record")?;
    let record: Value = wire::from_text(&text, "a record of the audit")?;
    let mut pseudonyms = BTreeSet::new();
    collect(&record, &mut pseudonyms);
    let id = |name: &String| names.get(name).map(|(id, _)| UserId::new(id.clone()));
    let own = record.get("person").and_then(Value::as_str).and_then(|name| names.get(name));
    let sealed = record.get("sealed").and_then(Value::as_str);
    let said = record.get("said").and_then(Value::as_str).map(str::to_owned);
    Ok(AuditRecord {
        chain: row.get("chain")?,
        number: row.get::<i64>("number")?.unsigned_abs(),
        at: Utc::from_unix_ms(row.get("at")?),
        kind: row.get("kind")?,
        tenant: row.get::<Option<String>>("tenant")?.map(TenantId::new),
        run: row.get::<Option<String>>("run")?.map(RunId::new),
        said: said.or_else(|| own.zip(sealed).and_then(|((_, own), sealed)| own.open(sealed))),
        people: pseudonyms.into_iter().map(|name| (name.clone(), id(&name))).collect(),
        record,
        mac: row.get("mac")?,
    })
}

/// Every pseudonym in a record.
fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_pseudonym(text) => _ = found.insert(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(values) => values.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn is_pseudonym(text: &str) -> bool {
    text.len() == 34
        && text.strip_prefix("p-").is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
