//! Secrets wrapped for an age recipient.
//!
//! Owns: [`wrap`] and [`unwrap`], and reading recipients and identities (<https://age-encryption.org/v1>, X25519
//! only). Does not own: whom anything is wrapped for. An age file has no associated data: the digest of what it is
//! bound to stands in front of the secret, inside.

use std::io::{Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::VaultError;

/// Nothing that is wrapped is longer, digest included, in bytes.
const LONGEST: usize = 1024;

/// A pair of keys; the identity as text is a secret.
pub(super) struct Pair {
    pub(super) recipient: String,
    pub(super) identity: Zeroizing<String>,
}

impl Pair {
    /// A new one. Its randomness comes from the operating system, by way of the library.
    pub(super) fn generate() -> Self {
        let identity = x25519::Identity::generate();
        let recipient = identity.to_public().to_string();
        Self { recipient, identity: Zeroizing::new(identity.to_string().expose_secret().to_owned()) }
    }
}

/// Reads `age1…`.
pub(super) fn recipient(text: &str) -> Result<x25519::Recipient, VaultError> {
    x25519::Recipient::from_str(text.trim()).map_err(|_| VaultError::Unusable { what: "age recipient" })
}

/// Reads the first `AGE-SECRET-KEY-1…` line.
pub(super) fn identity(text: &str) -> Result<x25519::Identity, VaultError> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
    let identity = line.and_then(|line| x25519::Identity::from_str(line).ok());
    identity.ok_or(VaultError::Unusable { what: "age identity" })
}

/// Wraps `secret` for `to`; `bound` must be the same again when it is unwrapped.
pub(super) fn wrap(to: &x25519::Recipient, bound: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
    write(to, bound, secret).ok_or(VaultError::Unusable { what: "age recipient" })
}

fn write(to: &x25519::Recipient, bound: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let recipients = std::iter::once(to as &dyn age::Recipient);
    let mut file = Vec::new();
    let mut writer = age::Encryptor::with_recipients(recipients).ok()?.wrap_output(&mut file).ok()?;
    writer.write_all(&Sha256::digest(bound)).ok()?;
    writer.write_all(secret).ok()?;
    writer.finish().ok()?;
    Some(file)
}

/// Unwraps what [`wrap`] made; `None` for another identity, another binding, or altered bytes.
pub(super) fn unwrap(with: &x25519::Identity, bound: &[u8], file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = age::Decryptor::new(file).ok()?;
    let reader = decryptor.decrypt(std::iter::once(with as &dyn age::Identity)).ok()?;
    // With room from the start nothing outgrown is left behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let read = reader.take(LONGEST as u64).read_to_end(&mut plain).ok()?;
    let (head, secret) = plain.split_at_checked(32)?;
    let fits: bool = head.ct_eq(&Sha256::digest(bound)).into();
    (fits && read < LONGEST).then(|| Zeroizing::new(secret.to_vec()))
}
