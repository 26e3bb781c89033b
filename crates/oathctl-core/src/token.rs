//! What a token is: serial, parameters, and the identifiers of the tenant's side.
//!
//! Owns: the small value types every other module speaks in. Does not own: seeds ([`crate::seed`]), rows of an
//! input ([`crate::table`]), what a tenant holds ([`crate::tenant`]).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The hash under the code. Never guessed from the length of a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// HMAC-SHA-1, the default of RFC 6238.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512; readable, but Entra has no name for it.
    Sha512,
}

impl Hash {
    /// Reads `sha1`, `SHA-256`, `HmacSHA512`, `hmacsha1` …: any case, with or without `hmac`, `-`, `_`, blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        match plain.strip_prefix("hmac").unwrap_or(&plain) {
            "sha1" | "1" => Some(Self::Sha1),
            "sha256" | "sha2256" => Some(Self::Sha256),
            "sha512" | "sha2512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// `sha1`, `sha256`, `sha512`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What makes a code besides the seed and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TotpParams {
    /// The hash under the code.
    pub hash: Hash,
    /// Number of digits, 6 to 10.
    pub digits: u8,
    /// Length of a step in seconds.
    pub period_secs: u32,
}

/// Counter-based or time-based, or something else altogether.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OtpKind {
    /// RFC 6238; what Entra takes.
    Totp,
    /// RFC 4226; Entra does not take it.
    Hotp,
    /// OCRA (RFC 6287) and anything else a file may name.
    Other,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as the tenant gave it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A tenant's GUID.
    TenantId
}
text_id! {
    /// A device's id in a tenant. With Graph it is also the id of the person's method.
    DeviceId
}
text_id! {
    /// A person's object id.
    UserId
}
text_id! {
    /// A group's object id, or Graph's word `all_users`.
    GroupId
}
text_id! {
    /// A run: time-ordered, made by [`RunId::make`].
    RunId
}

impl RunId {
    /// `20261122T140509-1f0c9a`: UTC second, then six random hex digits. Sorts by time.
    pub fn make(at: crate::time::Utc, entropy: &dyn crate::time::Entropy) -> Self {
        let stamp: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).take(15).collect();
        let mut tail = [0u8; 3];
        entropy.fill(&mut tail);
        Self(format!("{stamp}-{:02x}{:02x}{:02x}", tail[0], tail[1], tail[2]))
    }
}

/// Why a token must not move any more until somebody says that it may (H15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Nobody knows where it is.
    Lost,
    /// Somebody has it who should not.
    Stolen,
    /// Its life is over.
    Retired,
}

impl Mark {
    /// `lost`, `stolen`, `retired`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Retired => "retired",
        }
    }
}

/// How a serial is compared: trimmed, ASCII letters upper-cased. Two devices whose keys are equal are the same
/// token to us; a serial alone is still never a key across tenants or back ends.
pub fn serial_key(serial: &str) -> String {
    serial.trim().to_ascii_uppercase()
}

/// How a user principal name is compared: trimmed, lower-cased.
pub fn upn_key(upn: &str) -> String {
    upn.trim().to_lowercase()
}

/// The domain part of a user principal name, lower-cased. For `#EXT#` names the tenant's own part.
pub fn upn_domain(upn: &str) -> Option<String> {
    upn.rsplit_once('@').map(|(_, domain)| domain.trim().to_lowercase()).filter(|d| !d.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_words_in_any_spelling() {
        for text in ["sha256", "SHA-256", "HmacSHA256", "hmac-sha-256", "hmacsha256", "SHA_256"] {
            assert_eq!(Hash::parse(text), Some(Hash::Sha256), "{text}");
        }
        assert_eq!(Hash::parse("md5"), None);
        assert_eq!(Hash::parse(""), None);
    }
}
