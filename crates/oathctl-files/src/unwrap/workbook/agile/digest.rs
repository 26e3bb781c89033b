//! The hashes of agile encryption.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// One hash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// By its name in the descriptor.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "SHA1" | "SHA-1" => Some(Self::Sha1),
            "SHA256" | "SHA-256" => Some(Self::Sha256),
            "SHA384" | "SHA-384" => Some(Self::Sha384),
            "SHA512" | "SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// In bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Of all parts, one after the other.
    pub(super) fn of(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Sha1 => of::<Sha1>(parts),
            Self::Sha256 => of::<Sha256>(parts),
            Self::Sha384 => of::<Sha384>(parts),
            Self::Sha512 => of::<Sha512>(parts),
        }
    }

    /// RFC 2104.
    pub(super) fn hmac(self, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(key, data),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, data),
            Self::Sha384 => mac::<Hmac<Sha384>>(key, data),
            Self::Sha512 => mac::<Hmac<Sha512>>(key, data),
        }
    }
}

fn of<D: sha1::Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let hasher = parts.iter().fold(D::new(), |hasher, part| hasher.chain_update(part));
    Zeroizing::new(hasher.finalize().to_vec())
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mac = <M as KeyInit>::new_from_slice(key).ok()?;
    Some(mac.chain_update(data).finalize().into_bytes().to_vec())
}
