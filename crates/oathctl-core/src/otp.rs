//! HOTP (RFC 4226) and TOTP (RFC 6238): a code is a value with the window in which it is right.
//!
//! Owns: [`Code`], [`hotp`], [`totp_at`], [`step_at`]. Does not own: when a code may leave
//! (`crate::engine`), nor what the token's clock shows (drift is the caller's).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::time::Utc;
use crate::token::{Hash, TotpParams};

/// The fewest and the most digits RFC 4226 §5.3 and the tokens on the market ask for.
pub const DIGITS_RANGE: std::ops::RangeInclusive<u8> = 6..=10;

/// The digits on the display and the time in which they are right. Wiped on drop; `Debug` hides the digits.
pub struct Code {
    digits: Zeroizing<String>,
    /// First instant (of the clock it was computed for) at which the code is right.
    pub valid_from: Utc,
    /// First instant at which it is no longer right.
    pub valid_until: Utc,
}

impl Code {
    /// The door: the digits themselves, leading zeros kept.
    pub fn expose_code(&self) -> &str {
        &self.digits
    }

    /// Milliseconds of the window left at `at`; zero when it is over.
    pub fn ms_left(&self, at: Utc) -> u64 {
        u64::try_from(self.valid_until.ms_since(at)).unwrap_or(0)
    }

    /// True when `typed` is this code, compared in constant time.
    pub fn matches(&self, typed: &str) -> bool {
        self.digits.as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code(***, {}..{})", self.valid_from, self.valid_until)
    }
}

/// Why no code can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtpError {
    /// Digits outside [`DIGITS_RANGE`].
    #[error("a code has 6 to 10 digits, not {0}")]
    Digits(u8),
    /// A period of zero seconds.
    #[error("a period is at least one second")]
    Period,
}

/// The HOTP value for `counter` (RFC 4226 §5.3), zero-padded to `digits`.
///
/// # Errors
/// [`OtpError::Digits`] when `digits` is not 6 to 10.
pub fn hotp(seed: &[u8], counter: u64, hash: Hash, digits: u8) -> Result<Zeroizing<String>, OtpError> {
    if !DIGITS_RANGE.contains(&digits) {
        return Err(OtpError::Digits(digits));
    }
    let message = counter.to_be_bytes();
    let number = match hash {
        Hash::Sha1 => truncate(&mac::<Hmac<Sha1>>(seed, message)),
        Hash::Sha256 => truncate(&mac::<Hmac<Sha256>>(seed, message)),
        Hash::Sha512 => truncate(&mac::<Hmac<Sha512>>(seed, message)),
    };
    let value = u64::from(number) % 10u64.pow(u32::from(digits));
    Ok(Zeroizing::new(format!("{value:0width$}", width = usize::from(digits))))
}

fn mac<M: Mac + KeyInit>(seed: &[u8], message: [u8; 8]) -> Zeroizing<Vec<u8>> {
    // HMAC takes a key of any length (RFC 2104 §2), so this cannot fail; an empty result would still be safe.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(seed) else { return Zeroizing::new(vec![0; 20]) };
    mac.update(&message);
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

/// Dynamic truncation, RFC 4226 §5.3: four bytes at the offset in the last nibble, top bit cleared.
fn truncate(digest: &[u8]) -> u32 {
    let offset = usize::from(digest.last().copied().unwrap_or(0) & 0x0f);
    let word = digest.iter().skip(offset).take(4).fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte));
    word & 0x7fff_ffff
}

/// The number of the step that contains `at` (RFC 6238 §4.2, T0 = 0). Instants before 1970 count as step 0.
pub fn step_at(period_secs: u32, at: Utc) -> u64 {
    u64::try_from(at.unix_secs().div_euclid(i64::from(period_secs.max(1)))).unwrap_or(0)
}

/// The code of one step, with the window in which it is right.
///
/// # Errors
/// [`OtpError`] when the parameters make no code.
pub fn totp_of_step(seed: &[u8], params: TotpParams, step: u64) -> Result<Code, OtpError> {
    if params.period_secs == 0 {
        return Err(OtpError::Period);
    }
    let digits = hotp(seed, step, params.hash, params.digits)?;
    let period = i64::from(params.period_secs);
    let from = i64::try_from(step).unwrap_or(i64::MAX / 4000).saturating_mul(period);
    Ok(Code {
        digits,
        valid_from: Utc::from_unix_secs(from),
        valid_until: Utc::from_unix_secs(from.saturating_add(period)),
    })
}

/// The code that is right at `at` (RFC 6238 §4).
///
/// # Errors
/// [`OtpError`] when the parameters make no code.
pub fn totp_at(seed: &[u8], params: TotpParams, at: Utc) -> Result<Code, OtpError> {
    totp_of_step(seed, params, step_at(params.period_secs, at))
}

#[cfg(test)]
#[path = "otp_tests.rs"]
mod tests;
