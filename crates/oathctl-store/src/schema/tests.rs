use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection};

use super::*;
use crate::db::{Tuning, sqlite};
use crate::{Store, StoreLocation};

pub(super) const LATER: &str = "ALTER TABLE runs ADD COLUMN note TEXT;";
pub(super) const BROKEN: &str = "CREATE TABLE half (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);";

/// This version's format and the next, as text.
fn now() -> String {
    Schema::current().format().to_string()
}

fn next() -> String {
    (Schema::current().format() + 1).to_string()
}

/// The copy kept before the next format.
fn kept() -> String {
    format!("oathctl.db.before-v{}", next())
}

pub(super) fn later(sql: &'static str) -> Schema {
    let mut schema = Schema::current();
    let next = schema.format() + 1;
    schema.steps.push(Step { number: next, name: "later", sql, more: "" });
    schema.version = "9.8.7";
    schema
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("oathctl.db")
    }

    async fn open(&self, schema: &Schema) -> Result<Store, StoreError> {
        Store::open_with(&StoreLocation::sqlite(self.path()), schema, Tuning::default()).await
    }

    async fn open_and_close(&self, schema: &Schema) {
        self.open(schema).await.unwrap().close().await;
    }

    /// What lies there, but for the log and index that a read-only look leaves behind, empty.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
        names.sort();
        names
    }
}

async fn value(path: &Path, sql: &'static str) -> Option<String> {
    let mut conn = sqlite::reading(path, Tuning::default()).connect().await.unwrap();
    let found = sqlx::query_scalar(sql).fetch_optional(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    found
}

#[tokio::test]
async fn a_new_store_records_its_format_and_writer_and_keeps_no_copy() {
    let desk = Desk::new();
    desk.open_and_close(&Schema::current()).await;
    assert_eq!(value(&desk.path(), "SELECT value FROM meta WHERE key = 'format'").await.unwrap(), now());
    let by = value(&desk.path(), "SELECT value FROM meta WHERE key = 'written_by'").await.unwrap();
    assert_eq!(by, env!("CARGO_PKG_VERSION"));
    assert_eq!(desk.names(), ["oathctl.db"]);
}

#[tokio::test]
async fn an_upgrade_keeps_the_old_file_readable_and_private() {
    let desk = Desk::new();
    desk.open_and_close(&Schema::current()).await;
    desk.open_and_close(&later(LATER)).await;

    assert_eq!(desk.names(), ["oathctl.db".to_owned(), kept()]);
    assert_eq!(value(&desk.path(), "SELECT value FROM meta WHERE key = 'format'").await.unwrap(), next());
    let copy = desk.folder.path().join(kept());
    assert_eq!(value(&copy, "SELECT value FROM meta WHERE key = 'format'").await.unwrap(), now());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&copy).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    desk.open_and_close(&later(LATER)).await;
    assert_eq!(desk.names().len(), 2, "a second opening upgrades nothing");
}

#[tokio::test]
async fn a_kept_copy_can_be_put_back() {
    let desk = Desk::new();
    desk.open_and_close(&Schema::current()).await;
    desk.open_and_close(&later(LATER)).await;
    std::fs::rename(desk.folder.path().join(kept()), desk.path()).unwrap();
    let store = desk.open(&Schema::current()).await.unwrap();
    store.check().await.unwrap();
    assert_eq!(value(&desk.path(), "PRAGMA journal_mode").await.unwrap(), "wal");
}

#[tokio::test]
async fn a_failed_upgrade_leaves_the_old_format_and_the_next_keeps_both_copies() {
    let desk = Desk::new();
    desk.open_and_close(&Schema::current()).await;
    assert!(desk.open(&later(BROKEN)).await.is_err());
    assert_eq!(value(&desk.path(), "SELECT value FROM meta WHERE key = 'format'").await.unwrap(), now());
    assert_eq!(value(&desk.path(), "SELECT name FROM sqlite_master WHERE name = 'half'").await, None);

    desk.open_and_close(&later(LATER)).await;
    assert_eq!(desk.names(), ["oathctl.db".to_owned(), kept(), format!("{}-2", kept())]);
}

#[tokio::test]
async fn a_newer_store_is_refused_by_name_and_left_alone() {
    let desk = Desk::new();
    desk.open_and_close(&later(LATER)).await;
    let before = std::fs::read(desk.path()).unwrap();
    let error = desk.open(&Schema::current()).await.unwrap_err();
    let known = Schema::current().format();
    assert_eq!(error, StoreError::NewerFormat { format: known + 1, known, written_by: "9.8.7".into() });
    assert_eq!(std::fs::read(desk.path()).unwrap(), before);
    assert_eq!(desk.names(), ["oathctl.db"]);
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let desk = Desk::new();
    std::fs::write(desk.path(), b"").unwrap();
    let mut conn = sqlite::writing(&desk.path(), Tuning::default()).connect().await.unwrap();
    sqlx::query("CREATE TABLE bookmarks (url TEXT)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let before = std::fs::read(desk.path()).unwrap();
    assert!(matches!(desk.open(&Schema::current()).await.unwrap_err(), StoreError::BadLocation { .. }));
    assert_eq!(std::fs::read(desk.path()).unwrap(), before);
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer_and_a_writer_says_locked() {
    let desk = Desk::new();
    let (location, schema) = (StoreLocation::sqlite(desk.path()), Schema::current());
    let impatient = Tuning { busy: std::time::Duration::from_millis(1), max_pages: None };
    let open = || Store::open_with(&location, &schema, impatient);
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    let held = one.begin().await.unwrap();
    let three = open().await.unwrap();
    assert_eq!(three.runs().await.unwrap(), []);
    assert_eq!(two.begin().await.err(), Some(StoreError::Locked));
    drop(held);
    assert_eq!(one.begin().await.map(drop), Ok(())); // behind the rollback, in the same queue
    assert!(two.begin().await.is_ok());
}

#[test]
fn the_next_format_is_written_once_for_both() {
    let sqlite = "CREATE TABLE t (\n    id INTEGER PRIMARY KEY AUTOINCREMENT,\n    a TEXT, b BLOB, c INTEGER\n) STRICT;";
    let postgres = "CREATE TABLE t (\n    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n    \
                    a TEXT COLLATE \"C\", b BYTEA, c BIGINT\n);";
    assert_eq!(on_postgres(sqlite), postgres);
}

/// A store knows the steps that made it by their digests: what was released may never change, nor what
/// [`on_postgres`] makes of it.
#[test]
fn released_steps_stay_as_they_are() {
    let digests = |migrator: &Migrator| -> Vec<String> {
        migrator.iter().map(|step| data_encoding::HEXLOWER.encode(&step.checksum[..8])).collect()
    };
    let schema = Schema::current();
    assert_eq!(digests(&schema.for_sqlite())[..2], ["05794f7edca61797", "3b0318cd7c6e3ccb"]);
    assert_eq!(digests(&schema.for_postgres())[..2], ["4ff8cfd7ff9c7d1a", "10c17f442b3146b8"]);
}

#[test]
fn opening_can_be_handed_to_another_thread() {
    fn sendable<T: Send>(_: T) {}
    sendable(Store::open(&StoreLocation::sqlite("never opened")));
}
