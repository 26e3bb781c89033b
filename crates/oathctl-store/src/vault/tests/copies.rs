//! Old copies of a vault, and backups: what they give back, and how they are told from what is here now.

use super::*;

async fn h27_forgetting_holds_for_the_live_store_and_not_for_old_copies(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    let row = rows::one(&bench.store, &tokens[0]).await.unwrap().unwrap();
    let old_keys = bench.keys().await;
    let backup = bench.desk.folder.path().join("backup");
    bench.store.backup(&backup).await.unwrap();
    bench.store.clean_up().await.unwrap();
    assert!(memmem(&bench.on_disk().await, &row.sealed).is_some(), "the search finds what is there");

    vault.forget(&tokens[..1], AT).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await, Err(VaultError::NotHeld));
    assert_eq!(vault.forget(&tokens[..1], AT).await, Err(VaultError::NotHeld));
    assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    let live = bench.on_disk().await;
    assert!(memmem(&live, &row.sealed).is_none(), "the sealed seed is left");
    assert!(memmem(&live, &row.key_id).is_none(), "its key is left");
    drop(vault);

    // One old half does not help, and is told.
    bench.put_keys(&old_keys).await;
    assert_eq!(bench.open().await.err(), Some(VaultError::Older { half: "key file" }));
    // Both old halves and an unlocker of that time do.
    let store = Store::open(&StoreLocation::sqlite(backup.join("oathctl.db"))).await.unwrap();
    let vault = Vault::open(&store, &Opener::KeyFile(key_file()), entropy()).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

/// Somebody reads an older state of the database, and nothing of the vault: a rewriting would keep for him what he could see.
#[tokio::test]
async fn h27_forgetting_on_a_server_waits_for_who_reads_an_older_state() {
    let Some(desk) = Desk::postgres() else { return };
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    let (token, row) = (tokens[0], rows::one(&bench.store, &tokens[0]).await.unwrap().unwrap());
    let mut reader = bench.store.db().snapshot().await.unwrap();
    let runs = Sql::new("SELECT count(*) FROM runs").value::<i64>(&mut reader);
    assert_eq!(runs.await.unwrap(), 0);
    let forgetting = tokio::spawn(async move { vault.forget(&[token], AT).await });
    while rows::one(&bench.store, &token).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    drop(reader);
    forgetting.await.unwrap().unwrap();
    assert!(memmem(&bench.on_disk().await, &row.sealed).is_none(), "the sealed seed is left");
}

async fn an_old_database_under_a_newer_key_half_is_told(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    keep(&mut vault, &["A-1"]).await;
    bench.store.check().await.unwrap();
    bench.sql("CREATE TABLE older AS SELECT * FROM vault_meta").await;
    keep(&mut vault, &["A-1", "A-2"]).await;
    vault.rekey(AT).await.unwrap();
    bench.sql("UPDATE vault_meta SET generation = (SELECT generation FROM older)").await;
    assert_eq!(bench.open().await.err(), Some(VaultError::Older { half: "database" }));
    assert_eq!(bench.store.check().await.err(), Some(VaultError::Older { half: "database" }));
    bench.sql("DELETE FROM vault_meta").await;
    assert_eq!(bench.open().await.err(), Some(VaultError::Older { half: "database" }));
}

async fn a_backup_holds_both_halves_of_one_moment(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    let backup = bench.desk.folder.path().join("backup");
    let done = bench.store.backup(&backup).await.unwrap();
    assert_eq!((done.seeds, done.has_vault), (2, true));
    let generation = bench.store.check().await.unwrap().vault_generation;
    keep(&mut vault, &["A-1", "A-2", "A-3"]).await;
    assert_ne!(bench.store.check().await.unwrap().vault_generation, generation);
    for desk in [Some(Desk::sqlite()), Desk::postgres()].into_iter().flatten() {
        let other = Bench::new(desk).await;
        other.store.restore(&backup, &other.desk.folder.path().join("scratch")).await.unwrap();
        assert_eq!(other.store.check().await.unwrap().vault_generation, generation);
        let vault = other.open().await.unwrap();
        assert_eq!(vault.verify().await.unwrap(), Verified { opened: 2, sealed: 0, forgotten: 0 });
        assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    }
}

async fn a_store_with_another_vault_takes_no_backup(desk: Desk) {
    let (bench, _vault) = Bench::with_vault(Desk::sqlite()).await;
    let backup = bench.desk.folder.path().join("backup");
    bench.store.backup(&backup).await.unwrap();
    let other = Bench::new(desk).await;
    let scratch = other.desk.folder.path().join("scratch");
    other.put_keys(b"what was here before").await;
    let refused = other.store.restore(&backup, &scratch).await;
    assert_eq!(refused, Err(VaultError::Store(crate::StoreError::NotEmpty { what: "the vault" })));
    assert_eq!(other.keys().await, b"what was here before");
    // What an attempt left that died between the halves is the same key half, and may stay.
    other.put_keys(&bench.keys().await).await;
    other.store.restore(&backup, &scratch).await.unwrap();
    other.open().await.unwrap();
}

async fn h27_a_backup_apart_needs_both_its_halves(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1"]).await;
    let place = |name: &str| bench.desk.folder.path().join(name);
    let (backup, keys) = (place("backup"), place("keys elsewhere"));
    let done = bench.store.backup_apart(&backup, &keys).await.unwrap();
    assert_eq!((done.seeds, done.has_vault, done.vault_changed), (1, true, Some(AT)));
    assert!(!backup.join("oathctl.vault-keys").exists());
    let again = bench.store.backup_apart(&place("another"), &keys).await;
    let taken = crate::StoreError::NotEmpty { what: "the backup's key file" };
    assert_eq!(again, Err(VaultError::Store(taken)));
    assert!(!place("another").exists());
    keep(&mut vault, &["A-1", "A-2"]).await;
    vault.rekey(AT).await.unwrap();
    bench.store.backup_apart(&place("later"), &place("later keys")).await.unwrap();

    for desk in [Some(Desk::sqlite()), Desk::postgres()].into_iter().flatten() {
        let other = Bench::new(desk).await;
        let scratch = other.desk.folder.path().join("scratch");
        let without = other.store.restore(&backup, &scratch).await;
        assert_eq!(without, Err(VaultError::NoKeys));
        let crossed = other.store.restore_with(&backup, Some(&place("later keys")), &scratch).await;
        assert_eq!(crossed, Err(VaultError::Older { half: "database" }));
        assert!(!Place::of(&other.store).exists().await.unwrap(), "nothing was written");
        other.store.restore_with(&backup, Some(&keys), &scratch).await.unwrap();
        assert_eq!(seed_of(&other.open().await.unwrap(), &tokens[0]).await.unwrap(), seed(1));
    }
}

on_both!(
    h27_a_backup_apart_needs_both_its_halves,
    h27_forgetting_holds_for_the_live_store_and_not_for_old_copies,
    an_old_database_under_a_newer_key_half_is_told,
    a_backup_holds_both_halves_of_one_moment,
    a_store_with_another_vault_takes_no_backup,
);
