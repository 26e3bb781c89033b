//! The vault's promises, each tried where it would break.

use std::path::Path;
use std::sync::Mutex;

use oathctl_core::token::{Hash, OtpKind};
use tempfile::TempDir;

use super::*;
use crate::location::StoreLocation;

/// Different bytes at every call, the same in every run.
struct Counting(Mutex<u64>);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        use sha2::Digest;
        let mut n = self.0.lock().unwrap();
        for piece in buf.chunks_mut(32) {
            *n += 1;
            piece.copy_from_slice(&sha2::Sha256::digest(n.to_be_bytes())[..piece.len()]);
        }
    }
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Counting(Mutex::new(0)))
}

const AT: Utc = Utc::from_unix_secs(1_790_000_000);

const TOTP: Parameters = Parameters { kind: OtpKind::Totp, hash: Hash::Sha1, digits: 6, period_secs: 30 };

fn text(words: &str) -> Zeroizing<String> {
    Zeroizing::new(words.to_owned())
}

fn unlocker(name: &str, owner: Owner) -> NewUnlocker {
    NewUnlocker { name: name.into(), owner, opens_sealed: true }
}

fn key_file() -> Zeroizing<String> {
    new_key_file(&Counting(Mutex::new(1000)))
}

struct Bench {
    folder: TempDir,
    store: Store,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path()).await;
        Self { folder, store }
    }

    /// With one key file as its unlocker: no passphrase, so that thousands of openings are quick.
    async fn with_vault() -> (Self, Vault) {
        let bench = Self::new().await;
        let owner = Owner::KeyFile(key_file());
        let vault = Vault::init(&bench.store, &[unlocker("desk", owner)], AT, entropy()).await.unwrap();
        (bench, vault)
    }

    async fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.store, &Opener::KeyFile(key_file()), entropy()).await
    }

    fn key_path(&self) -> std::path::PathBuf {
        self.folder.path().join("oathctl.vault-keys")
    }
}

async fn open_store(folder: &Path) -> Store {
    Store::open(&StoreLocation::sqlite(folder.join("oathctl.db"))).await.unwrap()
}

static SEEDS: [[u8; 20]; 10] =
    [[0; 20], [1; 20], [2; 20], [3; 20], [4; 20], [5; 20], [6; 20], [7; 20], [8; 20], [9; 20]];

fn seed(n: usize) -> &'static [u8] {
    &SEEDS[n]
}

fn new<'a>(serial: &'a str, seed: &'a [u8]) -> NewSeed<'a> {
    NewSeed { serial, maker: "Examplar", model: "XT-1", parameters: TOTP, seed }
}

async fn keep(vault: &mut Vault, serials: &[&str]) -> Vec<TokenKey> {
    let news: Vec<NewSeed<'_>> =
        serials.iter().enumerate().map(|(n, serial)| new(serial, seed(n + 1))).collect();
    vault.import(&news, AT).await.unwrap().added.into_iter().map(|(_, token)| token).collect()
}

async fn seed_of(vault: &Vault, token: &TokenKey) -> Result<Vec<u8>, VaultError> {
    vault.with_seed(token, Door::Code, |_, seed| seed.to_vec()).await
}

#[tokio::test]
async fn what_goes_in_comes_out_after_closing_and_opening() {
    let (bench, mut vault) = Bench::with_vault().await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    drop(vault);
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
    assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    assert_eq!(vault.doors.count(Door::Code), 2);
    assert_eq!(vault.verify().await.unwrap(), Verified { opened: 2, sealed: 0, forgotten: 0 });
    let listed = Vault::list(&bench.store).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.serial.as_str()).collect::<Vec<_>>(), ["A-1", "A-2"]);
    assert_eq!(Vault::find(&bench.store, " a-2 ").await.unwrap()[0].token, tokens[1]);
}

#[tokio::test]
async fn known_seeds_stay_and_contradictions_are_told() {
    let (_bench, mut vault) = Bench::with_vault().await;
    let tokens = keep(&mut vault, &["A-1"]).await;
    let sha256 = Parameters { hash: Hash::Sha256, ..TOTP };
    let again = [
        new("a-1", seed(1)),
        new("A-1", seed(9)),
        NewSeed { parameters: sha256, ..new("A-1", seed(1)) },
        NewSeed { maker: "Another", ..new("A-1", seed(7)) },
        new("A-3", &[]),
        new("", seed(3)),
        new("A-4", seed(4)),
        new("A-4", seed(4)),
        new("A-4", seed(5)),
    ];
    let done = vault.import(&again, AT).await.unwrap();
    assert_eq!(done.known, [(0, tokens[0])]);
    assert_eq!(done.conflicts, [1, 2, 8]);
    assert_eq!(done.refused, [4, 5]);
    assert_eq!(done.added.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 6]);
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

