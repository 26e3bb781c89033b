//! The vault's header: its unlockers, under a check value.
//!
//! Owns: [`Header`], its text, and opening it with what somebody offers. Does not own: the keys of single seeds
//! ([`super::keyfile`]).

use oathctl_core::time::Utc;
use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::unlocker::{Opener, Secrets, Unlocker};

/// The format of header, key file and rows.
pub(super) const FORMAT: u16 = 1;

/// What stands in front of the keys, as JSON. Every byte of it is under the key file's check value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// 16 random bytes in hex: which vault this is.
    pub(super) store: String,
    /// Grows with every change.
    pub(super) generation: u64,
    pub(super) written_by: String,
    pub(super) changed_at: Utc,
    /// The sealed compartment's recipient: everybody who opens the vault can put seeds in there.
    pub(super) sealed_recipient: String,
    pub(super) unlockers: Vec<Unlocker>,
}

impl Header {
    /// The vault's id.
    pub(super) fn store_id(&self) -> Result<[u8; 16], VaultError> {
        let bytes = data_encoding::HEXLOWER.decode(self.store.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(VaultError::tampered("the vault's id"))
    }

    /// As JSON.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the JSON.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        serde_json::from_slice(bytes).map_err(|_| VaultError::tampered("the header"))
    }

    /// Tries `opener` at every unlocker of its kind, so that a wrong one takes as long as a right one.
    ///
    /// # Errors
    /// [`VaultError::NoUnlocker`] when none is of the kind, [`VaultError::Refused`] when none opens.
    pub(super) fn open(&self, opener: &Opener) -> Result<(Secrets, String), VaultError> {
        let store = self.store_id()?;
        let kind = opener.word();
        let mut fitting = self.unlockers.iter().filter(|unlocker| unlocker.way.word() == kind).peekable();
        if fitting.peek().is_none() {
            return Err(VaultError::NoUnlocker { kind });
        }
        let mut opened = None;
        for unlocker in fitting {
            let secrets = unlocker.open(&store, opener)?;
            opened = opened.or(secrets.map(|secrets| (secrets, unlocker.id.clone())));
        }
        opened.ok_or(VaultError::Refused)
    }
}
