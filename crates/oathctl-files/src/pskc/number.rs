//! Integers, in every spelling met: digits; Base64 of digits; Base64 of a big-endian number; sealed, either of both.
//!
//! Owns: reading them. Eight big-endian bytes that happen to be digits can't be told from digits; digits win, as in
//! other readers.

use super::base64;

/// An integer that stands open.
pub(super) fn of_text(text: &str) -> Option<i128> {
    digits(text.as_bytes()).or_else(|| of_bytes(&base64::decode(text)?))
}

/// An integer that was sealed.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<i128> {
    if let Some(number) = digits(bytes.trim_ascii()) {
        return Some(number);
    }
    let fits = (1..=8).contains(&bytes.len());
    fits.then(|| bytes.iter().fold(0, |number, byte| number << 8 | i128::from(*byte)))
}

/// Decimal, with a sign perhaps; at most what fits 64 bits.
fn digits(bytes: &[u8]) -> Option<i128> {
    let bare = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    if bare.is_empty() || !bare.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: i128 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    (number.unsigned_abs() <= u128::from(u64::MAX)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling() {
        assert_eq!(of_text("831791"), Some(831_791));
        assert_eq!(of_text("NzA5Nzkx"), Some(709_791), "Base64 of digits");
        assert_eq!(of_text("AAYxSg=="), Some(405_834), "Base64 of bytes");
        assert_eq!(of_text("16887061004979670"), Some(16_887_061_004_979_670), "beyond 2^53");
        assert_eq!(of_text("-3"), Some(-3));
        assert_eq!(of_bytes(b"298507"), Some(298_507));
        assert_eq!(of_bytes(&[0, 0, 0, 0, 0, 14, 171, 112]), Some(961_392));
        assert_eq!(of_bytes(&[0xff; 8]), Some(i128::from(u64::MAX)));
    }

    #[test]
    fn what_is_no_integer() {
        for text in ["", "-", "3.5", "thirty", "99999999999999999999999", "AAAAAAAAAAAAAAA="] {
            assert_eq!(of_text(text), None, "{text}");
        }
        assert_eq!(of_bytes(&[1; 9]), None);
        assert_eq!(of_bytes(&[]), None);
    }
}
