//! Period, digits, hash and kind of a code.
//!
//! Owns: the spellings of these. Does not own: which values a tenant takes ([`oathctl_core::check`]).

use oathctl_core::token::{Hash, OtpKind};

/// Seconds: `30`, `30.0`, `30s`, `30 sec`, `00:00:30`.
pub(crate) fn period(text: &str) -> Option<u32> {
    // What nearly every cell says.
    match text {
        "30" => return Some(30),
        "60" => return Some(60),
        _ => {}
    }
    if text.contains(':') {
        return clock(text);
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().trim_end_matches('.').to_ascii_lowercase();
    if !matches!(unit.as_str(), "" | "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunden") {
        return None;
    }
    whole(number)
}

/// `30`, or `30.0`: a whole number as a spreadsheet may write it.
fn whole(number: &str) -> Option<u32> {
    let (whole, zeros) = number.split_once(['.', ',']).unwrap_or((number, ""));
    zeros.bytes().all(|b| b == b'0').then(|| whole.parse().ok()).flatten()
}

/// `00:00:30` and `00:30`.
fn clock(text: &str) -> Option<u32> {
    let parts: Option<Vec<u32>> = text.split(':').map(whole).collect();
    match parts?.as_slice() {
        [h, m, s] if *h == 0 && *m < 60 && *s < 60 => Some(m * 60 + s),
        [m, s] if *m < 60 && *s < 60 => Some(m * 60 + s),
        _ => None,
    }
}

/// `6`, `6.0`, `6 digits`.
pub(crate) fn digits(text: &str) -> Option<u8> {
    let text = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    whole(text).and_then(|number| u8::try_from(number).ok()).filter(|digits| (1..=20).contains(digits))
}

/// A hash by any of its names, also out of `TOTP-SHA256`.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    if text.is_empty() {
        return None;
    }
    Hash::parse(text).filter(|_| text.len() > 1).or_else(|| {
        let plain = plain(text);
        ["totp", "hotp", "oath", "oathtotp"].iter().find_map(|kind| Hash::parse(plain.strip_prefix(kind)?))
    })
}

/// True for a word that is meant as a hash, also one that no tenant takes (`SHA3-256`, `MD5`).
pub(crate) fn like_hash(text: &str) -> bool {
    let plain = || plain(text);
    hash(text).is_some()
        || text.len() <= 24 && ["sha1", "sha2", "sha3", "sha5", "md5"].iter().any(|h| plain().contains(h))
}

/// A kind by any of its names; `None` for a word that names none.
pub(crate) fn kind(text: &str) -> Option<OtpKind> {
    if text.is_empty() {
        return None;
    }
    match plain(text).as_str() {
        "totp" | "oathtotp" | "time" | "timebased" | "t" => Some(OtpKind::Totp),
        "hotp" | "oathhotp" | "event" | "eventbased" | "counter" | "e" => Some(OtpKind::Hotp),
        word if ["ocra", "motp", "oathocra"].iter().any(|kind| word.starts_with(kind)) => {
            Some(OtpKind::Other)
        }
        word if word.starts_with("totpsha") || word.starts_with("totphmac") => Some(OtpKind::Totp),
        word if word.starts_with("hotpsha") || word.starts_with("hotphmac") => Some(OtpKind::Hotp),
        _ => None,
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_as_people_and_spreadsheets_write_them() {
        for text in ["30", "30.0", "30,0", "30s", "30 sec", "30 seconds", "00:00:30", "0:30", "00:30"] {
            assert_eq!(period(text), Some(30), "{text}");
        }
        assert_eq!(period("00:01:00"), Some(60));
        for text in ["", "abc", "30 min", "30.5", "01:00:00", "-30", "1-Jan", "30 000"] {
            assert_eq!(period(text), None, "{text}");
        }
    }

    #[test]
    fn digits_hash_and_kind() {
        assert_eq!(
            (digits("6"), digits("6.0"), digits("8 digits"), digits("six")),
            (Some(6), Some(6), Some(8), None)
        );
        assert_eq!(
            (hash("HMAC-SHA-256"), hash("totp-sha1"), hash("md5")),
            (Some(Hash::Sha256), Some(Hash::Sha1), None)
        );
        assert_eq!(
            (kind("TOTP"), kind("OATH-HOTP"), kind("mOTP")),
            (Some(OtpKind::Totp), Some(OtpKind::Hotp), Some(OtpKind::Other))
        );
        assert_eq!(kind("OCRA-1:HOTP-SHA1-6:QN08"), Some(OtpKind::Other));
        assert_eq!(kind("Examplar"), None);
    }
}
