//! A key or passphrase that is missing or wrong is told as that.

use oathctl_core::reason::Reason;
use oathctl_files::KeyFile;

use crate::support::fault;
use crate::wrapping_ring::{PASSPHRASE, Ring, holding, none, opened, refusals, with, wrapped};

const BY_PASSPHRASE: [&str; 13] = [
    "ms-basic.zip",
    "ms-basic-zipcrypto.zip",
    "aes128.zip",
    "infozip.zip",
    "header.7z",
    "plain-header.7z",
    "ms-basic.csv.gpg",
    "symmetric.asc",
    "uncompressed.gpg",
    "tokens-enc.xlsx",
    "agile-sha1.xlsx",
    "standard-128.xlsx",
    "several.zip",
];

#[test]
fn no_passphrase() {
    for name in BY_PASSPHRASE {
        let mut ring = none();
        let table = opened(name, wrapped(name), &mut ring);
        assert_eq!(refusals(&table), ["passphrase_needed"], "{name}");
        assert_eq!(ring.asked.len(), 1, "{name}");
    }
}

#[test]
fn wrong_passphrases() {
    for name in BY_PASSPHRASE {
        let mut ring = with(&["wrong", "Correct horse", ""]);
        let table = opened(name, wrapped(name), &mut ring);
        assert_eq!(refusals(&table), ["passphrase_wrong"], "{name}");
        let attempts: Vec<u32> = ring.asked.iter().map(|(_, attempt)| *attempt).collect();
        assert_eq!(attempts, [0, 1, 2, 3], "{name}");
    }
}

#[test]
fn zip_crypto_tells_a_wrong_passphrase_whatever_its_one_byte_says() {
    // One in 256 passes the check in front of the member.
    let wrong: Vec<String> = (0..99).map(|number| format!("wrong {number}")).collect();
    for name in ["ms-basic-zipcrypto.zip", "infozip.zip"] {
        for tens in 0..6 {
            let passphrases = wrong.iter().map(|text| format!("{text} {tens}")).collect();
            let mut ring = Ring { passphrases, ..Ring::default() };
            let table = opened(name, wrapped(name), &mut ring);
            assert_eq!(refusals(&table), ["passphrase_wrong"], "{name}");
        }
    }
}

#[test]
fn no_key_names_who_could_open_it() {
    let table = opened("ms-basic.csv.asc", wrapped("ms-basic.csv.asc"), &mut none());
    let Reason::KeyNeeded { what, recipients } = &fault(&table, "key_needed").reason else { panic!() };
    assert_eq!(what, "pgp");
    assert_eq!(recipients.len(), 1);
    assert!(
        recipients[0].len() == 16 && recipients[0].bytes().all(|b| b.is_ascii_hexdigit()),
        "{recipients:?}"
    );
    let table = opened("ms-basic.csv.age", wrapped("ms-basic.csv.age"), &mut none());
    assert_eq!(refusals(&table), ["key_needed"]);
}

#[test]
fn another_key() {
    let cases = [
        ("ms-basic.csv.asc", &["curve.sec.gpg"][..], "key_needed"),
        ("hidden.gpg", &["sample-pgp.sec.asc"], "key_wrong"),
        ("hidden.gpg", &["sample-age.key"], "key_needed"),
        ("ms-basic.csv.age", &["sample-pgp.sec.asc"], "key_needed"),
    ];
    for (name, keys, word) in cases {
        assert_eq!(refusals(&opened(name, wrapped(name), &mut holding(keys))), [word], "{name}");
    }
    let other = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n";
    let mut ring = Ring { files: vec![KeyFile::new("other.key".into(), other.into())], ..Ring::default() };
    let table = opened("ms-basic.csv.age", wrapped("ms-basic.csv.age"), &mut ring);
    assert_eq!(refusals(&table), ["key_wrong"]);
}

#[test]
fn a_public_key_is_told_as_such() {
    let mut ring = holding(&["curve.pub.asc"]);
    let table = opened("rsa.gpg", wrapped("rsa.gpg"), &mut ring);
    assert_eq!(refusals(&table), ["key_unusable", "key_needed"]);
    let Reason::KeyUnusable { name, why } = &fault(&table, "key_unusable").reason else { panic!() };
    assert_eq!((name.as_str(), why.as_str()), ("curve.pub.asc", "public"));
}

#[test]
fn a_locked_key_without_its_passphrase() {
    let table = opened("rsa.gpg", wrapped("rsa.gpg"), &mut holding(&["rsa-locked.sec.asc"]));
    let reason = serde_json::to_value(&fault(&table, "passphrase_needed").reason).unwrap();
    assert_eq!(reason["what"], "private_key");
    let mut ring = Ring { passphrases: vec!["wrong".into()], ..holding(&["rsa-locked.sec.asc"]) };
    let table = opened("rsa.gpg", wrapped("rsa.gpg"), &mut ring);
    let reason = serde_json::to_value(&fault(&table, "passphrase_wrong").reason).unwrap();
    assert_eq!(reason["what"], "private_key");
}

#[test]
fn what_is_not_read_is_named() {
    let cases = [("no-mdc.gpg", "MDC"), ("detached.asc", "signature")];
    for (name, what) in cases {
        let table = opened(name, wrapped(name), &mut with(&[PASSPHRASE]));
        let told = format!("{:?}", table.faults());
        assert!(table.is_rejected() && told.contains(what), "{name}: {told}");
    }
    let two = [wrapped("symmetric.asc"), wrapped("symmetric.asc")].concat();
    assert_eq!(refusals(&opened("two.asc", two, &mut with(&[PASSPHRASE]))), ["wrapping_unsupported"]);
    let two = [wrapped("symmetric.gpg"), wrapped("symmetric.gpg")].concat();
    assert_eq!(refusals(&opened("two.gpg", two, &mut with(&[PASSPHRASE]))), ["wrapping_unsupported"]);
}

#[test]
fn an_old_locked_workbook_is_named() {
    use std::io::{Cursor, Write};
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    // BOF, then FilePass.
    let records = [&[0x09, 0x08, 16, 0][..], &[0; 16], &[0x2f, 0, 2, 0, 1, 0]].concat();
    file.create_stream("Workbook").unwrap().write_all(&records).unwrap();
    let bytes = file.into_inner().into_inner();
    let table = opened("old.xls", bytes, &mut with(&[PASSPHRASE]));
    let reason = serde_json::to_value(&fault(&table, "wrapping_unsupported").reason).unwrap();
    assert_eq!(reason["what"], "password-protected .xls");
}
