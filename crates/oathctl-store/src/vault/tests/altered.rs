//! Every byte of a small vault altered, one at a time: it is refused, or harms nobody. The key half byte by byte stands
//! in `h26_any_altered_byte_of_the_key_file_is_refused`; here is the database's.

use std::path::PathBuf;

use super::*;

/// Two tokens, each with its seed.
const KEPT: [(&str, usize); 2] = [("A-1", 1), ("A-2", 2)];
/// Columns that say nothing about which seed is whose.
const LABELS: [&str; 2] = ["model", "added_at"];

/// Asks for both seeds as everybody does, by serial and by the list. Whatever comes is the right one; how many came.
async fn right_or_nothing(bench: &Bench, what: &str) -> usize {
    let Ok(vault) = bench.open().await else { return 0 };
    let mut listed = Vault::list(&bench.store).await.unwrap_or_default();
    for (serial, _) in KEPT {
        listed.extend(Vault::find(&bench.store, serial).await.unwrap_or_default());
    }
    let mut came = std::collections::BTreeSet::new();
    for token in listed {
        let opened =
            vault.with_seed(&token.token, Door::Code, |parameters, seed| (*parameters, seed.to_vec())).await;
        let Ok((parameters, found)) = opened else { continue };
        let wanted = KEPT.iter().find(|(serial, _)| serial_key(serial) == serial_key(&token.serial));
        let wanted = wanted.map(|(_, n)| (TOTP, seed(*n).to_vec()));
        assert_eq!(Some((parameters, found)), wanted, "{what}: a seed under another serial");
        assert_eq!(token.maker, "Examplar", "{what}: a seed under another maker");
        came.insert(token.serial);
    }
    came.len()
}

/// The same bytes with one of them altered, for each of them.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(|at| {
        let mut other = bytes.to_vec();
        other[at] ^= 0x01;
        other
    })
}

/// The same value with one of its bytes altered, for each of them.
fn altered(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(n) => (0..8).map(|byte| Value::Int(n.map(|n| n ^ (1 << (8 * byte))))).collect(),
        Value::Bytes(bytes) => flipped(bytes).map(Value::Bytes).collect(),
        Value::Text(text) => {
            let text = text.clone().unwrap();
            flipped(text.as_bytes()).map(|it| Value::Text(Some(String::from_utf8(it).unwrap()))).collect()
        }
    }
}

/// A column of the row of one serial.
async fn value(bench: &Bench, table: &str, column: &str, of: &str) -> Value {
    let select = format!("SELECT {column} FROM {table} {of}");
    let row = Sql::of_names(select).first(&bench.store).await.unwrap().unwrap();
    match column {
        "digits" | "period" | "added_at" | "version" | "generation" => Value::Int(row.get(0).unwrap()),
        "token" | "key_id" | "sealed" => Value::Bytes(row.get(0).unwrap()),
        _ => Value::Text(row.get(0).unwrap()),
    }
}

async fn set(bench: &Bench, table: &str, column: &str, of: &str, value: Value) {
    let mut tx = bench.store.begin().await.unwrap();
    let mut update = Sql::of_names(format!("UPDATE {table} SET {column} = "));
    update.push_value(value).push(" ");
    let update = update.and_names(of);
    assert_eq!(update.run(&mut tx).await.unwrap(), 1, "{column} {of}");
    tx.commit().await.unwrap();
}

