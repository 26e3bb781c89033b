//! What a vault costs in time and memory: `cargo run --release -p oathctl-store --example vault_load [TOKENS]`, in a
//! new file, or with `OATHCTL_STORE=postgres://…` in the (empty) store it names.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use oathctl_core::time::{Entropy, Utc};
use oathctl_core::token::{Hash, OtpKind};
use oathctl_store::vault::{NewSeed, NewUnlocker, Opener, Owner, Parameters, Vault, new_key_file};
use oathctl_store::{Store, StoreLocation};
use std::sync::Arc;
use std::time::Instant;

/// Not random, and not meant for anything but this.
struct Counting(std::sync::atomic::AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        for piece in buf.chunks_mut(8) {
            let n = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed);
            let mixed = (n ^ (n >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            piece.copy_from_slice(&mixed.to_be_bytes()[..piece.len()]);
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tokens: usize = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let named = std::env::var("OATHCTL_STORE").ok();
    let file = format!("sqlite:{}", folder.path().join("oathctl.db").display());
    let store = Store::open(&StoreLocation::parse(&named.unwrap_or(file))?).await?;
    let entropy: Arc<dyn Entropy> = Arc::new(Counting(1.into()));
    let key = new_key_file(&*entropy);
    let owner = Owner::KeyFile(key.clone());
    let desk = NewUnlocker { name: "desk".into(), owner, opens_sealed: true };
    let at = Utc::from_unix_secs(1_790_000_000);
    let mut vault = Vault::init(&store, &[desk], at, entropy.clone()).await?;

    let mut seeds = vec![[0u8; 20]; tokens];
    seeds.iter_mut().for_each(|seed| entropy.fill(seed));
    let serials: Vec<String> =
        (0..tokens).map(|n| format!("{:013}", 1_200_000_000_000u64 + n as u64)).collect();
    let parameters = Parameters { kind: OtpKind::Totp, hash: Hash::Sha1, digits: 6, period_secs: 30 };
    let news: Vec<NewSeed<'_>> = serials
        .iter()
        .zip(&seeds)
        .map(|(serial, seed)| NewSeed { serial, maker: "Examplar", model: "XT-1", parameters, seed })
        .collect();
    let timed = |what: &str, begun: Instant| println!("{what:<44} {:>8.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let done = vault.import(&news, at).await?;
    timed(&format!("import of {} seeds, read back", done.added.len()), begun);
    drop(vault);
    let begun = Instant::now();
    let vault = Vault::open(&store, &Opener::KeyFile(key), entropy).await?;
    timed("open", begun);
    let begun = Instant::now();
    let found = vault.verify().await?;
    timed(&format!("verify: {} opened", found.opened), begun);
    let begun = Instant::now();
    println!("{:<44} {:>8} tokens", "list", Vault::list(&store).await?.len());
    timed("list", begun);
    let begun = Instant::now();
    let backup = store.backup(&folder.path().join("backup")).await?;
    timed(&format!("backup of {} seeds", backup.seeds), begun);
    let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |it| it.len());
    let (database, keys) = (bytes("backup/oathctl.db") / 1000, bytes("backup/oathctl.vault-keys") / 1000);
    println!("as a file: database {database} kB, key file {keys} kB");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak}");
    Ok(())
}
