//! Where the vault's key half lies: a file beside a database file, or a table on a server.
//!
//! Owns: [`Place`], and [`Turn`], the right of one process at a time to change the vault. Does not own: its bytes
//! ([`super::keyfile`]).

use std::fs::File;

use sqlx::postgres::PgConnection;

use super::disk::Disk;
use super::error::VaultError;
use super::table::Table;
use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::store::Store;

/// The place of the key half.
pub(crate) enum Place {
    File(Disk),
    Table(Table),
}

/// The right to change the vault; given back when dropped. Both halves are written through it: on a server by the
/// very session that holds the lock, so that who lost the lock can't write.
pub(crate) enum Turn {
    File { disk: Disk, store: Store, _lock: File },
    Table { table: Table, session: PgConnection },
}

impl Place {
    pub(crate) fn of(store: &Store) -> Self {
        match store.db() {
            Db::Sqlite { path, .. } => Self::File(Disk::beside(path)),
            Db::Postgres(server) => Self::Table(Table::of(server)),
        }
    }

    /// True when there is a vault.
    pub(crate) async fn exists(&self) -> Result<bool, StoreError> {
        match self {
            Self::File(disk) => Ok(disk.exists()),
            Self::Table(table) => table.exists().await,
        }
    }

    /// The whole key half.
    ///
    /// # Errors
    /// [`VaultError::None`] when there is none.
    pub(crate) async fn read(&self) -> Result<Vec<u8>, VaultError> {
        match self {
            Self::File(disk) => disk.read(),
            Self::Table(table) => table.read().await?.ok_or(VaultError::None),
        }
    }

    /// Waits for the turn to change the vault.
    pub(crate) async fn turn(&self, store: &Store) -> Result<Turn, StoreError> {
        match self {
            Self::File(disk) => {
                let _lock = disk.lock()?;
                Ok(Turn::File { disk: disk.clone(), store: store.clone(), _lock })
            }
            Self::Table(table) => Ok(Turn::Table { session: table.lock().await?, table: table.clone() }),
        }
    }
}

impl Turn {
    /// Replaces the key half: after a crash either the old bytes are there or the new ones.
    pub(crate) async fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::File { disk, .. } => disk.replace(bytes),
            Self::Table { table, session } => table.replace(session, bytes).await,
        }
    }

    /// A transaction on the database's half.
    pub(crate) async fn begin(&mut self) -> Result<Tx<'_>, StoreError> {
        match self {
            Self::File { store, .. } => store.begin().await,
            Self::Table { table, session } => table.server().begin_on(session).await,
        }
    }
}
