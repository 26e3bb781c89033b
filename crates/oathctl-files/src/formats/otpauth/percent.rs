//! Percent-encoding (RFC 3986 §2.1).
//!
//! Owns: [`decode`]. Does not own: `+` for a blank, which each place means in its own way.

use zeroize::Zeroizing;

/// The text behind `%41` and its like; a `%` without two hex digits after it stands for itself. What is no UTF-8 is
/// replaced.
pub(super) fn decode(text: &str) -> Zeroizing<String> {
    let bytes = text.as_bytes();
    // Never longer than the text, so that the buffer need not move.
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = |n: usize| bytes.get(at + n).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    match String::from_utf8(std::mem::take(&mut *out)) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            let bytes = Zeroizing::new(error.into_bytes());
            Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_or_left_as_it_stands() {
        assert_eq!(*decode("XT-2%3A12%20%C3%ab"), "XT-2:12 \u{eb}");
        assert_eq!(*decode("100%, %4, %zz%"), "100%, %4, %zz%");
        assert_eq!(*decode("%ff"), "\u{fffd}");
    }
}
