//! `--keep`: the seeds of a run's file into the vault, before anything is sent.
//!
//! Owns: the moment (the vault opens before the tenant is read, seeds go in after the confirmation), and that a file
//! which contradicts the vault stops the run. Does not own: the vault, the run.

use oathctl_core::table::Table;
use oathctl_store::vault::{Imported, Vault};
use oathctl_store::{DeedKind, Store};

use super::audit;
use super::unlock::Unlock;
use super::vault::import;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::tell::counted;

/// An open vault, where seeds are to be kept.
pub(super) struct Keeper(Option<Vault>);

/// What was kept, and where.
pub(super) struct Kept(Option<(Imported, Vault)>);

impl Keeper {
    /// Opens the vault: a wrong passphrase is told before anything else is done.
    pub(super) async fn of(desk: &Desk, store: &Store, with: Option<&Unlock>) -> Result<Self, Failure> {
        match with {
            Some(unlock) => Ok(Self(Some(unlock.open(desk, store).await?))),
            None => Ok(Self(None)),
        }
    }

    /// Keeps them and reads them back.
    pub(super) async fn keep(self, desk: &Desk, store: &Store, table: &Table) -> Result<Kept, Failure> {
        let Some(mut vault) = self.0 else { return Ok(Kept(None)) };
        let (seeds, left_out) = import::seeds_of(table);
        audit::note(desk, store, DeedKind::SeedsImported, &[], seeds.len()).await?;
        let done = vault.import(&seeds, desk.clock.utc()).await?;
        import::tell(desk, &done, &seeds, left_out);
        import::make_known(desk, store, &seeds, &done, ("", "")).await?;
        if done.conflicts.is_empty() {
            return Ok(Kept(Some((done, vault))));
        }
        Err(Failure::gate(format!(
            "The file contradicts the vault about {}; nothing was sent.",
            counted(done.conflicts.len(), "token")
        ))
        .called("vault_conflict")
        .advice(format!(
            "{} Or leave these rows out (`--exclude FILE`) and go on without `--keep`.",
            import::CONTRADICTION
        )))
    }
}

impl Kept {
    /// The vault, still open.
    pub(super) fn vault(&mut self) -> Option<&mut Vault> {
        self.0.as_mut().map(|(_, vault)| vault)
    }

    /// Says what to do with the original.
    pub(super) fn tell(&self, desk: &Desk, file: &str) {
        if let Some((done, _)) = &self.0 {
            import::afterwards(desk, file, done);
        }
    }
}
