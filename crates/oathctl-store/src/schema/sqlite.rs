//! A file brought to the present format.
//!
//! Owns: the look before, the upgrade, the copy kept beside the file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use super::{Found, Schema, judge, put_meta};
use crate::db::{Sql, Tuning, Tx, sqlite};
use crate::error::StoreError;
use crate::os;

/// Brings the file to the present format, if it is not there already.
pub(crate) async fn bring_up(path: &Path, schema: &Schema, tuning: Tuning) -> Result<(), StoreError> {
    let mut looking = sqlite::reading(path, tuning).connect().await?;
    let found = look_at(&mut looking, schema).await;
    looking.close().await?;
    let is_current = found? == Found::Format(schema.format());
    let mut writing = sqlite::writing(path, tuning).connect().await?;
    let done = make_ready(&mut writing, path, schema, tuning, is_current).await;
    let closed = writing.close().await;
    done.and_then(|()| closed.map_err(Into::into))
}

/// The format of a file that is only read; `None` for an empty one.
pub(crate) async fn format_of(
    conn: &mut SqliteConnection,
    schema: &Schema,
) -> Result<Option<i64>, StoreError> {
    match look_at(conn, schema).await? {
        Found::Empty => Ok(None),
        Found::Format(format) => Ok(Some(format)),
    }
}

async fn make_ready(
    conn: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
    tuning: Tuning,
    is_current: bool,
) -> Result<(), StoreError> {
    sqlite::turn_to_wal(conn).await?;
    if is_current { Ok(()) } else { upgrade(conn, path, schema, tuning).await }
}

async fn look_at(conn: &mut SqliteConnection, schema: &Schema) -> Result<Found, StoreError> {
    look(&mut Tx::Sqlite(conn.begin().await?), schema).await
}

async fn look(tx: &mut Tx<'_>, schema: &Schema) -> Result<Found, StoreError> {
    let tables = Sql::new("SELECT count(*) FROM sqlite_master WHERE type = 'table'").value(&mut *tx).await?;
    let ours =
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta', '_sqlx_migrations')";
    let ours = Sql::new(ours).value(&mut *tx).await?;
    judge(tx, schema, tables, ours).await
}

/// Looks again under the write lock: another process may have been here first.
async fn upgrade(
    conn: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
    tuning: Tuning,
) -> Result<(), StoreError> {
    let mut tx = Tx::Sqlite(conn.begin_with("BEGIN IMMEDIATE").await?);
    match look(&mut tx, schema).await? {
        Found::Format(format) if format == schema.format() => return Ok(()),
        Found::Format(_) => keep_copy(path, schema.format(), tuning).await?,
        Found::Empty => {}
    }
    if let Tx::Sqlite(tx) = &mut tx {
        schema.for_sqlite().run_direct(None, &mut **tx, false).await?;
    }
    put_meta(&mut tx, schema).await?;
    tx.commit().await
}

/// Copies the database as it stands, log included, to `NAME.before-vN`. Never replaces an earlier copy.
async fn keep_copy(path: &Path, format: i64, tuning: Tuning) -> Result<(), StoreError> {
    let failed = || StoreError::io("the copy kept before an upgrade");
    let part = beside(path, ".before.part");
    copy_into(path, &part, tuning).await.map_err(|error| match error {
        StoreError::Io { detail, .. } => StoreError::Io { what: "the copy kept before an upgrade", detail },
        other => other,
    })?;
    std::fs::rename(&part, free_name(path, format)).map_err(failed())?;
    os::sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(failed())
}

/// Copies a database, log included, as one state of it, into one durable file with our mode.
pub(crate) async fn copy_into(path: &Path, copy: &Path, tuning: Tuning) -> Result<(), StoreError> {
    let failed = || StoreError::io("the copy of the store");
    // Made beforehand so that it has our mode; SQLite fills an empty file.
    os::private_file(copy).and_then(|file| file.set_len(0)).map_err(failed())?;
    let name = copy.to_str().ok_or(StoreError::BadLocation { why: "its path is not UTF-8" })?;
    let mut conn = sqlite::reading(path, tuning).connect().await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(name.to_owned()).execute(&mut conn).await;
    conn.close().await?;
    copied?;
    os::private_file(copy).and_then(|file| file.sync_all()).map_err(failed())
}

fn free_name(path: &Path, format: i64) -> PathBuf {
    let first = beside(path, &format!(".before-v{format}"));
    let later = (2..).map(|n: u32| beside(path, &format!(".before-v{format}-{n}")));
    std::iter::once(first.clone()).chain(later).find(|name| !name.exists()).unwrap_or(first)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
