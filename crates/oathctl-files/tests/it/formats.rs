//! What is no seed file, and what a file as a whole can lack.

use oathctl_core::reason::Reason;
use oathctl_files::{ColumnMap, Input, NoKeys, ReadOptions, SeedEncoding, Separator, read, read_from};

use crate::support::{
    HEX, MS, SEEDS, as_utf16, checked, checked_with, decision, errors, fault, input, read_text, tokens,
};

fn rejected(bytes: impl Into<Vec<u8>>) -> Reason {
    let table = read(input(bytes), &ReadOptions::default(), &mut NoKeys);
    assert!(table.is_rejected());
    table.faults().iter().find(|f| f.row.is_none()).unwrap().reason.clone()
}

#[test]
fn nothing_and_nothing_but_blanks() {
    for bytes in ["", "\n\r\n  \n", "\u{feff}", "\u{feff}\n \t\n", "# only a comment\n"] {
        assert_eq!(rejected(bytes), Reason::EmptyFile { what: String::new() }, "{bytes:?}");
    }
}

#[test]
fn binary_rubbish() {
    assert_eq!(
        rejected(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        Reason::BinaryFile { looks_like: "png".into() }
    );
    let noise: Vec<u8> = (0..4000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x7f).collect();
    assert_eq!(rejected(noise), Reason::BinaryFile { looks_like: "unknown".into() });
}

#[test]
fn formats_by_their_first_bytes_and_words() {
    let named = |bytes: &[u8]| match rejected(bytes) {
        Reason::UnsupportedFormat { format } => format,
        other => panic!("{other:?}"),
    };
    assert_eq!(named(b"%PDF-1.7"), "PDF document");
    assert_eq!(named(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), "PGP key (not a message)");
    assert_eq!(
        named(b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"),
        "S/MIME (CMS) message"
    );
    assert_eq!(named(b"<!DOCTYPE html><html><body>Sign in"), "HTML page");
    assert_eq!(named(b"<TKNBatch>"), "RSA SecurID token file");
}

#[test]
fn only_a_header() {
    assert_eq!(errors(&checked(MS)), [("only_header", Some(1), None)]);
    assert_eq!(errors(&checked(&format!("{MS}Total,0,,,,\n")))[0].0, "only_header");
}

#[test]
fn headers_in_an_unknown_language_tell_what_was_seen_and_what_is_needed() {
    let text = format!("Numri rendor;\u{c7}el\u{eb}si;Intervali kohor\n1200000000011;{};30\n", SEEDS[0]);
    let table = read_text(&text);
    let Reason::HeadersUnknown { seen, needed } = &fault(&table, "headers_unknown").reason else { panic!() };
    assert_eq!(seen, &["Numri rendor", "\u{c7}el\u{eb}si", "Intervali kohor"]);
    assert_eq!(needed, &["serial", "seed"]);
    let table = read_text(&format!("serial,model,shoe\n1200000000011,XT,{}\n", SEEDS[0]));
    let Reason::HeadersUnknown { needed, .. } = &fault(&table, "headers_unknown").reason else { panic!() };
    assert_eq!(needed, &["seed"]);
}

#[test]
fn what_the_file_leaves_open_rejects_it_until_it_is_stated() {
    let text = format!("serial,seed\n1200000000011,{}\n", SEEDS[0]);
    assert_eq!(errors(&checked(&text)), [("period_unstated", None, None)]);
    let period = ReadOptions { period_secs: Some(60), ..ReadOptions::default() };
    let table = checked_with(&text, &period);
    assert_eq!(errors(&table), []);
    assert_eq!(decision(&table, "period"), ("60".into(), "stated_by_flag".into(), true));
    assert_eq!(decision(&table, "digits"), ("6".into(), "definition".into(), true));
    assert_eq!(decision(&table, "hash"), ("sha1".into(), "definition".into(), true));
}

#[test]
fn h13_the_hash_of_a_long_seed_is_never_guessed() {
    let long = "LHUMZ67FK5HNWB6RUTM4D3UW2WVM4E5RSR4ZO7LMV2PZOBR4GMHA";
    let text = format!("{MS},1200000000011,{long},30,,\n,1200000000012,{},30,,\n", SEEDS[0]);
    let table = checked(&text);
    assert_eq!(fault(&table, "hash_unstated").reason, Reason::HashUnstated { seed_bytes: 32, rows: 1 });
    assert!(table.is_rejected());
    let stated = ReadOptions { hash: Some(oathctl_core::token::Hash::Sha256), ..ReadOptions::default() };
    assert_eq!(errors(&checked_with(&text, &stated)), []);
    let column = format!("serial,seed,period,algorithm\n1200000000011,{long},30,HMAC-SHA-256\n");
    assert_eq!(errors(&checked(&column)), []);
}

#[test]
fn a_likely_encoding_is_shown_and_not_certain() {
    let text = "serial,seed,period\n1200000000200,a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5e6f7a2b3,30\n";
    let table = checked(text);
    assert_eq!(decision(&table, "seed_encoding"), ("hex".into(), "likelihood".into(), false));
    assert!(!table.is_rejected());
    let taken = Reason::SeedEncodingUncertain { taken: "hex".into() };
    assert_eq!(fault(&table, "seed_encoding_uncertain").reason, taken);
    let stated = ReadOptions { secret_encoding: Some(SeedEncoding::Base32), ..ReadOptions::default() };
    let table = checked_with(text, &stated);
    assert_eq!(decision(&table, "seed_encoding"), ("base32".into(), "stated_by_flag".into(), true));
    assert_eq!(table.rows().next().unwrap().seed_len(), 25);
}

#[test]
fn microsofts_csv_declares_base32_but_hex_is_recognised() {
    let text = format!("{MS},1200000000011,{},30,,\n,1200000000012,{},30,,\n", HEX[0], HEX[1]);
    let table = checked(&text);
    assert_eq!(decision(&table, "seed_encoding"), ("hex".into(), "only_one_fits".into(), true));
    assert_eq!(tokens(&table)[1].1, HEX[1]);
    let one_bad = format!(
        "{MS},1200000000011,{},30,,\n,1200000000012,ZS3CJN6L22OGIYSM8DDK3F3VUKFI6M6Z,30,,\n",
        SEEDS[1]
    );
    let table = checked(&one_bad);
    assert_eq!(errors(&table), [("seed_bad_character", Some(3), Some(3))]);
    let bad = Reason::SeedBadCharacter { character: '8', position: 17, encoding: "base32".into() };
    assert_eq!(fault(&table, "seed_bad_character").reason, bad);
}

#[test]
fn every_encoding_of_characters_reads_the_same() {
    let text = format!("{MS}zo\u{eb}@example.test,1200000000011,{},30,Ex\u{e4}mplar,XT-1\n", SEEDS[0]);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let variants: [(Vec<u8>, &str); 7] = [
        (text.clone().into_bytes(), "utf-8"),
        (format!("\u{feff}{text}").into_bytes(), "utf-8"),
        (as_utf16(&text, true, true), "utf-16le"),
        (as_utf16(&text, false, true), "utf-16be"),
        (as_utf16(&text, true, false), "utf-16le"),
        (as_utf16(&text, false, false), "utf-16be"),
        (latin, "windows-1252"),
    ];
    for (bytes, encoding) in variants {
        let table = read(input(bytes), &ReadOptions::default(), &mut NoKeys);
        assert_eq!(decision(&table, "encoding").0, encoding);
        let row = table.rows().next().unwrap();
        assert_eq!(
            (row.upn(), row.manufacturer()),
            (Some("zo\u{eb}@example.test"), "Ex\u{e4}mplar"),
            "{encoding}"
        );
    }
}

#[test]
fn columns_by_number_and_by_heading() {
    let headless = format!("XT-9,{},1200000000011,ada@example.test\n", SEEDS[0]);
    let map = |text| ReadOptions {
        columns: Some(ColumnMap::parse(text).unwrap()),
        period_secs: Some(30),
        ..ReadOptions::default()
    };
    let table = checked_with(&headless, &map("serial=3,seed=2,upn=4,model=1"));
    assert_eq!(errors(&table), []);
    let row = table.rows().next().unwrap();
    assert_eq!((row.serial(), row.upn(), row.model()), ("1200000000011", Some("ada@example.test"), "XT-9"));
    let unknown = format!("Numri;\u{c7}el\u{eb}si\n1200000000011;{}\n", SEEDS[0]);
    assert_eq!(errors(&checked_with(&unknown, &map("serial=numri,seed=\u{c7}EL\u{cb}SI"))), []);
    let table = checked_with(&unknown, &map("serial=1,seed=2"));
    assert_eq!((errors(&table), table.len()), (vec![], 1), "a first row without a seed is a header");
    let table = checked_with(&unknown, &map("serial=1,seed=7"));
    assert_eq!(fault(&table, "column_missing").reason, Reason::ColumnMissing { column: "7".into() });
}

#[test]
fn a_stated_separator_stands_above_what_is_counted() {
    let text = format!("1200,0001|{}\n1200,0002|{}\n", SEEDS[0], SEEDS[1]);
    let options = ReadOptions {
        separator: Separator::parse("|"),
        columns: ColumnMap::parse("serial=1,seed=2").ok(),
        period_secs: Some(30),
        ..ReadOptions::default()
    };
    let table = read(input(text), &options, &mut NoKeys);
    assert_eq!(decision(&table, "separator"), ("|".into(), "stated_by_flag".into(), true));
}

#[test]
fn a_source_that_fails_or_never_ends() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk on fire"))
        }
    }
    let table = read_from(Some("t.csv".into()), Broken, 0, &ReadOptions::default(), &mut NoKeys);
    assert_eq!(
        fault(&table, "file_unreadable").reason,
        Reason::FileUnreadable { detail: "disk on fire".into() }
    );
    let endless = std::io::repeat(b'a');
    let error = Input::read_from(None, endless, 10, 1_000_000).err();
    assert_eq!(error, Some(Reason::FileTooLarge { limit_bytes: 1_000_000 }));
    let exact = Input::read_from(None, &b"abc"[..], 3, 3).unwrap();
    assert_eq!(exact.bytes.as_slice(), b"abc");
}
