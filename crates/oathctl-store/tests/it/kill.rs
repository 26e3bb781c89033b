//! A process that is killed between `intend` and `observed` leaves the call behind, without an answer.
//!
//! The test starts this very binary again as its victim: `victim` does the deed when the folder is named in the
//! environment, and is an empty test otherwise.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use oathctl_core::journal::{CallId, Journal, StepKind};
use oathctl_core::token::RunId;
use oathctl_store::{AuditFilter, RunLock, Store, StoreError, StoreLocation};

use crate::both::on_both;
use crate::desk::{Desk, audited};
use crate::fixture::{self, T0};

const FOLDER: &str = "OATHCTL_STORE_TEST_FOLDER";
const STORE: &str = "OATHCTL_STORE_TEST_STORE";
const READY: &str = "victim is ready";

#[expect(clippy::disallowed_methods, reason = "the victim is this test binary")]
fn start_victim(desk: &Desk) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::victim", "--nocapture"])
        .env(FOLDER, desk.folder.path())
        .env(STORE, desk.text())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.contains(READY));
    assert!(ready, "the victim ended early: {:?}", child.wait());
    child
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the victim talks with the test that kills it")]
async fn victim() {
    let Some(folder) = std::env::var_os(FOLDER).map(std::path::PathBuf::from) else { return };
    let mut lock = RunLock::take(&folder, &fixture::tenant()).unwrap();
    let location = StoreLocation::parse(&std::env::var(STORE).unwrap()).unwrap();
    let store = audited(Store::open(&location).await.unwrap(), &folder);
    lock.hold_in(&store, &fixture::tenant()).await.unwrap();
    let run = RunId::new("r1");
    Journal::open(&store, &fixture::head("r1", 40)).await.unwrap();
    fixture::call(&store, &run, 1, StepKind::Create, 0..20).await;
    let intents = fixture::intents(20..40, StepKind::Create);
    store.intend(&run, CallId(2), StepKind::Create, T0, &intents).await.unwrap();
    println!("{READY}");
    // Held open until the kill, or until the test is gone.
    let _ = std::io::stdin().read(&mut [0]);
    std::process::abort();
}

pub fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn a_killed_run_leaves_its_last_call_unobserved(desk: Desk) {
    kill(start_victim(&desk));
    let store = desk.open().await;
    store.check().await.unwrap();
    let died = store.latest_unfinished(Some(&fixture::tenant()), Some("ab12")).await.unwrap().unwrap();
    let record = store.run(&died.run).await.unwrap().unwrap();
    assert_eq!(record.end, None);
    assert_eq!(record.calls.len(), 2);
    assert_eq!(record.calls[0].observed, Some(fixture::states(0..20)));
    assert_eq!(record.calls[1].observed, None);
    assert_eq!(record.calls[1].intents, fixture::intents(20..40, StepKind::Create));
}

/// No record lost, none doubled: a run's opening, and for each call its intent and, where it came back, its outcome.
async fn h29_a_kill_leaves_a_whole_chain_that_goes_on(desk: Desk) {
    kill(start_victim(&desk));
    let store = desk.open().await;
    let found = store.audit().verify(&[]).await.unwrap();
    assert_eq!((found.records, found.broken_at()), (4, None));
    let records = store.audit().list(&AuditFilter::default()).await.unwrap();
    let kinds: Vec<_> = records.iter().map(|record| record.kind.as_str()).collect();
    assert_eq!(kinds, ["run_opened", "call_intended", "call_observed", "call_intended"]);
    store.observed(&RunId::new("r1"), CallId(2), &fixture::states(20..40)).await.unwrap();
    let found = store.audit().verify(&[]).await.unwrap();
    assert_eq!((found.records, found.broken_at()), (5, None));
}

async fn an_aborting_process_leaves_the_same(desk: Desk) {
    let mut child = start_victim(&desk);
    drop(child.stdin.take());
    assert!(!child.wait().unwrap().success());
    let record = desk.open().await.run(&RunId::new("r1")).await.unwrap().unwrap();
    assert_eq!(record.calls.iter().map(|call| call.observed.is_some()).collect::<Vec<_>>(), [true, false]);
}

async fn the_lock_names_its_holder_and_dies_with_it(desk: Desk) {
    let child = start_victim(&desk);
    let busy = RunLock::take(desk.folder.path(), &fixture::tenant()).unwrap_err();
    assert_eq!(busy, StoreError::Busy { holder: format!("pid {}", child.id()) });
    kill(child);
    assert!(RunLock::take(desk.folder.path(), &fixture::tenant()).is_ok());
}

async fn a_run_under_way_is_read_by_others(desk: Desk) {
    let child = start_victim(&desk);
    let store = desk.open().await;
    assert_eq!(store.runs().await.unwrap().len(), 1);
    assert_eq!(store.run(&RunId::new("r1")).await.unwrap().unwrap().calls.len(), 2);
    kill(child);
}

/// On a server the lock goes with the session, a moment after the process.
#[tokio::test]
async fn a_servers_lock_dies_with_its_holder_on_another_machine() {
    let Some(desk) = Desk::postgres() else { return };
    let here = tempfile::tempdir().unwrap();
    let child = start_victim(&desk);
    let store = desk.open().await;
    let mut lock = RunLock::take(here.path(), &fixture::tenant()).unwrap();
    let busy = lock.hold_in(&store, &fixture::tenant()).await.unwrap_err();
    assert_eq!(busy, StoreError::Busy { holder: format!("pid {} at 127.0.0.1", child.id()) });
    kill(child);
    crate::server::until_held(&mut lock, &store).await;
}

on_both!(
    a_killed_run_leaves_its_last_call_unobserved,
    h29_a_kill_leaves_a_whole_chain_that_goes_on,
    an_aborting_process_leaves_the_same,
    the_lock_names_its_holder_and_dies_with_it,
    a_run_under_way_is_read_by_others,
);
