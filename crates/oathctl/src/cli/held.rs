//! One token whose seed is in the vault, and what is known of it elsewhere: for `code` and `verify`.
//!
//! Owns: [`Held`]: who may have it, its seed behind the door for codes, true time. Does not own: what is done with it.

use oathctl_core::seed::SeedKey;
use oathctl_core::table::Table;
use oathctl_core::time::Utc;
use oathctl_store::Token;
use oathctl_store::vault::{Door, Lack, Lent, Listed};

use super::unlock::Unlock;
use super::vault::token_of;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::lent;
use crate::looks::Look;

/// Whose clock a moment is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The tenant's, as its replies showed it.
    Tenant,
    /// This machine's, which nobody checked.
    Machine,
}

impl By {
    /// Its word in documents.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Machine => "this_machine",
        }
    }
}

/// A token of the vault, and every line the inventory has of it.
pub(super) struct Held {
    pub(super) listed: Listed,
    pub(super) lines: Vec<Token>,
}

impl Held {
    /// Asks the tenant, unless only the inventory is asked, and looks into the vault's index.
    pub(super) async fn find(look: &mut Look<'_>, serial: &str) -> Result<Self, Failure> {
        look.at_serial(serial).await?;
        let listed = token_of(&look.store, serial).await?;
        let mut lines = look.find(&listed.serial).await?;
        lines.retain(|line| line.maker.is_empty() || line.maker.eq_ignore_ascii_case(&listed.maker));
        look.tell().await?;
        Ok(Self { listed, lines })
    }

    /// Opens the vault and lends the one seed.
    pub(super) async fn lend(&self, look: &Look<'_>, unlock: &Unlock) -> Result<Lent, Failure> {
        let vault = unlock.open(look.desk, &look.store).await?;
        let lent = vault.lend(&[self.listed.token]).await?;
        match lent.lacking() {
            [] => Ok(lent),
            [(_, Lack::Sealed), ..] => Err(Failure::gate(
                "The seed lies in the sealed compartment, and what was named opens the stock only.",
            )
            .called("vault_sealed")
            .advice("Open the vault with an unlocker that opens both.")),
            [(_, Lack::NotHeld), ..] => Err(Failure::usage("The vault doesn't hold this seed any more.")
                .called("seed_not_held")
                .advice("`oathctl vault list` shows which it has.")),
        }
    }

    /// The token as a table of one row, its seed taken through the door for codes.
    pub(super) fn table(&self, lent: &Lent) -> Result<Table, Failure> {
        lent::table(lent, std::slice::from_ref(&self.listed), Door::Code).map_err(|_| gone())
    }

    /// The seed, through the door for codes.
    pub(super) fn with_seed<T>(&self, lent: &Lent, mut f: impl FnMut(&[u8]) -> T) -> Result<T, Failure> {
        let mut made = None;
        lent.through(Door::Code, SeedKey(0), &mut |seed| made = Some(f(seed))).map_err(|_| gone())?;
        made.ok_or_else(gone)
    }
}

fn gone() -> Failure {
    Failure::own("A seed that was lent can't be opened.")
}

/// Now, by the tenant's clock where it was asked.
pub(super) fn now(desk: &Desk, look: &Look<'_>) -> (Utc, By) {
    let (mono, our) = (desk.clock.mono(), desk.clock.utc());
    let settled = look.walk().and_then(|walk| walk.connection.server_clock.now(mono, our).ok());
    settled.map_or((our, By::Machine), |time| (time.0, By::Tenant))
}
