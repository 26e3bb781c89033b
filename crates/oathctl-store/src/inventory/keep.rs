//! Tokens that become known without a tenant.
//!
//! Owns: [`Inventory::keep`]. Does not own: their seeds.

use oathctl_core::time::Utc;

use super::facts;
use super::history::{self, EventKind, NewEvent};
use super::{BATCH, Inventory, TokenFacts};
use crate::error::StoreError;

impl Inventory<'_> {
    /// Makes tokens known, as when their seeds went into the vault; of those that are known already it fills in what
    /// was not. How many are new.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; batches before the error stay.
    pub async fn keep(&self, tokens: &[TokenFacts], actor: &str, at: Utc) -> Result<u64, StoreError> {
        let mut new = 0;
        for some in tokens.chunks(BATCH) {
            let mut tx = self.0.begin().await?;
            let found = facts::know(&mut tx, some, at).await?;
            new += found.new.len() as u64;
            let known = |token: &i64| {
                let event = NewEvent { token: *token, actor: Some(actor.to_owned()), ..NewEvent::default() };
                (EventKind::Known, event)
            };
            history::add(&mut tx, at, found.new.iter().map(known).collect()).await?;
            tx.commit().await?;
        }
        self.look_over(tokens.len()).await?;
        Ok(new)
    }

    /// After many new lines.
    pub(super) async fn look_over(&self, lines: usize) -> Result<(), StoreError> {
        if lines < BATCH {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        for table in ["tokens", "token_devices", "people"] {
            tx.look_over(table).await?;
        }
        tx.commit().await
    }
}
