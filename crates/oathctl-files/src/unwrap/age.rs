//! age files (<https://c2sp.org/age>): for X25519 identities, for keys of OpenSSH or by passphrase, armoured or not.
//!
//! Owns: taking it off. Does not own: recognising key files ([`crate::keys`]).

use std::io::{BufReader, Read};
use std::str::FromStr;

use age::armor::ArmoredReader;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Identity, scrypt, ssh, x25519};
use memchr::memmem::find;
use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::limits::{Meter, read_all};
use super::{Piece, damaged, unsupported};
use crate::keys::{KeyKind, Lock, Passphrase, Tried};
use crate::session::Session;

/// Of scrypt: 2^18 is what age writes and takes 256 MiB; each step doubles it.
const MOST_WORK: u8 = 20;

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let bytes = without_mail(&piece.bytes)?;
    let mut meter = session.spent.meter(bytes.len());
    let inner = if header(bytes)?.is_scrypt() {
        by_passphrase(bytes, &mut meter, piece, session)?
    } else {
        by_identity(bytes, &mut meter, piece, session)?
    };
    session.spent.keep(&meter);
    Ok(vec![piece.within(inner)])
}

/// The armour alone, where there is one: mail programs put text around it.
fn without_mail(bytes: &[u8]) -> Result<&[u8], Reason> {
    const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
    let Some(begin) = find(bytes, b"-----BEGIN AGE ENCRYPTED FILE-----") else { return Ok(bytes) };
    if bytes.starts_with(b"age-encryption.org/") {
        return Ok(bytes);
    }
    let armour = &bytes[begin..];
    let end = find(armour, END).ok_or_else(|| damaged("age"))?;
    Ok(&armour[..end + END.len()])
}

fn header(bytes: &[u8]) -> Result<Decryptor<ArmoredReader<BufReader<&[u8]>>>, Reason> {
    Decryptor::new_buffered(ArmoredReader::new(bytes)).map_err(|error| match error {
        DecryptError::UnknownFormat => unsupported("age of another version"),
        _ => damaged("age"),
    })
}

fn by_passphrase(
    bytes: &[u8],
    meter: &mut Meter,
    piece: &Piece,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    session.unlock(Lock::Age, &piece.origin, None, |passphrase: &Passphrase| {
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose().to_owned()));
        identity.set_max_work_factor(MOST_WORK);
        attempt(bytes, &[&identity], meter)
    })
}

fn by_identity(
    bytes: &[u8],
    meter: &mut Meter,
    piece: &Piece,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let Identities { open, locked } = identities(session);
    let borrowed: Vec<&dyn Identity> = open.iter().map(AsRef::as_ref).collect();
    match attempt(bytes, &borrowed, meter) {
        Tried::Fits(inner) => return Ok(inner),
        Tried::Failed(reason) => return Err(reason),
        Tried::Wrong => {}
    }
    // A locked key is asked for only where a key of its kind is among those meant.
    for (name, key) in locked.iter().filter(|_| is_for_ssh(bytes)) {
        let fresh = meter.clone();
        let unlocked = session.unlock(Lock::PrivateKey, &piece.origin, Some(name), |passphrase| {
            let passphrase = SecretString::from(passphrase.expose().to_owned());
            key.decrypt(passphrase).map_or(Tried::Wrong, Tried::Fits)
        })?;
        *meter = fresh;
        match attempt(bytes, &[&ssh::Identity::Unencrypted(unlocked)], meter) {
            Tried::Fits(inner) => return Ok(inner),
            Tried::Failed(reason) => return Err(reason),
            Tried::Wrong => {}
        }
    }
    session.tell_unusable_keys(&piece.origin, Severity::Error);
    let what = "age".to_owned();
    // The file doesn't name its recipients.
    if open.is_empty() && locked.is_empty() {
        Err(Reason::KeyNeeded { what, recipients: Vec::new() })
    } else {
        Err(Reason::KeyWrong { what })
    }
}

/// What opens files for keys.
#[derive(Default)]
struct Identities {
    open: Vec<Box<dyn Identity>>,
    /// Keys of OpenSSH under a passphrase, with the names of their files.
    locked: Vec<(String, ssh::EncryptedKey)>,
}

/// Those of all key files. An RSA key in its old PEM form is one of OpenSSH's too.
fn identities(session: &Session<'_>) -> Identities {
    let mut found = Identities::default();
    for file in session.keys.key_files() {
        let text = crate::text::decode(Zeroizing::new(file.expose().to_vec()));
        match KeyKind::of(&file) {
            KeyKind::AgeIdentities => {
                let lines = text.as_str().lines();
                let each = lines.filter_map(|line| x25519::Identity::from_str(line.trim()).ok());
                found.open.extend(each.map(|one| Box::new(one) as Box<dyn Identity>));
            }
            KeyKind::Ssh(identity) => match *identity {
                ssh::Identity::Encrypted(key) => found.locked.push((file.name, key)),
                identity => found.open.push(Box::new(identity)),
            },
            KeyKind::Rsa(_) => {
                let identity = ssh::Identity::from_buffer(text.as_str().as_bytes(), None);
                found.open.extend(identity.ok().map(|one| Box::new(one) as Box<dyn Identity>));
            }
            _ => {}
        }
    }
    found
}

/// The header names kinds of keys in plain text.
fn is_for_ssh(bytes: &[u8]) -> bool {
    const MOST_HEADER: u64 = 64 * 1024;
    let mut head = Vec::new();
    let read = ArmoredReader::new(bytes).take(MOST_HEADER).read_to_end(&mut head);
    read.is_ok() && find(&head, b"\n-> ssh-").is_some()
}

fn attempt(bytes: &[u8], identities: &[&dyn Identity], meter: &mut Meter) -> Tried<Zeroizing<Vec<u8>>> {
    let decryptor = match header(bytes) {
        Ok(decryptor) => decryptor,
        Err(reason) => return Tried::Failed(reason),
    };
    let reader = match decryptor.decrypt(identities.iter().copied()) {
        Ok(reader) => reader,
        Err(
            DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed,
        ) => {
            return Tried::Wrong;
        }
        Err(DecryptError::ExcessiveWork { .. }) => {
            return Tried::Failed(unsupported("age with an excessive key derivation"));
        }
        Err(_) => return Tried::Failed(damaged("age")),
    };
    match read_all(reader, meter) {
        Ok(inner) => Tried::Fits(inner),
        // The key fits, so what doesn't open by it was altered.
        Err(cut) => Tried::Failed(cut.or_damaged("age")),
    }
}
