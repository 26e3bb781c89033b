//! Opening a sealed value.
//!
//! Owns: [`Key`], [`decrypt`], the paddings. Does not own: RSA ([`super::private`]).

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::{Aead, consts::U12};
use aes_gcm::{AesGcm, Nonce};
use aes_kw::{AesKw, AesKwp};
use camellia::{Camellia128, Camellia192, Camellia256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::typenum::U16;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use des::{TdesEde2, TdesEde3};
use rsa::RsaPrivateKey;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Cipher, private};

/// A key that may open something.
#[derive(Clone)]
pub(crate) enum Key {
    Secret(Zeroizing<Vec<u8>>),
    Private(Box<RsaPrivateKey>),
}

type Plain = Option<Zeroizing<Vec<u8>>>;

/// Opens `sealed`. `iv` stands apart in some drafts; else it is the first block. `trusted` says that a check value
/// over `sealed` fits already: then blocks without padding are taken too, as some writers make them, and XML
/// Encryption's own padding, of which only the last byte says something (§5.2 there). `None`: it doesn't open.
pub(crate) fn decrypt(cipher: Cipher, key: &Key, iv: Option<&[u8]>, sealed: &[u8], trusted: bool) -> Plain {
    let key = match key {
        Key::Private(key) => return private::decrypt(cipher, key, sealed),
        Key::Secret(key) if cipher.takes(key.len()) => key.as_slice(),
        Key::Secret(_) => return None,
    };
    let block = if cipher == Cipher::TripleDesCbc { 8 } else { 16 };
    let apart = iv.filter(|iv| iv.len() == block);
    let (iv, body) = match apart {
        Some(iv) => (iv, sealed),
        None => sealed.split_at_checked(block).unwrap_or((&[], &[])),
    };
    let blocks = match (cipher, key.len()) {
        (Cipher::Open, _) => return Some(Zeroizing::new(sealed.to_vec())),
        (Cipher::RsaPkcs1 | Cipher::RsaOaep { .. }, _) => return None,
        (Cipher::AesCbc(_), 16) => cbc_blocks::<Aes128>(key, iv, body),
        (Cipher::AesCbc(_), 24) => cbc_blocks::<Aes192>(key, iv, body),
        (Cipher::AesCbc(_), _) => cbc_blocks::<Aes256>(key, iv, body),
        (Cipher::CamelliaCbc(_), 16) => cbc_blocks::<Camellia128>(key, iv, body),
        (Cipher::CamelliaCbc(_), 24) => cbc_blocks::<Camellia192>(key, iv, body),
        (Cipher::CamelliaCbc(_), _) => cbc_blocks::<Camellia256>(key, iv, body),
        (Cipher::TripleDesCbc, _) => triple_des(key, iv, body),
        (Cipher::TripleDesWrap, _) => return unwrap_triple_des(key, sealed),
        (Cipher::AesGcm(_), 16) => return gcm::<AesGcm<Aes128, U12>>(key, sealed),
        (Cipher::AesGcm(_), 24) => return gcm::<AesGcm<Aes192, U12>>(key, sealed),
        (Cipher::AesGcm(_), _) => return gcm::<AesGcm<Aes256, U12>>(key, sealed),
        (Cipher::AesWrap(_), 16) => return unwrap::<Aes128>(key, sealed),
        (Cipher::AesWrap(_), 24) => return unwrap::<Aes192>(key, sealed),
        (Cipher::AesWrap(_), _) => return unwrap::<Aes256>(key, sealed),
        (Cipher::CamelliaWrap(_), 16) => return unwrap::<Camellia128>(key, sealed),
        (Cipher::CamelliaWrap(_), 24) => return unwrap::<Camellia192>(key, sealed),
        (Cipher::CamelliaWrap(_), _) => return unwrap::<Camellia256>(key, sealed),
    };
    let mut plain = blocks?;
    let kept = unpadded(&plain, block, trusted)?;
    plain.truncate(kept);
    Some(plain)
}

/// The length without the padding: PKCS#7's, which most writers use; the others only where nothing else can be.
fn unpadded(plain: &[u8], block: usize, trusted: bool) -> Option<usize> {
    let padding = usize::from(*plain.last()?);
    let kept = plain.len().checked_sub(padding).filter(|_| (1..=block).contains(&padding));
    let strict = kept.filter(|kept| plain[*kept..].iter().all(|b| usize::from(*b) == padding));
    strict.or_else(|| trusted.then_some(kept.unwrap_or(plain.len())))
}

fn cbc_blocks<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], body: &[u8]) -> Plain {
    let mut plain = Zeroizing::new(body.to_vec());
    let length = cbc::Decryptor::<C>::new_from_slices(key, iv)
        .ok()?
        .decrypt_padded::<NoPadding>(&mut plain)
        .ok()?
        .len();
    (length == body.len() && length > 0).then_some(plain)
}

fn triple_des(key: &[u8], iv: &[u8], body: &[u8]) -> Plain {
    match key.len() {
        16 => cbc_blocks::<TdesEde2>(key, iv, body),
        _ => cbc_blocks::<TdesEde3>(key, iv, body),
    }
}

/// RFC 3217 §3.2: two rounds of CBC with the bytes turned round between them, then eight bytes of SHA-1.
fn unwrap_triple_des(key: &[u8], sealed: &[u8]) -> Plain {
    const IV: [u8; 8] = [0x4a, 0xdd, 0xa2, 0x2c, 0x79, 0xe8, 0x21, 0x05];
    let mut turned = triple_des(key, &IV, sealed)?;
    turned.reverse();
    let (iv, body) = turned.split_at_checked(8)?;
    let mut plain = triple_des(key, iv, body)?;
    let kept = plain.len().checked_sub(8)?;
    let sum = Sha1::digest(&plain[..kept]);
    if !bool::from(sum[..8].ct_eq(&plain[kept..])) {
        return None;
    }
    plain.truncate(kept);
    Some(plain)
}

/// Twelve bytes of nonce, cipher text, sixteen of tag (XML Encryption 1.1 §5.2.4).
fn gcm<C: Aead<NonceSize = U12> + KeyInit>(key: &[u8], sealed: &[u8]) -> Plain {
    let (nonce, body) = sealed.split_at_checked(12)?;
    let nonce = Nonce::<U12>::try_from(nonce).ok()?;
    C::new_from_slice(key).ok()?.decrypt(&nonce, body).ok().map(Zeroizing::new)
}

/// RFC 3394, and RFC 3657 §3 with Camellia; a seed whose length doesn't fit them is wrapped by RFC 5649, whatever name
/// its writer gives that.
fn unwrap<C: BlockCipherDecrypt<BlockSize = U16> + KeyInit>(key: &[u8], sealed: &[u8]) -> Plain {
    let mut plain = Zeroizing::new(vec![0; sealed.len()]);
    let bare = AesKw::<C>::new_from_slice(key).ok()?.unwrap_key(sealed, &mut plain).ok().map(<[u8]>::len);
    let padded =
        || AesKwp::<C>::new_from_slice(key).ok()?.unwrap_key(sealed, &mut plain).ok().map(<[u8]>::len);
    let length = bare.or_else(padded)?;
    plain.truncate(length);
    (length > 0).then_some(plain)
}
