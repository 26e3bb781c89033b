//! Opening: what is made, and what is refused.

use oathctl_core::journal::Journal;
use oathctl_store::{Store, StoreError, StoreLocation};

use crate::desk::{Desk, audited};
use crate::fixture;

#[cfg(unix)]
#[tokio::test]
async fn h23_folder_and_files_are_ours_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::sqlite();
    let path = desk.folder.path().join("state/deep/oathctl.db");
    let store = Store::open(&StoreLocation::sqlite(&path)).await.unwrap();
    let store = audited(store, path.parent().unwrap());
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    assert_eq!(store.runs().await.unwrap().len(), 1);

    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = path.parent().unwrap();
    assert_eq!((mode(folder), mode(folder.parent().unwrap())), (0o700, 0o700));
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "database, log, index and audit key: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn after_closing_everything_is_in_one_file() {
    let desk = Desk::sqlite();
    let store = desk.open().await;
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    store.close().await;
    let entries = std::fs::read_dir(desk.folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["audit.key", "oathctl.db"]);
}

#[tokio::test]
async fn what_is_no_database_is_damaged_and_left_alone() {
    let desk = Desk::sqlite();
    let path = desk.folder.path().join("oathctl.db");
    let text = "serial,upn\n".repeat(2_000);
    std::fs::write(&path, &text).unwrap();
    assert!(matches!(Store::open(&desk.location()).await, Err(StoreError::Damaged { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_damaged_page_is_told_and_not_read_as_something_else() {
    let desk = Desk::sqlite();
    let store = desk.open().await;
    Journal::open(&store, &fixture::head("r1", 200)).await.unwrap();
    store.close().await;
    let path = desk.folder.path().join("oathctl.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].chunks_mut(4096).for_each(|page| page[..64].fill(0xff));
    std::fs::write(&path, bytes).unwrap();
    let found = match Store::open(&desk.location()).await {
        Ok(store) => store.runs().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(matches!(found, Err(StoreError::Damaged { .. })), "{found:?}");
}

#[tokio::test]
async fn a_record_that_somebody_edited_is_damaged_without_being_quoted() {
    let desk = Desk::sqlite();
    let store = desk.open().await;
    let head = fixture::head("r1", 1);
    Journal::open(&store, &head).await.unwrap();
    store.close().await;
    let path = desk.folder.path().join("oathctl.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let needle = b"{\"schema\":\"oathctl.plan/1\"";
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] = b'!';
    std::fs::write(&path, bytes).unwrap();
    let error = desk.open().await.run(&head.run).await.unwrap_err();
    assert_eq!(error, StoreError::Damaged { what: "the plan of a run".into() });
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_told() {
    let desk = Desk::sqlite();
    let file = desk.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&StoreLocation::sqlite(file.join("oathctl.db"))).await.unwrap_err();
    assert!(matches!(error, StoreError::Io { what: "the store's folder", .. }), "{error:?}");
}
