//! Deeds beside runs.
//!
//! Owns: [`DeedKind`], [`AuditDeed`], [`super::Audit::append`]. Does not own: who has to say which (whoever does it, before it
//! is done where it gives something away).

use std::collections::BTreeSet;

use oathctl_core::journal::Actor;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Audit;
use super::chain::Entry;
use super::person::Own;
use crate::error::StoreError;
use crate::wire;

/// What was done, or is about to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// The vault was opened.
    VaultOpened,
    /// Its unlockers or keys were changed.
    VaultChanged,
    /// Seeds went into it.
    SeedsImported,
    /// Seeds left it, encrypted.
    SeedsExported,
    /// Seeds were forgotten.
    SeedsForgotten,
    /// A code is about to be shown.
    CodeShown,
    /// A token was marked as lost, stolen or retired.
    TokenMarked,
    /// A mark was taken off.
    TokenFound,
    /// Tokens lie elsewhere, or count to another delivery.
    TokenMoved,
    /// Seeds may go where the certificate ends in no public root (H20).
    InspectedTlsAllowed,
    /// The store was put aside.
    BackedUp,
    /// A backup was put into it.
    Restored,
    /// A person was forgotten here.
    PersonForgotten,
}

/// A deed with its circumstances. Whatever may name a person goes into `said`, with the person it is about.
#[derive(Clone, Copy, Debug)]
pub struct AuditDeed<'a> {
    /// What.
    pub kind: DeedKind,
    /// When.
    pub at: Utc,
    /// Who.
    pub actor: &'a Actor,
    /// In which tenant.
    pub tenant: Option<&'a TenantId>,
    /// By which run.
    pub run: Option<&'a RunId>,
    /// With which tokens.
    pub serials: &'a [&'a str],
    /// About whom.
    pub person: Option<&'a UserId>,
    /// With how many.
    pub count: Option<u64>,
    /// Why, or how: never a seed, a code or a passphrase. Sealed for the person, so that it is forgotten with him.
    pub said: Option<&'a str>,
}

impl<'a> AuditDeed<'a> {
    /// A deed without circumstances.
    pub fn new(kind: DeedKind, actor: &'a Actor, at: Utc) -> Self {
        Self { kind, at, actor, tenant: None, run: None, serials: &[], person: None, count: None, said: None }
    }
}

impl Audit<'_> {
    /// Writes a deed down; durable when it returns. What gives something away is written down before.
    ///
    /// # Errors
    /// [`StoreError::NoAudit`], [`StoreError::AuditBroken`], [`StoreError::DiskFull`], [`StoreError::Locked`],
    /// [`StoreError::Io`]: then it may not be done.
    pub async fn append(&self, deed: &AuditDeed<'_>) -> Result<(), StoreError> {
        let mut tx = self.0.begin().await?;
        let said = self.sealed(&mut tx, deed).await?;
        let kind = wire::to_word(deed.kind)?;
        let entry = Entry {
            kind: &kind,
            at: Some(deed.at),
            actor: Some(deed.actor),
            tenant: deed.tenant,
            run: deed.run,
            people: deed.person.map(UserId::as_str).into_iter().collect(),
        };
        let body = |named: &super::chain::Named<'_>| {
            let mut body = Map::new();
            if !deed.serials.is_empty() {
                body.insert("serials".into(), deed.serials.into());
            }
            if let Some(person) = deed.person {
                body.insert("person".into(), named.of(person.as_str()));
            }
            if let Some(count) = deed.count {
                body.insert("count".into(), count.into());
            }
            body.extend(said);
            body
        };
        self.0.note(&mut tx, entry, body).await?;
        tx.commit().await
    }

    /// What was said: under the key of the person it is about, in clear when it is about nobody.
    async fn sealed(
        &self,
        tx: &mut crate::db::Tx<'_>,
        deed: &AuditDeed<'_>,
    ) -> Result<Option<(String, Value)>, StoreError> {
        let (Some(said), Some(person)) = (deed.said, deed.person) else {
            return Ok(deed.said.map(|said| ("said".to_owned(), said.into())));
        };
        let keeper = self.0.keeper()?;
        let (keys, _) = keeper.chain_and_head(tx, deed.at.unix_ms()).await?;
        super::person::know(tx, keeper, &keys, &BTreeSet::from([person.as_str()])).await?;
        let own = Own::find(tx, &keys, person.as_str()).await?;
        Ok(own.map(|own| ("sealed".to_owned(), own.seal(keeper, said).into())))
    }
}
