//! Seeds lent to a run.

use oathctl_core::seed::{SeedError, SeedKey, SeedSource};

use super::*;

fn lent_seed(lent: &Lent, key: u32) -> Result<Vec<u8>, SeedError> {
    let mut found = Vec::new();
    lent.with_seed_for_code(SeedKey(key), &mut |seed| found = seed.to_vec())?;
    Ok(found)
}

async fn seeds_are_lent_by_their_place_and_every_use_is_counted(desk: Desk) {
    let (_bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1", "A-2", "A-3"]).await;
    let lent = vault.lend(&[tokens[2], tokens[0]]).await.unwrap();
    assert!(lent.lacking().is_empty());
    assert_eq!(vault.doors.count(Door::Code), 0, "lending is no use yet");
    assert_eq!(lent_seed(&lent, 0).unwrap(), seed(3));
    assert_eq!(lent_seed(&lent, 1).unwrap(), seed(1));
    assert_eq!(lent_seed(&lent, 2), Err(SeedError::NotHeld));
    lent.with_seed(SeedKey(0), &mut |_| ()).unwrap();
    assert_eq!((vault.doors.count(Door::Code), vault.doors.count(Door::Import)), (2, 1));
    assert_eq!(lent.token(SeedKey(0)).unwrap().serial, "A-3");
    let renamed = vault.lend_as(&[(SeedKey(7), tokens[1])]).await.unwrap();
    assert_eq!(lent_seed(&renamed, 7).unwrap(), seed(2));
    assert_eq!(format!("{lent:?}"), "Lent(2 seeds, ***)");
}

async fn what_is_sealed_or_forgotten_is_named_and_not_lent(desk: Desk) {
    let bench = Bench::new(desk).await;
    let stock_only =
        NewUnlocker { name: "desk".into(), owner: Owner::KeyFile(key_file()), opens_sealed: false };
    let safe = Pair::generate();
    let unlockers = [stock_only, unlocker("safe", Owner::Age(safe.recipient.clone()))];
    let mut vault = Vault::init(&bench.store, &unlockers, AT, entropy()).await.unwrap();
    let tokens = keep(&mut vault, &["A-1", "A-2", "A-3"]).await;
    vault.hand_out(&tokens[..1], AT).await.unwrap();
    vault.forget(&tokens[1..2], AT).await.unwrap();

    let desk = bench.open().await.unwrap();
    let lent = desk.lend(&tokens).await.unwrap();
    assert_eq!(lent.lacking(), [(SeedKey(0), Lack::Sealed), (SeedKey(1), Lack::NotHeld)]);
    assert_eq!(lent_seed(&lent, 0), Err(SeedError::NotHeld));
    assert_eq!(lent_seed(&lent, 2).unwrap(), seed(3));

    let safe = Vault::open(&bench.store, &Opener::Age(safe.identity.clone()), entropy()).await.unwrap();
    let lent = safe.lend(&tokens).await.unwrap();
    assert_eq!(lent.lacking(), [(SeedKey(1), Lack::NotHeld)]);
    assert_eq!(lent_seed(&lent, 0).unwrap(), seed(1));
}

async fn an_altered_row_is_told_before_anything_is_lent(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    bench.sql("UPDATE vault_seeds SET digits = 8 WHERE serial = 'A-2'").await;
    assert!(matches!(vault.lend(&tokens).await.err(), Some(VaultError::Tampered { .. })));
    assert_eq!(lent_seed(&vault.lend(&tokens[..1]).await.unwrap(), 0).unwrap(), seed(1));
}

async fn a_run_goes_on_with_what_it_was_lent(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1"]).await;
    let lent = vault.lend(&tokens).await.unwrap();
    let mut other = bench.open().await.unwrap();
    other.rekey(AT).await.unwrap();
    assert_eq!(lent_seed(&lent, 0).unwrap(), seed(1));
}

/// More than one statement's worth.
async fn many_seeds_are_lent_whole(desk: Desk) {
    let (_bench, mut vault) = Bench::with_vault(desk).await;
    let serials: Vec<String> = (0..450).map(|n| format!("M-{n:04}")).collect();
    let seeds: Vec<[u8; 20]> = (0..450_u16).map(|n| [n.to_be_bytes()[1] ^ n.to_be_bytes()[0]; 20]).collect();
    let news: Vec<NewSeed<'_>> = serials.iter().zip(&seeds).map(|(serial, seed)| new(serial, seed)).collect();
    let added = vault.import(&news, AT).await.unwrap().added;
    let tokens: Vec<TokenKey> = added.iter().map(|(_, token)| *token).collect();
    let lent = vault.lend(&tokens).await.unwrap();
    for (n, seed) in (0..).zip(&seeds) {
        assert_eq!(lent_seed(&lent, n).unwrap(), seed);
    }
}

on_both!(
    seeds_are_lent_by_their_place_and_every_use_is_counted,
    what_is_sealed_or_forgotten_is_named_and_not_lent,
    an_altered_row_is_told_before_anything_is_lent,
    a_run_goes_on_with_what_it_was_lent,
    many_seeds_are_lent_whole,
);
