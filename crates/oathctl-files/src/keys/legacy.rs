//! PEM keys locked the old way (RFC 1421 §4.6.1.1, as OpenSSL writes it).
//!
//! Owns: reading `DEK-Info`, opening with a passphrase. Does not own: newer ways to lock (PKCS#8), what the key is.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use data_encoding::HEXUPPER_PERMISSIVE;
use des::TdesEde3;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

/// How the body is encrypted.
#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
}

/// A locked key.
pub(crate) struct LegacyKey {
    cipher: Cipher,
    iv: Vec<u8>,
    body: Vec<u8>,
}

impl LegacyKey {
    /// Reads a block's lines; `None` where its cipher isn't read or the block is none.
    pub(super) fn of(body: &str) -> Option<Self> {
        let info = body.lines().find_map(|line| line.trim().strip_prefix("DEK-Info:"))?;
        let (name, iv) = info.split_once(',')?;
        let cipher = match name.trim() {
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            _ => return None,
        };
        let iv = HEXUPPER_PERMISSIVE.decode(iv.trim().as_bytes()).ok()?;
        let lines = body.lines().filter(|line| !line.contains(':'));
        let text: Vec<u8> = lines.flat_map(str::bytes).filter(|b| !b.is_ascii_whitespace()).collect();
        let body = data_encoding::BASE64.decode(&text).ok()?;
        (iv.len() == if matches!(cipher, Cipher::TripleDes) { 8 } else { 16 }).then_some(Self {
            cipher,
            iv,
            body,
        })
    }

    /// The key inside; `None` for a wrong passphrase, which one in 256 times looks right until the key is read.
    pub(super) fn open(&self, passphrase: &str) -> Option<Zeroizing<Vec<u8>>> {
        let length = match self.cipher {
            Cipher::Aes128 => 16,
            Cipher::Aes192 | Cipher::TripleDes => 24,
            Cipher::Aes256 => 32,
        };
        let key = derive(passphrase.as_bytes(), self.iv.get(..8)?, length);
        match self.cipher {
            Cipher::Aes128 => decrypt::<Aes128>(&key, &self.iv, &self.body),
            Cipher::Aes192 => decrypt::<Aes192>(&key, &self.iv, &self.body),
            Cipher::Aes256 => decrypt::<Aes256>(&key, &self.iv, &self.body),
            Cipher::TripleDes => decrypt::<TdesEde3>(&key, &self.iv, &self.body),
        }
    }
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    body: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(body.to_vec());
    let sealer = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    let length = sealer.decrypt_padded::<Pkcs7>(&mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

/// OpenSSL's own derivation: MD5 over what it gave before, the passphrase and eight bytes of the vector.
fn derive(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut last = Zeroizing::new(Vec::new());
    while key.len() < length {
        let digest = Md5::new().chain_update(&*last).chain_update(passphrase).chain_update(salt).finalize();
        *last = digest.to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}
