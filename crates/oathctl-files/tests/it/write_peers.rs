//! Other people's programs read what we write: gpg and python-pskc, where they are installed.
//!
//! `OATHCTL_PSKC_PYTHON` names a Python that has python-pskc; `cargo xtask test` sets it up, and says what is missing.
#![expect(clippy::disallowed_methods, reason = "these tests start other programs")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use oathctl_core::token::Hash;
use oathctl_files::{KeyFile, PskcCipher, Random, Sealing, Target, seal, write};

use crate::support::SEEDS;
use crate::write::{Counting, Token, lock, table, text};

/// What a program says on its standard output; `None` when it can't be started or does not end well.
fn run(program: &str, arguments: &[&str], home: Option<&Path>, input: &[u8]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(home) = home {
        command.env("GNUPGHOME", home);
    }
    let mut child = command.spawn().ok()?;
    let _ = child.stdin.take()?.write_all(input);
    let out = child.wait_with_output().ok()?;
    out.status.success().then(|| String::from_utf8(out.stdout).ok()).flatten()
}

#[test]
fn gpg_decrypts_what_we_encrypt() {
    if run("gpg", &["--version"], None, b"").is_none() {
        eprintln!("gpg is not installed: what we encrypt was not tried with it.");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let secret = include_bytes!("../../../../fixtures/sample-pgp.sec.asc");
    let gpg = |arguments: &[&str], input: &[u8]| {
        let always = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
        run("gpg", &[&always[..], arguments].concat(), Some(home.path()), input)
    };
    gpg(&["--import"], secret).unwrap();
    let public = gpg(&["--armor", "--export"], b"").unwrap();
    let plain = "seed\r\n".repeat(20_000);
    let keys = [KeyFile::new("key.asc".into(), public.into_bytes())];
    let sealed = seal(plain.as_bytes(), &Sealing::Pgp(&keys), &Counting::default(), None).unwrap();
    assert!(sealed.starts_with(b"-----BEGIN PGP MESSAGE-----"));
    assert_eq!(gpg(&["--decrypt"], &sealed).as_deref(), Some(plain.as_str()));
    let _ = run("gpgconf", &["--kill", "all"], Some(home.path()), b"");
}

/// Serial, seed in hex, algorithm, period, counter and digits of every key, one a line.
const SCRIPT: &str = "
import sys
from pskc import PSKC
pskc = PSKC(sys.stdin.buffer)
if len(sys.argv) > 1:
    pskc.encryption.derive_key(sys.argv[1])
for key in pskc.keys:
    print(key.serial, key.secret.hex(), key.algorithm.rsplit(':')[-1], key.time_interval, key.counter, key.response_length, key.algorithm_suite, sep=',')
";

#[test]
fn python_pskc_reads_what_we_write() {
    let python = std::env::var("OATHCTL_PSKC_PYTHON").unwrap_or_else(|_| "python3".into());
    if run(&python, &["-c", "import pskc"], None, b"").is_none() {
        eprintln!("python-pskc is not installed: the PSKC we write was not tried with it.");
        return;
    }
    let tokens = [
        Token { hash: Hash::Sha256, period: 60, digits: 8, ..Token::plain("A&1", SEEDS[0]) },
        Token { hotp: true, counter: 7, ..Token::plain("2", SEEDS[1]) },
    ];
    let expected = "A&1,ccb624b7cbd69c64624c30c6ad9775a28a8f33d9,totp,60,None,8,HMAC-SHA256\n\
                    2,e6fca8dd0dceb6e58654919c8e26d3b7b714383c,hotp,None,7,6,HMAC-SHA1\n";
    let plain = write(table(&tokens).rows(), Target::Pskc, None).unwrap();
    assert_eq!(run(&python, &["-c", SCRIPT], None, text(&plain).as_bytes()).as_deref(), Some(expected));
    for cipher in [PskcCipher::Aes128, PskcCipher::Aes256] {
        let random = Counting::default();
        let lock = lock("right horse", cipher);
        let locked =
            write(table(&tokens).rows(), Target::Pskc, Some((&lock, &random as &dyn Random))).unwrap();
        let read = |passphrase| run(&python, &["-c", SCRIPT, passphrase], None, &locked.bytes);
        assert_eq!(read("right horse").as_deref(), Some(expected), "{cipher:?}");
        assert_eq!(read("wrong horse"), None);
    }
}
