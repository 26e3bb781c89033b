//! Codes, by a library that is not the product's own, so that both cannot share a mistake (RFC 6238).

use totp_rs::{Algorithm, Builder};

use crate::secret::{CodeText, SeedBytes};

/// The hash behind a code. Entra knows the first two; a device may have the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Hash {
    /// Reads `hmacsha1`, `sha1`, `SHA-256` and their like; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().trim_start_matches("hmac") {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Graph's spelling.
    #[must_use]
    pub fn graph_name(self) -> &'static str {
        match self {
            Self::Sha1 => "hmacsha1",
            Self::Sha256 => "hmacsha256",
            Self::Sha512 => "hmacsha512",
        }
    }
}

/// A ready-made generator for one seed; seeds of any length, as devices have them.
pub struct Codes {
    totp: totp_rs::Totp,
    digits: usize,
    period_s: i64,
}

impl Codes {
    /// `digits` is held to 1..=9, `period_s` to at least one second.
    #[must_use]
    pub fn new(seed: &SeedBytes, hash: Hash, digits: u8, period_s: u32) -> Self {
        let algorithm = match hash {
            Hash::Sha1 => Algorithm::SHA1,
            Hash::Sha256 => Algorithm::SHA256,
            Hash::Sha512 => Algorithm::SHA512,
        };
        let (digits, period_s) = (digits.clamp(1, 9), period_s.max(1));
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(digits)
            .with_step_duration(u64::from(period_s))
            .with_secret(seed.open().as_slice())
            .build_noncompliant();
        Self { totp, digits: usize::from(digits), period_s: i64::from(period_s) }
    }

    /// The code of time step `counter`; a negative counter counts as zero.
    #[must_use]
    pub fn at(&self, counter: i64) -> CodeText {
        let seconds = counter.max(0).saturating_mul(self.period_s);
        let code = self.totp.generate(u64::try_from(seconds).unwrap_or(0)).to_string();
        CodeText::new(format!("{code:0>width$}", width = self.digits))
    }

    /// The counter nearest to `centre` whose code is `code`, at most `reach` steps away and not in `used`.
    /// Looks outward from the centre, so an honest code costs few steps.
    #[must_use]
    pub fn find(&self, code: &str, centre: i64, reach: i64, used: &[i64]) -> Option<i64> {
        (0..=reach)
            .flat_map(|distance| {
                let both = [centre + distance, centre - distance];
                both.into_iter().take(if distance == 0 { 1 } else { 2 })
            })
            .find(|counter| !used.contains(counter) && self.at(*counter).open() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc(hash: Hash, seed: &[u8], seconds: i64) -> String {
        Codes::new(&SeedBytes::new(seed.to_vec()), hash, 8, 30).at(seconds / 30).open().clone()
    }

    #[test]
    fn rfc_6238_appendix_b() {
        let sha1 = b"12345678901234567890";
        assert_eq!(rfc(Hash::Sha1, sha1, 59), "94287082");
        assert_eq!(rfc(Hash::Sha1, sha1, 1_111_111_109), "07081804");
        let sha256 = b"12345678901234567890123456789012";
        assert_eq!(rfc(Hash::Sha256, sha256, 59), "46119246");
        let sha512 = b"1234567890123456789012345678901234567890123456789012345678901234";
        assert_eq!(rfc(Hash::Sha512, sha512, 59), "90693936");
    }

    #[test]
    fn find_prefers_the_nearest_step_and_skips_used_ones() {
        let codes = Codes::new(&SeedBytes::new(vec![7; 5]), Hash::Sha1, 6, 30);
        let code = codes.at(1000).open().clone();
        assert_eq!(codes.find(&code, 998, 2, &[]), Some(1000));
        assert_eq!(codes.find(&code, 997, 2, &[]), None);
        assert_eq!(codes.find(&code, 998, 2, &[1000]), None);
    }
}
