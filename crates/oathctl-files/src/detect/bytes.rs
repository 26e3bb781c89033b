//! Formats that show in their first bytes.

use memchr::memmem;

use super::{Format, Found};
use crate::text;

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
    if marked || text::utf16_without_mark(bytes).is_some() || !looks_binary(bytes) {
        return Found::Text;
    }
    if is_pgp_packet(bytes) { Found::Named(Format::Pgp) } else { Found::Binary("unknown") }
}

fn by_magic(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(zip(bytes)),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Format::SevenZip),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(ole(bytes)),
        [0x1f, 0x8b, ..] => Some(Format::Gzip),
        [b'%', b'P', b'D', b'F', ..] => Some(Format::Pdf),
        _ if bytes.starts_with(b"age-encryption.org/v1") => Some(Format::Age),
        // A SEQUENCE that soon names CMS envelopedData (1.2.840.113549.1.7.3, RFC 5652 §6).
        [0x30, 0x80..=0x84, ..] => {
            has_within(bytes, 32, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", Format::Smime)
        }
        _ => None,
    }
}

fn zip(bytes: &[u8]) -> Format {
    let encrypted = bytes.get(6).is_some_and(|flags| flags & 1 == 1);
    match () {
        () if memmem::find(bytes, b"xl/workbook.xml").is_some() => Format::Xlsx,
        () if encrypted => Format::ZipEncrypted,
        () => Format::Zip,
    }
}

fn ole(bytes: &[u8]) -> Format {
    // Stream names are UTF-16LE.
    let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|b| [b, 0]).collect();
    if memmem::find(bytes, &name).is_some() { Format::XlsxEncrypted } else { Format::Xls }
}

fn by_armour(bytes: &[u8]) -> Option<Format> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let marks: [(&[u8], Format); 7] = [
        (b"-----BEGIN PGP MESSAGE-----", Format::Pgp),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", Format::PgpKey),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----", Format::PgpKey),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", Format::Age),
        (b"-----BEGIN PKCS7-----", Format::Smime),
        (b"-----BEGIN CMS-----", Format::Smime),
        (b"application/pkcs7-mime", Format::Smime),
    ];
    marks.into_iter().find(|(mark, _)| memmem::find(head, mark).is_some()).map(|(_, format)| format)
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

/// The first packet of a binary OpenPGP message (RFC 9580 §4.2): session keys, encrypted data.
fn is_pgp_packet(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first().filter(|first| **first & 0x80 != 0) else { return false };
    let tag = if first & 0x40 != 0 { first & 0x3f } else { (first >> 2) & 0x0f };
    matches!(tag, 1 | 3 | 9 | 18 | 20)
}
