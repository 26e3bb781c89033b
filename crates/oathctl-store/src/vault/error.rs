//! What can go wrong with the vault, in few words that the binary turns into sentences.
//!
//! Owns: [`VaultError`]. Never carries a seed, a key or a passphrase.

use crate::error::StoreError;

/// Why the vault could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no vault here.
    #[error("there is no vault here")]
    None,
    /// There is one already.
    #[error("there is a vault already")]
    Exists,
    /// A newer oathctl wrote it; nothing was touched.
    #[error("the vault has format {format}; this one knows {known}")]
    Newer {
        /// The vault's format.
        format: u16,
        /// The newest format known here.
        known: u16,
    },
    /// What is there is not what was written: `vault_tampered`.
    #[error("the vault was altered or is damaged: {what}")]
    Tampered {
        /// Which part.
        what: &'static str,
    },
    /// The passphrase or key opens none of the unlockers (or the unlockers were altered: that looks the same).
    #[error("this opens no unlocker of the vault")]
    Refused,
    /// No unlocker is of the kind that was offered.
    #[error("the vault has no unlocker of kind {kind}")]
    NoUnlocker {
        /// `passphrase`, `key_file`, `age`.
        kind: &'static str,
    },
    /// No unlocker has this id or name.
    #[error("no unlocker `{given}`")]
    UnknownUnlocker {
        /// What was asked for.
        given: String,
    },
    /// The last unlocker can't be removed: nobody could open the vault any more.
    #[error("the last unlocker can't be removed")]
    LastUnlocker,
    /// An unlocker's parameters are outside what is ever written.
    #[error("the unlocker's parameters are out of bounds")]
    OutOfBounds,
    /// The seed lies in the sealed compartment, which this unlocker does not open.
    #[error("the seed is sealed, and this unlocker opens the stock only")]
    Sealed,
    /// The vault holds no seed of this token: never had, or forgotten.
    #[error("the vault holds no seed of this token")]
    NotHeld,
    /// Another process changed the vault since it was opened here.
    #[error("another process changed the vault")]
    Changed,
    /// One half of the vault is an older copy that was brought back.
    #[error("the {half} is older than the other half of the vault")]
    Older {
        /// `database`, `key file`.
        half: &'static str,
    },
    /// The database has seeds, and their key half is not there.
    #[error("the vault's key half is missing")]
    NoKeys,
    /// Something that is no recipient or no key.
    #[error("not usable as {what}")]
    Unusable {
        /// `age recipient`, `age identity`, `key file`.
        what: &'static str,
    },
    /// The store below it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VaultError {
    /// Damage at a place.
    pub(super) const fn tampered(what: &'static str) -> Self {
        Self::Tampered { what }
    }
}

impl From<sqlx::Error> for VaultError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
