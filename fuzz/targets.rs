//! What is fuzzed, by its public way in alone. The test suite includes this file and replays the corpora with it.
//!
//! A target must not panic, hang or take more memory than the limit of its run, whatever it is given. To add one: a
//! line in [`TARGETS`]; inputs worth keeping go to `corpus/NAME/`.

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::table::Table;
use oathctl_core::time::Utc;
use oathctl_files::proof::{explain, read_codes};
use oathctl_files::{
    Input, KeyFile, KeyRing, Locked, NoKeys, Passphrase, ReadOptions, Target as Format, convertible, pair,
    read, read_selection, read_serials, read_users_csv, write,
};

/// One thing that is fuzzed.
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// What its inputs begin with; put in front of those that don't, so that they reach the reader meant.
    begins: &'static [&'static str],
    run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "unwrap", begins: &[], run: locked },
    Target { name: "delimited", begins: &[], run: plain },
    Target { name: "json", begins: &["{", "["], run: plain },
    Target { name: "pskc", begins: &["<?xml", "<KeyContainer", "<SecretContainer", "<"], run: locked },
    Target { name: "xml", begins: &["<Tokens", "<data><header><manufacturerCode/>", "<"], run: plain },
    Target { name: "otpauth", begins: &["otpauth://", "otpauth-migration://"], run: plain },
    Target { name: "safeword", begins: &["# SafeWord Authenticator Records\n", "sccTokenData:"], run: plain },
    Target { name: "yubico", begins: &["LOGGING START", "# ykksm 1\n", "OATH-HOTP,"], run: plain },
    Target { name: "inventory", begins: &["Type, Reference, Description, Data\n"], run: plain },
    Target { name: "workbook", begins: &["PK\u{3}\u{4}"], run: locked },
    Target { name: "keys", begins: &[], run: keys },
    Target { name: "lists", begins: &[], run: lists },
    Target { name: "codes", begins: &[], run: codes },
];

impl Target {
    /// Gives the target one input.
    pub fn run(&self, data: &[u8]) {
        let begun = |begin: &&str| data.starts_with(begin.as_bytes());
        match self.begins.first() {
            Some(first) if !self.begins.iter().any(begun) => (self.run)(&[first.as_bytes(), data].concat()),
            _ => (self.run)(data),
        }
    }
}

/// What the fixtures are locked with.
const PASSPHRASES: [&str; 3] = ["correct horse", "p\u{e4}ssw\u{f6}rd", "1234"];

/// A ring with the keys of all fixtures.
struct Ring(Vec<KeyFile>);

impl Ring {
    fn new() -> Self {
        let file = |name: &str, bytes: &[u8]| KeyFile::new(name.into(), bytes.to_vec());
        Self(vec![
            file("shared", b"00112233445566778899aabbccddeeff"),
            file("longer", b"a841974e3368c0a5435924112e3cc75a3f6d5121f6763c6dfe899e280b65affe"),
            file("age", include_bytes!("../fixtures/sample-age.key")),
            file("pgp", include_bytes!("../fixtures/sample-pgp.sec.asc")),
            file("rsa", include_bytes!("../fixtures/recipient.key.pem")),
        ])
    }
}

impl KeyRing for Ring {
    fn key_files(&self) -> Vec<KeyFile> {
        self.0.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        let next = PASSPHRASES.get(usize::try_from(locked.attempt).ok()?)?;
        Some(Passphrase::new((*next).to_owned()))
    }
}

fn input(data: &[u8]) -> Input {
    Input::new(Some("input".into()), data.to_vec())
}

fn options() -> ReadOptions {
    ReadOptions { now: Some(Utc::from_unix_secs(1_790_000_000)), ..ReadOptions::default() }
}

fn plain(data: &[u8]) {
    judge(read(input(data), &options(), &mut NoKeys));
}

fn locked(data: &[u8]) {
    judge(read(input(data), &options(), &mut Ring::new()));
}

/// What every command does with what was read: judges it, and may write it.
fn judge(mut table: Table) {
    check(&mut table, &CheckOptions::default());
    for format in Format::ALL {
        let written = write(convertible(&table), format, None);
        assert!(written.is_ok(), "writing fails for want of randomness alone");
    }
}

/// A key file of any kind, tried on files that need one.
fn keys(data: &[u8]) {
    for locked in [
        &include_bytes!("../fixtures/pskc-psk-aes128.xml")[..],
        include_bytes!("../fixtures/pskc-x509-oaep.xml"),
        include_bytes!("../fixtures/ms-basic.csv.age"),
        include_bytes!("../fixtures/ms-basic.csv.asc"),
    ] {
        let mut ring = Ring(vec![KeyFile::new("key".into(), data.to_vec())]);
        judge(read(input(locked), &options(), &mut ring));
    }
}

/// Lists of people, of choices, of serials.
fn lists(data: &[u8]) {
    let tokens = include_bytes!("../fixtures/ms-basic.csv");
    let mut table = read(input(tokens), &options(), &mut NoKeys);
    let _ = pair(&table, input(data));
    let _ = pair(&read_serials(input(data)), input(data));
    let _ = read_selection(input(data));
    let _ = read_users_csv(input(data)).apply(&mut table);
}

/// Codes of devices.
fn codes(data: &[u8]) {
    let given = read_codes(input(data));
    let mut table = read(input(include_bytes!("../fixtures/ms-basic.csv")), &options(), &mut NoKeys);
    check(&mut table, &CheckOptions::default());
    // A day under every reading is a matter of time, not of parsing.
    let few: Vec<_> = given.codes.into_iter().take(1).collect();
    let _ = explain(&table, &few, Utc::from_unix_secs(1_790_000_000));
}
