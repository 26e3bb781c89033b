//! Standard encryption ([MS-OFFCRYPTO] 2.3.4.5): AES in single blocks under a key of SHA-1, as Office 2007 writes it.
//!
//! Owns: descriptor, key, verifier, package. There is no check of the package itself: what was altered shows only in
//! the workbook that comes out.

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use oathctl_core::reason::Reason;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::super::{damaged, unsupported};
use super::length;
use crate::keys::Tried;

const ROUNDS: u32 = 50_000;
const BLOCK: usize = 16;
/// `fAES` of the flags; without it the method is RC4.
const AES: u32 = 0x20;

/// The descriptor.
pub(super) struct Standard {
    key_bytes: usize,
    salt: [u8; 16],
    verifier: [u8; 16],
    verifier_hash: [u8; 32],
}

impl Standard {
    /// Reads what follows the version.
    pub(super) fn read(info: &[u8]) -> Result<Self, Reason> {
        let broken = || damaged("workbook");
        let word =
            |at: usize| info.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        // Flags, size of the header; then in the header: flags, extra size, cipher, hash, bits of the key.
        let header = usize::try_from(word(4).ok_or_else(broken)?).map_err(|_| broken())?;
        let (flags, bits) = (word(8).ok_or_else(broken)?, word(8 + 16).ok_or_else(broken)?);
        if flags & AES == 0 {
            return Err(unsupported("workbook encrypted by RC4"));
        }
        let key_bytes = match bits {
            128 | 192 | 256 => usize::try_from(bits / 8).map_err(|_| broken())?,
            _ => return Err(unsupported("workbook with an unknown encryption")),
        };
        let verifier = info.get(8usize.saturating_add(header)..).ok_or_else(broken)?;
        let part = |from: usize, to: usize| verifier.get(from..to).ok_or_else(broken);
        if part(0, 4)? != 16u32.to_le_bytes() {
            return Err(broken());
        }
        Ok(Self {
            key_bytes,
            salt: part(4, 20)?.try_into().map_err(|_| broken())?,
            verifier: part(20, 36)?.try_into().map_err(|_| broken())?,
            verifier_hash: part(40, 72)?.try_into().map_err(|_| broken())?,
        })
    }

    /// Checks the passphrase (UTF-16) and decrypts the package.
    pub(super) fn open(&self, passphrase: &[u8], package: &[u8]) -> Tried<Zeroizing<Vec<u8>>> {
        let key = self.key(passphrase);
        let (mut verifier, mut expected) =
            (Zeroizing::new(self.verifier), Zeroizing::new(self.verifier_hash));
        if decrypt(&key, &mut *verifier).is_none() || decrypt(&key, &mut *expected).is_none() {
            return Tried::Failed(damaged("workbook"));
        }
        if !bool::from(Sha1::digest(*verifier).as_slice().ct_eq(&expected[..20])) {
            return Tried::Wrong;
        }
        let Some((length, data)) = length(package) else { return Tried::Failed(damaged("workbook")) };
        let mut inner = Zeroizing::new(data[..data.len() / BLOCK * BLOCK].to_vec());
        if length > inner.len() || decrypt(&key, &mut inner).is_none() {
            return Tried::Failed(damaged("workbook"));
        }
        inner.truncate(length);
        Tried::Fits(inner)
    }

    /// 2.3.4.7.
    fn key(&self, passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut hash = Zeroizing::new(<[u8; 20]>::from(
            Sha1::new().chain_update(self.salt).chain_update(passphrase).finalize(),
        ));
        for round in 0..ROUNDS {
            *hash = Sha1::new().chain_update(round.to_le_bytes()).chain_update(*hash).finalize().into();
        }
        *hash = Sha1::new().chain_update(*hash).chain_update(0u32.to_le_bytes()).finalize().into();
        let mut key = Zeroizing::new(Vec::with_capacity(40));
        for fill in [0x36u8, 0x5c] {
            let mut block = Zeroizing::new([fill; 64]);
            block.iter_mut().zip(hash.iter()).for_each(|(byte, other)| *byte ^= other);
            key.extend_from_slice(&Sha1::digest(*block));
        }
        key.truncate(self.key_bytes);
        key
    }
}

/// Block by block, in place. `None` for a key of a wrong length.
fn decrypt(key: &[u8], data: &mut [u8]) -> Option<()> {
    match key.len() {
        16 => blocks(&Aes128::new_from_slice(key).ok()?, data),
        24 => blocks(&Aes192::new_from_slice(key).ok()?, data),
        32 => blocks(&Aes256::new_from_slice(key).ok()?, data),
        _ => return None,
    }
    Some(())
}

fn blocks(cipher: &impl BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>, data: &mut [u8]) {
    for block in data.chunks_exact_mut(BLOCK) {
        if let Ok(block) = block.try_into() {
            cipher.decrypt_block(block);
        }
    }
}
