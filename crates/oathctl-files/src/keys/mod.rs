//! The key ring: who lends passphrases and keys to the readers.
//!
//! Owns: the port [`KeyRing`] and what passes through it; what a key file is ([`kind`]), the keys in it ([`given`]),
//! asking for passphrases until one fits ([`ask`]). Does not own: prompting, opening files or starting programs
//! (whoever implements the port does), nor what a key opens (each layer knows its own).

mod ask;
mod given;
mod kind;
mod legacy;
mod pem;

use std::fmt;
use std::sync::Arc;

use oathctl_core::place::Place;
use zeroize::Zeroizing;

pub(crate) use ask::{Opened, Tried};
pub(crate) use kind::{KeyKind, LockedKey};

/// Something that is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// ZIP archive, AES or ZipCrypto.
    Zip,
    /// 7z archive.
    SevenZip,
    /// PGP message.
    Pgp,
    /// age file.
    Age,
    /// Office document.
    Workbook,
    /// Seeds inside a PSKC file.
    Pskc,
    /// A private key that was given and is itself locked.
    PrivateKey,
}

impl Lock {
    /// The word in reasons: `zip`, `7z`, `pgp`, `age`, `workbook`, `pskc`, `private_key`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::SevenZip => "7z",
            Self::Pgp => "pgp",
            Self::Age => "age",
            Self::Workbook => "workbook",
            Self::Pskc => "pskc",
            Self::PrivateKey => "private_key",
        }
    }
}

/// What a passphrase is wanted for.
#[derive(Clone, Copy, Debug)]
pub struct Locked<'a> {
    /// What is locked.
    pub lock: Lock,
    /// Where it is.
    pub place: &'a Place,
    /// The name of the key, as far as the file tells it.
    pub hint: Option<&'a str>,
    /// How many passphrases were wrong already. The ring gives the next one, or none.
    pub attempt: u32,
}

/// A passphrase; wiped when dropped, never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes it over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The door: the text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(***)")
    }
}

/// A file given as a key: pre-shared key, PGP secret key, age identity, private key. Each layer takes those of
/// its kind.
#[derive(Clone)]
pub struct KeyFile {
    /// As the user named it.
    pub name: String,
    bytes: Arc<Zeroizing<Vec<u8>>>,
}

impl KeyFile {
    /// Takes the bytes over.
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes: Arc::new(Zeroizing::new(bytes)) }
    }

    /// The door: the bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFile({}, ***)", self.name)
    }
}

/// Lends keys. The readers ask; they prompt for nothing themselves.
pub trait KeyRing {
    /// The key files, in the order they were given.
    fn key_files(&self) -> Vec<KeyFile>;

    /// The next passphrase to try for `locked`; `None` when there is none (more).
    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase>;

    /// Lets the user's own gpg decrypt a PGP message; `None` when that was not asked for, an error with gpg's
    /// own words.
    fn gpg(&mut self, message: &[u8]) -> Option<Result<Zeroizing<Vec<u8>>, String>> {
        let _ = message;
        None
    }
}

/// The empty ring: whatever is locked stays so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeys;

impl KeyRing for NoKeys {
    fn key_files(&self) -> Vec<KeyFile> {
        Vec::new()
    }

    fn passphrase(&mut self, _: &Locked<'_>) -> Option<Passphrase> {
        None
    }
}
