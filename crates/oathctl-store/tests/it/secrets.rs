//! H24: the database holds words and ids, no seed and no code. The types leave no place for either; this looks at
//! the bytes on disk.

use std::path::Path;

use oathctl_core::journal::Journal;
use oathctl_core::reason::Reason;
use oathctl_core::report::Outcome;
use oathctl_core::seed::Seed;
use oathctl_core::token::RunId;
use oathctl_store::Deed;
use sqlx::{Connection, PgConnection, Row};

use crate::both::{self, on_both};
use crate::desk::Desk;
use crate::fixture;

const CANARY: &[u8; 20] = b"canary-seed-20-bytes";

/// Seed of a row while its run is written, as a process that applies holds it.
fn held() -> Seed {
    Seed::from_bytes(CANARY.to_vec())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn spellings() -> Vec<Vec<u8>> {
    let hex: String = CANARY.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = CANARY.map(|byte| byte.to_string()).join(",");
    let base32 = base32(CANARY);
    let mut all = vec![hex.to_uppercase(), base32.to_lowercase(), list, hex, base32]
        .into_iter()
        .map(String::into_bytes)
        .collect::<Vec<_>>();
    all.extend(CANARY.windows(8).map(<[u8]>::to_vec));
    all
}

fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let letter = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value * 2 + usize::from(*bit == b'1'));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value])
    };
    bits.as_bytes().chunks(5).map(letter).collect()
}

fn everything_in(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

/// Every row of every table as text, as a dump has it.
async fn dump(desk: &Desk) -> Vec<u8> {
    let schema = desk.text().split("schema=").nth(1).unwrap();
    let mut conn = PgConnection::connect(&both::server().unwrap()).await.unwrap();
    let xml = "SELECT schema_to_xml(nspname, true, false, '')::text FROM pg_namespace WHERE nspname LIKE $1";
    let rows = sqlx::query(xml).bind(format!("{schema}%")).fetch_all(&mut conn).await.unwrap();
    rows.iter().flat_map(|row| row.get::<String, _>(0).into_bytes()).collect()
}

async fn everything_of(desk: &Desk) -> Vec<u8> {
    if desk.text().starts_with("sqlite:") { everything_in(desk.folder.path()) } else { dump(desk).await }
}

async fn h24_the_store_holds_remote_words_and_no_seed(desk: Desk) {
    let store = desk.open().await;
    let seed = held();
    let head = fixture::head("r1", 2);
    Journal::open(&store, &head).await.unwrap();
    let mut end = fixture::end(2, 3, false);
    end.rows[0].outcome = Outcome::Failed;
    end.rows[0].detail =
        Some(Reason::SeedBadCharacter { character: '8', position: 3, encoding: "base32".into() });
    end.rows[0].remote = Some(fixture::remote_words());
    Journal::close(&store, &RunId::new("r1"), &end).await.unwrap();
    let (tenant, run) = (fixture::tenant(), RunId::new("r1"));
    let deed = Deed { tenant: &tenant, run: Some(&run), actor: Some("op"), at: fixture::T0 };
    store.inventory().note_rows(&deed, &end.rows, &[]).await.unwrap();
    assert!(!store.inventory().life(end.rows[1].serial.as_deref().unwrap()).await.unwrap().is_empty());

    let open = everything_of(&desk).await;
    store.close().await;
    let closed = everything_of(&desk).await;
    for bytes in [open, closed] {
        assert!(contains(&bytes, b"not what Microsoft expected"), "the search finds what is there");
        for spelling in spellings() {
            assert!(!contains(&bytes, &spelling), "{}", String::from_utf8_lossy(&spelling));
        }
    }
    assert_eq!(seed.len(), CANARY.len());
}

on_both!(h24_the_store_holds_remote_words_and_no_seed);
