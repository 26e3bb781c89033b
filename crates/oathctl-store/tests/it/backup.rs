//! Backups: whole, private, and good for either kind of store.

use std::path::PathBuf;

use oathctl_core::journal::{Journal, StepKind};
use oathctl_core::token::{RunId, TenantId};
use oathctl_store::vault::VaultError;
use oathctl_store::{Backup, Store, StoreError};

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0, device};

fn backup_of(desk: &Desk) -> PathBuf {
    desk.folder.path().join("backup")
}

/// Two runs, one of them ended, and a refused code.
async fn lived_in(desk: &Desk) -> Store {
    let store = desk.open().await;
    Journal::open(&store, &fixture::head("r1", 40)).await.unwrap();
    fixture::call(&store, &RunId::new("r1"), 1, StepKind::Create, 0..20).await;
    Journal::close(&store, &RunId::new("r1"), &fixture::end(40, 0, true)).await.unwrap();
    Journal::open(&store, &fixture::head("r2", 1)).await.unwrap();
    store.note_refusals(&TenantId::new("t"), &[(device(1), T0)]).await.unwrap();
    store
}

async fn same_in(store: &Store, other: &Store) {
    assert_eq!(store.runs().await.unwrap(), other.runs().await.unwrap());
    for run in ["r1", "r2"] {
        let run = RunId::new(run);
        assert_eq!(store.run(&run).await.unwrap(), other.run(&run).await.unwrap());
    }
    let refusals = other.refusals_since(&TenantId::new("t"), &[device(1)], T0).await.unwrap();
    assert_eq!(refusals.get(&device(1)), Some(&1));
}

async fn restored_into_either_kind_it_is_the_same(desk: Desk) {
    let store = lived_in(&desk).await;
    let done = store.backup(&backup_of(&desk)).await.unwrap();
    let last_run = store.runs().await.unwrap().iter().map(|run| run.started_at).max();
    assert_eq!(done, Backup { runs: 2, last_run, ..Backup::default() });
    for target in [Some(Desk::sqlite()), Desk::postgres()].into_iter().flatten() {
        let fresh = target.open().await;
        let scratch = target.folder.path().join("scratch");
        assert_eq!(fresh.restore(&backup_of(&desk), &scratch).await.unwrap(), done);
        same_in(&store, &fresh).await;
        assert_eq!(fresh.check().await.unwrap().runs, 2);
        // Numbers that the database gives go on where they were.
        Journal::open(&fresh, &fixture::head("r3", 1)).await.unwrap();
        assert_eq!(fresh.runs().await.unwrap()[0].run, RunId::new("r3"));
        let again = fresh.restore(&backup_of(&desk), &scratch).await;
        assert_eq!(again, Err(VaultError::Store(StoreError::NotEmpty { what: "the store" })));
    }
}

async fn a_backup_is_a_store_by_itself_and_ours_alone(desk: Desk) {
    let store = lived_in(&desk).await;
    let folder = backup_of(&desk);
    store.backup(&folder).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["oathctl.db"], "no log, no index");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("oathctl.db"))), (0o700, 0o600));
    }
    let file = oathctl_store::StoreLocation::sqlite(folder.join("oathctl.db"));
    same_in(&store, &Store::open(&file).await.unwrap()).await;
}

async fn nothing_is_written_over(desk: Desk) {
    let store = lived_in(&desk).await;
    let folder = backup_of(&desk);
    std::fs::create_dir(&folder).unwrap();
    store.backup(&folder).await.unwrap();
    let before = std::fs::read(folder.join("oathctl.db")).unwrap();
    let again = store.backup(&folder).await;
    assert_eq!(again, Err(VaultError::Store(StoreError::NotEmpty { what: "the backup's folder" })));
    assert_eq!(std::fs::read(folder.join("oathctl.db")).unwrap(), before);
    std::fs::create_dir(desk.folder.path().join("other.part")).unwrap();
    std::fs::write(desk.folder.path().join("other.part/x"), "").unwrap();
    assert!(store.backup(&desk.folder.path().join("other")).await.is_err());
}

async fn what_is_no_backup_leaves_the_store_empty(desk: Desk) {
    let store = desk.open().await;
    let folder = desk.folder.path().join("no backup");
    let scratch = desk.folder.path().join("scratch");
    assert!(store.restore(&folder, &scratch).await.is_err(), "nothing there");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("oathctl.db"), "serial,upn\n".repeat(2_000)).unwrap();
    let refused = store.restore(&folder, &scratch).await;
    assert!(matches!(refused, Err(VaultError::Store(StoreError::Damaged { .. }))), "{refused:?}");
    assert_eq!(store.runs().await.unwrap(), []);
}

on_both!(
    restored_into_either_kind_it_is_the_same,
    a_backup_is_a_store_by_itself_and_ours_alone,
    nothing_is_written_over,
    what_is_no_backup_leaves_the_store_empty,
);
