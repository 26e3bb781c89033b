//! `check --codes`: the reading of a file held against what tokens show.

use oathctl_sim::secret::SeedBytes;
use oathctl_sim::totp::{Codes, Hash};
use serde_json::Value;
use tempfile::TempDir;

use crate::files::folder_of;
use crate::host::{NOON_MS, Setting};
use crate::tenant::{Ran, csv, run_in, seed};
use crate::transcript::holds;

/// Within a period, so that the test may take a while.
const NOW_MS: i64 = NOON_MS + 2_000;

fn folder(tokens: &str, codes: &str) -> TempDir {
    folder_of(&[("tokens.csv", tokens), ("codes.txt", codes)])
}

fn run(folder: &TempDir, line: &str, terminal: bool, typed: &str) -> Ran {
    let setting = Setting { terminal, stdin: typed.into(), begins_ms: NOW_MS, ..Setting::default() };
    run_in(folder.path(), line, setting, |_| {})
}

fn two() -> String {
    csv(&["anna@practice.example", "bert@practice.example"].map(str::to_owned))
}

/// What a device with this seed shows, so many seconds from now.
fn code(seed: Vec<u8>, hash: Hash, from_now: i64) -> String {
    let step = (NOW_MS / 1000 + from_now) / 30;
    Codes::new(&SeedBytes::new(seed), hash, 6, 30).at(step).open().clone()
}

fn bytes(base32: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |c: u8| alphabet.iter().position(|it| *it == c).unwrap();
    let bits: Vec<u8> =
        base32.bytes().flat_map(|c| (0..5).rev().map(move |k| (value(c) >> k & 1) as u8)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect()
}

fn list(hash: Hash) -> (String, Vec<String>) {
    let codes: Vec<String> = (0..2).map(|n| code(bytes(&seed(n)), hash, 0)).collect();
    let lines = codes.iter().enumerate().map(|(n, code)| format!("S{n:05} {code}\n")).collect();
    (lines, codes)
}

#[test]
fn a_file_that_is_read_rightly() {
    let (list, codes) = list(Hash::Sha1);
    let folder = folder(&two(), &list);
    let ran = run(&folder, "oathctl check tokens.csv --codes codes.txt", false, "");
    holds("check_codes", &[&ran]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for code in codes {
        assert!(!ran.out.contains(&code) && !ran.err.contains(&code), "a code is shown");
    }
    let by_stdin = run(&folder, "oathctl check tokens.csv --codes -", false, &list);
    assert_eq!(by_stdin.code, 0, "{}{}", by_stdin.out, by_stdin.err);
}

#[test]
fn h13_two_tokens_pin_the_hash_the_file_keeps_silent_about() {
    let (list, codes) = list(Hash::Sha256);
    let folder = folder(&two(), &list);
    let ran = run(&folder, "oathctl check tokens.csv --codes codes.txt", false, "");
    holds("check_codes_otherwise", &[&ran]);
    assert_eq!(ran.code, 6);
    assert!(ran.out.contains("--hash sha256"), "{}", ran.out);
    let json = run(&folder, "oathctl check tokens.csv --codes codes.txt --output json", false, "");
    let value: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["codes"]["verdict"], "pinned");
    assert_eq!(value["codes"]["state"]["hash"], "sha256");
    assert_eq!(value["codes"]["tokens"][0]["result"], "fits");
    assert!(!json.out.contains(&codes[0]) && !json.out.contains(&codes[1]));
    let stated = run(&folder, "oathctl check tokens.csv --hash sha256 --codes codes.txt", false, "");
    assert_eq!(stated.code, 0, "{}", stated.out);
}

#[test]
fn h11_one_code_far_off_proves_nothing_yet() {
    let folder = folder(&two(), &format!("S00000 {}\n", code(bytes(&seed(0)), Hash::Sha1, 7_200)));
    let ran = run(&folder, "oathctl check tokens.csv --codes codes.txt", false, "");
    assert_eq!(ran.code, 6, "{}", ran.out);
}

#[test]
fn codes_settle_what_nobody_can_tell() {
    let hex = ["234567ABCDEF234567ABCDEF23456723", "ABCDEF234567ABCDEF234567ABCDEF22"];
    let tokens = format!("serial,secret,period\nA-1,{},30\nA-2,{},30\n", hex[0], hex[1]);
    let base32: String = hex
        .iter()
        .enumerate()
        .map(|(n, text)| format!("A-{},{}\n", n + 1, code(bytes(text), Hash::Sha1, 0)))
        .collect();
    let folder = folder(&tokens, &base32);
    let ran = run(&folder, "oathctl check tokens.csv --codes codes.txt", true, "");
    assert_eq!(ran.code, 6);
    assert!(ran.out.contains("--secret-encoding base32"), "{}", ran.out);
    let stated =
        run(&folder, "oathctl check tokens.csv --codes codes.txt --secret-encoding base32", false, "");
    assert_eq!(stated.code, 0, "{}", stated.out);
}

#[test]
fn codes_are_typed_on_a_terminal() {
    let (list, codes) = list(Hash::Sha1);
    let folder = folder(&two(), "");
    let ran = run(&folder, "oathctl check tokens.csv --codes", true, &format!("{list}\n"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!ran.err.contains(&codes[0]), "{}", ran.err);
}

#[test]
fn lists_that_say_nothing() {
    let folder = folder(&two(), "# none\n");
    assert_eq!(run(&folder, "oathctl check tokens.csv --codes codes.txt", false, "").code, 2);
    assert_eq!(run(&folder, "oathctl check tokens.csv --codes nowhere.txt", false, "").code, 2);
    assert_eq!(run(&folder, "oathctl check - --codes -", false, "").code, 2);
    let odd = run(&folder, "oathctl check tokens.csv --codes -", false, "S00000 12345x\nX-1 123456\n");
    assert_eq!(odd.code, 6, "{}", odd.out);
    assert!(odd.err.contains("value_malformed") && !odd.err.contains("12345"), "{}", odd.err);
    assert!(odd.out.contains("no such serial"), "{}", odd.out);
}
