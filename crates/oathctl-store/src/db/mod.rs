//! The two databases behind one face.
//!
//! Owns: [`Db`] (SQLite's two pools, or PostgreSQL's one), transactions on either ([`Tx`]), and statements that are
//! written once and run on both ([`Sql`]). Does not own: any table.
//!
//! What SQLite does by having one writer, PostgreSQL does by one advisory lock: whoever begins a writing transaction
//! waits for the one before. So what was read inside it is still true when it is written, on both.

pub(crate) mod postgres;
mod sql;
pub(crate) mod sqlite;

use std::path::PathBuf;

use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite, Transaction};

pub(crate) use postgres::Server;
pub(crate) use sql::{On, Row, Sql, Value};
pub(crate) use sqlite::Tuning;

use crate::error::StoreError;

/// An open database; clones share it.
#[derive(Clone)]
pub(crate) enum Db {
    /// A file.
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// One connection, through which all writes go.
        writer: SqlitePool,
        /// A few, read-only.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(Server),
}

impl Db {
    /// A transaction that holds the write lock from the start, so that it can't fail half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Tx<'static>, StoreError> {
        match self {
            Self::Sqlite { writer, .. } => Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(server) => server.begin().await,
        }
    }

    /// A transaction that only reads: everything it sees is one state of the database.
    pub(crate) async fn snapshot(&self) -> Result<Tx<'static>, StoreError> {
        match self {
            Self::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.begin().await?)),
            Self::Postgres(server) => server.snapshot().await,
        }
    }

    /// Lets go of it. What was committed is there.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(server) => server.close().await,
        }
    }
}

/// A transaction; dropped without [`Tx::commit`] it leaves nothing behind.
pub(crate) enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

impl Tx<'_> {
    /// Lets the database count what many new rows of a table are like: until then PostgreSQL guesses, and may read
    /// all of it for each of a few. SQLite has one plan for these tables and needs no counting.
    pub(crate) async fn look_over(&mut self, table: &str) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            Sql::of_names(format!("ANALYZE {table}")).run(self).await?;
        }
        Ok(())
    }

    /// Makes it last. After an error of the connection it may have lasted or not; nothing here says it twice.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => Ok(tx.commit().await?),
            Self::Postgres(tx) => tx.commit().await.map_err(StoreError::of_postgres),
        }
    }
}
