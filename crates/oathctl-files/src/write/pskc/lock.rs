//! The encryption of a PSKC document: a key out of a passphrase, CBC, and a check value over the cipher text.
//!
//! Owns: [`PskcLock`], RFC 6030 §6.2 and §6.1.1. Does not own: the rest of the document.

use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use oathctl_core::reason::Reason;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Xml;
use crate::keys::Passphrase;
use crate::write::random::{self, Random};

const BLOCK: usize = 16;

/// Which algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PskcCipher {
    /// AES-256-CBC, with HMAC-SHA-256 in the derivation and the check values.
    #[default]
    Aes256,
    /// AES-128-CBC with HMAC-SHA-1 throughout, as in the RFC's own examples: what the oldest readers take.
    Aes128,
}

/// How a PSKC file is locked.
#[derive(Clone, Debug)]
pub struct PskcLock {
    /// Whoever has it can read the seeds.
    pub passphrase: Passphrase,
    /// Which algorithms.
    pub cipher: PskcCipher,
    /// Rounds of PBKDF2, at least 1; readers may refuse more than 10 million.
    pub iterations: u32,
}

impl PskcLock {
    /// With AES-256 and 600,000 rounds
    /// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>, for HMAC-SHA-256).
    pub fn new(passphrase: Passphrase) -> Self {
        Self { passphrase, cipher: PskcCipher::default(), iterations: 600_000 }
    }
}

impl PskcCipher {
    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Aes128 => 16,
        }
    }

    const fn uri(self) -> &'static str {
        match self {
            Self::Aes256 => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            Self::Aes128 => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
        }
    }

    /// Of the derivation and of the check values.
    const fn hmac_uri(self) -> &'static str {
        match self {
            Self::Aes256 => "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            Self::Aes128 => "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        }
    }
}

/// A lock with its keys made.
pub(super) struct Locker<'r> {
    cipher: PskcCipher,
    iterations: u32,
    salt: [u8; 16],
    key: Zeroizing<Vec<u8>>,
    mac_key: Zeroizing<[u8; 32]>,
    random: &'r dyn Random,
}

impl<'r> Locker<'r> {
    pub(super) fn new(lock: &PskcLock, random: &'r dyn Random) -> Result<Self, Reason> {
        let salt: [u8; 16] = random::bytes(random)?;
        let iterations = lock.iterations.max(1);
        let mut key = Zeroizing::new(vec![0; lock.cipher.key_bytes()]);
        let passphrase = lock.passphrase.expose().as_bytes();
        match lock.cipher {
            PskcCipher::Aes256 => pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, &salt, iterations, &mut key),
            PskcCipher::Aes128 => pbkdf2::pbkdf2_hmac::<Sha1>(passphrase, &salt, iterations, &mut key),
        }
        let mac_key = Zeroizing::new(random::bytes(random)?);
        Ok(Self { cipher: lock.cipher, iterations, salt, key, mac_key, random })
    }

    /// `EncryptionKey` and `MACMethod`.
    pub(super) fn write_head(&self, xml: &mut Xml<'_>) -> Result<(), Reason> {
        xml.open("EncryptionKey", &[])?;
        xml.open("xenc11:DerivedKey", &[])?;
        let method = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2";
        xml.open("xenc11:KeyDerivationMethod", &[("Algorithm", method)])?;
        xml.open("pkcs5:PBKDF2-params", &[])?;
        xml.open("Salt", &[])?;
        xml.leaf("Specified", &[], &BASE64.encode(&self.salt))?;
        xml.close("Salt")?;
        xml.leaf("IterationCount", &[], &self.iterations.to_string())?;
        xml.leaf("KeyLength", &[], &self.key.len().to_string())?;
        self.write_prf(xml)?;
        xml.close("pkcs5:PBKDF2-params")?;
        xml.close("xenc11:KeyDerivationMethod")?;
        xml.leaf("xenc11:MasterKeyName", &[], "Passphrase")?;
        xml.close("xenc11:DerivedKey")?;
        xml.close("EncryptionKey")?;
        xml.open("MACMethod", &[("Algorithm", self.cipher.hmac_uri())])?;
        xml.open("MACKey", &[])?;
        self.write_encrypted(xml, self.mac_key.as_slice())?;
        xml.close("MACKey")?;
        xml.close("MACMethod")
    }

    /// As an attribute: readers look there. SHA-1 is the default and is not named, for those that know no other.
    fn write_prf(&self, xml: &mut Xml<'_>) -> Result<(), Reason> {
        match self.cipher {
            PskcCipher::Aes256 => xml.empty("PRF", &[("Algorithm", self.cipher.hmac_uri())]),
            PskcCipher::Aes128 => Ok(()),
        }
    }

    /// A seed and its check value.
    pub(super) fn write_seed(&self, xml: &mut Xml<'_>, seed: &[u8]) -> Result<(), Reason> {
        xml.open("EncryptedValue", &[])?;
        let encrypted = self.write_encrypted(xml, seed)?;
        xml.close("EncryptedValue")?;
        xml.leaf("ValueMAC", &[], &BASE64.encode(&self.mac(&encrypted)?))
    }

    /// Method and cipher text; gives the bytes the check value is over: initial vector and blocks.
    fn write_encrypted(&self, xml: &mut Xml<'_>, plain: &[u8]) -> Result<Vec<u8>, Reason> {
        let encrypted = self.encrypt(plain)?;
        xml.empty("xenc:EncryptionMethod", &[("Algorithm", self.cipher.uri())])?;
        xml.open("xenc:CipherData", &[])?;
        xml.leaf("xenc:CipherValue", &[], &BASE64.encode(&encrypted))?;
        xml.close("xenc:CipherData")?;
        Ok(encrypted)
    }

    fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, Reason> {
        let iv: [u8; BLOCK] = random::bytes(self.random)?;
        let blocks = (plain.len() / BLOCK + 1) * BLOCK;
        let mut bytes = Zeroizing::new(vec![0; BLOCK + blocks]);
        bytes[..BLOCK].copy_from_slice(&iv);
        bytes[BLOCK..BLOCK + plain.len()].copy_from_slice(plain);
        let room = &mut bytes[BLOCK..];
        let length = match self.cipher {
            PskcCipher::Aes256 => cbc::Encryptor::<Aes256>::new_from_slices(&self.key, &iv)
                .ok()
                .and_then(|cbc| cbc.encrypt_padded::<Pkcs7>(room, plain.len()).ok().map(<[u8]>::len)),
            PskcCipher::Aes128 => cbc::Encryptor::<Aes128>::new_from_slices(&self.key, &iv)
                .ok()
                .and_then(|cbc| cbc.encrypt_padded::<Pkcs7>(room, plain.len()).ok().map(<[u8]>::len)),
        };
        match length {
            Some(length) if length == blocks => Ok(std::mem::take(&mut *bytes)),
            _ => Err(Reason::OwnFault { what: "encrypting".into() }),
        }
    }

    fn mac(&self, encrypted: &[u8]) -> Result<Vec<u8>, Reason> {
        fn over<M: Mac + KeyInit>(key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
            mac.update(bytes);
            Some(mac.finalize().into_bytes().to_vec())
        }
        let made = match self.cipher {
            PskcCipher::Aes256 => over::<Hmac<Sha256>>(self.mac_key.as_slice(), encrypted),
            PskcCipher::Aes128 => over::<Hmac<Sha1>>(self.mac_key.as_slice(), encrypted),
        };
        made.ok_or_else(|| Reason::OwnFault { what: "a check value".into() })
    }
}
