//! Agile encryption ([MS-OFFCRYPTO] 2.3.4.10): AES-CBC in segments, with a verifier and an HMAC, as Office writes it
//! since 2010.
//!
//! Owns: keys, verifier, HMAC, package. Does not own: the descriptor's XML ([`descriptor`]).

mod descriptor;
mod digest;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(super) use self::descriptor::Agile;
use self::descriptor::Cipher;
use super::super::damaged;
use super::length;
use crate::keys::Tried;

/// What goes into a key besides the passphrase, by what it is for (2.3.4.13, 2.3.4.14).
const VERIFIER_INPUT: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_VALUE: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY_VALUE: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];
const HMAC_KEY: [u8; 8] = [0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6];
const HMAC_VALUE: [u8; 8] = [0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33];

const SEGMENT: usize = 4096;
const BLOCK: usize = 16;

impl Agile {
    /// Checks the passphrase (UTF-16), then the whole package against its HMAC, then decrypts it.
    pub(super) fn open(&self, passphrase: &[u8], package: &[u8]) -> Tried<Zeroizing<Vec<u8>>> {
        let hash = self.spun(passphrase);
        match self.verified(&hash) {
            Some(true) => {}
            Some(false) => return Tried::Wrong,
            None => return Tried::Failed(damaged("workbook")),
        }
        self.content(&hash, package).map_or_else(|| Tried::Failed(damaged("workbook")), Tried::Fits)
    }

    /// The passphrase's hash (2.3.4.11), before it becomes the key of one purpose.
    fn spun(&self, passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
        let digest = self.lock.digest;
        let mut hash = digest.of(&[&self.lock.salt, passphrase]);
        for round in 0..self.spin_count {
            hash = digest.of(&[&round.to_le_bytes(), &hash]);
        }
        hash
    }

    /// Whether the verifier fits; `None` where its parts make no sense.
    fn verified(&self, hash: &[u8]) -> Option<bool> {
        let input = self.unlocked(hash, VERIFIER_INPUT, &self.verifier_input)?;
        let value = self.unlocked(hash, VERIFIER_VALUE, &self.verifier_value)?;
        let length = self.lock.digest.length();
        let expected = value.get(..length)?;
        let input = input.get(..self.lock.salt.len()).unwrap_or(&input);
        Some(bool::from(self.lock.digest.of(&[input]).as_slice().ct_eq(expected)))
    }

    fn content(&self, hash: &[u8], package: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.unlocked(hash, KEY_VALUE, &self.key_value)?;
        let key = key.get(..self.data.key_bytes)?;
        if !self.unaltered(key, package)? {
            return None;
        }
        let (length, data) = length(package)?;
        let mut inner = Zeroizing::new(data.get(..data.len() / BLOCK * BLOCK)?.to_vec());
        for (number, segment) in inner.chunks_mut(SEGMENT).enumerate() {
            let iv = self.data.iv(&u32::try_from(number).ok()?.to_le_bytes());
            decrypt(key, &iv, segment)?;
        }
        inner.truncate(length);
        (inner.len() == length).then_some(inner)
    }

    /// 2.3.4.14.
    fn unaltered(&self, key: &[u8], package: &[u8]) -> Option<bool> {
        let mut hmac_key = Zeroizing::new(self.hmac_key.clone());
        decrypt(key, &self.data.iv(&HMAC_KEY), &mut hmac_key)?;
        let mut expected = Zeroizing::new(self.hmac_value.clone());
        decrypt(key, &self.data.iv(&HMAC_VALUE), &mut expected)?;
        let length = self.data.digest.length();
        let found = self.data.digest.hmac(hmac_key.get(..length)?, package)?;
        Some(bool::from(found.as_slice().ct_eq(expected.get(..length)?)))
    }

    /// One value of the password's part, under the key of its purpose.
    fn unlocked(&self, hash: &[u8], purpose: [u8; 8], value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = self.lock.digest.of(&[hash, &purpose]);
        fit(&mut key, self.lock.key_bytes);
        let mut opened = Zeroizing::new(value.to_vec());
        let mut iv = Zeroizing::new(self.lock.salt.clone());
        fit(&mut iv, BLOCK);
        decrypt(&key, &iv, &mut opened)?;
        Some(opened)
    }
}

impl Cipher {
    /// The start vector of one part (2.3.4.12).
    fn iv(&self, part: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut iv = self.digest.of(&[&self.salt, part]);
        fit(&mut iv, BLOCK);
        iv
    }
}

/// Too long is cut, too short is filled with 0x36.
fn fit(bytes: &mut Vec<u8>, length: usize) {
    bytes.resize(length, 0x36);
}

fn decrypt(key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
    let done = match key.len() {
        16 => {
            Decryptor::<Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded::<NoPadding>(data).map(|_| ())
        }
        24 => {
            Decryptor::<Aes192>::new_from_slices(key, iv).ok()?.decrypt_padded::<NoPadding>(data).map(|_| ())
        }
        32 => {
            Decryptor::<Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded::<NoPadding>(data).map(|_| ())
        }
        _ => return None,
    };
    done.ok()
}
