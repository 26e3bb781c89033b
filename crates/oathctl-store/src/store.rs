//! Opening and closing the store.
//!
//! Owns: [`Store`]. What is done with it stands beside: `journal`, `runs`, `refusals`.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};

use crate::connect::{self, Tuning};
use crate::error::StoreError;
use crate::location::StoreLocation;
use crate::os;
use crate::schema::{self, Schema};

/// What outlives a run. Clones share the same database.
#[derive(Clone)]
pub struct Store {
    path: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the store, making it (on Unix folder 0700, file 0600) or bringing it to the present format where
    /// needed; before the latter a copy is kept beside it, `NAME.before-vN`.
    ///
    /// # Errors
    /// [`StoreError::NewerFormat`], [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::DiskFull`],
    /// [`StoreError::BadLocation`] for a database of another program, [`StoreError::Io`]. The file is then as it
    /// was.
    pub async fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        Self::open_with(location, &Schema::current(), Tuning::default()).await
    }

    pub(crate) async fn open_with(
        location: &StoreLocation,
        schema: &Schema,
        tuning: Tuning,
    ) -> Result<Self, StoreError> {
        let path = std::path::absolute(location.path()).map_err(StoreError::io("the store's path"))?;
        make_file(&path)?;
        schema::bring_up(&path, schema, tuning).await?;
        let writer = connect::writer(&path, tuning).await?;
        let readers = connect::readers(&path, tuning);
        Ok(Self { path, writer, readers })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads every page and compares what belongs together.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first fault found.
    pub async fn check(&self) -> Result<(), StoreError> {
        let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.readers).await?;
        if found == "ok" { Ok(()) } else { Err(StoreError::damaged(&found)) }
    }

    /// Writes everything into the database file and lets go of it. Without it nothing is lost either.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Leaves nothing of what was deleted: log emptied, free pages given back, the file rewritten.
    pub(crate) async fn clean_up(&self) -> Result<(), StoreError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        sqlx::query("VACUUM").execute(&self.writer).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A transaction that holds the write lock from the start, so that it can't fail half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Makes folder and file with their modes; SQLite gives its `-wal` and `-shm` the mode of the file.
fn make_file(path: &Path) -> Result<(), StoreError> {
    if path.to_str().is_none() {
        return Err(StoreError::BadLocation { why: "its path is not UTF-8" });
    }
    let folder = path.parent().ok_or(StoreError::BadLocation { why: "its path has no folder" })?;
    if path.exists() {
        return Ok(());
    }
    os::private_folder(folder).map_err(StoreError::io("the store's folder"))?;
    os::private_file(path).map_err(StoreError::io("the store's file"))?;
    os::sync_folder(folder).map_err(StoreError::io("the store's folder"))
}
