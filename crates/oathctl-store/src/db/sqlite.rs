//! How a SQLite file is opened: one writer, a few readers, nothing left in plain sight.
//!
//! Owns: the pragmas, WAL, and the two pools. Pragmas: <https://www.sqlite.org/pragma.html>.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::error::StoreError;

/// Readers at a time; they never wait for the writer in WAL mode.
const READERS: u32 = 4;

/// What only tests set differently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    /// How long to wait for another process's lock.
    pub busy: Duration,
    /// The database may grow to so many pages of 4 KiB.
    pub max_pages: Option<u32>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { busy: Duration::from_secs(10), max_pages: None }
    }
}

/// For reading: never creates, never changes the file.
pub(crate) fn reading(path: &Path, tuning: Tuning) -> SqliteConnectOptions {
    common(path, tuning).read_only(true)
}

/// For writing. A commit has reached the disk when it returns, and what is deleted is overwritten.
pub(crate) fn writing(path: &Path, tuning: Tuning) -> SqliteConnectOptions {
    let options = common(path, tuning)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON") // macOS: a plain sync leaves data in the drive's cache
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", "4194304"); // a plan of 20,000 rows leaves no large log behind
    match tuning.max_pages {
        Some(pages) => options.pragma("max_page_count", pages.to_string()),
        None => options,
    }
}

fn common(path: &Path, tuning: Tuning) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false) // it is made beforehand, with its mode
        .foreign_keys(true)
        .busy_timeout(tuning.busy)
        .pragma("temp_store", "MEMORY") // no temporary files that nobody wipes
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging()
}

/// Turns the file to WAL for good, if it is not yet. Two processes may do so at once on a new file, and SQLite does
/// not wait there: it says "busy" at once. So we wait where it does wait, for the write lock, and try again.
pub(crate) async fn turn_to_wal(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await;
        match mode.map_err(StoreError::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(StoreError::BadLocation { why: "its disk does not allow WAL" }),
            Err(StoreError::Locked) => conn.begin_with("BEGIN IMMEDIATE").await?.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Locked)
}

/// Turns a closed file back from WAL, so that it is one file and can be read where nothing can be written.
pub(crate) async fn turn_to_one_file(path: &Path, tuning: Tuning) -> Result<(), StoreError> {
    let mut conn = writing(path, tuning).connect().await?;
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut conn).await?;
    Ok(conn.close().await?)
}

/// The pool of one that all writes go through.
pub(crate) async fn writer(path: &Path, tuning: Tuning) -> Result<SqlitePool, StoreError> {
    let pool = pool(1, tuning).connect_with(writing(path, tuning)).await?;
    Ok(pool)
}

/// The pool of readers; connects when first used.
pub(crate) fn readers(path: &Path, tuning: Tuning) -> SqlitePool {
    pool(READERS, tuning).connect_lazy_with(reading(path, tuning))
}

fn pool(size: u32, tuning: Tuning) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(tuning.busy + Duration::from_secs(20))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(conn: &mut SqliteConnection, ask: &'static str) -> i64 {
        sqlx::query_scalar(ask).fetch_one(conn).await.unwrap()
    }

    /// What a power cut would show can't be tried here; what it rests on can.
    #[tokio::test]
    async fn the_settings_that_promises_rest_on_are_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        crate::os::private_file(&path).unwrap();
        let mut conn = writing(&path, Tuning::default()).connect().await.unwrap();
        turn_to_wal(&mut conn).await.unwrap();
        let found = [
            pragma(&mut conn, "PRAGMA synchronous").await,   // 2: FULL
            pragma(&mut conn, "PRAGMA fullfsync").await,     // 1: ON
            pragma(&mut conn, "PRAGMA secure_delete").await, // 1: ON, not 2: FAST
            pragma(&mut conn, "PRAGMA temp_store").await,    // 2: MEMORY
            pragma(&mut conn, "PRAGMA foreign_keys").await,
            pragma(&mut conn, "PRAGMA busy_timeout").await,
        ];
        assert_eq!(found, [2, 1, 1, 2, 1, 10_000]);

        let mut reader = reading(&path, Tuning::default()).connect().await.unwrap();
        assert_eq!(pragma(&mut reader, "PRAGMA temp_store").await, 2);
        assert!(sqlx::query("CREATE TABLE t (x)").execute(&mut reader).await.is_err(), "readers only read");
    }
}
