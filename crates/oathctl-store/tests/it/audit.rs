//! H29: a chain that can't be changed unseen. Each way to change it is a test named after its fault, on both databases.

use std::collections::BTreeSet;
use std::path::Path;

use oathctl_core::journal::{Actor, Journal, JournalError, StepKind};
use oathctl_core::token::{RunId, UserId};
use oathctl_store::{
    AuditDeed, AuditFilter, AuditFormat, Checkpoint, DeedKind, Fault, Store, StoreError, Verified,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::both::{self, on_both};
use crate::desk::{Desk, audited};
use crate::fixture::{self, T0, device, tenant, user};

fn actor() -> Actor {
    Actor { os_user: Some("op".into()), signed_in_as: Some(user(900).as_str().to_uppercase()) }
}

/// A run of 40 rows in two calls, and three deeds: nine records.
async fn lived_in(desk: &Desk) -> Store {
    let store = desk.open().await;
    let run = RunId::new("r1");
    let mut head = fixture::head("r1", 40);
    head.actor = actor();
    Journal::open(&store, &head).await.unwrap();
    fixture::call(&store, &run, 1, StepKind::Create, 0..20).await;
    fixture::call(&store, &run, 2, StepKind::Activate, 20..40).await;
    Journal::close(&store, &run, &fixture::end(40, 0, true)).await.unwrap();
    for n in 0..3_u32 {
        deed(&store, n).await;
    }
    store
}

async fn deed(store: &Store, n: u32) {
    let (actor, person, serial) = (actor(), user(n), format!("S{n}"));
    let serials = [serial.as_str()];
    let deed = AuditDeed {
        person: Some(&person),
        serials: &serials,
        said: Some("because Ann lost hers"),
        ..AuditDeed::new(DeedKind::CodeShown, &actor, T0.plus_ms(100_000 + i64::from(n)))
    };
    store.audit().append(&deed).await.unwrap();
}

const RECORDS: u64 = 9;

/// What somebody does who has the database and not the key.
async fn tamper(desk: &Desk, text: &str) {
    if let Some(schema) = desk.text().split("schema=").nth(1) {
        let mut conn = PgConnection::connect(&both::server().unwrap()).await.unwrap();
        let text = format!("SET search_path TO {schema}; {text}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut conn).await.unwrap();
    } else {
        let path = desk.text().strip_prefix("sqlite:").unwrap();
        let mut conn =
            SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }
}

fn checkpoints(folder: &Path) -> Vec<Checkpoint> {
    Checkpoint::read_from(&folder.join("audit-checkpoints.jsonl")).unwrap().0
}

async fn verified(desk: &Desk, checkpoints: &[Checkpoint]) -> Verified {
    desk.open().await.audit().verify(checkpoints).await.unwrap()
}

/// The number and fault of the first break, without any checkpoint.
async fn broken(desk: &Desk) -> Option<(u64, Fault)> {
    verified(desk, &[]).await.broken_at().map(|broken| (broken.number, broken.fault))
}

async fn h29_a_whole_chain_verifies_and_says_how_many_are_covered(desk: Desk) {
    let store = lived_in(&desk).await;
    let kept = checkpoints(desk.folder.path());
    assert_eq!(kept.len(), 1, "one when the run ended");
    let found = verified(&desk, &kept).await;
    assert_eq!((found.records, found.chains.len(), found.broken_at()), (RECORDS, 1, None));
    let chain = &found.chains[0];
    assert_eq!((chain.is_ours, chain.covered(), chain.records), (true, 6, RECORDS));
    let now = store.audit().checkpoint(T0).await.unwrap().unwrap();
    assert_eq!(verified(&desk, &[now]).await.chains[0].covered(), RECORDS);
    assert_eq!(verified(&desk, &[]).await.chains[0].covered(), 0);
    let kinds: Vec<String> = records(&store).await.into_iter().map(|record| record.kind).collect();
    let expected =
        ["run_opened", "call_intended", "call_observed", "call_intended", "call_observed", "run_closed"];
    assert_eq!(kinds[..6], expected);
    assert_eq!(kinds[6..], ["code_shown"; 3]);
}

async fn records(store: &Store) -> Vec<oathctl_store::AuditRecord> {
    store.audit().list(&AuditFilter::default()).await.unwrap()
}

async fn h29_record_changed(desk: Desk) {
    lived_in(&desk).await;
    let change = "UPDATE audit_records SET record = replace(record, 'activate', 'assign') WHERE number = 4";
    tamper(&desk, change).await;
    assert_eq!(broken(&desk).await, Some((4, Fault::Altered)));
}

async fn h29_any_single_column_of_the_index_changed(desk: Desk) {
    lived_in(&desk).await;
    for (number, change) in
        [(2, "at = at + 1"), (3, "kind = 'call_intended'"), (4, "run = 'r2'"), (5, "tenant = 'x'")]
    {
        tamper(&desk, "UPDATE audit_chains SET last_at = last_at").await;
        let before = if number == 2 { None } else { Some((2, Fault::IndexAltered)) };
        assert_eq!(broken(&desk).await, before);
        tamper(&desk, &format!("UPDATE audit_records SET {change} WHERE number = {number}")).await;
    }
    assert_eq!(broken(&desk).await, Some((2, Fault::IndexAltered)));
}

async fn h29_record_removed(desk: Desk) {
    lived_in(&desk).await;
    tamper(&desk, "DELETE FROM audit_records WHERE number = 3").await;
    assert_eq!(broken(&desk).await, Some((3, Fault::Missing)));
    // Closing the gap does not hide it.
    tamper(&desk, "UPDATE audit_records SET number = number - 1 + 1000 WHERE number > 3").await;
    tamper(&desk, "UPDATE audit_records SET number = number - 1000 WHERE number > 1000").await;
    assert_eq!(broken(&desk).await, Some((3, Fault::Altered)));
}

async fn h29_records_reordered(desk: Desk) {
    lived_in(&desk).await;
    tamper(
        &desk,
        "UPDATE audit_records SET number = 1002 WHERE number = 2;
         UPDATE audit_records SET number = 2 WHERE number = 3;
         UPDATE audit_records SET number = 3 WHERE number = 1002",
    )
    .await;
    assert_eq!(broken(&desk).await, Some((2, Fault::Altered)));
}

async fn h29_record_added(desk: Desk) {
    lived_in(&desk).await;
    tamper(
        &desk,
        "INSERT INTO audit_records SELECT chain, 10, at, kind, tenant, run, record, mac FROM audit_records
         WHERE number = 9",
    )
    .await;
    assert_eq!(broken(&desk).await, Some((10, Fault::Altered)));
}

async fn h29_tail_truncated_without_a_checkpoint(desk: Desk) {
    let store = lived_in(&desk).await;
    tamper(&desk, "DELETE FROM audit_records WHERE number > 7").await;
    assert_eq!(broken(&desk).await, Some((8, Fault::CutOff)));
    // Nor does turning the head back, without the key.
    tamper(
        &desk,
        "UPDATE audit_chains SET records = 7, mac = (SELECT mac FROM audit_records WHERE number = 7)",
    )
    .await;
    assert_eq!(broken(&desk).await, Some((7, Fault::HeadAltered)));
    // And nothing is written on top, which would hide it: no audit, no write.
    let (actor, broken) = (actor(), StoreError::AuditBroken { what: "the head of its chain was altered" });
    let late = AuditDeed::new(DeedKind::VaultOpened, &actor, T0);
    assert_eq!(store.audit().append(&late).await, Err(broken.clone()));
    let refused = Journal::open(&store, &fixture::head("r2", 1)).await;
    assert_eq!(refused, Err(JournalError::Failed(broken.to_string())));
    assert_eq!(store.runs().await.unwrap().len(), 1);
}

/// The whole chain as it was earlier, head and all: only a checkpoint knows better.
async fn h29_tail_truncated_with_a_checkpoint(desk: Desk) {
    let store = lived_in(&desk).await;
    tamper(&desk, "CREATE TABLE earlier AS SELECT * FROM audit_chains").await;
    deed(&store, 3).await;
    let later = store.audit().checkpoint(T0).await.unwrap().unwrap();
    tamper(
        &desk,
        "DELETE FROM audit_records WHERE number > 9; DELETE FROM audit_people WHERE chain = '';
         UPDATE audit_chains SET records = (SELECT records FROM earlier), mac = (SELECT mac FROM earlier),
             head = (SELECT head FROM earlier), last_at = (SELECT last_at FROM earlier); DROP TABLE earlier",
    )
    .await;
    assert_eq!(broken(&desk).await, None, "by itself it is what it was");
    let found = verified(&desk, std::slice::from_ref(&later)).await;
    let told = found.broken_at().unwrap();
    assert_eq!((told.number, told.fault), (10, Fault::NotAsCheckpointed));
    // Going on from there does not hide it either.
    let store = desk.open().await;
    deed(&store, 4).await;
    deed(&store, 5).await;
    let found = verified(&desk, &[later]).await;
    let told = found.broken_at().unwrap();
    assert_eq!((told.number, told.fault), (10, Fault::NotAsCheckpointed));
}

async fn h29_an_old_backup_restored_is_noticed_by_the_checkpoint(desk: Desk) {
    let store = lived_in(&desk).await;
    let backup = desk.folder.path().join("backup");
    store.backup(&backup).await.unwrap();
    deed(&store, 3).await;
    let later = store.audit().checkpoint(T0).await.unwrap().unwrap();
    for fresh in [Some(Desk::sqlite()), Desk::postgres()].into_iter().flatten() {
        let restored = Store::open(&fresh.location()).await.unwrap();
        restored.restore(&backup, &fresh.folder.path().join("scratch")).await.unwrap();
        let restored = audited(restored, desk.folder.path());
        let found = restored.audit().verify(&[]).await.unwrap();
        assert_eq!((found.records, found.broken_at()), (RECORDS, None));
        let found = restored.audit().verify(std::slice::from_ref(&later)).await.unwrap();
        assert_eq!(found.broken_at().unwrap().fault, Fault::NotAsCheckpointed);
    }
}

async fn h29_key_replaced(desk: Desk) {
    let store = lived_in(&desk).await;
    let kept = checkpoints(desk.folder.path());
    let other = tempfile::tempdir().unwrap();
    let store = audited(store, other.path());
    let found = store.audit().verify(&kept).await.unwrap();
    assert_eq!((found.chains[0].is_ours, found.chains[0].records), (false, RECORDS));
    assert_eq!(found.foreign_checkpoints, 1);
    // Whoever goes on with another key begins another chain; the first stays, and verifies with its own.
    deed(&store, 7).await;
    let found = store.audit().verify(&[]).await.unwrap();
    let ours: Vec<_> = found.chains.iter().map(|chain| (chain.is_ours, chain.records)).collect();
    assert_eq!(BTreeSet::from_iter(ours), BTreeSet::from([(false, RECORDS), (true, 1)]));
    assert_eq!(broken(&desk).await, None);
    // Making the first chain look like the other key's breaks it for its own key, by the checkpoint.
    tamper(&desk, "UPDATE audit_chains SET key_id = 'feedfeedfeedfeed'").await;
    let found = verified(&desk, &kept).await;
    assert_eq!(
        found.chains.iter().filter(|chain| chain.is_ours).count(),
        1,
        "the checkpoint says whose it is"
    );
}

async fn h29_chain_removed(desk: Desk) {
    lived_in(&desk).await;
    let kept = checkpoints(desk.folder.path());
    tamper(&desk, "DELETE FROM audit_people; DELETE FROM audit_records; DELETE FROM audit_chains").await;
    let found = verified(&desk, &kept).await;
    assert_eq!(found.broken_at().unwrap().fault, Fault::ChainMissing);
}

async fn h29_chains_merged(desk: Desk) {
    let store = lived_in(&desk).await;
    let other = tempfile::tempdir().unwrap();
    let theirs = audited(store, other.path());
    for n in 0..12 {
        deed(&theirs, n).await;
    }
    let mine = verified(&desk, &[]).await;
    let chain = |is_ours| mine.chains.iter().find(|chain| chain.is_ours == is_ours).unwrap().chain.clone();
    let (mine, theirs) = (chain(true), chain(false));
    let splice = format!(
        "INSERT INTO audit_records SELECT '{mine}', number, at, kind, tenant, run, record, mac FROM audit_records
         WHERE chain = '{theirs}' AND number = 10; UPDATE audit_chains SET records = 10 WHERE chain = '{mine}'"
    );
    tamper(&desk, &splice).await;
    assert_eq!(broken(&desk).await, Some((10, Fault::Altered)));
}

async fn h29_a_person_behind_a_pseudonym_exchanged(desk: Desk) {
    lived_in(&desk).await;
    tamper(
        &desk,
        "UPDATE audit_people SET person = (SELECT person FROM audit_people ORDER BY tag LIMIT 1)
         WHERE tag = (SELECT tag FROM audit_people ORDER BY tag DESC LIMIT 1)",
    )
    .await;
    assert_eq!(broken(&desk).await, Some((0, Fault::PersonAltered)));
}

async fn h29_checkpoints_altered_or_of_others_are_not_believed(desk: Desk) {
    let store = lived_in(&desk).await;
    let genuine = store.audit().checkpoint(T0).await.unwrap().unwrap();
    let fewer = Checkpoint { records: 3, ..genuine.clone() };
    let found = verified(&desk, &[fewer]).await;
    assert_eq!((found.foreign_checkpoints, found.chains[0].covered()), (1, 0));
    let path = desk.folder.path().join("elsewhere.jsonl");
    genuine.append_to(&path).unwrap();
    genuine.append_to(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}not one\n\n")).unwrap();
    assert_eq!(Checkpoint::read_from(&path).unwrap(), (vec![genuine.clone(), genuine], 1));
}

async fn h29_without_a_key_nothing_is_written(desk: Desk) {
    let store = Store::open(&desk.location()).await.unwrap();
    let refused = Journal::open(&store, &fixture::head("r1", 1)).await;
    assert_eq!(refused, Err(JournalError::Failed(StoreError::NoAudit.to_string())));
    assert_eq!(store.runs().await.unwrap(), [], "no audit, no write");
    assert_eq!(records(&store).await, []);
}

async fn h29_people_stand_in_records_by_pseudonym_and_can_be_forgotten(desk: Desk) {
    let store = lived_in(&desk).await;
    let of_one = AuditFilter { person: Some(user(1)), ..AuditFilter::default() };
    let before = store.audit().list(&of_one).await.unwrap();
    let kinds: Vec<_> = before.iter().map(|record| record.kind.as_str()).collect();
    assert_eq!(kinds, ["run_opened", "call_intended", "code_shown"]);
    assert_eq!(before[2].said.as_deref(), Some("because Ann lost hers"));
    assert_eq!(before[2].signed_in_as().as_deref(), Some(user(900).as_str()));
    let text = format!("{}", before[2].record);
    assert!(!text.contains(user(1).as_str()) && !text.contains("Ann"), "{text}");

    let id = UserId::new(user(1).as_str().to_uppercase());
    assert!(store.audit().forget_person(&id, &actor(), T0).await.unwrap());
    assert!(!store.audit().forget_person(&id, &actor(), T0).await.unwrap(), "nobody by that id any more");
    assert_eq!(store.audit().list(&of_one).await.unwrap(), []);
    let after = records(&store).await;
    let shown = &after[usize::try_from(before[2].number).unwrap() - 1];
    assert_eq!((shown.said.as_deref(), shown.mac.as_slice()), (None, before[2].mac.as_slice()));
    assert!(shown.others()[0].starts_with("p-"), "a pseudonym that nobody can tie to anybody");
    assert_eq!(after.last().unwrap().kind, "person_forgotten");
    assert_eq!(broken(&desk).await, None, "the chain still verifies");
    // Whoever comes again is somebody new, also for a process that knew the pseudonym before.
    deed(&store, 1).await;
    let again = store.audit().list(&of_one).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].record["person"], before[2].record["person"]);
}

