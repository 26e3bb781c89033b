//! The vault's promises, each tried where it would break.

mod altered;
mod copies;
mod lending;
mod work;

use std::sync::Mutex;

use oathctl_core::token::{Hash, OtpKind, serial_key};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::both::on_both;
use crate::db::{Db, Sql, Value};
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

/// A store of its own: a file in a folder, or a schema on the tests' server.
struct Desk {
    folder: TempDir,
    location: String,
}

impl Desk {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = format!("sqlite:{}", folder.path().join("oathctl.db").display());
        Self { folder, location }
    }

    fn postgres() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let location = crate::both::fresh(folder.path())?;
        Some(Self { folder, location })
    }
}

struct Bench {
    desk: Desk,
    store: Store,
}

impl Bench {
    async fn new(desk: Desk) -> Self {
        let store = Store::open(&StoreLocation::parse(&desk.location).unwrap()).await.unwrap();
        Self { desk, store }
    }

    /// With one key file as its unlocker: no passphrase, so that thousands of openings are quick.
    async fn with_vault(desk: Desk) -> (Self, Vault) {
        let bench = Self::new(desk).await;
        let owner = Owner::KeyFile(key_file());
        let vault = Vault::init(&bench.store, &[unlocker("desk", owner)], AT, entropy()).await.unwrap();
        (bench, vault)
    }