#[tokio::test]
async fn every_kind_of_unlocker_opens_and_nothing_else_does() {
    let bench = Bench::new().await;
    let pair = Pair::generate();
    let unlockers = [
        unlocker("words", Owner::Passphrase(text("correct horse"))),
        unlocker("desk", Owner::KeyFile(key_file())),
        unlocker("safe", Owner::Age(pair.recipient.clone())),
    ];
    let mut vault = Vault::init(&bench.store, &unlockers, AT, entropy()).await.unwrap();
    let tokens = keep(&mut vault, &["A-1"]).await;
    let openers = [
        Opener::Passphrase(text("correct horse")),
        Opener::KeyFile(key_file()),
        Opener::Age(pair.identity.clone()),
    ];
    for opener in &openers {
        let opened = Vault::open(&bench.store, opener, entropy()).await.unwrap();
        assert_eq!(seed_of(&opened, &tokens[0]).await.unwrap(), seed(1), "{opener:?}");
    }
    let strangers = [
        Opener::Passphrase(text("correct horse ")),
        Opener::KeyFile(new_key_file(&Counting(Mutex::new(7)))),
        Opener::Age(Pair::generate().identity),
    ];
    for opener in &strangers {
        assert_eq!(Vault::open(&bench.store, opener, entropy()).await.err(), Some(VaultError::Refused));
    }
    assert!(matches!(
        Vault::open(&bench.store, &Opener::KeyFile(text("rubbish")), entropy()).await.err(),
        Some(VaultError::Unusable { .. })
    ));
    assert_eq!(Vault::init(&bench.store, &unlockers, AT, entropy()).await.err(), Some(VaultError::Exists));
}

