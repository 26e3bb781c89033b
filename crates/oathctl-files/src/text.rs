//! From bytes to text.
//!
//! Owns: byte order marks, UTF-8, UTF-16 with and without a mark, windows-1252 as the last resort; every buffer
//! is wiped. Does not own: telling text from other formats by its content ([`crate::detect`]).

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use zeroize::Zeroizing;

/// Text with the way it was found.
pub(crate) struct Decoded {
    text: Zeroizing<String>,
    start: usize,
    /// `utf-8`, `utf-16le`, `utf-16be`, `windows-1252`.
    pub(crate) encoding: &'static str,
    /// `byte_order_mark`, `only_one_fits`, `counted`, `definition`.
    pub(crate) why: &'static str,
}

impl Decoded {
    /// Without the byte order mark.
    pub(crate) fn as_str(&self) -> &str {
        self.text.get(self.start..).unwrap_or("")
    }
}

/// Decodes; never fails, since windows-1252 has a character for every byte.
pub(crate) fn decode(mut bytes: Zeroizing<Vec<u8>>) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes).filter(|(e, _)| *e != encoding_rs::UTF_8) {
        return with(encoding, &bytes[mark..], "byte_order_mark");
    }
    if let Some(encoding) = utf16_without_mark(&bytes) {
        return with(encoding, &bytes, "counted");
    }
    // The buffer itself becomes the text: no copy of a hundred megabytes, nothing to wipe twice.
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => {
            let mark = text.starts_with('\u{feff}');
            let why = if mark { "byte_order_mark" } else { "only_one_fits" };
            Decoded { text: Zeroizing::new(text), start: if mark { 3 } else { 0 }, encoding: "utf-8", why }
        }
        Err(error) => with(WINDOWS_1252, &Zeroizing::new(error.into_bytes()), "definition"),
    }
}

fn with(encoding: &'static Encoding, bytes: &[u8], why: &'static str) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // Enough room from the start, so that the text never moves.
    let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len().saturating_mul(3));
    let mut text = Zeroizing::new(String::with_capacity(room));
    let _ = decoder.decode_to_string(bytes, &mut text, true);
    let name = match encoding {
        e if e == UTF_16LE => "utf-16le",
        e if e == UTF_16BE => "utf-16be",
        _ => "windows-1252",
    };
    Decoded { text, start: 0, encoding: name, why }
}

/// Text of western letters in UTF-16 has a zero in nearly every second byte.
pub(crate) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = sample.len() / 2 * 3 / 10;
    match () {
        () if sample.len() < 4 => None,
        () if odd > many && even * 10 < odd => Some(UTF_16LE),
        () if even > many && odd * 10 < even => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> (String, &'static str, &'static str) {
        let decoded = decode(Zeroizing::new(bytes.to_vec()));
        (decoded.as_str().to_owned(), decoded.encoding, decoded.why)
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "upn,zoë";
        let units: Vec<u16> = text.encode_utf16().collect();
        let le: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let be: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        assert_eq!(of(text.as_bytes()), (text.into(), "utf-8", "only_one_fits"));
        assert_eq!(of(&[b"\xef\xbb\xbf", text.as_bytes()].concat()).0, text);
        assert_eq!(of(&le), (text.into(), "utf-16le", "counted"));
        assert_eq!(of(&be), (text.into(), "utf-16be", "counted"));
        assert_eq!(of(&[b"\xff\xfe", le.as_slice()].concat()), (text.into(), "utf-16le", "byte_order_mark"));
        assert_eq!(of(&[b"\xfe\xff", be.as_slice()].concat()), (text.into(), "utf-16be", "byte_order_mark"));
        assert_eq!(of(b"upn,zo\xeb"), (text.into(), "windows-1252", "definition"));
    }
}
