//! Digests, and what is made of them: HMAC, PBKDF2.
//!
//! Owns: [`Digest`].

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::name::last_part;

/// The digest under a check value, a derivation or a padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// Reads `…#hmac-sha256`, `HMAC-SHA1`, `…#sha256`, `…#mgf1sha256`.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        let last = last_part(uri).replace('-', "");
        let bare = last.strip_prefix("hmac").or(last.strip_prefix("mgf1")).unwrap_or(&last);
        Some(match bare {
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// HMAC (RFC 2104) over the parts, one after the other.
    pub(crate) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => hmac_of::<Hmac<Sha1>>(key, parts),
            Self::Sha224 => hmac_of::<Hmac<Sha224>>(key, parts),
            Self::Sha256 => hmac_of::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => hmac_of::<Hmac<Sha384>>(key, parts),
            Self::Sha512 => hmac_of::<Hmac<Sha512>>(key, parts),
        }
    }

    /// PBKDF2 (RFC 8018 §5.2) with this digest under its HMAC.
    pub(crate) fn pbkdf2(
        self,
        passphrase: &[u8],
        salt: &[u8],
        rounds: u32,
        length: usize,
    ) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(vec![0; length]);
        let derive = match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
            Self::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>,
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
            Self::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>,
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
        };
        derive(passphrase, salt, rounds, &mut key);
        key
    }
}

/// HMAC takes keys of any length: the error never comes, and an empty value fits nothing.
fn hmac_of<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}
