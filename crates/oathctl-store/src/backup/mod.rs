//! The whole store put aside, put back, and looked over.
//!
//! Owns: [`Store::backup`], [`Store::restore`], [`Store::check`]. Does not own: where backups go and how long they
//! stay.
//!
//! A backup is a folder that is itself a SQLite store: a database file and the vault's key file of the same moment.
//! So a backup of either kind of store can be opened as it is, and restored into either.

mod copy;

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection};

use crate::db::{Db, Sql, Tuning, Tx, sqlite};
use crate::error::StoreError;
use crate::location::StoreLocation;
use crate::os;
use crate::schema::{self, Schema};
use crate::store::Store;
use crate::vault::VaultError;
use crate::vault::place::{Place, Turn};

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
    /// The vault's key half is in it.
    pub has_vault: bool,
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
        let failed = || StoreError::io("the backup's folder");
        let part = part_of(folder)?;
        for (place, what) in [(folder, "the backup's folder"), (&part, "what an earlier backup left")] {
            if !is_free(place).map_err(failed())? {
                return Err(StoreError::NotEmpty { what }.into());
            }
        }
        os::private_folder(&part).map_err(failed())?;
        let done = self.write_into(&part).await?;
        if folder.exists() {
            fs::remove_dir(folder).map_err(failed())?; // it is empty; not every system renames over a folder
        }
        fs::rename(&part, folder).map_err(failed())?;
        os::sync_folder(folder.parent().unwrap_or(Path::new("."))).map_err(failed())?;
        Ok(done)
    }

    async fn write_into(&self, folder: &Path) -> Result<Backup, VaultError> {
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
            write(&folder.join(KEYS), bytes).map_err(StoreError::io("the backup's key file"))?;
        }
        os::sync_folder(folder).map_err(StoreError::io("the backup's folder"))?;
        let mut conn =
            sqlite::reading(&database, Tuning::default()).connect().await.map_err(StoreError::from)?;
        let mut tx = Tx::Sqlite(conn.begin().await.map_err(StoreError::from)?);
        let (runs, seeds) = counts(&mut tx).await?;
        Ok(Backup { runs, seeds, has_vault: keys.is_some() })
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
        let source = Source::of(folder, scratch).await?;
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
        let (runs, seeds) = counts(&mut to).await?;
        to.commit().await?;
        Ok(Backup { runs, seeds, has_vault: source.keys.is_some() })
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

/// A backup that is ready to be read.
struct Source {
    database: PathBuf,
    keys: Option<Vec<u8>>,
    /// A folder of ours, when the database had to be brought up first.
    copied: Option<PathBuf>,
}

impl Source {
    async fn of(folder: &Path, scratch: &Path) -> Result<Self, StoreError> {
        let failed = || StoreError::io("the backup");
        let (database, keys) = (folder.join(DATABASE), folder.join(KEYS));
        fs::metadata(&database).map_err(failed())?;
        let keys = if keys.exists() { Some(fs::read(&keys).map_err(failed())?) } else { None };
        let schema = Schema::current();
        let mut conn = sqlite::reading(&database, Tuning::default()).connect().await?;
        let format = schema::sqlite::format_of(&mut conn, &schema).await;
        conn.close().await?;
        match format? {
            None => Err(StoreError::damaged("the backup is empty")),
            Some(format) if format == schema.format() => Ok(Self { database, keys, copied: None }),
            Some(_) => {
                let copied = scratch.join("restoring");
                if !is_free(&copied).map_err(failed())? {
                    return Err(StoreError::NotEmpty { what: "the folder `restoring`" });
                }
                os::private_folder(&copied).map_err(failed())?;
                let copy = copied.join(DATABASE);
                schema::sqlite::copy_into(&database, &copy, Tuning::default()).await?;
                Store::open(&StoreLocation::sqlite(&copy)).await?.close().await;
                Ok(Self { database: copy, keys, copied: Some(copied) })
            }
        }
    }

    fn clear(&self) {
        // What is left holds nothing that the backup does not; failing is harmless.
        if let Some(folder) = &self.copied {
            let _ = fs::remove_dir_all(folder);
        }
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

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = os::private_file(path)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}
