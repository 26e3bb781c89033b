//! `convert`: what is written, what is left out, how it is encrypted, what it never does.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::files::{self, folder_of, private};
use crate::host::Setting;
use crate::schema::fits;
use crate::tenant::{Ran, Tenant, csv, run_in, seed};
use crate::transcript::holds;

/// Of every kind: for Entra, SHA-256, eight digits, counter-based.
const MIXED: &str = "serial,seed,type,digits,period,hash\n\
    # hex\n\
    A00001,9c41e07a5bd2883f10c6f57be2490da3617fc85e,totp,6,30,sha1\n\
    A00002,07f3b9d8526ec14a9d30f86b5ea2c71490b8d3f6,totp,6,60,sha256\n\
    A00003,e15a3c90d7f2486bb90c1e74a85fd326047bc9ed,totp,8,30,sha1\n\
    A00004,5d80f1b62ce793a40fd871c6eb25904a3df786ce,hotp,6,7,sha1\n\
    A00005,damaged,totp,6,30,sha1\n";

fn folder() -> TempDir {
    let people = ["anna@practice.example", "bert@practice.example"].map(str::to_owned);
    folder_of(&[("tokens.csv", &csv(&people)), ("new.txt", "correct horse battery\n"), ("mixed.csv", MIXED)])
}

