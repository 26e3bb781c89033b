//! The whole store put aside, put back, and looked over.
//!
//! Owns: [`Store::backup`], [`Store::restore`], [`Store::check`]. Does not own: where backups go and how long they
//! stay.
//!
//! A backup is a folder that is itself a SQLite store: a database file and the vault's key file of the same moment.
//! So a backup of either kind of store can be opened as it is, and restored into either.

mod copy;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection};

use crate::db::{Db, Sql, Tuning, Tx, sqlite};
use crate::error::StoreError;
use crate::location::StoreLocation;
use crate::os;
use crate::schema::{self, Schema};
use crate::store::Store;
use crate::vault::place::{Place, Turn};
use crate::vault::{self, VaultError};
use oathctl_core::time::Utc;
use source::Source;

/// The database in a backup's folder.
const DATABASE: &str = "oathctl.db";
/// The vault's key half in it.
const KEYS: &str = "oathctl.vault-keys";

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    /// Runs of the journal.
    pub runs: u64,
    /// Seeds of the vault.
    pub seeds: u64,
    /// It has the vault's key half.
    pub has_vault: bool,
    /// When its latest run began.
    pub last_run: Option<Utc>,
    /// When its vault was changed last.
    pub vault_changed: Option<Utc>,
}

/// What [`Store::check`] looked at and found whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The store's format.
    pub format: i64,
    /// Runs of the journal.
    pub runs: u64,
    /// Seeds of the vault.
    pub seeds: u64,
    /// The vault's generation, grown by every change; `None` without a vault.
    pub vault_generation: Option<u64>,
}

impl Store {
    /// Writes a backup into `folder`, which is made (0700, its files 0600). Both halves of the vault are of one
    /// moment: nobody changes it meanwhile. The folder appears under its name when it is whole.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when there is something already; [`StoreError::DiskFull`] and what else the two
    /// stores say. What was begun is left as `NAME.part`.
    pub async fn backup(&self, folder: &Path) -> Result<Backup, VaultError> {
        self.backup_to(folder, None).await
    }

    /// The same with the vault's key half in a file of its own at `keys`, which appears first: whoever finds one of
    /// the two has nothing (H27). Without a vault no such file is made.
    ///
    /// # Errors
    /// As [`Self::backup`]; [`StoreError::NotEmpty`] when there is a file already.
    pub async fn backup_apart(&self, folder: &Path, keys: &Path) -> Result<Backup, VaultError> {
        if keys.symlink_metadata().is_ok() {
            return Err(StoreError::NotEmpty { what: "the backup's key file" }.into());
        }
        self.backup_to(folder, Some(keys)).await
    }

    async fn backup_to(&self, folder: &Path, apart: Option<&Path>) -> Result<Backup, VaultError> {
        let failed = || StoreError::io("the backup's folder");
        let part = part_of(folder)?;
        for (place, what) in [(folder, "the backup's folder"), (&part, "what an earlier backup left")] {
            if !is_free(place).map_err(failed())? {
                return Err(StoreError::NotEmpty { what }.into());
            }
        }
        os::private_folder(&part).map_err(failed())?;
        let done = self.write_into(&part, apart).await?;
        if folder.exists() {
            fs::remove_dir(folder).map_err(failed())?; // it is empty; not every system renames over a folder
        }
        fs::rename(&part, folder).map_err(failed())?;
        os::sync_folder(folder.parent().unwrap_or(Path::new("."))).map_err(failed())?;
        Ok(done)
    }

    async fn write_into(&self, folder: &Path, apart: Option<&Path>) -> Result<Backup, VaultError> {
        let place = Place::of(self);
        let turn = place.turn(self).await?;
        let database = folder.join(DATABASE);
        match self.db() {
            Db::Sqlite { path, .. } => schema::sqlite::copy_into(path, &database, Tuning::default()).await?,
            Db::Postgres(_) => self.copy_to_file(&database).await?,
        }
        let keys = if place.exists().await? { Some(place.read().await?) } else { None };
        drop(turn);
        if let Some(bytes) = &keys {
            let inside = folder.join(KEYS);
            write(apart.unwrap_or(&inside), bytes).map_err(StoreError::io("the backup's key file"))?;
        }
        os::sync_folder(folder).map_err(StoreError::io("the backup's folder"))?;
        let mut conn =
            sqlite::reading(&database, Tuning::default()).connect().await.map_err(StoreError::from)?;
        let mut tx = Tx::Sqlite(conn.begin().await.map_err(StoreError::from)?);
        backup_of(&mut tx, keys.as_deref()).await
    }

    async fn copy_to_file(&self, path: &Path) -> Result<(), StoreError> {
        let target = Store::open(&StoreLocation::sqlite(path)).await?;
        let mut from = self.db().snapshot().await?;
        let mut to = target.begin().await?;
        let tables = copy::tables(&mut to).await?;
        copy::rows(&tables, &mut from, &mut to).await?;
        to.commit().await?;
        target.close().await;
        sqlite::turn_to_one_file(path, Tuning::default()).await
    }

