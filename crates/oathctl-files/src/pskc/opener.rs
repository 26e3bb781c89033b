//! Opening values with one key.
//!
//! Owns: [`Opener`]: check value first, then the cipher, and what both say of a value. Does not own: which key
//! ([`super::unlock`]).

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::crypto::{Cipher, Digest, Key, decrypt};
use super::head::Head;
use super::value::Sealed;

/// What the check value of an opened value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// None is declared, or the cipher finds alterations by itself.
    Unneeded,
    /// It fits the sealed bytes (RFC 6030 §6.1.1).
    Fits,
    /// It fits the opened bytes, as drafts had it.
    FitsPlain,
    /// It is declared and missing.
    Missing,
    /// It fits nothing.
    Wrong,
}

/// A value that was opened.
pub(super) struct Opened {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) check: Check,
}

/// One key and what goes with it.
pub(super) struct Opener {
    key: Key,
    iv: Option<Zeroizing<Vec<u8>>>,
    mac: Option<(Digest, Zeroizing<Vec<u8>>)>,
}

impl Opener {
    /// With a key of the values. `None` when it doesn't open the key of the check values.
    pub(super) fn with(head: &Head<'_>, key: Key) -> Option<Self> {
        let mut opener = Self { key, iv: head.iv.clone(), mac: None };
        if let Some(mac) = &head.mac {
            let bytes = match (&mac.key, &opener.key) {
                (Some(sealed), _) => opener.decrypt(sealed, false)?,
                (None, Key::Secret(key)) => key.clone(),
                // A private key is no key of a check value: whatever carries one can't be checked.
                (None, Key::Private(_)) => Zeroizing::new(Vec::new()),
            };
            opener.mac = Some((mac.digest, bytes));
        }
        Some(opener)
    }

    /// Opens a value; `None` when it doesn't open.
    pub(super) fn open(&self, sealed: &Sealed) -> Option<Opened> {
        let over_sealed = match (&self.mac, &sealed.mac) {
            (Some(_), Some(mac)) => {
                let iv = self.iv.as_deref().map_or(&[][..], Vec::as_slice);
                self.fits(mac, &[&sealed.bytes]) || !iv.is_empty() && self.fits(mac, &[iv, &sealed.bytes])
            }
            _ => false,
        };
        let bytes = self.decrypt(sealed, over_sealed)?;
        let check = match (&self.mac, &sealed.mac) {
            (None, _) => Check::Unneeded,
            (Some(_), None) if sealed.cipher.authenticates() => Check::Unneeded,
            (Some(_), None) => Check::Missing,
            (Some(_), Some(_)) if over_sealed => Check::Fits,
            (Some(_), Some(mac)) if self.fits(mac, &[&bytes]) => Check::FitsPlain,
            _ => Check::Wrong,
        };
        Some(Opened { bytes, check })
    }

    fn fits(&self, mac: &[u8], parts: &[&[u8]]) -> bool {
        let Some((digest, key)) = self.mac.as_ref().filter(|(_, key)| !key.is_empty()) else { return false };
        digest.hmac(key, parts).ct_eq(mac).into()
    }

    fn decrypt(&self, sealed: &Sealed, trusted: bool) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.cipher == Cipher::Open {
            return Some(sealed.bytes.clone());
        }
        let iv = self.iv.as_deref().map(Vec::as_slice);
        let Some(own) = &sealed.key else {
            return decrypt(sealed.cipher, &self.key, iv, &sealed.bytes, trusted);
        };
        let key = Key::Secret(decrypt(own.cipher, &self.key, None, &own.bytes, false)?);
        decrypt(sealed.cipher, &key, iv, &sealed.bytes, trusted)
    }
}
