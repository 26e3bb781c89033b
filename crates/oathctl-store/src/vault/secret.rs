//! Keys and the one cipher.
//!
//! Owns: [`Key`] (32 bytes, wiped, never shown), sealing and opening by XChaCha20-Poly1305 with associated data,
//! derivation by HKDF-SHA-256 (RFC 5869), check values by HMAC-SHA-256. Does not own: what is sealed, nor under
//! which names.
//!
//! A sealed text is `nonce (24) ‖ cipher text ‖ tag (16)`; nonces are random, which 192 bits permit for any
//! number of messages (<https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03>).

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use oathctl_core::time::Entropy;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Length of a nonce in bytes.
const NONCE: usize = 24;

/// What sealing adds in bytes.
#[cfg(test)]
pub(crate) const OVERHEAD: usize = NONCE + 16;

/// 32 secret bytes.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A new random key.
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(&mut *key);
        Self(key)
    }

    /// Takes 32 bytes; `None` for any other number.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The bytes, for wrapping under another key.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key of its own for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        // 32 bytes are far below HKDF's limit of 255 blocks: this can't fail.
        let _ = Hkdf::<Sha256>::new(None, self.expose()).expand(purpose.as_bytes(), &mut *key);
        Self(key)
    }

    /// Seals `plain`; `bound` must be the same again when it is opened.
    pub(crate) fn seal(&self, entropy: &dyn Entropy, bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new(&(*self.0).into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound });
        [&nonce[..], &sealed.unwrap_or_default()].concat()
    }

    /// Opens what [`Self::seal`] made; `None` for another key, other bound data, or altered bytes.
    pub(crate) fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).ok()?;
        let cipher = XChaCha20Poly1305::new(&(*self.0).into());
        cipher.decrypt(&XNonce::from(nonce), Payload { msg: text, aad: bound }).ok().map(Zeroizing::new)
    }

    /// The check value of `bytes`.
    pub(crate) fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        // RFC 2104 fills a short key with zeros to the block; doing so here leaves no error to handle.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.expose());
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Compares a check value in constant time.
    pub(crate) fn has_mac(&self, bytes: &[u8], claimed: &[u8]) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.mac(bytes)[..], claimed).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}
