//! What the URIs of XML Encryption (<https://www.w3.org/TR/xmlenc-core1/>, RFC 4051, RFC 9231) name.
//!
//! Owns: [`Cipher`]. Only the last part of a URI counts: real files use several namespaces for one algorithm, and
//! drafts bare names.

use super::Digest;

/// A way to seal a value. Numbers are key lengths in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cipher {
    /// Not sealed at all, but it carries a check value.
    Open,
    AesCbc(usize),
    AesGcm(usize),
    AesWrap(usize),
    CamelliaCbc(usize),
    CamelliaWrap(usize),
    TripleDesCbc,
    TripleDesWrap,
    RsaPkcs1,
    RsaOaep {
        digest: Digest,
        mask: Digest,
    },
}

impl Cipher {
    /// Reads a URI or a draft's name. OAEP is given with its default, SHA-1.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        Some(match last_part(uri).as_str() {
            "aes128-cbc" => Self::AesCbc(16),
            "aes192-cbc" => Self::AesCbc(24),
            "aes256-cbc" => Self::AesCbc(32),
            "aes128-gcm" => Self::AesGcm(16),
            "aes192-gcm" => Self::AesGcm(24),
            "aes256-gcm" => Self::AesGcm(32),
            "kw-aes128" | "kw-aes-128-pad" => Self::AesWrap(16),
            "kw-aes192" | "kw-aes-192-pad" => Self::AesWrap(24),
            "kw-aes256" | "kw-aes-256-pad" => Self::AesWrap(32),
            "camellia128-cbc" => Self::CamelliaCbc(16),
            "camellia192-cbc" => Self::CamelliaCbc(24),
            "camellia256-cbc" => Self::CamelliaCbc(32),
            "kw-camellia128" => Self::CamelliaWrap(16),
            "kw-camellia192" => Self::CamelliaWrap(24),
            "kw-camellia256" => Self::CamelliaWrap(32),
            "tripledes-cbc" | "3des-cbc" | "3des112-cbc" | "3des168-cbc" | "pbe-3des112-cbc"
            | "pbe-3des168-cbc" => Self::TripleDesCbc,
            "kw-tripledes" => Self::TripleDesWrap,
            "rsa-1-5" => Self::RsaPkcs1,
            "rsa-oaep" | "rsa-oaep-mgf1p" => Self::RsaOaep { digest: Digest::Sha1, mask: Digest::Sha1 },
            _ => return None,
        })
    }

    /// Whether a key of this length can be its key.
    pub(crate) fn takes(self, length: usize) -> bool {
        match self {
            Self::Open | Self::RsaPkcs1 | Self::RsaOaep { .. } => true,
            Self::TripleDesCbc | Self::TripleDesWrap => matches!(length, 16 | 24),
            Self::AesCbc(n)
            | Self::AesGcm(n)
            | Self::AesWrap(n)
            | Self::CamelliaCbc(n)
            | Self::CamelliaWrap(n) => length == n,
        }
    }

    /// The length of a key derived for it where the file states none.
    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::AesCbc(n)
            | Self::AesGcm(n)
            | Self::AesWrap(n)
            | Self::CamelliaCbc(n)
            | Self::CamelliaWrap(n) => n,
            Self::TripleDesCbc | Self::TripleDesWrap => 24,
            Self::Open | Self::RsaPkcs1 | Self::RsaOaep { .. } => 16,
        }
    }

    /// It finds alterations by itself and needs no check value beside it.
    pub(crate) fn authenticates(self) -> bool {
        matches!(self, Self::AesGcm(_) | Self::AesWrap(_) | Self::CamelliaWrap(_) | Self::TripleDesWrap)
    }

    /// It needs a private key.
    pub(crate) fn is_asymmetric(self) -> bool {
        matches!(self, Self::RsaPkcs1 | Self::RsaOaep { .. })
    }
}

/// After the last `#` or `/`, in small letters, `_` as `-`.
pub(super) fn last_part(uri: &str) -> String {
    let last = uri.trim().rsplit(['#', '/']).next().unwrap_or("");
    last.to_ascii_lowercase().replace('_', "-")
}
