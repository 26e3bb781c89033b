//! The key file: the header and one wrapped key a seed, under one check value.
//!
//! Owns: its bytes ([`KeyFile`]). Does not own: where they lie ([`super::disk`]), nor the seeds (the database).
//!
//! It is small and apart from the database so that forgetting a seed means rewriting a small file: without its
//! key a seed is noise wherever copies of the database lie.

use std::collections::BTreeMap;

use super::error::VaultError;
use super::header::{FORMAT, Header};
use super::secret::Key;

/// The first eight bytes.
const MAGIC: &[u8; 8] = b"OATHVALT";
/// Bytes before the header: magic, format (2), length of the header (4).
const FRONT: usize = 14;
const MAC: usize = 32;
/// The most seeds one vault holds.
pub(super) const MOST: usize = 2_000_000;

/// Which compartment a seed lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compartment {
    /// Tokens in the drawer.
    Stock,
    /// Tokens that were handed out.
    Sealed,
}

impl Compartment {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Stock => 0,
            Self::Sealed => 1,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Stock),
            1 => Some(Self::Sealed),
            _ => None,
        }
    }

    /// `stock`, `sealed`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Sealed => "sealed",
        }
    }
}

/// One seed's key, wrapped for its compartment.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Wrapped {
    pub(super) compartment: Compartment,
    pub(super) bytes: Vec<u8>,
}

pub(super) type KeyId = [u8; 16];

/// Header and keys.
pub(super) struct KeyFile {
    pub(super) header: Header,
    pub(super) keys: BTreeMap<KeyId, Wrapped>,
}

impl KeyFile {
    /// Magic, format, header, keys by their id, check value under a key derived from the vault key.
    pub(super) fn to_bytes(&self, vault: &Key) -> Vec<u8> {
        let header = self.header.to_bytes();
        let mut bytes = Vec::with_capacity(FRONT + header.len() + self.keys.len() * 96 + MAC + 8);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&length(header.len()));
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&length(self.keys.len()));
        for (id, wrapped) in &self.keys {
            bytes.extend_from_slice(id);
            bytes.push(wrapped.compartment.byte());
            bytes.extend_from_slice(&u16::try_from(wrapped.bytes.len()).unwrap_or(0).to_be_bytes());
            bytes.extend_from_slice(&wrapped.bytes);
        }
        let mac = mac_key(vault).mac(&bytes);
        bytes.extend_from_slice(&mac);
        bytes
    }

    /// The header alone, unchecked: enough to try an unlocker.
    ///
    /// # Errors
    /// [`VaultError::Newer`], [`VaultError::Tampered`].
    pub(super) fn header_of(bytes: &[u8]) -> Result<Header, VaultError> {
        let mut reader = Reader(bytes);
        reader.header()
    }

    /// All of it, once the vault key is known; the check value comes first.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] for any byte that is not as it was written.
    pub(super) fn from_bytes(bytes: &[u8], vault: &Key) -> Result<Self, VaultError> {
        let body = bytes.len().checked_sub(MAC).ok_or(VaultError::tampered("the key file's length"))?;
        let (body, mac) = bytes.split_at(body);
        if !mac_key(vault).has_mac(body, mac) {
            return Err(VaultError::tampered("the key file's check value"));
        }
        let mut reader = Reader(body);
        let header = reader.header()?;
        let count = reader.length()?;
        if count > MOST {
            return Err(VaultError::tampered("the number of keys"));
        }
        let mut keys = BTreeMap::new();
        for _ in 0..count {
            let (id, wrapped) = reader.key()?;
            if keys.insert(id, wrapped).is_some() {
                return Err(VaultError::tampered("a key that stands twice"));
            }
        }
        if reader.0.is_empty() {
            Ok(Self { header, keys })
        } else {
            Err(VaultError::tampered("the key file's end"))
        }
    }
}

fn mac_key(vault: &Key) -> Key {
    vault.derive("oathctl vault 1 check value")
}

fn length(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes()
}

/// Takes pieces off the front.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8], VaultError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(VaultError::tampered("the key file's length"))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], VaultError> {
        self.take(N)?.try_into().map_err(|_| VaultError::tampered("the key file's length"))
    }

    fn length(&mut self) -> Result<usize, VaultError> {
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| VaultError::tampered("a length"))
    }

    fn header(&mut self) -> Result<Header, VaultError> {
        if &self.array::<8>()? != MAGIC {
            return Err(VaultError::tampered("the key file's first bytes"));
        }
        let format = u16::from_be_bytes(self.array()?);
        if format > FORMAT {
            return Err(VaultError::Newer { format, known: FORMAT });
        }
        if format == 0 {
            return Err(VaultError::tampered("the key file's format"));
        }
        let length = self.length()?;
        Header::from_bytes(self.take(length)?)
    }

    fn key(&mut self) -> Result<(KeyId, Wrapped), VaultError> {
        let id = self.array()?;
        let [compartment] = self.array()?;
        let compartment = Compartment::of(compartment).ok_or(VaultError::tampered("a compartment"))?;
        let length = usize::from(u16::from_be_bytes(self.array()?));
        Ok((id, Wrapped { compartment, bytes: self.take(length)?.to_vec() }))
    }
}
