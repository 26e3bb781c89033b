//! Unlockers: who may open the vault.
//!
//! Owns: [`Unlocker`] as it stands in the header, and how its owner opens it: by passphrase (Argon2id, RFC 9106), by
//! a key file, or by an age identity of his own. Does not own: the check value over all of them
//! ([`super::keyfile`]).
//!
//! Every unlocker is a pair of age keys. The vault's secrets are wrapped for its recipient, so they can be wrapped
//! anew without its owner; its identity is sealed under the passphrase or the key file, or is not here at all.

use age::x25519;
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::{BASE64, HEXLOWER};
use oathctl_core::time::{Entropy, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::envelope::{self, Pair};
use super::error::VaultError;
use super::secret::Key;

/// Argon2id for new passphrases: 64 MiB, three passes, one lane.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What is accepted from a file: not weaker than is written, and no trap for the machine that opens it.
const MEMORY_BOUNDS: std::ops::RangeInclusive<u32> = MEMORY_KIB..=1024 * 1024;
const PASSES_BOUNDS: std::ops::RangeInclusive<u32> = PASSES..=20;

/// The first line of a key file.
const KEY_FILE: &str = "OATHCTL-VAULT-KEY-1";

/// One unlocker, as JSON of the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unlocker {
    /// Eight random bytes in hex.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) added_at: Utc,
    pub(super) way: Way,
    /// `age1…`: for whom the vault's secrets are wrapped.
    pub(super) recipient: String,
    /// The vault key, wrapped; Base64.
    pub(super) vault: String,
    /// The identity of the sealed compartment, wrapped; Base64. Who has none opens the stock only.
    pub(super) sealed: Option<String>,
}

/// What its owner has, and his identity sealed under that (Base64).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Way {
    /// A passphrase.
    Passphrase { memory_kib: u32, passes: u32, salt: String, identity: String },
    /// 32 random bytes in a file that does not lie here.
    KeyFile { identity: String },
    /// An age identity of his own.
    Age,
}

impl Way {
    /// `passphrase`, `key_file`, `age`.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Passphrase { .. } => "passphrase",
            Self::KeyFile { .. } => "key_file",
            Self::Age => "age",
        }
    }
}

/// What somebody offers to open the vault with. Wiped when dropped.
pub enum Opener {
    /// A passphrase.
    Passphrase(Zeroizing<String>),
    /// The content of a key file.
    KeyFile(Zeroizing<String>),
    /// An age identity, `AGE-SECRET-KEY-1…`.
    Age(Zeroizing<String>),
}

impl Opener {
    /// `passphrase`, `key_file`, `age`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passphrase(_) => "passphrase",
            Self::KeyFile(_) => "key_file",
            Self::Age(_) => "age",
        }
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opener({}, ***)", self.word())
    }
}

/// Whom a new unlocker is for.
pub struct NewUnlocker {
    /// A name people know it by.
    pub name: String,
    /// What its owner has.
    pub owner: Owner,
    /// It opens the sealed compartment too.
    pub opens_sealed: bool,
}

/// What the owner of an unlocker has.
pub enum Owner {
    /// He knows this passphrase.
    Passphrase(Zeroizing<String>),
    /// He has this key file; [`new_key_file`] makes its content.
    KeyFile(Zeroizing<String>),
    /// He has the identity of this age recipient, `age1…`.
    Age(String),
}

/// The content of a new key file: two lines of text.
pub fn new_key_file(entropy: &dyn Entropy) -> Zeroizing<String> {
    let key = Zeroizing::new(BASE64.encode(Key::random(entropy).expose()));
    Zeroizing::new(format!("{KEY_FILE}\n{}\n", *key))
}

/// The two secrets of a vault, opened.
pub(super) struct Secrets {
    pub(super) vault: Key,
    /// `AGE-SECRET-KEY-1…` of the sealed compartment, as far as this unlocker opens it.
    pub(super) sealed: Option<Zeroizing<String>>,
}

impl Unlocker {
    /// A new one that opens `secrets`.
    ///
    /// # Errors
    /// [`VaultError::Unusable`] for what is no key file or no age recipient; [`VaultError::Sealed`] when it is to
    /// open a compartment that is not open.
    pub(super) fn make(
        store: &[u8; 16],
        new: &NewUnlocker,
        secrets: &Secrets,
        at: Utc,
        entropy: &dyn Entropy,
    ) -> Result<Self, VaultError> {
        let mut id = [0; 8];
        entropy.fill(&mut id);
        let id = HEXLOWER.encode(&id);
        let (way, recipient) = way(store, &id, &new.owner, entropy)?;
        let blank = Self {
            id,
            name: new.name.clone(),
            added_at: at,
            way,
            recipient,
            vault: String::new(),
            sealed: new.opens_sealed.then(String::new),
        };
        blank.rewrap(store, secrets)
    }

    /// The same unlocker for other secrets. Its owner need not be there.
    pub(super) fn rewrap(&self, store: &[u8; 16], secrets: &Secrets) -> Result<Self, VaultError> {
        let to = envelope::recipient(&self.recipient)?;
        let wrap = |what, secret: &[u8]| {
            envelope::wrap(&to, &bound(store, &self.id, what), secret).map(|bytes| BASE64.encode(&bytes))
        };
        let sealed = match &self.sealed {
            None => None,
            Some(_) => {
                let identity = secrets.sealed.as_ref().ok_or(VaultError::Sealed)?;
                Some(wrap("sealed", identity.as_bytes())?)
            }
        };
        Ok(Self { vault: wrap("vault", secrets.vault.expose())?, sealed, ..self.clone() })
    }

