//! Tokens that may not move: lost, stolen, retired (H15).
//!
//! Owns: the mark of a token, and taking it off. Does not own: refusing (the planner does, with [`Inventory::marks`]).

use std::collections::BTreeMap;

use oathctl_core::time::Utc;
use oathctl_core::token::{TenantId, serial_key};

use super::history::{self, EventKind, NewEvent};
use super::token::{self, Mark, Marked};
use super::{Inventory, TokenName};
use crate::db::{Sql, Tx};
use crate::error::StoreError;

impl Inventory<'_> {
    /// Marks every token of this name; a second mark replaces the first. How many there were: none, when it is not
    /// known.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn mark(
        &self,
        token: impl Into<TokenName<'_>>,
        mark: Mark,
        note: &str,
        actor: &str,
        at: Utc,
    ) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let tokens = of_name(&mut tx, token.into()).await?;
        for id in &tokens {
            Sql::new(
                "UPDATE tokens SET mark = $2, marked_at = $3, marked_by = $4, mark_note = $5 WHERE id = $1",
            )
            .bind(*id)
            .bind(mark.word())
            .bind(at.unix_ms())
            .bind(actor)
            .bind(note)
            .run(&mut tx)
            .await?;
        }
        let detail =
            if note.is_empty() { mark.word().to_owned() } else { format!("{}: {note}", mark.word()) };
        note_each(&mut tx, &tokens, EventKind::Marked, &detail, actor, at).await?;
        tx.commit().await?;
        Ok(tokens.len() as u64)
    }

    /// Takes the mark off every token of this name. How many had one.
    ///
    /// # Errors
    /// As for [`Self::mark`].
    pub async fn found(
        &self,
        token: impl Into<TokenName<'_>>,
        note: &str,
        actor: &str,
        at: Utc,
    ) -> Result<u64, StoreError> {
        let mut tx = self.0.begin().await?;
        let mut marked = Vec::new();
        for id in of_name(&mut tx, token.into()).await? {
            let done = Sql::new(
                "UPDATE tokens SET mark = NULL, marked_at = NULL, marked_by = NULL, mark_note = NULL
                 WHERE id = $1 AND mark IS NOT NULL",
            )
            .bind(id)
            .run(&mut tx)
            .await?;
            marked.extend((done == 1).then_some(id));
        }
        note_each(&mut tx, &marked, EventKind::Found, note, actor, at).await?;
        tx.commit().await?;
        Ok(marked.len() as u64)
    }

    /// The marks that bind in a tenant, by [`serial_key`]: of its tokens, of those that no tenant has, and of those
    /// that only others have, unless this tenant has another maker's token of that serial.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn marks(&self, tenant: &TenantId) -> Result<BTreeMap<String, Marked>, StoreError> {
        let rows = Sql::new(
            "SELECT t.serial_key, t.mark, t.marked_at, t.marked_by, t.mark_note FROM tokens t
             WHERE t.mark IS NOT NULL
               AND (EXISTS (SELECT 1 FROM token_devices d WHERE d.token = t.id AND d.tenant = $1)
                    OR NOT EXISTS (SELECT 1 FROM tokens o JOIN token_devices d ON d.token = o.id
                                   WHERE o.serial_key = t.serial_key AND o.id <> t.id AND d.tenant = $1
                                     AND d.gone_at IS NULL))",
        )
        .bind(tenant.as_str())
        .all(self.0)
        .await?;
        let mut marks = BTreeMap::new();
        for row in &rows {
            let key: String = row.get("serial_key")?;
            marks.extend(token::mark_of(row)?.map(|mark| (key, mark)));
        }
        Ok(marks)
    }
}

/// The tokens of a name.
pub(super) async fn of_name(tx: &mut Tx<'_>, name: TokenName<'_>) -> Result<Vec<i64>, StoreError> {
    let rows = Sql::new(
        "SELECT id FROM tokens WHERE serial_key = $1 AND ($2 IS NULL OR maker_key = $2) ORDER BY id",
    )
    .bind(serial_key(name.serial))
    .bind(name.maker.map(serial_key))
    .all(tx)
    .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

pub(super) async fn note_each(
    tx: &mut Tx<'_>,
    tokens: &[i64],
    what: EventKind,
    detail: &str,
    actor: &str,
    at: Utc,
) -> Result<(), StoreError> {
    let event = |token: &i64| {
        let (actor, detail) = (Some(actor.to_owned()), detail.to_owned());
        (what, NewEvent { token: *token, actor, detail, ..NewEvent::default() })
    };
    history::add(tx, at, tokens.iter().map(event).collect()).await
}
