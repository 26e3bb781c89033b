//! Cut off, altered, or made up: told as damage, and never a panic.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::leak::{printed, shows};
use crate::support::{HEX, SEEDS, tokens};
use crate::wrapping_ring::{PASSPHRASE, Ring, holding, none, opened, refusals, with, wrapped, zipped};

const ALL: [&str; 16] = [
    "ms-basic.zip",
    "infozip.zip",
    "open.7z",
    "header.7z",
    "plain-header.7z",
    "symmetric.asc",
    "symmetric.gpg",
    "signed-encrypted.asc",
    "signed-only.gpg",
    "cleartext-signed.asc",
    "store.gpg",
    "hidden.gpg",
    "ms-basic.csv.age",
    "agile-sha1.xlsx",
    "standard-128.xlsx",
    "detached.asc",
];

fn full() -> Ring {
    let names = ["sample-pgp.sec.asc", "curve.sec.gpg", "sample-age.key"];
    Ring { passphrases: vec![PASSPHRASE.into()], ..holding(&names) }
}

/// A file that is cut off is refused, unless nothing of its content is missing: the last sector of a workbook may be
/// padding.
fn cut(name: &str, steps: usize) {
    let bytes = wrapped(name);
    let whole = tokens(&opened(name, bytes.clone(), &mut full()));
    let step = (bytes.len() / steps).max(1);
    for length in (0..bytes.trim_ascii_end().len()).step_by(step) {
        let table = opened(name, bytes[..length].to_vec(), &mut full());
        let refused = table.is_rejected() && table.is_empty();
        let padding = name.ends_with("xlsx") && tokens(&table) == whole && !whole.is_empty();
        assert!(refused || padding, "{name} at {length}: {:?}", table.faults());
    }
}

#[test]
fn archives_cut_off_at_every_length() {
    for name in ["ms-basic.zip", "infozip.zip", "open.7z", "plain-header.7z", "header.7z"] {
        cut(name, 10_000);
    }
}

#[test]
fn messages_cut_off_at_many_lengths() {
    for name in ["symmetric.asc", "symmetric.gpg", "hidden.gpg", "signed-encrypted.asc", "ms-basic.csv.age"] {
        cut(name, 60);
    }
}

#[test]
fn workbooks_cut_off_at_many_lengths() {
    for name in ["agile-sha1.xlsx", "standard-128.xlsx"] {
        cut(name, 40);
    }
}

#[test]
fn what_is_cut_off_is_told_before_anybody_is_asked() {
    for name in
        ["ms-basic.zip", "header.7z", "symmetric.gpg", "symmetric.asc", "ms-basic.csv.age", "signed-only.gpg"]
    {
        let bytes = wrapped(name);
        let mut ring = with(&[PASSPHRASE]);
        let table = opened(name, bytes[..bytes.len() - 20].to_vec(), &mut ring);
        assert_eq!(refusals(&table), ["wrapping_damaged"], "{name}");
        assert!(ring.asked.is_empty(), "{name}");
    }
}

#[test]
fn altered_where_a_check_value_covers_it() {
    // The last quarter of each is content or its check value.
    for (name, back) in
        [("ms-basic.zip", 150), ("hidden.gpg", 40), ("ms-basic.csv.age", 60), ("agile-sha1.xlsx", 6000)]
    {
        let mut bytes = wrapped(name);
        let at = bytes.len() - back;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let table = opened(name, bytes, &mut full());
        assert_eq!(refusals(&table), ["wrapping_damaged"], "{name}");
    }
}

#[test]
fn a_damaged_member_refuses_the_file_and_not_its_telling() {
    let members = [("a.csv", wrapped("ms-basic.csv")), ("b.csv", wrapped("ms-basic.csv"))];
    let mut bytes = zipped(&[(members[0].0, &members[0].1), (members[1].0, &members[1].1)]);
    let at = bytes.windows(5).position(|five| five == b"a.csv").unwrap() + 20;
    bytes[at] ^= 0xff;
    let table = opened("two.zip", bytes, &mut none());
    assert_eq!(refusals(&table), ["wrapping_damaged"]);
    assert!(table.is_rejected());
    assert_eq!(tokens(&table).len(), 2, "the other is read");
    assert_eq!(table.faults()[0].place.member.as_deref(), Some("a.csv"));
}

/// Seeds of the workbooks, in hex.
const IN_WORKBOOKS: [&str; 2] =
    ["0cf73210552cf516fb7c5fd4c033ddc24ec696ea", "12e363842c7a154f2ae372973b40f0b502291bbd"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn altered_bytes_never_panic_nor_give_other_seeds_nor_show_any(
        name in select(ALL.to_vec()),
        flips in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        // Nothing protects text that is only signed, nor what a standard workbook holds.
        let unprotected = ["cleartext-signed.asc", "signed-only.gpg", "store.gpg", "standard-128.xlsx"].contains(&name);
        let mut bytes = wrapped(name);
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let table = opened(name, bytes, &mut full());
        for (_, seed) in tokens(&table) {
            let known = HEX.contains(&seed.as_str()) || IN_WORKBOOKS.contains(&seed.as_str());
            prop_assert!(unprotected || known, "{}", name);
        }
        if !unprotected {
            let printed = printed(&table);
            prop_assert!(!SEEDS.iter().chain(&IN_WORKBOOKS).any(|seed| shows(&printed, seed)));
        }
    }

    #[test]
    fn any_bytes_behind_a_known_start_never_panic(
        start in select(vec![
            &b"PK\x03\x04"[..], b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08\0",
            b"age-encryption.org/v1\n", b"-----BEGIN PGP MESSAGE-----\n\n", b"\x8c\x0d\x04", b"\x84\x5e\x03", b"\xd2\x40\x01",
            b"\xa3\x01", b"\xc4\x0d\x03", b"-----BEGIN PGP SIGNED MESSAGE-----\n\n",
        ]),
        rest in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let bytes = [start, &rest].concat();
        opened("x.bin", bytes, &mut full());
    }
}
