//! The keys in the files that were given.
//!
//! Owns: pre-shared and RSA keys for the readers of sealed seeds, and telling files that are no keys. Does not own:
//! PGP keys and age identities (their layers take them out).

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncryptedPrivateKeyInfo};
use zeroize::Zeroizing;

use super::legacy::LegacyKey;
use super::{KeyFile, KeyKind, Lock, LockedKey, Passphrase, Tried};
use crate::session::Session;

/// One reading of a file as a pre-shared key: 16, 24 or 32 bytes.
pub(crate) struct SharedKey {
    /// The file, as the user named it.
    pub(crate) name: String,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Session<'_> {
    /// Every reading of every file as a pre-shared key, in the order given, the likeliest of a file first.
    pub(crate) fn shared_keys(&self) -> Vec<SharedKey> {
        let mut keys = Vec::new();
        for file in self.keys.key_files() {
            if let KeyKind::Shared(readings) = KeyKind::of(&file) {
                keys.extend(readings.into_iter().map(|bytes| SharedKey { name: file.name.clone(), bytes }));
            }
        }
        keys
    }

    /// The RSA private keys, in the order given. Locked ones are opened with passphrases of the ring, asked for
    /// once a reading.
    ///
    /// # Errors
    /// `passphrase_needed` or `passphrase_wrong` (`private_key`), `key_unusable`, when a locked key stays so and
    /// there is no other.
    pub(crate) fn rsa_keys(&mut self, origin: &Source) -> Result<Vec<RsaPrivateKey>, Reason> {
        let (mut keys, mut locked) = (Vec::new(), None);
        for file in self.keys.key_files() {
            let opened = match KeyKind::of(&file) {
                KeyKind::Rsa(key) => Ok(*key),
                KeyKind::Locked(LockedKey::Pkcs8(der)) => self.unlock_rsa(&file, &der, origin),
                KeyKind::Locked(LockedKey::Legacy(key)) => self.unlock_legacy(&file, &key, origin),
                _ => continue,
            };
            match opened {
                Ok(key) => keys.push(key),
                Err(reason) => locked = locked.or(Some(reason)),
            }
        }
        match locked {
            Some(reason) if keys.is_empty() => Err(reason),
            _ => Ok(keys),
        }
    }

    fn unlock_rsa(&mut self, file: &KeyFile, der: &[u8], origin: &Source) -> Result<RsaPrivateKey, Reason> {
        let unusable = || Reason::KeyUnusable { name: file.name.clone(), why: "unsupported".into() };
        let info = EncryptedPrivateKeyInfo::try_from(der).map_err(|_| unusable())?;
        // A method that isn't read fails alike with every passphrase: better told as such.
        let known = info.encryption_algorithm.pbes2().is_some();
        if !known {
            return Err(unusable());
        }
        self.unlock(Lock::PrivateKey, origin, Some(&file.name), |passphrase: &Passphrase| {
            let Ok(opened) = info.decrypt(passphrase.expose().as_bytes()) else { return Tried::Wrong };
            match RsaPrivateKey::from_pkcs8_der(opened.as_bytes()) {
                Ok(key) => Tried::Fits(key),
                Err(_) => Tried::Failed(unusable()),
            }
        })
    }

    fn unlock_legacy(
        &mut self,
        file: &KeyFile,
        key: &LegacyKey,
        origin: &Source,
    ) -> Result<RsaPrivateKey, Reason> {
        self.unlock(Lock::PrivateKey, origin, Some(&file.name), |passphrase: &Passphrase| {
            let der = key.open(passphrase.expose());
            let opened = der.and_then(|der| RsaPrivateKey::from_pkcs1_der(&der).ok());
            opened.map_or(Tried::Wrong, Tried::Fits)
        })
    }

    /// Tells every file given as a key that is none, once a reading: an error where something stays closed for want
    /// of a key, else a warning.
    pub(crate) fn tell_unusable_keys(&mut self, origin: &Source, severity: Severity) {
        if std::mem::replace(&mut self.opened.told_unusable, true) {
            return;
        }
        for file in self.keys.key_files() {
            if let KeyKind::Unusable(why) = KeyKind::of(&file) {
                self.tell(origin, severity, Reason::KeyUnusable { name: file.name, why: why.into() });
            }
        }
    }
}

#[cfg(test)]
#[path = "given_tests.rs"]
mod tests;
