//! A seed: from its spelling to its bytes.
//!
//! Owns: [`decode`] for hex, Base32 and Base64 in one loop, faults by character and position. Does not own: which
//! encoding a column has ([`crate::delimited::encoding`]). What is decoded stands in a buffer the caller wipes.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;

use crate::options::SeedEncoding;

/// Longest seed decoded; anything above 80 bytes is refused later by its length.
pub(crate) const ROOM: usize = 256;

/// A decoded seed: how many bytes of the buffer it fills and what was odd about its spelling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spelled {
    pub(crate) len: usize,
    pub(crate) trailing_bits: bool,
    pub(crate) odd_padding: bool,
}

impl Spelled {
    /// What to tell about the spelling.
    pub(crate) fn remarks(&self) -> impl Iterator<Item = (Severity, Reason)> {
        let bits = self.trailing_bits.then_some((Severity::Warning, Reason::SeedTrailingBits));
        let padding = self.odd_padding.then_some((Severity::Note, Reason::SeedPadding));
        bits.into_iter().chain(padding)
    }
}

/// The grouping marks that mean nothing; `-` is a character of Base64's second alphabet.
pub(crate) const fn is_grouping(c: char, encoding: SeedEncoding) -> bool {
    matches!(c, ' ' | ':') || (c == '-' && !matches!(encoding, SeedEncoding::Base64))
}

const fn bits(encoding: SeedEncoding) -> u32 {
    match encoding {
        SeedEncoding::Hex => 4,
        SeedEncoding::Base32 => 5,
        SeedEncoding::Base64 => 6,
    }
}

/// The value of a character.
pub(crate) const fn value(c: u8, encoding: SeedEncoding) -> Option<u8> {
    let base64 = matches!(encoding, SeedEncoding::Base64);
    match (encoding, c) {
        (SeedEncoding::Hex, b'0'..=b'9') => Some(c - b'0'),
        (SeedEncoding::Hex, b'a'..=b'f') => Some(c - b'a' + 10),
        (SeedEncoding::Hex, b'A'..=b'F') => Some(c - b'A' + 10),
        (SeedEncoding::Base32 | SeedEncoding::Base64, b'A'..=b'Z') => Some(c - b'A'),
        (SeedEncoding::Base32, b'a'..=b'z') => Some(c - b'a'),
        (SeedEncoding::Base32, b'2'..=b'7') => Some(c - b'2' + 26),
        (SeedEncoding::Base64, b'a'..=b'z') => Some(c - b'a' + 26),
        (SeedEncoding::Base64, b'0'..=b'9') => Some(c - b'0' + 52),
        (SeedEncoding::Base64, b'+' | b'-') if base64 => Some(62),
        (SeedEncoding::Base64, b'/' | b'_') if base64 => Some(63),
        _ => None,
    }
}

/// True when `characters` characters of `encoding` can end a byte string: fewer bits than a character are over.
pub(crate) const fn is_legal_length(characters: usize, encoding: SeedEncoding) -> bool {
    (characters * bits(encoding) as usize) % 8 < bits(encoding) as usize
}

/// The values of all bytes in one encoding; [`BAD`] for those that have none.
const fn values(encoding: SeedEncoding) -> [u8; 256] {
    let mut values = [BAD; 256];
    let mut byte = 0;
    while byte < values.len() {
        if let Some(value) = value(byte as u8, encoding) {
            values[byte] = value;
        }
        byte += 1;
    }
    values
}

const BAD: u8 = 0xff;
static HEX: [u8; 256] = values(SeedEncoding::Hex);
static BASE32: [u8; 256] = values(SeedEncoding::Base32);
static BASE64: [u8; 256] = values(SeedEncoding::Base64);

/// Bits as they come, six at most at a time, put together to bytes.
struct Bits<'o> {
    out: &'o mut [u8; ROOM],
    len: usize,
    held: u32,
    kept: u32,
}

impl Bits<'_> {
    fn push(&mut self, value: u8, bits: u32) {
        self.held = self.held << bits | u32::from(value);
        self.kept += bits;
        if self.kept >= 8 {
            self.kept -= 8;
            if let Some(place) = self.out.get_mut(self.len) {
                *place = (self.held >> self.kept) as u8;
            }
            self.held &= (1 << self.kept) - 1;
            self.len += 1;
        }
    }
}