fn copy_of(value: &Value) -> Value {
    match value {
        Value::Int(n) => Value::Int(*n),
        Value::Text(text) => Value::Text(text.clone()),
        Value::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}

async fn h25_any_altered_byte_of_a_row_is_refused_or_harmless(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    keep(&mut vault, &["A-1", "A-2"]).await;
    drop(vault);
    assert_eq!(right_or_nothing(&bench, "unaltered").await, 2);
    let columns = [
        "token",
        "serial",
        "serial_key",
        "maker",
        "maker_key",
        "model",
        "kind",
        "hash",
        "digits",
        "period",
        "added_at",
        "key_id",
        "version",
        "sealed",
    ];
    let mut tried = 0;
    for column in columns {
        // Found again by something else than what is altered.
        let of = if column == "serial" { "WHERE serial_key = 'A-1'" } else { "WHERE serial = 'A-1'" };
        let whole = value(&bench, "vault_seeds", column, of).await;
        for other in altered(&whole) {
            set(&bench, "vault_seeds", column, of, other).await;
            let came = right_or_nothing(&bench, column).await;
            let expected = if LABELS.contains(&column) { 2 } else { 1 };
            assert_eq!(came, expected, "{column}: byte {tried}");
            set(&bench, "vault_seeds", column, of, copy_of(&whole)).await;
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried} bytes");
    assert_eq!(right_or_nothing(&bench, "put back").await, 2);
}

async fn h26_any_altered_byte_of_what_ties_the_halves_is_refused_or_harmless(desk: Desk) {
    let (bench, mut vault) = Bench::with_vault(desk).await;
    keep(&mut vault, &["A-1", "A-2"]).await;
    drop(vault);
    for column in ["vault", "generation"] {
        let whole = value(&bench, "vault_meta", column, "").await;
        for other in altered(&whole) {
            set(&bench, "vault_meta", column, "", other).await;
            // One generation back is what a crash leaves.
            let came = right_or_nothing(&bench, column).await;
            assert!(came == 0 || column == "generation" && came == 2, "{column}: {came}");
            set(&bench, "vault_meta", column, "", copy_of(&whole)).await;
        }
    }
    assert_eq!(right_or_nothing(&bench, "put back").await, 2);
}

/// A file of the vault as it lies on the disk, and the pages of the vault's tables in it.
struct OnDisk {
    desk: Desk,
    whole: Vec<u8>,
    pages: Vec<usize>,
}

const PAGE: usize = 4096;

impl OnDisk {
    async fn made() -> Self {
        let (bench, mut vault) = Bench::with_vault(Desk::sqlite()).await;
        keep(&mut vault, &["A-1", "A-2"]).await;
        drop(vault);
        let roots = "SELECT rootpage FROM sqlite_schema WHERE tbl_name IN ('vault_seeds', 'vault_meta')";
        let roots = Sql::new(roots).all(&bench.store).await.unwrap();
        let pages =
            roots.iter().map(|row| usize::try_from(row.get::<i64>(0).unwrap()).unwrap() - 1).collect();
        bench.store.close().await;
        let Bench { desk, .. } = bench;
        let whole = std::fs::read(desk.folder.path().join("oathctl.db")).unwrap();
        Self { desk, whole, pages }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.folder.path().join(name)
    }

    /// Opens the store with one byte altered and asks for the seeds; whether the byte made a difference.
    async fn is_told(&self, at: usize, flip: u8) -> bool {
        let mut bytes = self.whole.clone();
        bytes[at] ^= flip;
        for rest in ["oathctl.db-wal", "oathctl.db-shm"] {
            let _ = std::fs::remove_file(self.path(rest));
        }
        std::fs::write(self.path("oathctl.db"), bytes).unwrap();
        let location = StoreLocation::sqlite(self.path("oathctl.db"));
        let Ok(store) = Store::open(&location).await else { return true };
        let desk = Desk { folder: tempfile::tempdir().unwrap(), location: String::new() };
        let bench = Bench { desk, store };
        let came = right_or_nothing(&bench, &format!("byte {at} ^ {flip}")).await;
        bench.store.close().await;
        came < KEPT.len()
    }

    /// The bytes of the vault's pages that hold something.
    fn held(&self) -> impl Iterator<Item = usize> {
        let all = self.pages.iter().flat_map(|page| page * PAGE..(page + 1) * PAGE);
        all.filter(|at| self.whole[*at] != 0)
    }
}

#[tokio::test]
async fn h25_any_altered_byte_of_the_vaults_pages_is_refused_or_harmless() {
    let disk = OnDisk::made().await;
    let (mut tried, mut told) = (0, 0);
    for at in disk.held() {
        tried += 1;
        told += usize::from(disk.is_told(at, 0x01).await);
    }
    assert!(tried > 400 && told > tried / 3, "{told} of {tried}");
}

/// Every byte of the whole file, as far as the minutes go.
#[tokio::test]
#[ignore = "takes the minutes it is given; run by `cargo xtask soak`"]
#[expect(clippy::disallowed_methods, reason = "a soak is told its minutes and measured by the wall clock")]
async fn h25_soak_every_byte_of_the_database_altered() {
    let minutes = std::env::var("OATHCTL_SOAK_MINUTES").ok().and_then(|text| text.parse::<f64>().ok());
    let until = std::time::Instant::now() + std::time::Duration::from_secs_f64(60.0 * minutes.unwrap_or(1.0));
    let disk = OnDisk::made().await;
    let (mut tried, mut told) = (0, 0);
    // In an order that meets every part of the file early.
    for n in 0..disk.whole.len() {
        if std::time::Instant::now() > until {
            break;
        }
        let at = n * 7919 % disk.whole.len();
        tried += 1;
        told += usize::from(disk.is_told(at, [0x01, 0x80, 0xff][n % 3]).await);
    }
    println!("{tried} of {} bytes altered: {told} told, the others harmless", disk.whole.len());
    assert!(tried > 0);
}

on_both!(
    h25_any_altered_byte_of_a_row_is_refused_or_harmless,
    h26_any_altered_byte_of_what_ties_the_halves_is_refused_or_harmless,
);
