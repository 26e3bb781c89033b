//! A person forgotten in the audit.
//!
//! Owns: [`super::Audit::forget_person`]. The chain stays as it is and verifies; its records keep a pseudonym that nobody can
//! tie to him any more. Does not own: what else knows him (inventory, journal, backups): the caller says so.

use oathctl_core::journal::Actor;
use oathctl_core::time::Utc;
use oathctl_core::token::UserId;

use super::chain::{self, head, put_head};
use super::{Audit, AuditDeed, DeedKind, person};
use crate::db::Sql;
use crate::error::StoreError;

impl Audit<'_> {
    /// Deletes the key by which a pseudonym is tied to this object id, in every chain of this audit key, and writes down
    /// that somebody was forgotten, but not who. True when there was one.
    ///
    /// # Errors
    /// As for [`Self::append`].
    pub async fn forget_person(&self, id: &UserId, actor: &Actor, at: Utc) -> Result<bool, StoreError> {
        let keeper = self.0.keeper()?;
        let Some(key) = keeper.key_at_hand()? else { return Ok(false) };
        let mut tx = self.0.begin().await?;
        let Some(keys) = chain::find(&mut tx, &key).await? else { return Ok(false) };
        let mut head = head(&mut tx, &keys).await?;
        let gone = Sql::new("DELETE FROM audit_people WHERE chain = $1 AND tag = $2")
            .bind(keys.chain.as_str())
            .bind(person::tag(&keys, id.as_str()))
            .run(&mut tx)
            .await?;
        if gone == 0 {
            return Ok(false);
        }
        head.forgotten += 1; // others that run meanwhile stop using the pseudonym
        put_head(&mut tx, &keys, &head).await?;
        tx.commit().await?;
        self.0.clean_up().await?; // nothing of the key stays in the log or in free pages
        self.append(&AuditDeed::new(DeedKind::PersonForgotten, actor, at)).await?;
        Ok(true)
    }
}