    /// Opens with what is offered; `None` when it does not fit.
    ///
    /// # Errors
    /// [`VaultError::OutOfBounds`] before any work is done for parameters nobody writes; [`VaultError::Unusable`].
    pub(super) fn open(&self, store: &[u8; 16], opener: &Opener) -> Result<Option<Secrets>, VaultError> {
        let Some(identity) = self.identity(store, opener)? else { return Ok(None) };
        let unwrap = |what, text: &str| {
            let file = BASE64.decode(text.as_bytes()).ok()?;
            envelope::unwrap(&identity, &bound(store, &self.id, what), &file)
        };
        let Some(vault) = unwrap("vault", &self.vault).and_then(|key| Key::from_slice(&key)) else {
            return Ok(None);
        };
        let sealed = self.sealed.as_ref().and_then(|text| unwrap("sealed", text)).and_then(|b| text_of(&b));
        Ok(Some(Secrets { vault, sealed }))
    }

    fn identity(&self, store: &[u8; 16], opener: &Opener) -> Result<Option<x25519::Identity>, VaultError> {
        let (key, sealed) = match (&self.way, opener) {
            (Way::Age, Opener::Age(text)) => return envelope::identity(text).map(Some),
            (Way::Passphrase { memory_kib, passes, salt, identity }, Opener::Passphrase(text)) => {
                (passphrase_key(*memory_kib, *passes, salt, text)?, identity)
            }
            (Way::KeyFile { identity }, Opener::KeyFile(content)) => (key_file_key(content)?, identity),
            _ => return Ok(None),
        };
        let bytes = BASE64.decode(sealed.as_bytes()).unwrap_or_default();
        let opened = key.open(&bound(store, &self.id, "identity"), &bytes);
        Ok(opened.and_then(|bytes| text_of(&bytes)).and_then(|text| envelope::identity(&text).ok()))
    }
}

fn way(
    store: &[u8; 16],
    id: &str,
    owner: &Owner,
    entropy: &dyn Entropy,
) -> Result<(Way, String), VaultError> {
    let pair = Pair::generate();
    let sealed =
        |key: Key| BASE64.encode(&key.seal(entropy, &bound(store, id, "identity"), pair.identity.as_bytes()));
    match owner {
        Owner::Age(text) => {
            envelope::recipient(text)?;
            Ok((Way::Age, text.trim().to_owned()))
        }
        Owner::KeyFile(content) => {
            Ok((Way::KeyFile { identity: sealed(key_file_key(content)?) }, pair.recipient))
        }
        Owner::Passphrase(text) => {
            let mut salt = [0; 16];
            entropy.fill(&mut salt);
            let salt = BASE64.encode(&salt);
            let identity = sealed(passphrase_key(MEMORY_KIB, PASSES, &salt, text)?);
            Ok((Way::Passphrase { memory_kib: MEMORY_KIB, passes: PASSES, salt, identity }, pair.recipient))
        }
    }
}

fn bound(store: &[u8; 16], id: &str, what: &str) -> Vec<u8> {
    [b"oathctl vault 1 unlocker".as_slice(), store, id.as_bytes(), what.as_bytes()].join(&0)
}

fn text_of(bytes: &[u8]) -> Option<Zeroizing<String>> {
    std::str::from_utf8(bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

fn key_file_key(content: &str) -> Result<Key, VaultError> {
    let mut lines = content.lines().map(str::trim).filter(|line| !line.is_empty());
    let named = lines.next() == Some(KEY_FILE);
    let bytes = lines.next().filter(|_| named).and_then(|line| BASE64.decode(line.as_bytes()).ok());
    let key = bytes.map(Zeroizing::new).and_then(|bytes| Key::from_slice(&bytes));
    Ok(key.ok_or(VaultError::Unusable { what: "key file" })?.derive("oathctl vault 1 key file"))
}

fn passphrase_key(memory_kib: u32, passes: u32, salt: &str, text: &str) -> Result<Key, VaultError> {
    let salt = BASE64.decode(salt.as_bytes()).map_err(|_| VaultError::tampered("a salt"))?;
    let fit = MEMORY_BOUNDS.contains(&memory_kib)
        && PASSES_BOUNDS.contains(&passes)
        && (16..=64).contains(&salt.len());
    let params = Params::new(memory_kib, passes, 1, Some(32)).ok().filter(|_| fit);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.ok_or(VaultError::OutOfBounds)?);
    let mut key = Zeroizing::new([0; 32]);
    #[cfg(test)]
    HASHED.with(|hashed| hashed.set(hashed.get() + 1));
    argon.hash_password_into(text.as_bytes(), &salt, &mut *key).map_err(|_| VaultError::OutOfBounds)?;
    Key::from_slice(&*key).ok_or(VaultError::OutOfBounds)
}

#[cfg(test)]
thread_local! {
    static HASHED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// How many passphrases this thread has hashed: what a test counts in the place of time.
#[cfg(test)]
pub(super) fn hashed() -> u32 {
    HASHED.with(std::cell::Cell::get)
}
