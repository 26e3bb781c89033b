//! Keys out of the files of a ring.

use oathctl_core::table::TableBuilder;

use super::*;
use crate::keys::{KeyRing, Locked, Opened};
use crate::options::ReadOptions;
use crate::unwrap::limits::Spent;

const RSA_PEM: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient.key.pem");
const RSA_LOCKED: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient-locked.key.pem");

const OLD_AES: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient-old-aes.key.pem");
const OLD_3DES: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient-old-3des.key.pem");

/// A ring of files and passphrases; counts how often it was asked.
struct Ring {
    files: Vec<KeyFile>,
    passphrases: Vec<&'static str>,
    asked: usize,
}

impl KeyRing for Ring {
    fn key_files(&self) -> Vec<KeyFile> {
        self.files.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        self.asked += 1;
        let index = usize::try_from(locked.attempt).unwrap();
        self.passphrases.get(index).map(|text| Passphrase::new((*text).into()))
    }
}

fn with<T>(
    files: &[&[u8]],
    passphrases: &[&'static str],
    ask: impl FnOnce(&mut Session<'_>) -> T,
) -> (T, usize) {
    let files = files.iter().map(|bytes| KeyFile::new("key".into(), bytes.to_vec())).collect();
    let mut ring = Ring { files, passphrases: passphrases.to_vec(), asked: 0 };
    let options = ReadOptions::default();
    let mut session = Session {
        builder: TableBuilder::default(),
        options: &options,
        keys: &mut ring,
        opened: Opened::default(),
        spent: Spent::default(),
    };
    let result = ask(&mut session);
    (result, ring.asked)
}

fn rsa(files: &[&[u8]], passphrases: &[&'static str]) -> Result<usize, &'static str> {
    let ask = |session: &mut Session<'_>| session.rsa_keys(&Source::default());
    with(files, passphrases, ask).0.map(|keys| keys.len()).map_err(|reason| reason.word())
}

#[test]
fn rsa_keys_open_with_the_passphrase_that_fits() {
    assert_eq!(rsa(&[], &[]), Ok(0));
    assert_eq!(rsa(&[RSA_PEM, b"no key"], &[]), Ok(1));
    assert_eq!(rsa(&[RSA_LOCKED], &["wrong", "correct horse"]), Ok(1));
    assert_eq!(rsa(&[RSA_LOCKED], &[]), Err("passphrase_needed"));
    assert_eq!(rsa(&[RSA_LOCKED], &["wrong"]), Err("passphrase_wrong"));
    assert_eq!(rsa(&[RSA_LOCKED, RSA_PEM], &[]), Ok(1), "another key is enough");
    for old in [OLD_AES, OLD_3DES] {
        assert_eq!(rsa(&[old], &["wrong", "correct horse"]), Ok(1));
        assert_eq!(rsa(&[old], &["wrong"]), Err("passphrase_wrong"));
        assert_eq!(rsa(&[old], &[]), Err("passphrase_needed"));
    }
}

#[test]
fn a_passphrase_that_opened_something_is_not_asked_for_again() {
    let (keys, asked) = with(&[RSA_LOCKED], &["correct horse"], |session| {
        let origin = Source::default();
        (session.rsa_keys(&origin).map(|k| k.len()), session.rsa_keys(&origin).map(|k| k.len()))
    });
    assert_eq!(keys, (Ok(1), Ok(1)));
    assert_eq!(asked, 1);
}

#[test]
fn shared_keys_come_in_order() {
    let files: [&[u8]; 3] = [b"00112233445566778899aabbccddeeff\n", b"no key", &[7; 16]];
    let (keys, _) = with(&files, &[], |session| session.shared_keys());
    let lengths: Vec<usize> = keys.iter().map(|key| key.bytes.len()).collect();
    assert_eq!(lengths, [16, 24, 16]);
    assert_eq!(keys[2].bytes[0], 7);
}
