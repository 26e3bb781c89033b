//! What of encryption can only be seen from inside, or takes too long at its full cost.

use std::io::Read;

use oathctl_core::reason::Reason;
use oathctl_core::table::TableBuilder;
use pgp::composed::{Deserializable, SignedSecretKey};
use pgp::ser::Serialize;

use super::random::{NoRandomness, Random};
use super::seal::age_by_passphrase;
use super::{PskcLock, Sealing, Target, seal, write};
use crate::keys::{KeyFile, Passphrase};

/// A system without randomness.
struct Empty;

impl Random for Empty {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
        Err(NoRandomness)
    }
}

#[test]
fn a_file_for_an_age_passphrase_opens_with_it_and_no_other() {
    let sealed = age_by_passphrase(b"text", &Passphrase::new("right horse".into()), 4).unwrap();
    let open = |passphrase: &str| {
        let identity = age::scrypt::Identity::new(passphrase.to_owned().into());
        let decryptor = age::Decryptor::new(&sealed[..]).unwrap();
        let mut text = Vec::new();
        decryptor
            .decrypt(std::iter::once(&identity as &dyn age::Identity))
            .ok()
            .and_then(|mut reader| reader.read_to_end(&mut text).ok().map(|_| text))
    };
    assert_eq!(open("right horse"), Some(b"text".to_vec()));
    assert_eq!(open("wrong horse"), None);
}

#[test]
fn without_randomness_nothing_is_encrypted() {
    let none = Reason::OwnFault { what: "no randomness".into() };
    let table = TableBuilder::default().finish();
    let lock = PskcLock { iterations: 1, ..PskcLock::new(Passphrase::new("p".into())) };
    assert_eq!(write(table.rows(), Target::Pskc, Some((&lock, &Empty))).err(), Some(none.clone()));
    let key = KeyFile::new("key".into(), public_half_of_the_sample());
    assert_eq!(seal(b"text", &Sealing::Pgp(&[key]), &Empty, None).err(), Some(none));
}

const SECRET_KEY: &[u8] = include_bytes!("../../../../fixtures/sample-pgp.sec.asc");

fn public_half_of_the_sample() -> Vec<u8> {
    let (key, _) = SignedSecretKey::from_armor_single(SECRET_KEY).unwrap();
    key.to_public_key().to_bytes().unwrap()
}

#[test]
fn what_is_no_recipient_is_told_and_a_secret_key_not_shown() {
    let of = |text: &str| seal(b"", &Sealing::Age(&[text.to_owned()]), &Empty, None).err();
    let reason =
        |name: &str, why: &str| Some(Reason::RecipientUnusable { name: name.into(), why: why.into() });
    assert_eq!(of("age1nonsense"), reason("age1nonsense", "not_a_key"));
    assert_eq!(of("AGE-SECRET-KEY-1QQQ"), reason("(not shown)", "secret"));
    assert_eq!(seal(b"", &Sealing::Age(&[]), &Empty, None).err(), reason("", "empty"));
    let file = |bytes: &[u8]| [KeyFile::new("k.asc".into(), bytes.to_vec())];
    let pgp = |bytes: &[u8]| seal(b"", &Sealing::Pgp(&file(bytes)), &Empty, None).err();
    assert_eq!(pgp(b""), reason("k.asc", "not_a_key"));
    assert_eq!(pgp(b"hello"), reason("k.asc", "not_a_key"));
    assert_eq!(pgp(SECRET_KEY), reason("k.asc", "secret"));
}
