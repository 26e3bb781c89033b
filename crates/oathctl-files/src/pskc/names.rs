//! Names out of a file as they may be shown: of keys, of signers, of people, of algorithms.
//!
//! Owns: telling a name from what could be a seed, the common name of a certificate. Does not own: what is shown of
//! anything else ([`crate::cells::shown`]).

use crate::cells::clean::visible;
use crate::cells::shown::{could_be_seed, shown};

/// Characters of a name that are shown.
const LONGEST: usize = 120;

/// A name: directory names (RFC 4514) as they stand where no part of them could be a seed, others by the general rule.
pub(super) fn name(text: &str) -> String {
    let attribute = |part: &str| {
        let (kind, value) = part.split_once('=').unwrap_or(("", ""));
        !kind.trim().is_empty() && !value.trim().is_empty()
    };
    let is_directory = text.split(',').all(attribute);
    if !is_directory || text.split([',', '=', '/', '+']).any(could_be_seed) {
        return shown(text);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter_map(visible).take(LONGEST).collect()
}

/// An algorithm: what its URI ends with.
pub(super) fn algorithm(uri: &str) -> String {
    match uri.trim().rsplit(['#', '/']).next().unwrap_or("") {
        "" => "a method without a name".into(),
        last => shown(last),
    }
}

/// The common name of a certificate's subject (RFC 5280 §4.1).
pub(super) fn of_certificate(der: &[u8]) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = tlv(der)?;
    let (_, mut fields, _) = tlv(certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = tlv(fields)?.2;
    }
    // Serial, algorithm, issuer and validity come before the subject.
    for _ in 0..4 {
        fields = tlv(fields)?.2;
    }
    let (_, mut names, _) = tlv(fields)?;
    while let Some((_, set, rest)) = tlv(names) {
        let (_, pair, _) = tlv(set)?;
        let (_, kind, value) = tlv(pair)?;
        if kind == COMMON_NAME {
            return std::str::from_utf8(tlv(value)?.1).ok().map(name);
        }
        names = rest;
    }
    None
}

/// One element of DER: tag, content, what follows.
fn tlv(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long & 0x7f).filter(|(bytes, _)| bytes.len() <= 4)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_names_are_shown_seeds_are_not() {
        assert_eq!(name("UID=jsmith,DC=example-bank,DC=net"), "UID=jsmith,DC=example-bank,DC=net");
        assert_eq!(name("CN=Example.com,\n   C=US"), "CN=Example.com, C=US");
        assert_eq!(name("Pre-shared-key"), "Pre-shared-key");
        for hidden in
            ["CN=ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z", "ZS3CJN6L22OGIYSMGDDK====", "ccb624b7cbd69c64624c30c6"]
        {
            assert!(name(hidden).starts_with('<'), "{hidden}");
        }
    }

    #[test]
    fn algorithms_go_by_the_end_of_their_uris() {
        assert_eq!(algorithm("http://www.w3.org/2001/04/xmlenc#arcfour"), "arcfour");
        assert_eq!(algorithm(" "), "a method without a name");
    }

    #[test]
    fn no_certificate_panics() {
        for length in 0..60 {
            for byte in [0, 0x30, 0x80, 0x84, 0xff] {
                assert_eq!(of_certificate(&vec![byte; length]), None);
            }
        }
    }
}
