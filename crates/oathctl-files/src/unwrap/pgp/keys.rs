//! The PGP secret keys of a ring.
//!
//! Owns: taking them out of key files, finding those a message was encrypted for, opening locked ones. Does not own:
//! decrypting the message ([`super::decrypt`]).

use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use pgp::composed::{Deserializable, PlainSessionKey, SignedSecretKey};
use pgp::packet::PublicKeyEncryptedSessionKey as Recipient;
use pgp::types::{DecryptionKey, EskType, Password, PkeskVersion, S2kParams, SecretParams, StringToKey};

use super::{armour, hex};
use crate::keys::{KeyKind, Lock, Passphrase, Tried};
use crate::session::Session;

/// A key file's secret keys.
pub(super) struct Keys {
    name: String,
    keys: Vec<SignedSecretKey>,
}

/// What the keys that were given made of a message's recipients.
pub(super) enum Matched {
    /// Its session key.
    Opened(PlainSessionKey),
    /// A key fits and stays locked, or fits and doesn't open.
    Refused(Reason),
    /// None is meant.
    Nobody,
}

impl Session<'_> {
    /// The PGP secret keys among the key files, in the order given.
    pub(super) fn pgp_keys(&self) -> Vec<Keys> {
        let files = self.keys.key_files().into_iter();
        let files = files.filter(|file| matches!(KeyKind::of(file), KeyKind::PgpSecret));
        let keys = files.map(|file| {
            let blocks = armour::secret_keys(file.expose());
            let keys =
                blocks.iter().filter_map(|block| SignedSecretKey::from_bytes_many(block.as_slice()).ok());
            let keys = keys.flatten().filter_map(Result::ok).collect();
            Keys { name: file.name, keys }
        });
        keys.collect()
    }
}

/// Tries every key on every recipient it may be.
pub(super) fn open(recipients: &[&Recipient], origin: &Source, session: &mut Session<'_>) -> Matched {
    let mut matched = Matched::Nobody;
    for file in session.pgp_keys() {
        for (recipient, key) in recipients.iter().flat_map(|one| file.keys.iter().map(move |key| (one, key)))
        {
            match open_by(recipient, key, &file.name, origin, session) {
                Matched::Opened(opened) => return Matched::Opened(opened),
                Matched::Refused(reason) if matches!(matched, Matched::Nobody) => {
                    matched = Matched::Refused(reason);
                }
                _ => {}
            }
        }
    }
    matched
}

fn open_by(
    recipient: &Recipient,
    key: &SignedSecretKey,
    name: &str,
    origin: &Source,
    session: &mut Session<'_>,
) -> Matched {
    let mut matched = Matched::Nobody;
    let primary = &key.primary_key;
    if recipient.match_identity(primary.public_key()) && !is_stub(primary.secret_params()) {
        let locked = primary.secret_params().is_encrypted();
        matched = session_key(recipient, primary, locked, name, origin, session);
    }
    for subkey in key.secret_subkeys.iter().map(|subkey| &subkey.key) {
        if matches!(matched, Matched::Opened(_)) {
            break;
        }
        if recipient.match_identity(subkey.public_key()) && !is_stub(subkey.secret_params()) {
            let locked = subkey.secret_params().is_encrypted();
            matched = session_key(recipient, subkey, locked, name, origin, session);
        }
    }
    matched
}

fn session_key(
    recipient: &Recipient,
    key: &impl DecryptionKey,
    locked: bool,
    name: &str,
    origin: &Source,
    session: &mut Session<'_>,
) -> Matched {
    let kind = match recipient.version() {
        PkeskVersion::V3 => EskType::V3_4,
        PkeskVersion::V6 => EskType::V6,
        PkeskVersion::Other(_) => return Matched::Nobody,
    };
    let Ok(values) = recipient.values() else { return Matched::Nobody };
    let wrong = || Reason::KeyWrong { what: "pgp".into() };
    if !locked {
        return match key.decrypt(&Password::empty(), values, kind) {
            Ok(Ok(opened)) => Matched::Opened(opened),
            _ => Matched::Refused(wrong()),
        };
    }
    let hint = format!("{name}, {}", hex(key.legacy_key_id().as_ref()));
    let opened = session.unlock(Lock::PrivateKey, origin, Some(&hint), |passphrase: &Passphrase| {
        match key.decrypt(&Password::from(passphrase.expose()), values, kind) {
            Ok(Ok(opened)) => Tried::Fits(opened),
            Ok(Err(_)) => Tried::Failed(wrong()),
            Err(_) => Tried::Wrong,
        }
    });
    opened.map_or_else(Matched::Refused, Matched::Opened)
}

/// GnuPG leaves a stub where the secret part is on a card or was left out.
fn is_stub(params: &SecretParams) -> bool {
    let SecretParams::Encrypted(params) = params else { return false };
    let (S2kParams::Cfb { s2k, .. } | S2kParams::Aead { s2k, .. } | S2kParams::MalleableCfb { s2k, .. }) =
        params.string_to_key_params()
    else {
        return false;
    };
    matches!(s2k, StringToKey::Private { .. } | StringToKey::Other { .. } | StringToKey::Reserved { .. })
}
