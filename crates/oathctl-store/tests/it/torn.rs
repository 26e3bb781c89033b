//! A torn or rotten end of the write-ahead log: the journal opens and holds a prefix of what was written.

use std::path::{Path, PathBuf};

use oathctl_core::journal::{CallId, Journal, RunRecord, StepKind};
use oathctl_core::token::RunId;
use oathctl_store::{AuditFilter, Store, StoreLocation};

use crate::desk::{Desk, audited};
use crate::fixture::{self, T0};

/// Database and log as they lay on the disk, and every state the run went through.
struct Scene {
    desk: Desk,
    database: Vec<u8>,
    log: Vec<u8>,
    states: Vec<Option<RunRecord>>,
    copies: std::cell::Cell<u32>,
}

fn run() -> RunId {
    RunId::new("r1")
}

impl Scene {
    /// The store stays open while its files are taken, as if the power went.
    async fn play() -> Self {
        let desk = Desk::sqlite();
        let store = desk.open().await;
        let mut states = vec![None];
        Journal::open(&store, &fixture::head("r1", 60)).await.unwrap();
        states.push(store.run(&run()).await.unwrap());
        for call in 1..=3_u32 {
            let rows = (call - 1) * 20..call * 20;
            let intents = fixture::intents(rows.clone(), StepKind::Create);
            store.intend(&run(), CallId(call.into()), StepKind::Create, T0, &intents).await.unwrap();
            states.push(store.run(&run()).await.unwrap());
            store.observed(&run(), CallId(call.into()), &fixture::states(rows)).await.unwrap();
            states.push(store.run(&run()).await.unwrap());
        }
        let read = |name: &str| std::fs::read(desk.folder.path().join(name)).unwrap();
        let (database, log) = (read("oathctl.db"), read("oathctl.db-wal"));
        store.close().await;
        Self { desk, database, log, states, copies: 0.into() }
    }

    fn copy(&self, log: &[u8]) -> PathBuf {
        self.copies.set(self.copies.get() + 1);
        let folder = self.desk.folder.path().join(format!("copy{}", self.copies.get()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("oathctl.db"), &self.database).unwrap();
        std::fs::write(folder.join("oathctl.db-wal"), log).unwrap();
        folder
    }

    /// Which of the states a store with this log shows; fails when it is none of them.
    async fn state_after(&self, log: &[u8]) -> usize {
        let folder = self.copy(log);
        let found = read_run(&folder).await;
        std::fs::remove_dir_all(&folder).unwrap();
        let state = self.states.iter().position(|state| *state == found);
        assert!(state.is_some(), "a state that never was: {found:?}");
        state.unwrap()
    }
}

async fn read_run(folder: &Path) -> Option<RunRecord> {
    let store = Store::open(&StoreLocation::sqlite(folder.join("oathctl.db"))).await.unwrap();
    store.check().await.unwrap();
    let found = store.run(&run()).await.unwrap();
    // The audit of the same moment: as many calls intended and answered as the journal has.
    let records = store.audit().list(&AuditFilter::default()).await.unwrap();
    let of = |kind: &str| records.iter().filter(|record| record.kind == kind).count();
    let calls = found.as_ref().map_or(&[][..], |record| &record.calls);
    let answered = calls.iter().filter(|call| call.observed.is_some()).count();
    assert_eq!((of("call_intended"), of("call_observed")), (calls.len(), answered));
    store.close().await;
    found
}

#[tokio::test]
async fn a_log_cut_anywhere_holds_a_prefix() {
    let scene = Scene::play().await;
    let last = scene.states.len() - 1;
    assert_eq!(scene.state_after(&scene.log).await, last, "the whole log holds the whole run");

    // From the whole log down to nothing: dense at the end, where writes tear, coarse before.
    let mut cut = scene.log.len();
    let mut at = last;
    let mut seen = std::collections::BTreeSet::from([last]);
    while cut > 0 {
        cut = cut.saturating_sub(if cut + 12_000 > scene.log.len() { 509 } else { 4_099 });
        let state = scene.state_after(&scene.log[..cut]).await;
        assert!(state <= at, "a shorter log can not hold more");
        at = state;
        seen.insert(state);
    }
    assert_eq!(at, 0, "without the log there is no run");
    assert!(seen.len() > 4, "the cuts met many states: {seen:?}");
}

#[tokio::test]
async fn rot_in_the_last_frames_is_never_read_as_data() {
    let scene = Scene::play().await;
    let last = scene.states.len() - 1;
    let length = scene.log.len();
    for back in (1..9_000).step_by(701) {
        let mut rotten = scene.log.clone();
        rotten[length - back] ^= 0x40;
        let state = scene.state_after(&rotten).await;
        assert!(state < last, "a byte flipped {back} before the end");
    }
    let mut zeros = scene.log.clone();
    zeros[length - 6_000..].fill(0);
    assert!(scene.state_after(&zeros).await < last);
}

#[tokio::test]
async fn a_journal_goes_on_after_a_torn_write() {
    let scene = Scene::play().await;
    let folder = scene.copy(&scene.log[..scene.log.len() - 100]);
    let store = Store::open(&StoreLocation::sqlite(folder.join("oathctl.db"))).await.unwrap();
    let store = audited(store, scene.desk.folder.path());
    let before = store.run(&run()).await.unwrap().unwrap();
    assert_eq!(before.calls.last().unwrap().observed, None, "the torn record was an answer");
    store.observed(&run(), CallId(3), &fixture::states(40..60)).await.unwrap();
    assert_eq!(store.run(&run()).await.unwrap(), *scene.states.last().unwrap());
    store.check().await.unwrap();
}
