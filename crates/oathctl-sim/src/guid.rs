//! Object ids as Entra spells them.

use std::fmt;

use crate::rng::Rng;

/// A 128-bit id, shown as a lower-case GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// The id of nothing: what a failed item of a bulk reply carries.
    pub const ZERO: Self = Self(0);

    /// A fresh random (version 4) id.
    pub fn random(rng: &mut Rng) -> Self {
        let raw = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        let versioned = raw & !(0xF << 76) | (4 << 76);
        Self(versioned & !(0b11 << 62) | (0b10 << 62))
    }

    /// Reads a GUID in its 36-character spelling, any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut value = 0u128;
        for (i, b) in bytes.iter().enumerate() {
            if matches!(i, 8 | 13 | 18 | 23) {
                if *b != b'-' {
                    return None;
                }
            } else {
                value = value << 4 | u128::from(char::from(*b).to_digit(16)?);
            }
        }
        Some(Self(value))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            (v >> 96) as u32,
            (v >> 80) as u16,
            (v >> 64) as u16,
            (v >> 48) as u16,
            v & 0xFFFF_FFFF_FFFF
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_reading_agree() {
        let id = Guid::random(&mut Rng::new(3));
        let text = id.to_string();
        assert_eq!(Guid::parse(&text), Some(id));
        assert_eq!(Guid::parse(&text.to_uppercase()), Some(id));
        assert_eq!(text.as_bytes()[14], b'4');
        assert_eq!(Guid::parse(&text[1..]), None);
        assert_eq!(Guid::parse("not-a-guid-not-a-guid-not-a-guid-not"), None);
    }
}