async fn h29_filters_and_exports(desk: Desk) {
    let store = lived_in(&desk).await;
    let list = async |filter| store.audit().list(&filter).await.unwrap();
    let f = AuditFilter::default;
    assert_eq!(list(AuditFilter { kind: Some("code_shown".into()), ..f() }).await.len(), 3);
    assert_eq!(list(AuditFilter { run: Some(RunId::new("r1")), ..f() }).await.len(), 6);
    assert_eq!(list(AuditFilter { tenant: Some(tenant()), ..f() }).await.len(), 1);
    assert_eq!(list(AuditFilter { serial: Some("S1".into()), ..f() }).await.len(), 1);
    assert_eq!(list(AuditFilter { serial: Some("S_".into()), ..f() }).await.len(), 0);
    assert_eq!(list(AuditFilter { since: Some(T0.plus_ms(100_001)), ..f() }).await.len(), 2);
    assert_eq!(list(AuditFilter { until: Some(T0.plus_ms(100_001)), ..f() }).await.len(), 7);
    let latest = list(AuditFilter { latest: Some(2), ..f() }).await;
    assert_eq!(latest.iter().map(|record| record.number).collect::<Vec<_>>(), [8, 9]);
    let call = &records(&store).await[1];
    let text = call.record.to_string();
    assert!(!text.contains(user(0).as_str()), "{text}");
    assert_eq!((&call.record["step"], &call.record["rows"][0][0]), (&"create".into(), &0.into()));
    for format in [AuditFormat::Jsonl, AuditFormat::Cef, AuditFormat::Csv] {
        let mut lines = 0;
        let count = |record| {
            lines += format.line(&record).lines().count();
            Ok(())
        };
        store.audit().each(&f(), count).await.unwrap();
        assert_eq!(lines as u64, RECORDS, "{format:?}");
    }
}

