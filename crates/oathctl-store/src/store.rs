//! Opening and closing the store.
//!
//! Owns: [`Store`]. What is done with it stands beside: `journal`, `runs`, `refusals`, `vault`, `backup`,
//! `inventory`, `people`, `audit`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::audit::Keeper;
use crate::db::{Db, On, Server, Sql, Tuning, Tx, sqlite};
use crate::error::StoreError;
use crate::location::StoreLocation;
use crate::lock::Leases;
use crate::os;
use crate::schema::{self, Schema};

/// What outlives a run. Clones share the same database.
#[derive(Clone)]
pub struct Store {
    db: Db,
    leases: Arc<Leases>,
    pub(crate) keeper: Option<Arc<Keeper>>,
}

impl Store {
    /// Opens the store, making it or bringing it to the present format where needed; before the latter a copy is
    /// kept: beside a file as `NAME.before-vN`, on a server as the schema `NAME_before_vN`. On Unix a folder is made
    /// with mode 0700, a file with 0600.
    ///
    /// # Errors
    /// [`StoreError::NewerFormat`], [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::DiskFull`],
    /// [`StoreError::BadLocation`] for a database of another program, [`StoreError::Io`]; from a server also
    /// [`StoreError::Away`], [`StoreError::Unverified`], [`StoreError::Denied`]. The store is then as it was.
    pub async fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        Self::open_with(location, &Schema::current(), Tuning::default()).await
    }

    pub(crate) async fn open_with(
        location: &StoreLocation,
        schema: &Schema,
        tuning: Tuning,
    ) -> Result<Self, StoreError> {
        let db = match location {
            StoreLocation::Sqlite(path) => open_file(path, schema, tuning).await?,
            StoreLocation::Postgres(location) => {
                let server = Server::new(location, tuning)?;
                schema::postgres::bring_up(&server, schema).await?;
                Db::Postgres(server)
            }
        };
        Ok(Self { db, leases: Arc::default(), keeper: None })
    }

    /// The database file; `None` for a store on a server.
    pub fn path(&self) -> Option<&Path> {
        match &self.db {
            Db::Sqlite { path, .. } => Some(path),
            Db::Postgres(_) => None,
        }
    }

    /// Lets go of the database; into a file everything is written that still stood in its log. Without it nothing is
    /// lost either.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Leaves nothing of what was deleted in the vault's tables: on SQLite the log is emptied, free pages are given
    /// back and the file is rewritten; on PostgreSQL the tables are.
    pub(crate) async fn clean_up(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { writer, .. } => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?;
                sqlx::query("VACUUM").execute(writer).await?;
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?;
                Ok(())
            }
            Db::Postgres(server) => schema::postgres::rewrite_vault(server).await,
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn leases(&self) -> &Leases {
        &self.leases
    }

    /// A transaction that holds the write lock from the start, so that it can't fail half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Tx<'static>, StoreError> {
        self.db.begin().await
    }

    /// Reads every page and compares what belongs together.
    pub(crate) async fn integrity(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { .. } => {
                let found: String = Sql::new("PRAGMA integrity_check(1)").value(self).await?;
                if found != "ok" {
                    return Err(StoreError::damaged(&found));
                }
                let loose = Sql::new("PRAGMA foreign_key_check").first(self).await?;
                if loose.is_some() {
                    Err(StoreError::damaged("a record without the one it belongs to"))
                } else {
                    Ok(())
                }
            }
            Db::Postgres(server) => schema::postgres::read_all(server).await,
        }
    }
}

impl<'c> From<&'c Store> for On<'c> {
    fn from(store: &'c Store) -> Self {
        Self::from(&store.db)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path()).finish_non_exhaustive()
    }
}

async fn open_file(path: &Path, schema: &Schema, tuning: Tuning) -> Result<Db, StoreError> {
    let path = std::path::absolute(path).map_err(StoreError::io("the store's path"))?;
    make_file(&path)?;
    schema::sqlite::bring_up(&path, schema, tuning).await?;
    let writer = sqlite::writer(&path, tuning).await?;
    let readers = sqlite::readers(&path, tuning);
    Ok(Db::Sqlite { path, writer, readers })
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
