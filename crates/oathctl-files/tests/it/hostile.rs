//! Whatever happens to a fixture on its way, reading it neither panics nor tells a seed.

use oathctl_core::check::{CheckOptions, check};
use oathctl_files::{Input, NoKeys, ReadOptions, read};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::leak::{printed, shows};
use crate::samples::{sample, seeds_of};

const TEXTS: [&str; 24] = [
    "2fas.json",
    "aegis-encrypted.json",
    "aegis.json",
    "andotp.json",
    "authenex.sql",
    "dualshield-aes.xml",
    "dualshield-base64.xml",
    "dualshield.xml",
    "graph-array.json",
    "graph-delta.json",
    "graph-faults.json",
    "graph-listing.json",
    "graph-single.json",
    "nexus-colon.txt",
    "otpauth-migration-refused.txt",
    "otpauth-migration.txt",
    "otpauth-variants.txt",
    "rcdevs-inventory.csv",
    "safenet-etoken.xml",
    "safenet-odd.xml",
    "safeword.dat",
    "secureauth.csv",
    "ykksm.csv",
    "yubico-traditional.csv",
];

const WORKBOOKS: [&str; 4] = ["cells.xlsx", "sheets.xlsx", "tokens.xls", "tokens.xlsx"];

/// Reads and judges; panics when anything that is told shows a seed.
fn try_out(name: &str, bytes: Vec<u8>, seeds: &[String]) {
    let options = ReadOptions { allow_soft: true, ..ReadOptions::default() };
    let mut table = read(Input::new(Some(name.into()), bytes), &options, &mut NoKeys);
    check(&mut table, &CheckOptions::default());
    let printed = printed(&table);
    assert!(!seeds.iter().any(|seed| shows(&printed, seed)), "{name}: {printed}");
}

#[test]
fn texts_cut_off_at_every_length() {
    for name in TEXTS {
        let (bytes, seeds) = (sample(name), seeds_of(name));
        for length in 0..bytes.len() {
            try_out(name, bytes[..length].to_vec(), &seeds);
        }
    }
}

#[test]
fn workbooks_cut_off_at_many_lengths() {
    for name in WORKBOOKS {
        let (bytes, seeds) = (sample(name), seeds_of(name));
        for length in (0..bytes.len()).step_by(37) {
            try_out(name, bytes[..length].to_vec(), &seeds);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn altered_bytes(
        name in select([&TEXTS[..], &WORKBOOKS].concat()),
        flips in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = sample(name);
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        // A seed that was altered itself may show less than eight of its bytes.
        try_out(name, bytes, &seeds_of(name));
    }
}
