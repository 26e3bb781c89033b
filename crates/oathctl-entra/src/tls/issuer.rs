//! The issuer's name in a certificate, as words to show.
//!
//! Owns: finding the name (RFC 5280, sections 4.1 and 4.1.2.4) in a certificate that was verified before. Does
//! not own: any judgement; unreadable names are `None`.

use crate::remote::clean;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT_ID: u8 = 0x06;
/// `[0]`, around the version.
const VERSION: u8 = 0xa0;
/// The attributes shown, in this order: common name 2.5.4.3, organization 2.5.4.10 (RFC 5280, appendix A.1).
const SHOWN: [&[u8]; 2] = [&[0x55, 0x04, 0x03], &[0x55, 0x04, 0x0a]];
/// The longest name shown, in characters.
const LONGEST: usize = 200;

/// The issuer of a DER certificate: common name and organization, as far as they are there, in one line.
pub(super) fn name(certificate: &[u8]) -> Option<String> {
    let mut fields = Der(Der(certificate).take(SEQUENCE)?);
    let mut fields = Der(fields.take(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.take(VERSION)?;
    }
    fields.take(INTEGER)?; // the serial number
    fields.take(SEQUENCE)?; // the signature's algorithm
    let attributes = attributes(fields.take(SEQUENCE)?)?;
    let words = SHOWN.iter().filter_map(|wanted| {
        let (_, text) = attributes.iter().find(|(id, _)| id == wanted)?;
        Some(text.trim()).filter(|text| !text.is_empty())
    });
    let line: String = words.collect::<Vec<_>>().join(", ").chars().take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

/// Object identifiers and texts of a distinguished name.
fn attributes(name: &[u8]) -> Option<Vec<(&[u8], String)>> {
    let (mut sets, mut found) = (Der(name), Vec::new());
    while !sets.0.is_empty() {
        let mut set = Der(sets.take(SET)?);
        while !set.0.is_empty() {
            let mut pair = Der(set.take(SEQUENCE)?);
            let id = pair.take(OBJECT_ID)?;
            let (tag, bytes) = pair.next()?;
            found.push((id, clean(&text(tag, bytes))));
        }
    }
    Some(found)
}

/// A string by its type; what is none of ours is read as far as it is UTF-8.
fn text(tag: u8, bytes: &[u8]) -> String {
    match tag {
        // BMPString: two bytes a character
        0x1e => {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        // TeletexString: taken for Latin 1, as everybody does
        0x14 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What is left to read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, which must be of this type.
    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }

    /// The next element: its type and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match usize::from(*first) {
            short @ 0..=0x7f => (short, rest),
            long @ 0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(long - 0x80)?;
                (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair};

    use super::*;

    fn issued_by(names: &[(DnType, DnValue)]) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["host.example".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in names {
            params.distinguished_name.push(kind.clone(), value.clone());
        }
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    fn utf8(text: &str) -> DnValue {
        DnValue::Utf8String(text.to_owned())
    }

    #[test]
    fn common_name_and_organization_in_one_line() {
        let certificate = issued_by(&[
            (DnType::CountryName, utf8("CH")),
            (DnType::OrganizationName, utf8("Exämple Ltd")),
            (DnType::CommonName, DnValue::BmpString("Inspection CA".try_into().unwrap())),
        ]);
        assert_eq!(name(&certificate).as_deref(), Some("Inspection CA, Exämple Ltd"));
        let certificate = issued_by(&[(DnType::OrganizationName, utf8("Only Ltd"))]);
        assert_eq!(name(&certificate).as_deref(), Some("Only Ltd"));
    }

    #[test]
    fn h23_a_name_cannot_drive_a_terminal() {
        let certificate = issued_by(&[(DnType::CommonName, utf8(" a\u{1b}[2J\u{202e}b\r\n"))]);
        assert_eq!(name(&certificate).as_deref(), Some("a[2Jb"));
        let certificate = issued_by(&[(DnType::CommonName, utf8(&"x".repeat(5_000)))]);
        assert_eq!(name(&certificate).unwrap().len(), LONGEST);
    }

    #[test]
    fn a_certificate_without_a_name_or_cut_off_gives_none() {
        assert_eq!(name(&issued_by(&[])), None);
        assert_eq!(name(&issued_by(&[(DnType::CountryName, utf8("CH"))])), None);
        let whole = issued_by(&[(DnType::CommonName, utf8("Somebody"))]);
        for length in 0..whole.len() {
            assert_eq!(name(&whole[..length]), None, "{length}");
        }
    }
}