#[tokio::test]
async fn h26_any_altered_byte_of_the_key_file_is_refused() {
    let (bench, mut vault) = Bench::with_vault().await;
    keep(&mut vault, &["A-1", "A-2"]).await;
    drop(vault);
    let whole = std::fs::read(bench.key_path()).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x01;
        std::fs::write(bench.key_path(), &bytes).unwrap();
        let error = bench.open().await.err();
        assert!(error.is_some(), "byte {at} of {} may be altered", whole.len());
    }
    for length in (0..whole.len()).step_by(7) {
        std::fs::write(bench.key_path(), &whole[..length]).unwrap();
        assert!(bench.open().await.is_err(), "cut off at {length}");
    }
    std::fs::write(bench.key_path(), [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(bench.open().await.is_err(), "one byte too many");
    std::fs::write(bench.key_path(), &whole).unwrap();
    bench.open().await.unwrap();
}

#[tokio::test]
async fn h25_a_row_that_was_altered_or_moved_does_not_open() {
    let (bench, mut vault) = Bench::with_vault().await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    for (what, sql) in [
        ("another serial", "UPDATE vault_seeds SET serial_key = 'A-9' WHERE serial = 'A-1'"),
        ("another hash", "UPDATE vault_seeds SET hash = 'sha256' WHERE serial = 'A-1'"),
        ("another period", "UPDATE vault_seeds SET period = 60 WHERE serial = 'A-1'"),
        ("other digits", "UPDATE vault_seeds SET digits = 8 WHERE serial = 'A-1'"),
        ("another version", "UPDATE vault_seeds SET version = 2 WHERE serial = 'A-1'"),
        (
            "the neighbour's seed",
            "UPDATE vault_seeds SET sealed = (SELECT sealed FROM vault_seeds WHERE serial = 'A-2') WHERE serial = 'A-1'",
        ),
    ] {
        let copy = "CREATE TABLE copy AS SELECT * FROM vault_seeds";
        sqlx::query(copy).execute(bench.store.writer()).await.unwrap();
        sqlx::query(sql).execute(bench.store.writer()).await.unwrap();
        let opened = seed_of(&vault, &tokens[0]).await;
        assert!(matches!(opened, Err(VaultError::Tampered { .. })), "{what}: {opened:?}");
        for sql in
            ["DELETE FROM vault_seeds", "INSERT INTO vault_seeds SELECT * FROM copy", "DROP TABLE copy"]
        {
            sqlx::query(sql).execute(bench.store.writer()).await.unwrap();
        }
    }
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

#[tokio::test]
async fn h26_a_removed_unlocker_opens_nothing_that_is_here_now() {
    let (bench, mut vault) = Bench::with_vault().await;
    let words = unlocker("leaver", Owner::Passphrase(text("leaver's words")));
    vault.add_unlocker(&words, AT).await.unwrap();
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    vault.hand_out(&tokens[1..], AT).await.unwrap();
    let theirs = std::fs::read(bench.key_path()).unwrap();

    vault.remove_unlocker("leaver", AT).await.unwrap();
    assert_eq!(vault.unlockers().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["desk"]);
    let opener = Opener::Passphrase(text("leaver's words"));
    let refused = Vault::open(&bench.store, &opener, entropy()).await.err();
    assert_eq!(refused, Some(VaultError::NoUnlocker { kind: "passphrase" }));
    // His copy of the key file beside the database of now: told as older, and its keys fit no row.
    let (Secrets { vault: key, .. }, _) = KeyFile::header_of(&theirs).unwrap().open(&opener).unwrap();
    let old = KeyFile::from_bytes(&theirs, &key).unwrap();
    for row in rows::page(&bench.store, None).await.unwrap() {
        assert!(!old.keys.contains_key(&row.key_id));
    }
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
    assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    assert_eq!(vault.compartment(&tokens[1]).await.unwrap(), Some(Compartment::Sealed));
}

#[tokio::test]
async fn h26_the_last_unlocker_stays() {
    let (_bench, mut vault) = Bench::with_vault().await;
    assert_eq!(vault.remove_unlocker("desk", AT).await, Err(VaultError::LastUnlocker));
    let stock = NewUnlocker { opens_sealed: false, ..unlocker("day", Owner::Passphrase(text("x"))) };
    vault.add_unlocker(&stock, AT).await.unwrap();
    assert_eq!(vault.remove_unlocker("desk", AT).await, Err(VaultError::LastUnlocker));
    let unknown = VaultError::UnknownUnlocker { given: "nobody".into() };
    assert_eq!(vault.remove_unlocker("nobody", AT).await, Err(unknown));
}

#[tokio::test]
async fn h28_who_opens_the_stock_can_seal_but_not_read_what_is_sealed() {
    let bench = Bench::new().await;
    let recovery = Pair::generate();
    let unlockers = [
        NewUnlocker { opens_sealed: false, ..unlocker("day", Owner::KeyFile(key_file())) },
        unlocker("recovery", Owner::Age(recovery.recipient.clone())),
    ];
    drop(Vault::init(&bench.store, &unlockers, AT, entropy()).await.unwrap());
    let mut vault = bench.open().await.unwrap();
    assert!(!vault.opens_sealed());
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    vault.hand_out(&tokens[..1], AT).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await, Err(VaultError::Sealed));
    assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    assert_eq!(vault.take_back(&tokens[..1], AT).await, Err(VaultError::Sealed));
    assert_eq!(vault.rekey(AT).await, Err(VaultError::Sealed));
    assert_eq!(vault.verify().await.unwrap(), Verified { opened: 1, sealed: 1, forgotten: 0 });
    let more = unlocker("more", Owner::Passphrase(text("x")));
    assert_eq!(vault.add_unlocker(&more, AT).await, Err(VaultError::Sealed));

    let opener = Opener::Age(recovery.identity);
    let mut vault = Vault::open(&bench.store, &opener, entropy()).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
    vault.take_back(&tokens[..1], AT).await.unwrap();
    drop(vault);
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

#[tokio::test]
async fn h27_forgetting_holds_for_the_live_store_and_not_for_old_copies() {
    let (bench, mut vault) = Bench::with_vault().await;
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    let row = rows::one(&bench.store, &tokens[0]).await.unwrap().unwrap();
    bench.store.clean_up().await.unwrap();
    let old_keys = std::fs::read(bench.key_path()).unwrap();
    let old_base = std::fs::read(bench.store.path()).unwrap();

    vault.forget(&tokens[..1], AT).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await, Err(VaultError::NotHeld));
    assert_eq!(vault.forget(&tokens[..1], AT).await, Err(VaultError::NotHeld));
    assert_eq!(seed_of(&vault, &tokens[1]).await.unwrap(), seed(2));
    for name in ["oathctl.db", "oathctl.db-wal", "oathctl.vault-keys"] {
        let bytes = std::fs::read(bench.folder.path().join(name)).unwrap_or_default();
        assert!(memmem(&bytes, &row.sealed).is_none(), "the sealed seed is left in {name}");
        assert!(memmem(&bytes, &row.key_id).is_none(), "its key is left in {name}");
    }
    drop(vault);

    // One old half does not help, and is told.
    std::fs::write(bench.key_path(), &old_keys).unwrap();
    assert_eq!(bench.open().await.err(), Some(VaultError::Older { half: "key file" }));
    // Both old halves and an unlocker of that time do.
    let copy = tempfile::tempdir().unwrap();
    std::fs::write(copy.path().join("oathctl.db"), old_base).unwrap();
    std::fs::write(copy.path().join("oathctl.vault-keys"), old_keys).unwrap();
    let store = open_store(copy.path()).await;
    let vault = Vault::open(&store, &Opener::KeyFile(key_file()), entropy()).await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

#[tokio::test]
async fn an_old_database_under_a_newer_key_file_is_told() {
    let (bench, mut vault) = Bench::with_vault().await;
    keep(&mut vault, &["A-1"]).await;
    bench.store.clean_up().await.unwrap();
    let old = std::fs::read(bench.store.path()).unwrap();
    keep(&mut vault, &["A-1", "A-2"]).await;
    vault.rekey(AT).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    std::fs::write(copy.path().join("oathctl.db"), old).unwrap();
    std::fs::copy(bench.key_path(), copy.path().join("oathctl.vault-keys")).unwrap();
    let store = open_store(copy.path()).await;
    let opened = Vault::open(&store, &Opener::KeyFile(key_file()), entropy()).await;
    assert_eq!(opened.err(), Some(VaultError::Older { half: "database" }));
}

#[tokio::test]
async fn a_crash_between_the_halves_loses_nothing_that_was_kept() {
    let (bench, mut vault) = Bench::with_vault().await;
    let tokens = keep(&mut vault, &["A-1"]).await;
    // The key file was written, the database was not.
    vault.save(AT).unwrap();
    drop(vault);
    let mut vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
    let more = vault.import(&[new("A-2", seed(2))], AT).await.unwrap();
    drop(vault);
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &more.added[0].1).await.unwrap(), seed(2));
}

