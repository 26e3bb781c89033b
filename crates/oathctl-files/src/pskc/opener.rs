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

impl Check {
    pub(super) fn fits(self) -> bool {
        matches!(self, Self::Fits | Self::FitsPlain)
    }
}

/// A value that was opened.
pub(super) struct Opened {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) check: Check,
    /// This key and no other sealed it, whatever else opens it.
    pub(super) is_proven: bool,
}

/// Keys of check values.
pub(super) type MacKeys = Vec<Zeroizing<Vec<u8>>>;

/// One key and what goes with it.
pub(super) struct Opener {
    key: Key,
    iv: Option<Zeroizing<Vec<u8>>>,
    mac: Option<(Digest, MacKeys)>,
    /// It makes the check values itself, so that a fitting one is of this key.
    makes_macs: bool,
    /// Blocks without padding are taken too where a check value fits.
    pub(super) is_lenient: bool,
}

impl Opener {
    /// With a key of the values. `None` when it doesn't open the key of the check values.
    pub(super) fn with(head: &Head<'_>, key: Key) -> Option<Self> {
        let mut opener = Self { key, iv: head.iv.clone(), mac: None, makes_macs: false, is_lenient: true };
        if let Some(mac) = &head.mac {
            let keys = match (&mac.key, &opener.key) {
                (Some(sealed), _) => vec![opener.decrypt(sealed, false)?],
                (None, Key::Secret(key)) => vec![key.clone()],
                // A private key is no key of a check value: whatever carries one can't be checked.
                (None, Key::Private(_)) => Vec::new(),
            };
            opener.makes_macs = mac.key.is_none();
            opener.mac = Some((mac.digest, keys));
        }
        Some(opener)
    }

    /// With a key of values whose check values another key makes.
    pub(super) fn beside(head: &Head<'_>, key: Key, macs: &MacKeys) -> Self {
        let mac = head.mac.as_ref().map(|mac| (mac.digest, macs.clone()));
        Self { key, iv: head.iv.clone(), mac, makes_macs: false, is_lenient: false }
    }

    pub(super) fn mac_keys(&self) -> &[Zeroizing<Vec<u8>>] {
        self.mac.as_ref().map_or(&[], |(_, keys)| keys)
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
        let bytes = self.decrypt(sealed, over_sealed && self.is_lenient)?;
        let check = match (&self.mac, &sealed.mac) {
            (None, _) => Check::Unneeded,
            (Some(_), None) if sealed.cipher.authenticates() => Check::Unneeded,
            (Some(_), None) => Check::Missing,
            (Some(_), Some(_)) if over_sealed => Check::Fits,
            (Some(_), Some(mac)) if self.fits(mac, &[&bytes]) => Check::FitsPlain,
            _ => Check::Wrong,
        };
        let is_proven =
            sealed.tells_its_key() || check == Check::FitsPlain || check == Check::Fits && self.makes_macs;
        Some(Opened { bytes, check, is_proven })
    }

    fn fits(&self, mac: &[u8], parts: &[&[u8]]) -> bool {
        let Some((digest, keys)) = &self.mac else { return false };
        keys.iter().any(|key| digest.hmac(key, parts).ct_eq(mac).into())
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