fn read(folder: &TempDir, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

fn is_there(folder: &TempDir, name: &str) -> bool {
    folder.path().join(name).exists()
}

fn run(folder: &TempDir, line: &str) -> Ran {
    files::run(folder, &format!("oathctl convert {line}"))
}

#[test]
fn there_and_back_again() {
    let folder = folder();
    let there = run(&folder, "tokens.csv out.oath.csv --plaintext");
    let back = run(&folder, "out.oath.csv back.csv --plaintext");
    holds("convert", &[&there, &back]);
    assert_eq!((there.code, back.code), (0, 0), "{}{}", there.err, back.err);
    let text = String::from_utf8(read(&folder, "back.csv")).unwrap();
    for n in 0..2 {
        assert!(text.contains(&seed(n)) && text.contains(&format!("S{n:05}")), "row {n}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(folder.path().join("back.csv")).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_a_format_cannot_hold_is_left_out_and_told() {
    let folder = folder();
    let some = run(&folder, "mixed.csv out.csv --plaintext");
    let strict = run(&folder, "mixed.csv strict.csv --plaintext --strict");
    let nearly_all = run(&folder, "mixed.csv out.oath.csv --plaintext");
    holds("convert_left_out", &[&some, &strict, &nearly_all]);
    assert_eq!((some.code, strict.code, nearly_all.code), (3, 6, 3), "{}", some.err);
    let text = String::from_utf8(read(&folder, "out.csv")).unwrap();
    assert!(text.contains("A00001") && !text.contains("A00002"), "SHA-256 has no place in Microsoft's CSV");
    assert!(!is_there(&folder, "strict.csv"));
    let text = String::from_utf8(read(&folder, "out.oath.csv")).unwrap();
    for serial in ["A00001", "A00002", "A00003", "A00004"] {
        assert!(text.contains(serial), "{serial}");
    }
}

#[test]
fn seeds_are_written_in_plain_text_only_when_that_is_said() {
    let folder = folder();
    for line in ["tokens.csv out.csv", "tokens.csv out.xml", "tokens.csv - --to otpauth"] {
        let ran = run(&folder, line);
        assert_eq!(ran.code, 2, "{line}");
        for way in ["--recipient", "--out-passphrase-file", "--plaintext"] {
            assert!(ran.err.contains(way), "{line}: {}", ran.err);
        }
        assert_eq!(ran.out, "");
    }
    assert!(!is_there(&folder, "out.csv") && !is_there(&folder, "out.xml"));
}

#[test]
fn a_passphrase_and_a_recipient_leave_no_seed_to_be_seen() {
    let folder = folder();
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    private(&folder, "team.txt", format!("# the team\n{recipient}\n"));
    for (line, begins) in [
        ("tokens.csv a.xml --out-passphrase-file new.txt".to_owned(), "<?xml"),
        ("tokens.csv b.csv --out-passphrase-file new.txt".to_owned(), "age-encryption.org/v1"),
        (format!("tokens.csv c.json.age --recipient {recipient}"), "age-encryption.org/v1"),
        ("tokens.csv d.csv.age --recipient team.txt".to_owned(), "age-encryption.org/v1"),
    ] {
        let ran = run(&folder, &line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        let bytes = read(&folder, line.split(' ').nth(1).unwrap());
        assert!(bytes.starts_with(begins.as_bytes()), "{line}");
        let text = String::from_utf8_lossy(&bytes).to_uppercase();
        assert!(!text.contains(&seed(0)[..12]) && !text.contains("CORRECT HORSE"), "{line}");
        assert!(!ran.err.contains("horse"), "{}", ran.err);
    }
    for line in ["tokens.csv e.csv --recipient nowhere.asc", "tokens.csv e.csv --recipient mixed.csv"] {
        let ran = run(&folder, line);
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(!is_there(&folder, "e.csv"));
    }
}

#[test]
fn a_secret_key_is_no_recipient() {
    let folder = folder();
    let fixture =
        |name: &str| std::fs::read(format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for name in ["sample-pgp.sec.asc", "sample-age.key"] {
        private(&folder, name, fixture(name));
        let ran = run(&folder, &format!("tokens.csv out.csv --recipient {name}"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(name) && ran.err.contains("it is a secret key"), "{}", ran.err);
        assert!(!ran.err.contains("AGE-SECRET"), "{}", ran.err);
        assert!(!is_there(&folder, "out.csv"));
    }
}

#[test]
fn a_new_passphrase_has_twelve_characters_or_more() {
    let folder = folder();
    private(&folder, "short.txt", "eleven-char\n");
    private(&folder, "enough.txt", "twelve-chars\n");
    for out in ["out.xml", "out.csv"] {
        let ran = run(&folder, &format!("tokens.csv {out} --out-passphrase-file short.txt"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("fewer than 12 characters") && !ran.err.contains("eleven"), "{}", ran.err);
        assert!(!is_there(&folder, out));
    }
    assert_eq!(run(&folder, "tokens.csv out.xml --out-passphrase-file enough.txt").code, 0);
    // Typed, it is asked for once only.
    let setting = Setting { terminal: true, typed: "short".into(), ..Setting::default() };
    let ran = run_in(folder.path(), "oathctl convert tokens.csv typed.xml", setting, |_| {});
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(!is_there(&folder, "typed.xml"));
}

#[test]
fn scripts_get_a_summary_in_every_case() {
    let folder = folder();
    let tenant = Tenant::new();
    let document = |line: &str, code: u8| {
        let ran = run(&folder, &format!("{line} --plaintext --output json"));
        assert_eq!(ran.code, code, "{line}: {}", ran.err);
        fits(&tenant, "convert/1", &ran.out);
        let value: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(value["exit_code"], code);
        assert!(!ran.out.contains(&seed(0)), "{line}");
        value
    };
    let all = document("tokens.csv out.oath.csv", 0);
    assert_eq!(all["output"]["encryption"], "none");
    assert_eq!((&all["totals"]["written"], &all["totals"]["left_out"]), (&json!(2), &json!(0)));
    assert_eq!(all["not_carried"], json!(["upn", "manufacturer", "model"]));
    let some = document("mixed.csv some.csv", 3);
    assert_eq!((&some["totals"]["written"], &some["totals"]["left_out"]), (&json!(1), &json!(4)));
    assert_eq!(some["stopped"], Value::Null);
    let strict = document("mixed.csv strict.csv --strict", 6);
    assert_eq!((&strict["totals"]["written"], &strict["totals"]["left_out"]), (&json!(0), &json!(4)));
    assert_eq!(
        (&strict["output"]["is_written"], &strict["stopped"]["reason"]),
        (&json!(false), &json!("input_refused"))
    );
    let refused = document("new.txt refused.csv", 6);
    assert_eq!(refused["totals"]["left_out"], Value::Null);
    assert!(!refused["faults"].as_array().unwrap().is_empty());
    // Standard output is one thing at a time.
    let ran = run(&folder, "tokens.csv - --to otpauth --plaintext --output json");
    assert_eq!(ran.code, 2, "{}", ran.err);
    fits(&tenant, "error/1", &ran.out);
}

#[test]
fn a_new_passphrase_is_typed_twice() {
    let folder = folder();
    let setting = Setting { terminal: true, ..Setting::default() };
    let ran = run_in(folder.path(), "oathctl convert tokens.csv out.xml", setting, |_| {});
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(String::from_utf8(read(&folder, "out.xml")).unwrap().contains("EncryptionKey"));
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder();
    let before = read(&folder, "tokens.csv");
    private(&folder, "there.csv", "mine\n");
    for line in [
        "tokens.csv there.csv --plaintext",
        "tokens.csv tokens.csv --plaintext",
        "tokens.csv ./tokens.csv --plaintext",
        "mixed.csv new.txt --to otpauth --out-passphrase-file new.txt",
        "mixed.csv new.txt --to otpauth --plaintext --key-file new.txt",
    ] {
        assert_eq!(run(&folder, line).code, 2, "{line}");
    }
    assert_eq!(read(&folder, "tokens.csv"), before);
    assert_eq!(read(&folder, "there.csv"), b"mine\n");
    assert_eq!(read(&folder, "new.txt"), b"correct horse battery\n");
}

#[test]
fn a_name_that_tells_no_format_asks_for_one() {
    let folder = folder();
    let ran = run(&folder, "tokens.csv out.bin --plaintext");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--to") && ran.err.contains("graph-json"), "{}", ran.err);
    assert_eq!(run(&folder, "tokens.csv out.bin --to graph-json --plaintext").code, 0);
    assert_eq!(run(&folder, "tokens.csv out2.bin --to word --plaintext").code, 2);
}

#[test]
fn standard_output_takes_it_unless_it_is_a_terminal() {
    let folder = folder();
    let ran = run(&folder, "tokens.csv - --to oath-csv --plaintext");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("S00000") && !ran.err.contains(&seed(0)));
    let setting = Setting { terminal: true, ..Setting::default() };
    let line = "oathctl convert tokens.csv - --to oath-csv --plaintext";
    let shown = run_in(folder.path(), line, setting, |_| {});
    assert_eq!((shown.code, shown.out.as_str()), (2, ""), "{}", shown.err);
}

#[test]
fn what_cannot_be_read_or_is_only_likely_is_not_written() {
    let folder = folder();
    private(&folder, "empty.csv", "");
    let rows: String =
        (2..5).map(|n| format!("A0000{n},{n}34567ABCDEF234567ABCDEF2345672{n},30\n")).collect();
    private(&folder, "likely.csv", format!("serial,secret,period\n{rows}"));
    for name in ["empty.csv", "likely.csv", "nowhere.csv"] {
        let ran = run(&folder, &format!("{name} out.csv --plaintext"));
        assert_eq!(ran.code, 6, "{name}: {}", ran.err);
        assert!(!is_there(&folder, "out.csv"));
    }
    assert_eq!(run(&folder, "likely.csv out.csv --plaintext --secret-encoding hex").code, 0);
}
