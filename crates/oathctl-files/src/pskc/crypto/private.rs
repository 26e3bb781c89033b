//! RSA.
//!
//! Owns: opening with a private key. The crate's timing weakness (RUSTSEC-2023-0071) needs somebody who measures many
//! answers over a network; here one person opens a file on a desk.

use rsa::sha2::{Sha224, Sha256, Sha384, Sha512};
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey};
use sha1_of_rsa::Sha1;
use zeroize::Zeroizing;

use super::{Cipher, Digest};

pub(super) fn decrypt(cipher: Cipher, key: &RsaPrivateKey, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let plain = match cipher {
        Cipher::RsaPkcs1 => key.decrypt(Pkcs1v15Encrypt, sealed),
        Cipher::RsaOaep { digest, mask } => key.decrypt(oaep(digest, mask), sealed),
        _ => return None,
    };
    plain.ok().map(Zeroizing::new)
}

fn oaep(digest: Digest, mask: Digest) -> Oaep {
    match mask {
        Digest::Sha1 => with_mask::<Sha1>(digest),
        Digest::Sha224 => with_mask::<Sha224>(digest),
        Digest::Sha256 => with_mask::<Sha256>(digest),
        Digest::Sha384 => with_mask::<Sha384>(digest),
        Digest::Sha512 => with_mask::<Sha512>(digest),
    }
}

macro_rules! with_digest {
    ($digest:expr, $mask:ty) => {
        match $digest {
            Digest::Sha1 => Oaep::new_with_mgf_hash::<Sha1, $mask>(),
            Digest::Sha224 => Oaep::new_with_mgf_hash::<Sha224, $mask>(),
            Digest::Sha256 => Oaep::new_with_mgf_hash::<Sha256, $mask>(),
            Digest::Sha384 => Oaep::new_with_mgf_hash::<Sha384, $mask>(),
            Digest::Sha512 => Oaep::new_with_mgf_hash::<Sha512, $mask>(),
        }
    };
}

fn with_mask<M>(digest: Digest) -> Oaep
where
    M: 'static + sha1_of_rsa::Digest + rsa::sha2::digest::DynDigest + Send + Sync,
{
    with_digest!(digest, M)
}