/// Decodes a cleaned cell into `out`.
///
/// # Errors
/// `seed_bad_character` with character and position, `seed_bad_length`, `seed_too_long`; never the cell.
pub(crate) fn decode(text: &str, encoding: SeedEncoding, out: &mut [u8; ROOM]) -> Result<Spelled, Reason> {
    let table = match encoding {
        SeedEncoding::Hex => &HEX,
        SeedEncoding::Base32 => &BASE32,
        SeedEncoding::Base64 => &BASE64,
    };
    let prefix = matches!(encoding, SeedEncoding::Hex) && matches!(text.as_bytes(), [b'0', b'x' | b'X', ..]);
    let mut bits = Bits { out, len: 0, held: 0, kept: 0 };
    let (mut characters, mut padding) = (0usize, 0usize);
    for (at, byte) in text.bytes().enumerate().skip(if prefix { 2 } else { 0 }) {
        let value = table[usize::from(byte)];
        match byte {
            _ if value != BAD && padding == 0 => {
                characters += 1;
                bits.push(value, self::bits(encoding));
            }
            b'=' if !matches!(encoding, SeedEncoding::Hex) => padding += 1,
            _ if is_grouping(char::from(byte), encoding) => {}
            _ => return Err(bad_character(text, at, encoding)),
        }
    }
    let Bits { len, held, .. } = bits;
    if len > ROOM {
        return Err(Reason::SeedTooLong { bytes: u32::try_from(len).unwrap_or(u32::MAX) });
    }
    if !is_legal_length(characters, encoding) {
        let characters = u32::try_from(characters).unwrap_or(u32::MAX);
        return Err(Reason::SeedBadLength { characters, encoding: encoding.word().into() });
    }
    let odd_padding = padding > 0 && padding != expected_padding(characters, encoding);
    Ok(Spelled { len, trailing_bits: held != 0, odd_padding })
}

const fn expected_padding(characters: usize, encoding: SeedEncoding) -> usize {
    let block = match encoding {
        SeedEncoding::Hex => return 0,
        SeedEncoding::Base32 => 8,
        SeedEncoding::Base64 => 4,
    };
    (block - characters % block) % block
}

/// The character at a byte, by its position among characters.
fn bad_character(text: &str, at: usize, encoding: SeedEncoding) -> Reason {
    let before = text.char_indices().take_while(|(start, _)| *start <= at);
    let position = u32::try_from(before.clone().count()).unwrap_or(u32::MAX);
    let character = before.last().map_or(char::REPLACEMENT_CHARACTER, |(_, c)| c);
    Reason::SeedBadCharacter { character, position, encoding: encoding.word().into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE32, BASE64, HEXLOWER};

    fn of(text: &str, encoding: SeedEncoding) -> Result<(Vec<u8>, bool, bool), Reason> {
        let mut out = [0; ROOM];
        let spelled = decode(text, encoding, &mut out)?;
        Ok((out[..spelled.len].to_vec(), spelled.trailing_bits, spelled.odd_padding))
    }

    #[test]
    fn agrees_with_a_library_on_every_length() {
        for len in 1..=90usize {
            let bytes: Vec<u8> = (0..len).map(|n| (n * 73 + len) as u8).collect();
            let (b32, hex, b64) = (BASE32.encode(&bytes), HEXLOWER.encode(&bytes), BASE64.encode(&bytes));
            for (text, encoding) in
                [(b32, SeedEncoding::Base32), (hex, SeedEncoding::Hex), (b64, SeedEncoding::Base64)]
            {
                assert_eq!(of(&text, encoding), Ok((bytes.clone(), false, false)), "{len} {encoding:?}");
                assert_eq!(of(text.trim_end_matches('='), encoding), Ok((bytes.clone(), false, false)));
            }
        }
    }

    #[test]
    fn grouping_case_and_prefix_mean_nothing() {
        let plain = of("LAPK4WWPERBGZ3VW", SeedEncoding::Base32);
        assert_eq!(of("lapk 4wwp-erbg:z3vw", SeedEncoding::Base32), plain);
        assert_eq!(of("0xAB CD-ef:01", SeedEncoding::Hex).unwrap().0, [0xab, 0xcd, 0xef, 0x01]);
    }

    #[test]
    fn spare_bits_and_padding_are_told() {
        assert!(of("6pzt544b43jkfem5cwclg6z7tf", SeedEncoding::Base32).unwrap().1);
        assert!(of("LAPK4WWPERBGZ3VW===", SeedEncoding::Base32).unwrap().2);
        assert!(!of("LAPK4WWPERBGZ3VW", SeedEncoding::Base32).unwrap().2);
    }

    #[test]
    fn a_bad_character_is_named_with_its_position() {
        let bad = |character, position, encoding: &str| {
            Err(Reason::SeedBadCharacter { character, position, encoding: encoding.into() })
        };
        assert_eq!(of("LAPK 8WWP", SeedEncoding::Base32), bad('8', 6, "base32"));
        assert_eq!(of("0xABCG", SeedEncoding::Hex), bad('G', 6, "hex"));
        assert_eq!(of("LAP=K", SeedEncoding::Base32), bad('K', 5, "base32"));
        assert_eq!(of("LAPKé", SeedEncoding::Base32), bad('é', 5, "base32"));
        let length = Reason::SeedBadLength { characters: 3, encoding: "hex".into() };
        assert_eq!(of("ABC", SeedEncoding::Hex), Err(length));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_length() {
        let text = "A".repeat(1600);
        assert_eq!(of(&text, SeedEncoding::Base32), Err(Reason::SeedTooLong { bytes: 1000 }));
    }
}
