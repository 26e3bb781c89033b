//! Encrypting what was written, as a whole: age or PGP.
//!
//! Owns: [`seal`], which keys of a file can be encrypted for. Does not own: PSKC's own encryption ([`super::pskc`]).
//! The age library draws its own randomness from the system.

use std::io::{Cursor, Write};

use age::secrecy::SecretString;
use oathctl_core::reason::Reason;
use oathctl_core::time::Utc;
use pgp::composed::{ArmorOptions, MessageBuilder, PublicOrSecret, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, Timestamp};
use zeroize::Zeroizing;

use super::random::{Random, Remembering, none};
use super::sink::Sink;
use crate::keys::{KeyFile, Passphrase};

/// log2 of the work of a passphrase: what age itself takes as its default, about a second and 256 MiB.
const WORK: u8 = 18;

/// For whom a file is encrypted.
#[derive(Debug)]
pub enum Sealing<'a> {
    /// age recipients, as in `age1…`.
    Age(&'a [String]),
    /// age with a passphrase.
    AgePassphrase(&'a Passphrase),
    /// PGP public keys, armoured or binary; several in one file are all meant. The message is armoured.
    Pgp(&'a [KeyFile]),
}

/// Encrypts. `now` judges the dates of PGP keys; without it they are not judged.
///
/// # Errors
/// `recipient_unusable` with the name of what can't be encrypted for and why; `own_fault` without randomness.
pub fn seal(
    bytes: &[u8],
    how: &Sealing<'_>,
    random: &dyn Random,
    now: Option<Utc>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    match how {
        Sealing::Age(recipients) => age_for(bytes, recipients),
        Sealing::AgePassphrase(passphrase) => age_by_passphrase(bytes, passphrase, WORK),
        Sealing::Pgp(keys) => pgp_for(bytes, keys, random, now),
    }
}

fn own(what: &str) -> Reason {
    Reason::OwnFault { what: what.into() }
}

fn unusable(name: &str, why: &str) -> Reason {
    // A secret key given by mistake must not be shown, nor anything long.
    let secret = name.len() > 120 || name.to_ascii_uppercase().contains("SECRET");
    let name = if secret { String::from("(not shown)") } else { name.to_owned() };
    Reason::RecipientUnusable { name, why: why.into() }
}

fn of_file(file: &KeyFile, why: &str) -> Reason {
    Reason::RecipientUnusable { name: file.name.clone(), why: why.into() }
}

fn age_for(bytes: &[u8], recipients: &[String]) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let read = |text: &String| {
        let text = text.trim();
        let why =
            if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") { "secret" } else { "not_a_key" };
        text.parse::<age::x25519::Recipient>().map_err(|_| unusable(text, why))
    };
    let recipients = recipients.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let dynamic = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(dynamic).map_err(|_| unusable("", "empty"))?;
    age_write(bytes, encryptor)
}

pub(super) fn age_by_passphrase(
    bytes: &[u8],
    passphrase: &Passphrase,
    work: u8,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.expose().to_owned()));
    recipient.set_work_factor(work);
    let one = std::iter::once(&recipient as &dyn age::Recipient);
    age_write(bytes, age::Encryptor::with_recipients(one).map_err(|_| own("age"))?)
}

fn age_write(bytes: &[u8], encryptor: age::Encryptor) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut out = Sink::with_capacity(bytes.len() + bytes.len() / 1000 + 1024);
    let mut writer = encryptor.wrap_output(&mut out).map_err(|_| own("age"))?;
    writer.write_all(bytes).map_err(|_| own("age"))?;
    writer.finish().map_err(|_| own("age"))?;
    Ok(out.into_bytes())
}

