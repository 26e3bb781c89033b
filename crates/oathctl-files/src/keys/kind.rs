//! What a key file is, by its content.
//!
//! Owns: [`KeyKind`] and telling it. Does not own: taking the keys out ([`super::given`], the layers).

use age::ssh;
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use memchr::memmem::find;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncryptedPrivateKeyInfo, ObjectIdentifier, PrivateKeyInfo};
use zeroize::Zeroizing;

use super::legacy::LegacyKey;
use super::{KeyFile, pem};
use crate::text;

/// What a file given as a key is.
pub(crate) enum KeyKind {
    /// PGP secret keys, armoured or binary.
    PgpSecret,
    /// age identities, one a line.
    AgeIdentities,
    /// An RSA private key (PKCS#1, PKCS#8), PEM or DER.
    Rsa(Box<RsaPrivateKey>),
    /// A private key of OpenSSH, locked or not.
    Ssh(Box<ssh::Identity>),
    /// A locked private key.
    Locked(LockedKey),
    /// Readings as a pre-shared key, the likeliest first.
    Shared(Vec<Zeroizing<Vec<u8>>>),
    /// None that can be used: `empty`, `not_a_key`, `public`, `elliptic`, `plugin`, `unsupported`.
    Unusable(&'static str),
}

/// A private key that a passphrase opens.
pub(crate) enum LockedKey {
    /// PKCS#8, as DER.
    Pkcs8(Zeroizing<Vec<u8>>),
    /// The old way of PEM.
    Legacy(LegacyKey),
}

impl KeyKind {
    /// Looks at the content; the name says nothing.
    pub(crate) fn of(file: &KeyFile) -> Self {
        let bytes = file.expose();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Unusable("empty");
        }
        if matches!(bytes.len(), 16 | 24 | 32) {
            return Self::Shared(shared(bytes));
        }
        by_armour(bytes).or_else(|| by_packet(bytes)).or_else(|| of_der(bytes)).unwrap_or_else(|| {
            let readings = shared(bytes);
            if readings.is_empty() { Self::Unusable("not_a_key") } else { Self::Shared(readings) }
        })
    }
}

fn by_armour(bytes: &[u8]) -> Option<KeyKind> {
    let text = text::decode(Zeroizing::new(bytes.to_vec()));
    let text = text.as_str();
    let has = |mark: &str| find(text.as_bytes(), mark.as_bytes()).is_some();
    match () {
        () if has("-----BEGIN PGP PRIVATE KEY BLOCK-----") => Some(KeyKind::PgpSecret),
        () if has("-----BEGIN PGP PUBLIC KEY BLOCK-----") => Some(KeyKind::Unusable("public")),
        () if has("-----BEGIN ") => Some(by_pem(text)),
        () => by_line(text),
    }
}

fn by_pem(text: &str) -> KeyKind {
    let kinds = pem::blocks(text).filter_map(|block| match block.label {
        "EC PRIVATE KEY" => Some(KeyKind::Unusable("elliptic")),
        "OPENSSH PRIVATE KEY" => Some(of_ssh(text)),
        "RSA PRIVATE KEY" if block.is_locked_the_old_way() => Some(match block.legacy() {
            Some(key) => KeyKind::Locked(LockedKey::Legacy(key)),
            None => KeyKind::Unusable("unsupported"),
        }),
        _ if block.is_locked_the_old_way() => Some(KeyKind::Unusable("unsupported")),
        "RSA PRIVATE KEY" | "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => of_der(&block.der()?),
        label if label.ends_with("PRIVATE KEY") => Some(KeyKind::Unusable("unsupported")),
        "CERTIFICATE" | "PUBLIC KEY" | "RSA PUBLIC KEY" => Some(KeyKind::Unusable("public")),
        _ => None,
    });
    // A file may hold certificate and key: the key counts.
    let mut best = KeyKind::Unusable("not_a_key");
    for kind in kinds {
        match (&best, &kind) {
            (KeyKind::Unusable(_), KeyKind::Unusable(_))
                if !matches!(best, KeyKind::Unusable("not_a_key")) => {}
            (KeyKind::Unusable(_), _) => best = kind,
            _ => {}
        }
    }
    best
}