/// Two processes with one key: one chain, no number twice.
async fn h29_many_writers_make_one_chain(desk: Desk) {
    let stores = [desk.open().await, desk.open().await, desk.open().await];
    let writers: Vec<_> = stores
        .into_iter()
        .map(|store| {
            tokio::spawn(async move {
                for n in 0..20 {
                    deed(&store, n).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let found = verified(&desk, &[]).await;
    assert_eq!((found.records, found.chains.len(), found.broken_at()), (60, 1, None));
}

async fn h29_a_record_is_there_if_and_only_if_its_journal_entry_is(desk: Desk) {
    let store = lived_in(&desk).await;
    let run = RunId::new("r1");
    let intents = fixture::intents(0..1, StepKind::Create);
    // The run has ended: refused, and no record of it either.
    let late = store.intend(&run, oathctl_core::journal::CallId(3), StepKind::Create, T0, &intents).await;
    assert!(late.is_err());
    assert_eq!(records(&store).await.len() as u64, RECORDS);
    let journaled = store.run(&run).await.unwrap().unwrap().calls.len();
    let audited = records(&store).await.into_iter().filter(|it| it.kind == "call_intended").count();
    assert_eq!((journaled, audited), (2, 2));
    assert!(records(&store).await[2].record.to_string().contains(device(0).as_str()));
}

/// The database does not have what makes a check value.
#[tokio::test]
async fn the_key_is_not_in_the_database() {
    let desk = Desk::sqlite();
    lived_in(&desk).await.close().await;
    let key = std::fs::read_to_string(desk.folder.path().join("audit.key")).unwrap();
    let secret = key.lines().nth(1).unwrap().as_bytes().to_vec();
    let raw = data_encoding::BASE64.decode(&secret).unwrap();
    let bytes = std::fs::read(desk.folder.path().join("oathctl.db")).unwrap();
    for needle in [&secret[..20], &raw[..8], &raw[8..16], &raw[16..24], &raw[24..]] {
        assert!(!bytes.windows(needle.len()).any(|window| window == needle));
    }
}

on_both!(
    h29_a_whole_chain_verifies_and_says_how_many_are_covered,
    h29_record_changed,
    h29_any_single_column_of_the_index_changed,
    h29_record_removed,
    h29_records_reordered,
    h29_record_added,
    h29_tail_truncated_without_a_checkpoint,
    h29_tail_truncated_with_a_checkpoint,
    h29_an_old_backup_restored_is_noticed_by_the_checkpoint,
    h29_key_replaced,
    h29_chain_removed,
    h29_chains_merged,
    h29_a_person_behind_a_pseudonym_exchanged,
    h29_checkpoints_altered_or_of_others_are_not_believed,
    h29_without_a_key_nothing_is_written,
    h29_people_stand_in_records_by_pseudonym_and_can_be_forgotten,
    h29_filters_and_exports,
    h29_many_writers_make_one_chain,
    h29_a_record_is_there_if_and_only_if_its_journal_entry_is,
);
