//! Every delimited sample gives exactly what `expected.json` says.

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::table::{RowView, Table, Verdict};
use oathctl_core::token::OtpKind;
use oathctl_files::{Input, NoKeys, ReadOptions, read};
use serde_json::Value;

use crate::support::{errors, fault, hex, remarks};

#[expect(clippy::disallowed_methods, reason = "samples are files")]
fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read_sample(name: &str) -> Table {
    read(Input::new(Some(name.into()), sample(name)), &ReadOptions::default(), &mut NoKeys)
}

fn checked_sample(name: &str) -> Table {
    let mut table = read_sample(name);
    check(&mut table, &CheckOptions::default());
    table
}

/// The fields a sample's expectation names, taken from a row.
fn as_expected(row: RowView<'_>, wanted: &Value) -> Value {
    let mut found = serde_json::Map::new();
    for key in wanted.as_object().unwrap().keys() {
        let value = match key.as_str() {
            "serial" => row.serial().into(),
            "secret_hex" => hex(row).into(),
            "period" => row.period_secs().into(),
            "digits" => row.digits().into(),
            "upn" => row.upn().into(),
            "manufacturer" => row.manufacturer().into(),
            "model" => row.model().into(),
            "type" => if row.kind() == OtpKind::Totp { "totp" } else { "hotp" }.into(),
            // Unstated in Microsoft's CSV: SHA-1 by definition up to 31 bytes, a question from 32 on.
            "hash" => row.hash().map_or("sha256?", |hash| hash.word()).into(),
            key => panic!("unknown key {key}"),
        };
        found.insert(key.clone(), value);
    }
    Value::Object(found)
}

#[test]
fn samples_give_exactly_what_is_expected() {
    let expected: Value = serde_json::from_slice(&sample("expected.json")).unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        let mut table = checked_sample(name);
        if name == "oath.csv" {
            // Digits of HOTP rows are not listed; the table is compared as read.
            table = read_sample(name);
        }
        let wanted = expected["tokens"].as_array().unwrap();
        let only_usable = wanted.is_empty();
        let rows = table.rows().filter(|row| row.seed_len() > 0 && !row.serial().is_empty());
        let rows: Vec<_> = rows.filter(|row| !only_usable || row.verdict() == Verdict::Usable).collect();
        assert_eq!(rows.len(), wanted.len(), "{name}: {:?}", table.faults());
        for (row, wanted) in rows.into_iter().zip(wanted) {
            assert_eq!(&as_expected(row, wanted), wanted, "{name}");
        }
    }
}

#[test]
fn clean_samples_have_no_errors() {
    for name in [
        "ms-basic.csv",
        "ms-docs-sample-trailing-bits.csv",
        "ms-no-upn-column.csv",
        "ms-timeinterval-header.csv",
        "ms-utf16le.csv",
    ] {
        assert_eq!(errors(&checked_sample(name)), [], "{name}");
    }
    assert_eq!(remarks(&checked_sample("ms-docs-sample-trailing-bits.csv")), ["seed_trailing_bits"]);
}

#[test]
fn the_mangled_sample_is_told_by_place() {
    let table = checked_sample("ms-mangled.csv");
    assert_eq!(errors(&table), [("serial_damaged", Some(6), Some(2)), ("hash_unstated", None, None)]);
    assert_eq!(fault(&table, "line_ignored").place.line, Some(8));
    assert_eq!(remarks(&table), ["line_ignored", "mixed_models"], "the total counts the damaged row too");
}

#[test]
fn the_sample_of_duplicates_leaves_nothing_usable() {
    let table = checked_sample("ms-dups.csv");
    let lines = |word: &str| -> Vec<_> {
        errors(&table)
            .iter()
            .filter(|(found, _, _)| *found == word)
            .filter_map(|(_, line, _)| *line)
            .collect()
    };
    assert_eq!(lines("too_many_for_person"), [2, 3, 4, 5, 6, 7]);
    assert_eq!(lines("serial_conflict"), [2, 8, 10]);
    assert_eq!(lines("seed_shared"), [3, 9]);
    assert_eq!(errors(&table).last().unwrap().0, "no_usable_row");
}

#[test]
fn the_undecidable_sample_asks() {
    let table = checked_sample("ambiguous-undecidable.csv");
    assert!(table.is_rejected());
    assert_eq!(errors(&table)[0].0, "seed_encoding_undecidable");
}

#[test]
fn other_formats_are_named() {
    let cases = [
        ("rcdevs-inventory.csv", "RCDevs WebADM inventory"),
        ("yubico-traditional.csv", "Yubico traditional CSV"),
        ("otpauth.txt", "otpauth URIs"),
        ("vendor.dpx", "OneSpan DPX"),
        ("dualshield.xml", "Deepnet DualShield XML"),
        ("pskc-plain.xml", "PSKC"),
        ("safenet-etoken.xml", "SafeNet XML"),
        ("safeword.dat", "SafeWord .dat"),
        ("graph-delta.json", "Graph JSON"),
        ("ms-basic.zip", "encrypted ZIP archive"),
        ("ms-basic-zipcrypto.zip", "encrypted ZIP archive"),
        ("ms-basic.csv.age", "age-encrypted file"),
        ("ms-basic.csv.asc", "PGP message"),
        ("ms-basic.csv.gpg", "PGP message"),
        ("tokens.xlsx", "XLSX workbook"),
        ("tokens-enc.xlsx", "password-protected Office document"),
    ];
    for (name, format) in cases {
        let table = read_sample(name);
        let reason = serde_json::to_value(&fault(&table, "unsupported_format").reason).unwrap();
        assert_eq!(reason["format"], format, "{name}");
        assert!(table.is_rejected());
    }
}
