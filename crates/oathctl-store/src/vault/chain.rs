//! The secrets of an open vault, and what they open.
//!
//! Owns: [`Chain`]: seed ← seed key ← vault key, or for handed-out tokens the identity of the sealed compartment. Does
//! not own: where rows and wrapped keys lie, nor who gets to see a seed (the doors).

use age::x25519;
use oathctl_core::time::Entropy;
use oathctl_core::token::serial_key;
use zeroize::Zeroizing;

use super::envelope;
use super::error::VaultError;
use super::keyfile::{Compartment, KeyId, Wrapped};
use super::payload::{Bound, Payload};
use super::rows::Row;
use super::secret::Key;
use super::unlocker::Secrets;

/// The vault's id and its two secrets. Wiped when dropped.
#[derive(Clone)]
pub(super) struct Chain {
    pub(super) id: [u8; 16],
    pub(super) key: Key,
    /// `AGE-SECRET-KEY-1…` of the sealed compartment, as far as this unlocker opens it.
    pub(super) sealed: Option<Zeroizing<String>>,
}

impl Chain {
    pub(super) fn new(id: [u8; 16], secrets: Secrets) -> Self {
        Self { id, key: secrets.vault, sealed: secrets.sealed }
    }

    pub(super) fn secrets(&self) -> Secrets {
        Secrets { vault: self.key.clone(), sealed: self.sealed.clone() }
    }

    /// Opens a row and compares it with its index: what is shown as a serial is the one the seed is bound to.
    ///
    /// # Errors
    /// [`VaultError::Sealed`], [`VaultError::Tampered`].
    pub(super) fn payload(&self, row: &Row, wrapped: &Wrapped) -> Result<Payload, VaultError> {
        if serial_key(&row.serial) != row.serial_key || serial_key(&row.maker) != row.maker_key {
            return Err(VaultError::tampered("a token's name"));
        }
        let key = self.seed_key(&row.key_id, wrapped)?;
        let bytes = key.open(&self.bound(row).to_bytes(), &row.sealed);
        let payload = bytes.and_then(Payload::read).ok_or(VaultError::tampered("a seed"))?;
        if payload.parameters == row.parameters {
            Ok(payload)
        } else {
            Err(VaultError::tampered("a token's parameters"))
        }
    }

    pub(super) fn bound<'a>(&'a self, row: &'a Row) -> Bound<'a> {
        Bound {
            store: &self.id,
            token: &row.token,
            serial_key: &row.serial_key,
            key_id: &row.key_id,
            version: row.version,
        }
    }

    pub(super) fn seed_key(&self, id: &KeyId, wrapped: &Wrapped) -> Result<Key, VaultError> {
        let bound = self.key_bound(id, wrapped.compartment);
        let bytes = match wrapped.compartment {
            Compartment::Stock => self.stock_key().open(&bound, &wrapped.bytes),
            Compartment::Sealed => envelope::unwrap(&self.sealed_identity()?, &bound, &wrapped.bytes),
        };
        bytes.and_then(|bytes| Key::from_slice(&bytes)).ok_or(VaultError::tampered("a seed's key"))
    }

    /// Wraps a seed's key for a compartment; `sealed_recipient` is whom the header names for the sealed one.
    pub(super) fn wrap(
        &self,
        entropy: &dyn Entropy,
        (id, key): (&KeyId, &Key),
        compartment: Compartment,
        sealed_recipient: &str,
    ) -> Result<Wrapped, VaultError> {
        let bound = self.key_bound(id, compartment);
        let bytes = match compartment {
            Compartment::Stock => self.stock_key().seal(entropy, &bound, key.expose()),
            Compartment::Sealed => {
                envelope::wrap(&envelope::recipient(sealed_recipient)?, &bound, key.expose())?
            }
        };
        Ok(Wrapped { compartment, bytes })
    }

    pub(super) fn sealed_identity(&self) -> Result<x25519::Identity, VaultError> {
        envelope::identity(self.sealed.as_ref().ok_or(VaultError::Sealed)?)
    }

    fn key_bound(&self, id: &KeyId, compartment: Compartment) -> Vec<u8> {
        [b"oathctl vault 1 seed key\0".as_slice(), &self.id, id, &[compartment.byte()]].concat()
    }

    fn stock_key(&self) -> Key {
        self.key.derive("oathctl vault 1 stock")
    }
}
