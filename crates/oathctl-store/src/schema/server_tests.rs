//! Formats on a server: what `tests` shows for a file.

use super::tests::{BROKEN, LATER, later};
use super::*;
use crate::db::{Db, Tuning};
use crate::{Store, StoreLocation};

struct Desk {
    location: StoreLocation,
    name: String,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let text = crate::both::fresh(folder.path())?;
        let name = text.split("schema=").nth(1).unwrap().to_owned();
        Some(Self { location: StoreLocation::parse(&text).unwrap(), name, _folder: folder })
    }

    async fn open(&self, schema: &Schema) -> Result<Store, StoreError> {
        Store::open_with(&self.location, schema, Tuning::default()).await
    }

    /// What a statement finds, whatever format the store has.
    async fn value(&self, text: &str) -> i64 {
        let StoreLocation::Postgres(location) = &self.location else { panic!("it is a server's") };
        let db = Db::Postgres(crate::db::Server::new(location, Tuning::default()).unwrap());
        Sql::of_names(text.replace("{name}", &self.name)).value(&db).await.unwrap()
    }

    async fn run(&self, text: &str) {
        let StoreLocation::Postgres(location) = &self.location else { panic!("it is a server's") };
        let server = crate::db::Server::new(location, Tuning::default()).unwrap();
        let text = sqlx::AssertSqlSafe(text.replace("{name}", &self.name));
        sqlx::raw_sql(text).execute(server.pool()).await.unwrap();
    }

    async fn format(&self) -> i64 {
        self.value("SELECT value::bigint FROM meta WHERE key = 'format'").await
    }
}

const RUN: &str = "INSERT INTO runs (run, tenant, practice, started_at, actor, options, input_sha256, row_count)
                   VALUES ('r1', 't', 0, 0, '{}', '{}', '', 0); INSERT INTO run_plans SELECT id, '{}' FROM runs";
const COPIES: &str = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE '{name}_before_%'";

#[tokio::test]
async fn an_upgrade_keeps_a_whole_copy_that_can_be_put_back() {
    let Some(desk) = Desk::new() else { return };
    desk.open(&Schema::current()).await.unwrap().close().await;
    desk.run(RUN).await;
    assert_eq!(desk.value(COPIES).await, 0);
    desk.open(&later(LATER)).await.unwrap().close().await;
    let next = Schema::current().format() + 1;
    assert_eq!((desk.format().await, desk.value(COPIES).await), (next, 1));
    desk.open(&later(LATER)).await.unwrap().close().await;
    assert_eq!(desk.value(COPIES).await, 1, "a second opening upgrades nothing");
    let keys =
        "SELECT count(*) FROM pg_tables WHERE schemaname LIKE '{name}_before_%' AND tablename = 'vault_keys'";
    assert_eq!(desk.value(keys).await, 0, "the vault's key half has no copy");

    desk.run(&format!("ALTER SCHEMA {{name}} RENAME TO {{name}}_new; ALTER SCHEMA {{name}}_before_v{next} RENAME TO {{name}}")).await;
    let store = desk.open(&Schema::current()).await.unwrap();
    assert_eq!(store.check().await.unwrap().runs, 1);
    desk.run(
        "INSERT INTO runs (run, tenant, practice, started_at, actor, options, input_sha256, row_count)
              VALUES ('r2', 't', 0, 0, '{}', '{}', '', 0)",
    )
    .await;
    assert_eq!(desk.value("SELECT max(id) FROM runs").await, 2, "its numbers go on");
    desk.run("DELETE FROM runs WHERE run = 'r1'").await;
    assert_eq!(desk.value("SELECT count(*) FROM run_plans").await, 0, "its references hold");
}

#[tokio::test]
async fn a_failed_upgrade_leaves_the_old_format_and_nothing_else() {
    let Some(desk) = Desk::new() else { return };
    desk.open(&Schema::current()).await.unwrap().close().await;
    assert!(desk.open(&later(BROKEN)).await.is_err());
    assert_eq!((desk.format().await, desk.value(COPIES).await), (Schema::current().format(), 0));
    desk.open(&Schema::current()).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_newer_store_is_refused_by_name_and_left_alone() {
    let Some(desk) = Desk::new() else { return };
    desk.open(&later(LATER)).await.unwrap().close().await;
    let error = desk.open(&Schema::current()).await.unwrap_err();
    let known = Schema::current().format();
    assert_eq!(error, StoreError::NewerFormat { format: known + 1, known, written_by: "9.8.7".into() });
    assert_eq!((desk.format().await, desk.value(COPIES).await), (known + 1, 0));
}

#[tokio::test]
async fn a_writer_that_waits_too_long_says_locked_and_readers_do_not_wait() {
    let Some(desk) = Desk::new() else { return };
    let impatient = Tuning { busy: std::time::Duration::from_millis(1), max_pages: None };
    let schema = Schema::current();
    desk.open(&schema).await.unwrap().close().await;
    let open = || Store::open_with(&desk.location, &schema, impatient);
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    let held = one.begin().await.unwrap();
    assert_eq!(open().await.unwrap().runs().await.unwrap(), []);
    assert_eq!(two.begin().await.err(), Some(StoreError::Locked));
    drop(held);
    // The server hears of it with the next statement of that session.
    assert_eq!(one.runs().await.unwrap(), []);
    desk.open(&schema).await.unwrap().begin().await.unwrap();
}

#[tokio::test]
async fn what_is_confirmed_has_reached_the_disk_whatever_the_server_prefers() {
    let Some(desk) = Desk::new() else { return };
    let ask = "SELECT (current_setting('synchronous_commit') = 'on')::int::bigint";
    assert_eq!(desk.value(ask).await, 1);
}