#[tokio::test]
async fn two_openings_see_each_others_changes() {
    let (bench, mut one) = Bench::with_vault().await;
    let mut other = bench.open().await.unwrap();
    let first = keep(&mut one, &["A-1"]).await;
    let second = other.import(&[new("A-2", seed(2))], AT).await.unwrap().added;
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &first[0]).await.unwrap(), seed(1));
    assert_eq!(seed_of(&vault, &second[0].1).await.unwrap(), seed(2));
    one.rekey(AT).await.unwrap();
    assert_eq!(other.import(&[new("A-3", seed(3))], AT).await.err(), Some(VaultError::Changed));
}

#[tokio::test]
async fn a_newer_format_is_named_and_left_alone() {
    let (bench, _vault) = Bench::with_vault().await;
    let mut bytes = std::fs::read(bench.key_path()).unwrap();
    bytes[9] = 2;
    std::fs::write(bench.key_path(), &bytes).unwrap();
    assert_eq!(bench.open().await.err(), Some(VaultError::Newer { format: 2, known: 1 }));
    assert_eq!(std::fs::read(bench.key_path()).unwrap(), bytes);
}

#[tokio::test]
async fn h26_parameters_nobody_writes_are_refused_before_any_work() {
    let bench = Bench::new().await;
    let words = unlocker("words", Owner::Passphrase(text("x")));
    drop(Vault::init(&bench.store, &[words], AT, entropy()).await.unwrap());
    let whole = std::fs::read(bench.key_path()).unwrap();
    let find = b"\"memory_kib\":65536";
    let at = memmem(&whole, find).unwrap();
    for other in [b"\"memory_kib\":65535", b"\"memory_kib\":99999"] {
        let mut bytes = whole.clone();
        bytes[at..at + find.len()].copy_from_slice(other);
        std::fs::write(bench.key_path(), &bytes).unwrap();
        let opened = Vault::open(&bench.store, &Opener::Passphrase(text("x")), entropy()).await.err();
        let expected = if other.ends_with(b"65535") { VaultError::OutOfBounds } else { VaultError::Refused };
        assert_eq!(opened, Some(expected));
    }
    let mut longer = whole.clone();
    longer.splice(at..at + find.len(), b"\"memory_kib\":999999999".iter().copied());
    longer[13] = longer[13].wrapping_add(4);
    std::fs::write(bench.key_path(), &longer).unwrap();
    let opened = Vault::open(&bench.store, &Opener::Passphrase(text("x")), entropy()).await.err();
    assert_eq!(opened, Some(VaultError::OutOfBounds));
}

#[test]
fn sealing_is_bound_and_adds_what_it_says() {
    let entropy = Counting(Mutex::new(0));
    let key = Key::random(&entropy);
    let sealed = key.seal(&entropy, b"here", b"secret");
    assert_eq!(sealed.len(), 6 + secret::OVERHEAD);
    assert_eq!(key.open(b"here", &sealed).unwrap().as_slice(), b"secret");
    assert!(key.open(b"there", &sealed).is_none());
    assert!(Key::random(&entropy).open(b"here", &sealed).is_none());
    assert!(key.open(b"here", &sealed[..10]).is_none());
}

/// RFC 5869 §A.1's construction and RFC 4231 §4.2's value hold the two derivations to their standards.
#[test]
fn check_values_are_hmac_sha_256() {
    let key = Key::from_slice(&[0x0b; 32]).unwrap();
    let expected = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7";
    assert_eq!(HEXLOWER.encode(&key.mac(b"Hi There")), expected);
}

fn memmem(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}