    async fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.store, &Opener::KeyFile(key_file()), entropy()).await
    }

    /// The key half as it lies there.
    async fn keys(&self) -> Vec<u8> {
        Place::of(&self.store).read().await.unwrap()
    }

    /// Puts other bytes in its place, as somebody would who has the disk or the server.
    async fn put_keys(&self, bytes: &[u8]) {
        match self.store.db() {
            Db::Sqlite { path, .. } => std::fs::write(path.with_extension("vault-keys"), bytes).unwrap(),
            Db::Postgres(server) => {
                let keys = crate::schema::postgres::keys_schema(server);
                let mut tx = self.store.begin().await.unwrap();
                Sql::of_names(format!("DELETE FROM {keys}.vault_keys")).run(&mut tx).await.unwrap();
                let put = format!("INSERT INTO {keys}.vault_keys VALUES (0, $1)");
                Sql::of_names(put).bind(bytes).run(&mut tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    /// Changes the database's half behind the vault's back.
    async fn sql(&self, text: &'static str) {
        let mut tx = self.store.begin().await.unwrap();
        Sql::new(text).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everything that lies on the disk for this store: its files, or the files of the vault's tables on the server.
    async fn on_disk(&self) -> Vec<u8> {
        match self.store.db() {
            Db::Sqlite { .. } => {
                let names = ["oathctl.db", "oathctl.db-wal", "oathctl.vault-keys"];
                let read = |name: &str| std::fs::read(self.desk.folder.path().join(name)).unwrap_or_default();
                names.iter().flat_map(|name| read(name)).collect()
            }
            Db::Postgres(server) => {
                let keys = crate::schema::postgres::keys_schema(server);
                sqlx::raw_sql("CHECKPOINT").execute(server.pool()).await.unwrap();
                let read = format!(
                    "SELECT string_agg(pg_read_binary_file(pg_relation_filepath(oid)), '') FROM pg_class
                     WHERE oid IN ('vault_seeds'::regclass, '{keys}.vault_keys'::regclass)
                        OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'vault_seeds'::regclass)
                        OR oid IN (SELECT reltoastrelid FROM pg_class WHERE oid = '{keys}.vault_keys'::regclass)"
                );
                Sql::of_names(read).value(&self.store).await.unwrap()
            }
        }
    }
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

async fn what_goes_in_comes_out_after_closing_and_opening(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
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

async fn known_seeds_stay_and_contradictions_are_told(desk: Desk) {
    let (_bench, mut vault) = Bench::with_vault(desk).await;
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

async fn every_kind_of_unlocker_opens_and_nothing_else_does(desk: Desk) {
    let bench = Bench::new(desk).await;
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

async fn h26_any_altered_byte_of_the_key_file_is_refused(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    keep(&mut vault, &["A-1", "A-2"]).await;
    drop(vault);
    let whole = bench.keys().await;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x01;
        bench.put_keys(&bytes).await;
        let error = bench.open().await.err();
        assert!(error.is_some(), "byte {at} of {} may be altered", whole.len());
    }
    for length in (0..whole.len()).step_by(7) {
        bench.put_keys(&whole[..length]).await;
        assert!(bench.open().await.is_err(), "cut off at {length}");
    }
    bench.put_keys(&[whole.as_slice(), b"x"].concat()).await;
    assert!(bench.open().await.is_err(), "one byte too many");
    bench.put_keys(&whole).await;
    bench.open().await.unwrap();
}

async fn h25_a_row_that_was_altered_or_moved_does_not_open(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
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
        bench.sql(copy).await;
        bench.sql(sql).await;
        let opened = seed_of(&vault, &tokens[0]).await;
        assert!(matches!(opened, Err(VaultError::Tampered { .. })), "{what}: {opened:?}");
        for sql in
            ["DELETE FROM vault_seeds", "INSERT INTO vault_seeds SELECT * FROM copy", "DROP TABLE copy"]
        {
            bench.sql(sql).await;
        }
    }
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
}

async fn h26_a_removed_unlocker_opens_nothing_that_is_here_now(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let words = unlocker("leaver", Owner::Passphrase(text("leaver's words")));
    vault.add_unlocker(&words, AT).await.unwrap();
    let tokens = keep(&mut vault, &["A-1", "A-2"]).await;
    vault.hand_out(&tokens[1..], AT).await.unwrap();
    let theirs = bench.keys().await;

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

async fn h26_the_last_unlocker_stays(desk: Desk) {
    let (_bench, mut vault) = Bench::with_vault(desk).await;
    assert_eq!(vault.remove_unlocker("desk", AT).await, Err(VaultError::LastUnlocker));
    let stock = NewUnlocker { opens_sealed: false, ..unlocker("day", Owner::Passphrase(text("x"))) };
    vault.add_unlocker(&stock, AT).await.unwrap();
    assert_eq!(vault.remove_unlocker("desk", AT).await, Err(VaultError::LastUnlocker));
    let unknown = VaultError::UnknownUnlocker { given: "nobody".into() };
    assert_eq!(vault.remove_unlocker("nobody", AT).await, Err(unknown));
}

async fn h28_who_opens_the_stock_can_seal_but_not_read_what_is_sealed(desk: Desk) {
    let bench = Bench::new(desk).await;
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

async fn keys_of_many_seeds_come_back_whole(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let serials: Vec<String> = (0..3_000).map(|n| format!("M-{n:05}")).collect();
    let news: Vec<NewSeed<'_>> = serials.iter().map(|serial| new(serial, seed(1))).collect();
    assert_eq!(vault.import(&news, AT).await.unwrap().added.len(), 3_000);
    drop(vault);
    assert!(bench.keys().await.len() > 1 << 18, "more than one piece");
    let vault = bench.open().await.unwrap();
    assert_eq!(vault.verify().await.unwrap().opened, 3_000);
}

async fn a_crash_between_the_halves_loses_nothing_that_was_kept(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    let tokens = keep(&mut vault, &["A-1"]).await;
    // The key file was written, the database was not.
    let mut turn = vault.turn().await.unwrap();
    vault.save(&mut turn, AT).await.unwrap();
    drop(turn);
    drop(vault);
    let mut vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &tokens[0]).await.unwrap(), seed(1));
    let more = vault.import(&[new("A-2", seed(2))], AT).await.unwrap();
    drop(vault);
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &more.added[0].1).await.unwrap(), seed(2));
}

async fn two_openings_see_each_others_changes(desk: Desk) {
    let (bench, mut one) = Bench::with_vault(desk).await;
    let mut other = bench.open().await.unwrap();
    let first = keep(&mut one, &["A-1"]).await;
    let second = other.import(&[new("A-2", seed(2))], AT).await.unwrap().added;
    let vault = bench.open().await.unwrap();
    assert_eq!(seed_of(&vault, &first[0]).await.unwrap(), seed(1));
    assert_eq!(seed_of(&vault, &second[0].1).await.unwrap(), seed(2));
    one.rekey(AT).await.unwrap();
    assert_eq!(other.import(&[new("A-3", seed(3))], AT).await.err(), Some(VaultError::Changed));
}

async fn a_newer_format_is_named_and_left_alone(desk: Desk) {
    let (bench, _vault) = Bench::with_vault(desk).await;
    let mut bytes = bench.keys().await;
    bytes[9] = 2;
    bench.put_keys(&bytes).await;
    assert_eq!(bench.open().await.err(), Some(VaultError::Newer { format: 2, known: 1 }));
    assert_eq!(bench.keys().await, bytes);
}

async fn h26_parameters_nobody_writes_are_refused_before_any_work(desk: Desk) {
    let bench = Bench::new(desk).await;
    let words = unlocker("words", Owner::Passphrase(text("x")));
    drop(Vault::init(&bench.store, &[words], AT, entropy()).await.unwrap());
    let whole = bench.keys().await;
    let find = b"\"memory_kib\":65536";
    let at = memmem(&whole, find).unwrap();
    for other in [b"\"memory_kib\":65535", b"\"memory_kib\":99999"] {
        let mut bytes = whole.clone();
        bytes[at..at + find.len()].copy_from_slice(other);
        bench.put_keys(&bytes).await;
        let opened = Vault::open(&bench.store, &Opener::Passphrase(text("x")), entropy()).await.err();
        let expected = if other.ends_with(b"65535") { VaultError::OutOfBounds } else { VaultError::Refused };
        assert_eq!(opened, Some(expected));
    }
    let mut longer = whole.clone();
    longer.splice(at..at + find.len(), b"\"memory_kib\":999999999".iter().copied());
    let length = u32::from_be_bytes(longer[10..14].try_into().unwrap()) + 4;
    longer[10..14].copy_from_slice(&length.to_be_bytes());
    bench.put_keys(&longer).await;
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

on_both!(
    what_goes_in_comes_out_after_closing_and_opening,
    known_seeds_stay_and_contradictions_are_told,
    every_kind_of_unlocker_opens_and_nothing_else_does,
    h26_any_altered_byte_of_the_key_file_is_refused,
    h25_a_row_that_was_altered_or_moved_does_not_open,
    h26_a_removed_unlocker_opens_nothing_that_is_here_now,
    h26_the_last_unlocker_stays,
    h28_who_opens_the_stock_can_seal_but_not_read_what_is_sealed,
    a_crash_between_the_halves_loses_nothing_that_was_kept,
    two_openings_see_each_others_changes,
    a_newer_format_is_named_and_left_alone,
    h26_parameters_nobody_writes_are_refused_before_any_work,
    keys_of_many_seeds_come_back_whole,
);
