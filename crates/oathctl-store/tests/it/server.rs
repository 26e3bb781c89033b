//! What only a server can do to us: refuse, be somebody else, be away, and come back.

use oathctl_core::journal::{CallId, Journal, JournalError, StepKind};
use oathctl_core::token::RunId;
use oathctl_store::{RunLock, Store, StoreError, StoreLocation};
use sqlx::{Connection, PgConnection, Row};
use zeroize::Zeroizing;

use crate::both;
use crate::desk::{Desk, audited};
use crate::fixture::{self, T0, tenant};

/// A session that may do anything, beside the store's.
async fn admin() -> Option<PgConnection> {
    Some(PgConnection::connect(&both::server()?).await.unwrap())
}

async fn sql(admin: &mut PgConnection, text: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(admin).await.unwrap();
}

fn schema(desk: &Desk) -> String {
    desk.text().split("schema=").nth(1).unwrap().to_owned()
}

async fn number(admin: &mut PgConnection, text: String) -> i64 {
    sqlx::query(sqlx::AssertSqlSafe(text)).fetch_one(admin).await.unwrap().get(0)
}

/// The desk under a role of its own, by which its sessions are known.
async fn under_a_role(admin: &mut PgConnection, desk: &Desk) -> (StoreLocation, String) {
    let role = format!("{}_role", schema(desk));
    sql(admin, format!("CREATE ROLE {role} SUPERUSER LOGIN")).await;
    (locate(&desk.text().replace("oathctl@", &format!("{role}@"))), role)
}

/// Ends every session of a role, and waits until they are gone.
async fn cut_off(admin: &mut PgConnection, role: &str) {
    let end = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename";
    assert!(number(admin, format!("{end} = '{role}'")).await > 0, "there was nothing to end");
}

fn locate(text: &str) -> StoreLocation {
    StoreLocation::parse(text).unwrap()
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    // Port 1 on loopback: nobody listens.
    let error = Store::open(&locate("postgres://u@127.0.0.1:1/db")).await.unwrap_err();
    assert!(matches!(error, StoreError::Away { .. }), "{error:?}");
}

#[tokio::test]
async fn h20_a_server_without_tls_that_is_not_loopback_by_name_gets_nothing() {
    let Some(desk) = Desk::postgres() else { return };
    // Another spelling of the same address: not one of those that may go without.
    let far = desk.text().replace("@127.0.0.1:", "@127.1:");
    let error = Store::open(&locate(&far)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unverified { .. }), "{error:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there_and_a_wrong_password_are_told() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let nowhere = desk.text().replace("/postgres?", "/nowhere?");
    let error = Store::open(&locate(&nowhere)).await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");

    let role = "DO $$ BEGIN CREATE ROLE locked SUPERUSER LOGIN PASSWORD 'made up'; EXCEPTION WHEN OTHERS THEN END $$";
    sql(&mut admin, role.to_owned()).await;
    let locked = locate(&desk.text().replace("oathctl@", "locked@"));
    let password = |text: &str| locked.clone().with_password(Zeroizing::new(text.to_owned()));
    for wrong in [locked.clone(), password("another hunter2")] {
        let error = Store::open(&wrong).await.unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert!(matches!(error, StoreError::Denied { .. } | StoreError::Away { .. }), "{error:?}");
    }
    Store::open(&password("made up")).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn another_programs_schema_is_left_alone() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let name = schema(&desk);
    sql(&mut admin, format!("CREATE SCHEMA {name}; CREATE TABLE {name}.bookmarks (url text)")).await;
    let error = Store::open(&desk.location()).await.unwrap_err();
    assert!(matches!(error, StoreError::BadLocation { .. }), "{error:?}");
    let tables = format!("SELECT count(*) FROM pg_tables WHERE schemaname LIKE '{name}%'");
    assert_eq!(number(&mut admin, tables).await, 1);
}

#[tokio::test]
async fn a_schema_made_beforehand_needs_no_right_to_make_one() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let name = schema(&desk);
    let role = format!("{name}_role");
    sql(
        &mut admin,
        format!(
            "CREATE ROLE {role} LOGIN; CREATE SCHEMA {name} AUTHORIZATION {role};
             CREATE SCHEMA {name}_keys AUTHORIZATION {role}"
        ),
    )
    .await;
    let location = locate(&desk.text().replace("oathctl@", &format!("{role}@")));
    let store = audited(Store::open(&location).await.unwrap(), desk.folder.path());
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    store.check().await.unwrap();
    store.close().await;
    sql(&mut admin, format!("REVOKE ALL ON ALL TABLES IN SCHEMA {name} FROM {role}")).await;
    let denied = Store::open(&location).await.unwrap_err();
    assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
}