fn pgp_for(
    bytes: &[u8],
    files: &[KeyFile],
    random: &dyn Random,
    now: Option<Utc>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let keys = files.iter().map(|file| keys_of(file, now)).collect::<Result<Vec<_>, _>>()?.concat();
    if keys.is_empty() {
        return Err(unusable("", "empty"));
    }
    let mut rng = Remembering::new(random);
    let mut builder =
        MessageBuilder::from_reader("", bytes).seipd_v1(&mut rng, SymmetricKeyAlgorithm::AES256);
    for (name, key) in &keys {
        let done = match key {
            For::Primary(key) => builder.encrypt_to_key(&mut rng, key.as_ref()).is_ok(),
            For::Subkey(key) => builder.encrypt_to_key(&mut rng, key.as_ref()).is_ok(),
        };
        if !done {
            return Err(unusable(name, "unsupported"));
        }
    }
    let mut out = Sink::with_capacity(bytes.len() / 2 * 3 + 4096);
    let written = builder.to_armored_writer(&mut rng, ArmorOptions::default(), &mut out);
    match (rng.has_failed(), written) {
        (true, _) => Err(none()),
        (false, Err(_)) => Err(own("pgp")),
        (false, Ok(())) => Ok(out.into_bytes()),
    }
}

/// The key a message is encrypted for: a subkey as a rule.
#[derive(Clone)]
enum For {
    Primary(Box<pgp::packet::PublicKey>),
    Subkey(Box<SignedPublicSubKey>),
}

/// The keys of one file.
fn keys_of(file: &KeyFile, now: Option<Utc>) -> Result<Vec<(String, For)>, Reason> {
    let (keys, _) = PublicOrSecret::from_reader_many(Cursor::new(file.expose()))
        .map_err(|_| of_file(file, "not_a_key"))?;
    let mut found = Vec::new();
    for key in keys {
        let key = match key.map_err(|_| of_file(file, "not_a_key"))? {
            PublicOrSecret::Public(key) => key,
            // Somebody's secret key doesn't belong on another's desk; to take its public half would hide that.
            PublicOrSecret::Secret(_) => return Err(of_file(file, "secret")),
        };
        found.push((file.name.clone(), for_encryption(&key, now).map_err(|why| of_file(file, why))?));
    }
    if found.is_empty() { Err(of_file(file, "not_a_key")) } else { Ok(found) }
}

/// The newest subkey that may encrypt, else the primary key; the word says why there is none.
fn for_encryption(key: &SignedPublicKey, now: Option<Utc>) -> Result<For, &'static str> {
    let primary = &key.primary_key;
    if key.details.verify_bindings(primary).is_err() {
        return Err("damaged");
    }
    if !key.details.revocation_signatures.is_empty() {
        return Err("revoked");
    }
    let direct = key.details.direct_signatures.iter();
    let of_users = key.details.users.iter().flat_map(|user| &user.signatures);
    let about = newest(of_users.chain(direct));
    if about.is_some_and(|signature| is_expired(primary.created_at(), signature, now)) {
        return Err("expired");
    }
    let mut usable: Vec<&SignedPublicSubKey> =
        key.public_subkeys.iter().filter(|subkey| may_encrypt(subkey, primary, now)).collect();
    usable.sort_by_key(|subkey| subkey.key.created_at());
    if let Some(subkey) = usable.pop() {
        return Ok(For::Subkey(Box::new((*subkey).clone())));
    }
    let permitted = about.is_some_and(flags_permit);
    let able = primary.algorithm().can_encrypt();
    if able && permitted { Ok(For::Primary(Box::new(primary.clone()))) } else { Err("cannot_encrypt") }
}

fn may_encrypt(subkey: &SignedPublicSubKey, primary: &pgp::packet::PublicKey, now: Option<Utc>) -> bool {
    let revoked = subkey.signatures.iter().any(|s| s.typ() == Some(SignatureType::SubkeyRevocation));
    let Some(binding) = newest(subkey.signatures.iter()) else { return false };
    !revoked
        && subkey.key.algorithm().can_encrypt()
        && flags_permit(binding)
        && !is_expired(subkey.key.created_at(), binding, now)
        && subkey.verify_bindings(primary).is_ok()
}

fn newest<'s>(signatures: impl Iterator<Item = &'s Signature>) -> Option<&'s Signature> {
    signatures.max_by_key(|signature| signature.created())
}

fn flags_permit(signature: &Signature) -> bool {
    let flags = signature.key_flags();
    flags.encrypt_comms() || flags.encrypt_storage()
}

fn is_expired(created: Timestamp, signature: &Signature, now: Option<Utc>) -> bool {
    let (Some(now), Some(lifetime)) = (now, signature.key_expiration_time()) else { return false };
    let ends = i64::from(created.as_secs()) + i64::from(lifetime.as_secs());
    lifetime.as_secs() != 0 && now.unix_secs() >= ends
}
