//! Base64 as it stands in XML: broken into lines, indented, with or without padding.

use data_encoding::BASE64_NOPAD;
use zeroize::Zeroizing;

/// Decodes; `None` for anything but Base64 of whole bytes.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let clean = !text.bytes().any(|b| b.is_ascii_whitespace());
    let mut bare = Zeroizing::new(Vec::new());
    let bytes = if clean {
        text.as_bytes()
    } else {
        bare.reserve_exact(text.len());
        bare.extend(text.bytes().filter(|b| !b.is_ascii_whitespace()));
        bare.as_slice()
    };
    let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
    let body = bytes.get(..bytes.len() - padding).filter(|_| padding <= 2)?;
    let mut plain = Zeroizing::new(vec![0; BASE64_NOPAD.decode_len(body.len()).ok()?]);
    let length = BASE64_NOPAD.decode_mut(body, &mut plain).ok()?;
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn lines_and_missing_padding_do_not_matter_foreign_characters_do() {
        for text in ["MTIzNA==", "\n  MTIz\r\n NA==\n", "MTIzNA", "MTIzNA="] {
            assert_eq!(decode(text).unwrap().as_slice(), b"1234", "{text:?}");
        }
        for text in ["MTI-NA==", "MTIzN", "MTIzNA===", "MTI=NA", "MTIzNB=="] {
            assert!(decode(text).is_none(), "{text:?}");
        }
        assert!(decode("").unwrap().is_empty());
    }
}