#[tokio::test]
async fn sessions_that_were_ended_are_replaced_by_the_next_call() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let (location, role) = under_a_role(&mut admin, &desk).await;
    let store = audited(Store::open(&location).await.unwrap(), desk.folder.path());
    let run = RunId::new("r1");
    Journal::open(&store, &fixture::head("r1", 40)).await.unwrap();
    for call in 1..=5 {
        cut_off(&mut admin, &role).await;
        fixture::call(&store, &run, call, StepKind::Create, 0..20).await;
    }
    assert_eq!(store.run(&run).await.unwrap().unwrap().calls.len(), 5);
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_in_the_middle_is_told_and_nothing_is_doubled() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let (location, role) = under_a_role(&mut admin, &desk).await;
    let store = audited(Store::open(&location).await.unwrap(), desk.folder.path());
    // Held up in the middle of its transaction, then cut off. By a session apart: inside a transaction a session sees
    // the others as they were.
    let mut holder = self::admin().await.unwrap();
    sql(&mut holder, format!("BEGIN; LOCK TABLE {}.run_plans IN ACCESS EXCLUSIVE MODE", schema(&desk))).await;
    let opening = {
        let store = store.clone();
        tokio::spawn(async move { Journal::open(&store, &fixture::head("r1", 1)).await })
    };
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename";
    while number(&mut admin, format!("{waiting} = '{role}'")).await == 0 {
        tokio::task::yield_now().await;
    }
    cut_off(&mut admin, &role).await;
    let error = opening.await.unwrap().unwrap_err();
    assert!(matches!(&error, JournalError::Failed(words) if words.contains("away")), "{error:?}");
    sql(&mut holder, "ROLLBACK".to_owned()).await;

    assert_eq!(store.runs().await.unwrap(), []);
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    assert_eq!(store.runs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_run_whose_lock_went_away_notes_no_further_call() {
    let Some(mut admin) = admin().await else { return };
    let desk = Desk::postgres().unwrap();
    let store = desk.open().await;
    let mut lock = RunLock::take(desk.folder.path(), &tenant()).unwrap();
    lock.hold_in(&store, &tenant()).await.unwrap();
    let run = RunId::new("r1");
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    let intents = fixture::intents(0..1, StepKind::Create);
    store.intend(&run, CallId(1), StepKind::Create, T0, &intents).await.unwrap();

    let name = format!("oathctl run, pid {}", std::process::id());
    let end = format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    sql(&mut admin, end).await;
    let late = store.intend(&run, CallId(2), StepKind::Create, T0, &intents).await;
    assert_eq!(late, Err(JournalError::Failed(StoreError::LockLost.to_string())));
    assert_eq!(store.run(&run).await.unwrap().unwrap().calls.len(), 1);
    // What came back of the call before is still noted.
    store.observed(&run, CallId(1), &fixture::states(0..1)).await.unwrap();
    drop(lock);
    store.intend(&run, CallId(2), StepKind::Create, T0, &intents).await.unwrap();
}

#[tokio::test]
async fn two_machines_do_not_apply_in_one_tenant_at_once() {
    let Some(one) = Desk::postgres() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let (store, other) = (one.open().await, one.open().await);
    let mut lock = RunLock::take(one.folder.path(), &tenant()).unwrap();
    lock.hold_in(&store, &tenant()).await.unwrap();

    let mut rival = RunLock::take(elsewhere.path(), &tenant()).unwrap();
    let busy = rival.hold_in(&other, &tenant()).await.unwrap_err();
    assert_eq!(busy, StoreError::Busy { holder: format!("pid {} at 127.0.0.1", std::process::id()) });
    let third = oathctl_core::token::TenantId::new("another");
    rival.hold_in(&other, &third).await.unwrap();
    drop(lock);
    let mut rival = RunLock::take(one.folder.path(), &tenant()).unwrap();
    until_held(&mut rival, &other).await;
}

/// The server frees a lock a moment after its session's end.
pub async fn until_held(lock: &mut RunLock, store: &Store) {
    let mut done = lock.hold_in(store, &tenant()).await;
    for _ in 0..10_000 {
        if !matches!(done, Err(StoreError::Busy { .. })) {
            break;
        }
        done = lock.hold_in(store, &tenant()).await;
    }
    done.unwrap();
}