    /// Puts a backup into this store, which has to be empty. A backup of an older format is brought up in a copy
    /// under `scratch`, a private folder; the backup itself is only read.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when this store holds anything; [`StoreError::NewerFormat`], [`StoreError::Damaged`]
    /// for the backup. After an error the store holds no record; the vault's key half may be there, and the same
    /// backup can be restored again.
    pub async fn restore(&self, folder: &Path, scratch: &Path) -> Result<Backup, VaultError> {
        self.restore_with(folder, None, scratch).await
    }

    /// The same with the vault's key half from a file of its own, where `keys` names one.
    ///
    /// # Errors
    /// As [`Self::restore`]; [`VaultError::Older`], [`VaultError::Tampered`] when the two halves are not of one vault
    /// and one time, [`VaultError::NoKeys`] when there are seeds without their keys. Nothing is written then.
    pub async fn restore_with(
        &self,
        folder: &Path,
        keys: Option<&Path>,
        scratch: &Path,
    ) -> Result<Backup, VaultError> {
        let source = Source::of(folder, keys, scratch).await?;
        let done = self.restore_from(&source).await;
        source.clear();
        done
    }

    async fn restore_from(&self, source: &Source) -> Result<Backup, VaultError> {
        let mut conn =
            sqlite::reading(&source.database, Tuning::default()).connect().await.map_err(StoreError::from)?;
        let mut from = Tx::Sqlite(conn.begin().await.map_err(StoreError::from)?);
        let whole: String = Sql::new("PRAGMA integrity_check(1)").value(&mut from).await?;
        if whole != "ok" {
            return Err(StoreError::damaged(&whole).into());
        }
        vault::are_of_one_time(&mut from, source.keys.as_deref()).await?;
        let tables = copy::tables(&mut from).await?;
        let place = Place::of(self);
        let mut turn = place.turn(self).await?;
        copy::must_be_empty(&tables, &mut turn.begin().await?).await?;
        put_keys(&place, &mut turn, source.keys.as_deref()).await?;
        let mut to = turn.begin().await?;
        copy::must_be_empty(&tables, &mut to).await?;
        copy::rows(&tables, &mut from, &mut to).await?;
        if let Db::Postgres(_) = self.db() {
            let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
            schema::postgres::count_on(&mut to, &names).await?;
        }
        for table in &tables {
            to.look_over(&table.name).await?;
        }
        let done = backup_of(&mut to, source.keys.as_deref()).await?;
        to.commit().await?;
        Ok(done)
    }

    /// Reads everything and compares what belongs together: the database with itself, the vault's two halves with
    /// each other. Needs nobody who opens the vault; whether its seeds open, [`crate::vault::Vault::verify`] says.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`VaultError::Tampered`], [`VaultError::Older`] with the first fault found.
    pub async fn check(&self) -> Result<Checked, VaultError> {
        self.integrity().await?;
        let vault_generation = crate::vault::generation(self).await?;
        let mut tx = self.db().snapshot().await?;
        let (runs, seeds) = counts(&mut tx).await?;
        Ok(Checked { format: Schema::current().format(), runs, seeds, vault_generation })
    }
}

/// Keys go first: without rows they are harmless. An earlier attempt may have put the same ones there.
async fn put_keys(place: &Place, turn: &mut Turn, keys: Option<&[u8]>) -> Result<(), VaultError> {
    let there = if place.exists().await? { Some(place.read().await?) } else { None };
    match (there.as_deref(), keys) {
        (None, Some(keys)) => Ok(turn.replace(keys).await?),
        (None, None) => Ok(()),
        (there, keys) if there == keys => Ok(()),
        _ => Err(StoreError::NotEmpty { what: "the vault" }.into()),
    }
}

async fn backup_of(tx: &mut Tx<'_>, keys: Option<&[u8]>) -> Result<Backup, VaultError> {
    let (runs, seeds) = counts(tx).await?;
    let last: i64 = Sql::new("SELECT COALESCE(MAX(started_at), -1) FROM runs").value(&mut *tx).await?;
    let last_run = (last >= 0).then(|| Utc::from_unix_ms(last));
    let vault_changed = keys.and_then(vault::changed_at);
    Ok(Backup { runs, seeds, has_vault: keys.is_some(), last_run, vault_changed })
}

async fn counts(tx: &mut Tx<'_>) -> Result<(u64, u64), StoreError> {
    let runs: i64 = Sql::new("SELECT count(*) FROM runs").value(&mut *tx).await?;
    let seeds: i64 = Sql::new("SELECT count(*) FROM vault_seeds").value(&mut *tx).await?;
    Ok((runs.unsigned_abs(), seeds.unsigned_abs()))
}

fn part_of(folder: &Path) -> Result<PathBuf, StoreError> {
    let mut name =
        folder.file_name().ok_or(StoreError::BadLocation { why: "it is no folder's name" })?.to_owned();
    name.push(".part");
    Ok(folder.with_file_name(name))
}

/// Nothing there, or an empty folder.
fn is_free(path: &Path) -> std::io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Where nothing is, and nothing of it stays when it can't be written wholly.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = os::new_private_file(path)?;
    let written = std::io::Write::write_all(&mut file, bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
