//! Formats that show in their first bytes.

use memchr::memmem;

use super::{Format, Found};
use crate::text;
use crate::unwrap::{ole, pgp, zip};

/// Where mail text may stand before an armoured message.
const HEAD: usize = 4096;

/// Looks at bytes before they are taken for text.
pub(crate) fn of_bytes(bytes: &[u8], name: Option<&str>) -> Found {
    if let Some(format) = by_magic(bytes).or_else(|| by_armour(bytes)).or_else(|| by_name(bytes, name)) {
        return Found::Named(format);
    }
    if let Some(looks_like) = no_seed_file(bytes) {
        return Found::Binary(looks_like);
    }
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    if marked || text::utf16_without_mark(bytes).is_some() {
        return Found::Text;
    }
    let binary = looks_binary(bytes);
    match by_packet(bytes, binary) {
        Some(format) => Found::Named(format),
        None if binary => Found::Binary("unknown"),
        None => Found::Text,
    }
}

fn by_magic(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(zip::kind(bytes)),
        // Written as one part of what was meant to be split.
        [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] | [b'P', b'K', b'0', b'0', b'P', b'K', 3, 4, ..] => {
            Some(zip::kind(bytes))
        }
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Format::SevenZip),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(ole::kind(bytes)),
        [0x1f, 0x8b, ..] => Some(Format::Gzip),
        [b'%', b'P', b'D', b'F', ..] => Some(Format::Pdf),
        [b'{', b'\\', b'r', b't', b'f', ..] => Some(Format::Rtf),
        // POSIX.1-1988: the mark of a header block.
        _ if bytes.get(257..262) == Some(b"ustar") => Some(Format::Tar),
        _ if bytes.starts_with(b"age-encryption.org/v1") => Some(Format::Age),
        // A SEQUENCE that soon names CMS envelopedData (1.2.840.113549.1.7.3, RFC 5652 §6).
        [0x30, 0x80..=0x84, ..] => {
            has_within(bytes, 32, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", Format::Smime)
        }
        _ => None,
    }
}

fn by_armour(bytes: &[u8]) -> Option<Format> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let marks: [(&[u8], Format); 10] = [
        (b"-----BEGIN PGP MESSAGE-----", Format::Pgp),
        (b"-----BEGIN PGP SIGNED MESSAGE-----", Format::Pgp),
        (b"-----BEGIN PGP SIGNATURE-----", Format::PgpSignature),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", Format::PgpKey),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----", Format::PgpKey),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", Format::Age),
        (b"-----BEGIN PKCS7-----", Format::Smime),
        (b"-----BEGIN CMS-----", Format::Smime),
        (b"application/pkcs7-mime", Format::Smime),
        (b"AGE-SECRET-KEY-1", Format::AgeIdentity),
    ];
    let found = marks.into_iter().find(|(mark, _)| memmem::find(head, mark).is_some());
    found.map(|(_, format)| format).or_else(|| by_pem(head))
}

/// RFC 7468; text may stand before it.
fn by_pem(head: &[u8]) -> Option<Format> {
    let start = memmem::find(head, b"-----BEGIN ")? + 11;
    let label = head.get(start..)?;
    let label = label.get(..memmem::find(label, b"-----")?)?;
    match () {
        () if label.ends_with(b"PRIVATE KEY") => Some(Format::PrivateKey),
        () if label.ends_with(b"PUBLIC KEY") => Some(Format::PublicKey),
        () if label.ends_with(b"CERTIFICATE") => Some(Format::Certificate),
        () => None,
    }
}

fn by_name(bytes: &[u8], name: Option<&str>) -> Option<Format> {
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("dpx") => Some(Format::Dpx),
        Some("sdtid") => Some(Format::SecurId),
        _ => has_within(bytes, 256, b"DIGIPASS", Format::Dpx),
    }
}

fn has_within(bytes: &[u8], length: usize, mark: &[u8], format: Format) -> Option<Format> {
    memmem::find(&bytes[..bytes.len().min(length)], mark).map(|_| format)
}

/// Things people pick by mistake.
fn no_seed_file(bytes: &[u8]) -> Option<&'static str> {
    let marks: [(&[u8], &str); 8] = [
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF8", "gif"),
        (b"\x7fELF", "program"),
        (b"MZ\x90", "program"),
        (b"SQLite format 3\0", "sqlite"),
        (b"Rar!\x1a", "rar"),
        (b"BZh", "bzip2"),
    ];
    marks.into_iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, word)| word)
}

/// Text has no zeros and next to no control characters.
fn looks_binary(bytes: &[u8]) -> bool {
    if memchr::memchr(0, bytes).is_some() {
        return true;
    }
    let sample = &bytes[..bytes.len().min(HEAD)];
    let control = |b: &&u8| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a);
    sample.iter().filter(control).count() * 32 > sample.len()
}

/// The first packet of binary OpenPGP data (RFC 9580 §4.2). Its version or algorithm is a control character, which
/// no text has there; packets without one are believed only where the bytes are no text anyway.
fn by_packet(bytes: &[u8], binary: bool) -> Option<Format> {
    let (tag, body) = pgp::packets::first_body(bytes)?;
    let version = *body.first()?;
    let known = match tag {
        pgp::packets::PKESK => matches!(version, 2 | 3 | 6),
        pgp::packets::SKESK => matches!(version, 4..=6),
        pgp::packets::PROTECTED => matches!(version, 1 | 2),
        pgp::packets::GNUPG_AEAD => version == 1,
        pgp::packets::COMPRESSED => version <= 3,
        pgp::packets::ONE_PASS => matches!(version, 3 | 6),
        pgp::packets::SIGNATURE | pgp::packets::SECRET_KEY | pgp::packets::PUBLIC_KEY => {
            matches!(version, 2..=6)
        }
        pgp::packets::LITERAL => binary && matches!(version, b'b' | b't' | b'u' | b'm'),
        pgp::packets::UNPROTECTED => binary,
        _ => false,
    };
    match tag {
        _ if !known => None,
        pgp::packets::SECRET_KEY | pgp::packets::PUBLIC_KEY => Some(Format::PgpKey),
        _ => Some(Format::Pgp),
    }
}
