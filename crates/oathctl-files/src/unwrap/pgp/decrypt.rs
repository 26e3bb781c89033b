//! Decrypting a PGP message.
//!
//! Owns: which key or passphrase opens it, and what it means when none does. Does not own: the keys
//! ([`super::keys`]), what is inside.

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use pgp::composed::{
    DecryptionOptions, Edata, Esk, Message, PlainSessionKey, decrypt_session_key_with_password,
};
use pgp::packet::{PublicKeyEncryptedSessionKey as Recipient, SymKeyEncryptedSessionKey as ByPassphrase};
use pgp::types::{Password, StringToKey};
use zeroize::Zeroizing;

use super::super::limits::{Cut, read_all};
use super::super::{damaged, unsupported};
use super::hex;
use super::keys::{self, Matched};
use crate::keys::{Lock, Passphrase, Tried};
use crate::session::Session;

/// People a message may be for; passphrases it may be locked by: each costs work before anything is known.
const MOST_RECIPIENTS: usize = 256;
const MOST_PASSPHRASES: usize = 8;
/// Of Argon2 (RFC 9580 §3.7.1.4): 2^19 KiB is half a GiB; its second recommended setting is 2^16.
const MOST_MEMORY_EXPONENT: u8 = 19;
const MOST_PASSES: u8 = 8;

/// The packets inside an encrypted message.
pub(super) fn decrypt(
    bytes: &[u8],
    origin: &Source,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let (locks, _) = parts(bytes)?;
    let recipients: Vec<&Recipient> = locks.iter().filter_map(as_recipient).collect();
    let passphrases: Vec<&ByPassphrase> = locks.iter().filter_map(as_passphrase).collect();
    bearable(&recipients, &passphrases)?;
    let refused = match keys::open(&recipients, origin, session) {
        // A session key out of a fitting key is right: what doesn't open by it was altered.
        Matched::Opened(key) => match with_key(bytes, &key, session) {
            Ok(inner) => return Ok(inner),
            Err(cut) => return Err(cut.or_damaged("pgp")),
        },
        Matched::Refused(reason) => Some(reason),
        Matched::Nobody => None,
    };
    if !passphrases.is_empty() {
        return by_passphrase(bytes, &passphrases, origin, session).map_err(|reason| match reason {
            Reason::PassphraseNeeded { .. } => refused.unwrap_or(reason),
            reason => reason,
        });
    }
    session.tell_unusable_keys(origin, Severity::Error);
    Err(refused.unwrap_or_else(|| nobody(&recipients, session)))
}

/// No key fits: which ones would, or that those given don't where the message names nobody.
fn nobody(recipients: &[&Recipient], session: &Session<'_>) -> Reason {
    let what = "pgp".to_owned();
    let named: Vec<String> = recipients.iter().filter_map(|recipient| name(recipient)).collect();
    if named.is_empty() && !session.pgp_keys().is_empty() {
        return Reason::KeyWrong { what };
    }
    Reason::KeyNeeded { what, recipients: named }
}

fn name(recipient: &Recipient) -> Option<String> {
    match recipient.id() {
        Ok(id) => (!id.is_wildcard()).then(|| hex(id.as_ref())),
        Err(_) => recipient.fingerprint().ok().flatten().map(|found| hex(found.as_bytes())),
    }
}

fn by_passphrase(
    bytes: &[u8],
    locks: &[&ByPassphrase],
    origin: &Source,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let meter = session.spent.meter(bytes.len());
    session.unlock(Lock::Pgp, origin, None, |passphrase: &Passphrase| {
        let password = Password::from(passphrase.expose());
        for lock in locks {
            // Most messages have no check of the passphrase: a wrong one gives a key that opens nothing.
            let Ok(key) = decrypt_session_key_with_password(lock, &password) else { continue };
            match open_data(bytes, &key, &mut meter.clone()) {
                Ok(inner) => return Tried::Fits(inner),
                Err(Cut::Limit(reason)) => return Tried::Failed(reason),
                Err(Cut::Io) => {}
            }
        }
        Tried::Wrong
    })
}

fn with_key(bytes: &[u8], key: &PlainSessionKey, session: &Session<'_>) -> Result<Zeroizing<Vec<u8>>, Cut> {
    open_data(bytes, key, &mut session.spent.meter(bytes.len()))
}

fn open_data(
    bytes: &[u8],
    key: &PlainSessionKey,
    meter: &mut super::super::limits::Meter,
) -> Result<Zeroizing<Vec<u8>>, Cut> {
    let (_, mut data) = parts(bytes).map_err(Cut::Limit)?;
    let options = DecryptionOptions::new().enable_gnupg_aead();
    data.decrypt_with_options(key, options).map_err(|_| Cut::Io)?;
    read_all(data, meter)
}

/// What locks a message, and the data.
fn parts(bytes: &[u8]) -> Result<(Vec<Esk>, Edata<'_>), Reason> {
    match Message::from_bytes(bytes) {
        Ok(Message::Encrypted { edata: Edata::SymEncryptedData { .. }, .. }) => {
            Err(unsupported("PGP without protection against changes (MDC)"))
        }
        Ok(Message::Encrypted { esk, edata, .. }) => Ok((esk, edata)),
        _ => Err(damaged("pgp")),
    }
}

fn as_recipient(lock: &Esk) -> Option<&Recipient> {
    if let Esk::PublicKeyEncryptedSessionKey(recipient) = lock { Some(recipient) } else { None }
}

fn as_passphrase(lock: &Esk) -> Option<&ByPassphrase> {
    match lock {
        Esk::SymKeyEncryptedSessionKey(lock) if lock.is_supported() => Some(lock),
        _ => None,
    }
}

fn bearable(recipients: &[&Recipient], passphrases: &[&ByPassphrase]) -> Result<(), Reason> {
    let excessive = passphrases.iter().filter_map(|lock| lock.s2k()).any(|derivation| match derivation {
        StringToKey::Argon2 { t, m_enc, .. } => *m_enc > MOST_MEMORY_EXPONENT || *t > MOST_PASSES,
        _ => false,
    });
    match () {
        () if excessive => Err(unsupported("PGP with an excessive key derivation")),
        () if recipients.len() > MOST_RECIPIENTS || passphrases.len() > MOST_PASSPHRASES => {
            Err(unsupported("PGP with too many recipients"))
        }
        () => Ok(()),
    }
}
