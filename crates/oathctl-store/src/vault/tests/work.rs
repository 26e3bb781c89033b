//! What a passphrase costs whoever tries one: the same work, whether it is right or wrong. Counted, not timed.

use super::super::unlocker::hashed;
use super::*;

/// The passphrases hashed while this is tried.
async fn work(bench: &Bench, words: &str) -> (u32, Option<VaultError>) {
    let before = hashed();
    let error = Vault::open(&bench.store, &Opener::Passphrase(text(words)), entropy()).await.err();
    (hashed() - before, error)
}

async fn h26_a_wrong_passphrase_is_as_much_work_as_a_right_one(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let refused = Some(VaultError::NoUnlocker { kind: "passphrase" });
    assert_eq!(work(&bench, "first words").await, (0, refused), "the header says so in clear");
    for (n, words) in (1..).zip(["first words", "second words"]) {
        vault.add_unlocker(&unlocker(words, Owner::Passphrase(text(words))), AT).await.unwrap();
        for tried in ["first words", "second words", "wrong words"] {
            let is_right = tried == "first words" || n == 2 && tried == "second words";
            let expected = if is_right { None } else { Some(VaultError::Refused) };
            assert_eq!(work(&bench, tried).await, (n, expected), "{tried:?} at {n}");
        }
    }
}

on_both!(h26_a_wrong_passphrase_is_as_much_work_as_a_right_one);
