//! A process that is killed while it changes the vault: both halves still fit, and what was kept is there.
//!
//! As in `kill`, the victim is this very binary; it finds its store in the environment.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use oathctl_core::time::Entropy;
use oathctl_core::token::{Hash, OtpKind};
use oathctl_store::vault::{NewSeed, NewUnlocker, Opener, Owner, Parameters, Vault, new_key_file};
use oathctl_store::{Store, StoreLocation};
use zeroize::Zeroizing;

use crate::both::on_both;
use crate::desk::{Desk, Mixed};
use crate::fixture::T0;
use crate::kill::kill;

const FILLER: &str = "OATHCTL_STORE_TEST_FILLER";

#[expect(clippy::disallowed_methods, reason = "the filler is this test binary")]
fn start_filler(desk: &Desk) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "vault_kill::filler", "--nocapture"]).env(FILLER, desk.text());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

fn key() -> Zeroizing<String> {
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(7);
        }
    }
    new_key_file(&Fixed)
}

async fn open_vault(store: &Store) -> Vault {
    Vault::open(store, &Opener::KeyFile(key()), Arc::new(Mixed)).await.unwrap()
}

/// Imports, hands out, makes new keys and forgets, over and over, and tells after each import how many must be there.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the filler talks with the test that kills it")]
async fn filler() {
    let Ok(text) = std::env::var(FILLER) else { return };
    let store = Store::open(&StoreLocation::parse(&text).unwrap()).await.unwrap();
    if !Vault::exists(&store).await.unwrap() {
        let desk = NewUnlocker { name: "desk".into(), owner: Owner::KeyFile(key()), opens_sealed: true };
        Vault::init(&store, &[desk], T0, Arc::new(Mixed)).await.unwrap();
    }
    let mut vault = open_vault(&store).await;
    let parameters = Parameters { kind: OtpKind::Totp, hash: Hash::Sha1, digits: 6, period_secs: 30 };
    for round in 0..1_000 {
        let serials: Vec<String> = (0..40).map(|n| format!("{}-{round}-{n}", std::process::id())).collect();
        let new = |serial: &'_ String| (serial.clone(), [u8::try_from(round % 251).unwrap(); 20]);
        let given: Vec<(String, [u8; 20])> = serials.iter().map(new).collect();
        let news: Vec<NewSeed<'_>> = given
            .iter()
            .map(|(serial, seed)| NewSeed { serial, maker: "", model: "", parameters, seed })
            .collect();
        let kept = vault.import(&news, T0).await.unwrap().added;
        vault.hand_out(&[kept[0].1], T0).await.unwrap();
        vault.forget(&[kept[1].1], T0).await.unwrap();
        if round % 2 == 1 {
            vault.rekey(T0).await.unwrap();
        }
        println!("kept {}", store.check().await.unwrap().seeds);
    }
    let _ = std::io::stdin().read(&mut [0]);
}

/// Killed at any moment of a vault's changes: what was kept opens, and nothing is there by half.
async fn a_vault_outlives_its_writer(desk: Desk) {
    for after in 0..5_u64 {
        let mut child = start_filler(&desk);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.by_ref().map_while(Result::ok).filter(|line| line.contains("kept "));
        let told = told.take(usize::try_from(after).unwrap() + 1).last();
        let kept: u64 = told.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        kill(child);
        let store = desk.open().await;
        // Its turn comes when a server has noticed the death, too: from then on nothing changes any more.
        open_vault(&store).await.hand_out(&[], T0).await.unwrap();
        let checked = store.check().await.unwrap();
        assert!(checked.seeds >= kept, "{} of {kept}", checked.seeds);
        let found = open_vault(&store).await.verify().await.unwrap();
        assert_eq!(found.opened + found.forgotten, checked.seeds, "every seed that is there opens");
        assert!(found.forgotten <= after + 1, "but for one a kill, which was being forgotten");
        store.close().await;
    }
}

on_both!(a_vault_outlives_its_writer);
