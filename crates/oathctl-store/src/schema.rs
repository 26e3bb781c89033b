//! The formats of the database, and the way from each to the next.
//!
//! Owns: the list of migrations, the `meta` table, the copy kept before a change. A file is looked at read-only
//! first: one that is newer, damaged or somebody else's is not touched. All steps of an upgrade are one
//! transaction, so a kill leaves the old format.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, SqlStr};

use crate::connect::{self, Tuning};
use crate::error::StoreError;
use crate::os;

/// The formats one version of oathctl knows.
pub(crate) struct Schema {
    migrations: Vec<Migration>,
    version: &'static str,
}

impl Schema {
    /// This version's.
    pub(crate) fn current() -> Self {
        let journal = include_str!("../migrations/sqlite/0001_journal.sql");
        let vault = include_str!("../migrations/sqlite/0002_vault.sql");
        let migrations = vec![migration(1, "journal", journal), migration(2, "vault", vault)];
        Self { migrations, version: env!("CARGO_PKG_VERSION") }
    }

    fn format(&self) -> i64 {
        self.migrations.iter().map(|m| m.version).max().unwrap_or(0)
    }
}

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// Nothing yet.
    Empty,
    /// A store of this format.
    Format(i64),
}

/// Brings the file to the present format, if it is not there already.
pub(crate) async fn bring_up(path: &Path, schema: &Schema, tuning: Tuning) -> Result<(), StoreError> {
    let mut looking = connect::reading(path, tuning).connect().await?;
    let found = look(&mut looking, schema).await;
    looking.close().await?;
    let is_current = found? == Found::Format(schema.format());
    let mut writing = connect::writing(path, tuning).connect().await?;
    let done = make_ready(&mut writing, path, schema, tuning, is_current).await;
    let closed = writing.close().await;
    done.and_then(|()| closed.map_err(Into::into))
}

async fn make_ready(
    conn: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
    tuning: Tuning,
    is_current: bool,
) -> Result<(), StoreError> {
    connect::turn_to_wal(conn).await?;
    if is_current { Ok(()) } else { upgrade(conn, path, schema, tuning).await }
}

async fn look(conn: &mut SqliteConnection, schema: &Schema) -> Result<Found, StoreError> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table'")
        .fetch_one(&mut *conn)
        .await?;
    if tables == 0 {
        return Ok(Found::Empty);
    }
    let ours: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta', '_sqlx_migrations')",
    )
    .fetch_one(&mut *conn)
    .await?;
    if ours != 2 {
        return Err(StoreError::BadLocation { why: "it is a database of another program" });
    }
    let format = meta(conn, "format").await?.and_then(|text| text.parse().ok());
    let format = format.ok_or_else(|| StoreError::damaged("its format is not recorded"))?;
    if format > schema.format() {
        let written_by = meta(conn, "written_by").await?.unwrap_or_else(|| "unknown".to_owned());
        return Err(StoreError::NewerFormat { format, known: schema.format(), written_by });
    }
    Ok(Found::Format(format))
}

async fn meta(conn: &mut SqliteConnection, key: &'static str) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(conn).await?)
}

/// Looks again under the write lock: another process may have been here first.
async fn upgrade(
    conn: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
    tuning: Tuning,
) -> Result<(), StoreError> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    match look(&mut tx, schema).await? {
        Found::Format(format) if format == schema.format() => return Ok(()),
        Found::Format(_) => keep_copy(path, schema.format(), tuning).await?,
        Found::Empty => {}
    }
    Migrator::with_migrations(schema.migrations.clone()).run_direct(None, &mut *tx, false).await?;
    let set = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let values = [("format", schema.format().to_string()), ("written_by", schema.version.to_owned())];
    for (key, value) in values {
        sqlx::query(set).bind(key).bind(value).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Copies the database as it stands, log included, to `NAME.before-vN`. Never replaces an earlier copy.
async fn keep_copy(path: &Path, format: i64, tuning: Tuning) -> Result<(), StoreError> {
    let failed = || StoreError::io("the copy kept before an upgrade");
    let part = beside(path, ".before.part");
    // Made beforehand so that it has our mode; SQLite fills an empty file.
    os::private_file(&part).and_then(|file| file.set_len(0)).map_err(failed())?;
    let mut conn = connect::reading(path, tuning).connect().await?;
    let name = part.to_string_lossy().into_owned();
    let copied = sqlx::query("VACUUM INTO $1").bind(name).execute(&mut conn).await;
    conn.close().await?;
    copied?;
    os::private_file(&part).and_then(|file| file.sync_all()).map_err(failed())?;
    std::fs::rename(&part, free_name(path, format)).map_err(failed())?;
    os::sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(failed())
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

#[cfg(test)]
mod tests;