/// Ed25519 and RSA; other kinds open nothing here.
fn of_ssh(text: &str) -> KeyKind {
    let start = text.find("-----BEGIN OPENSSH").unwrap_or(0);
    let text = Zeroizing::new(text[start..].replace('\r', ""));
    match ssh::Identity::from_buffer(text.as_bytes(), None) {
        Ok(ssh::Identity::Unsupported(ssh::UnsupportedKey::Type(kind))) if kind.contains("ecdsa") => {
            KeyKind::Unusable("elliptic")
        }
        Ok(ssh::Identity::Unsupported(_)) => KeyKind::Unusable("unsupported"),
        Ok(identity) => KeyKind::Ssh(Box::new(identity)),
        Err(_) => KeyKind::Unusable("not_a_key"),
    }
}

fn by_line(text: &str) -> Option<KeyKind> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.find_map(|line| {
        let starts =
            |mark: &str| line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
        match () {
            () if starts("AGE-SECRET-KEY-1") => Some(KeyKind::AgeIdentities),
            () if starts("AGE-PLUGIN-") => Some(KeyKind::Unusable("plugin")),
            () if starts("AGE-SECRET-KEY-") => Some(KeyKind::Unusable("unsupported")),
            () if starts("age1") || starts("ssh-") || starts("ecdsa-") => Some(KeyKind::Unusable("public")),
            () => None,
        }
    })
}

/// The first packet of binary keys (RFC 9580 §5.5.1): 5 secret, 6 public.
fn by_packet(bytes: &[u8]) -> Option<KeyKind> {
    let first = *bytes.first().filter(|first| **first & 0x80 != 0)?;
    let tag = if first & 0x40 != 0 { first & 0x3f } else { (first >> 2) & 0x0f };
    match tag {
        5 => Some(KeyKind::PgpSecret),
        6 => Some(KeyKind::Unusable("public")),
        _ => None,
    }
}

fn of_der(der: &[u8]) -> Option<KeyKind> {
    if der.first() != Some(&0x30) {
        return None;
    }
    if let Ok(key) = RsaPrivateKey::from_pkcs1_der(der).or_else(|_| rsa_of_pkcs8(der)) {
        return Some(KeyKind::Rsa(Box::new(key)));
    }
    if EncryptedPrivateKeyInfo::try_from(der).is_ok() {
        return Some(KeyKind::Locked(LockedKey::Pkcs8(Zeroizing::new(der.to_vec()))));
    }
    if let Ok(info) = PrivateKeyInfo::try_from(der) {
        let elliptic = info.algorithm.oid == ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
        return Some(KeyKind::Unusable(if elliptic { "elliptic" } else { "unsupported" }));
    }
    let rsa = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    find(der, rsa.as_bytes()).map(|_| KeyKind::Unusable("public"))
}

fn rsa_of_pkcs8(der: &[u8]) -> Result<RsaPrivateKey, ()> {
    RsaPrivateKey::from_pkcs8_der(der).map_err(|_| ())
}

/// Every reading as 16, 24 or 32 bytes: hex, Base64, the bytes themselves.
fn shared(bytes: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let text = text::decode(Zeroizing::new(bytes.to_vec()));
    let lines = text.as_str().lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut bare = Zeroizing::new(Vec::with_capacity(bytes.len()));
    bare.extend(lines.flat_map(str::bytes).filter(|b| !b.is_ascii_whitespace()));
    let raw = matches!(bytes.len(), 16 | 24 | 32).then(|| Zeroizing::new(bytes.to_vec()));
    let mut readings: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    for reading in [of_hex(&bare), of_base64(&bare), raw].into_iter().flatten() {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

fn of_hex(bare: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let bare = bare.strip_prefix(b"0x").unwrap_or(bare);
    let mut digits = Zeroizing::new(Vec::with_capacity(bare.len()));
    digits.extend(bare.iter().filter(|b| !matches!(b, b':' | b'-')));
    let length = matches!(digits.len(), 32 | 48 | 64);
    length.then(|| HEXLOWER_PERMISSIVE.decode(&digits).ok()).flatten().map(Zeroizing::new)
}

fn of_base64(bare: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Any 16 to 32 bytes are at most 44 characters.
    let encoding = if bare.ends_with(b"=") { BASE64 } else { BASE64_NOPAD };
    let decoded = Zeroizing::new(encoding.decode(bare.get(..bare.len().min(45))?).ok()?);
    matches!(decoded.len(), 16 | 24 | 32).then_some(decoded)
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
