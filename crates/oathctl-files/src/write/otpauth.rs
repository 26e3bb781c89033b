//! Key URIs, one a line (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
//!
//! Owns: their shape: the label is `manufacturer:serial`, every parameter is stated. Does not own: reading them.

use data_encoding::BASE32_NOPAD;
use oathctl_core::token::Hash;

use super::sink::Sink;
use super::token::Token;

pub(super) fn write(tokens: &[Token<'_>], out: &mut Sink) {
    for token in tokens {
        let (issuer, serial) = (escaped(token.row.manufacturer()), escaped(token.row.serial()));
        let label = if issuer.is_empty() { serial } else { format!("{issuer}:{serial}") };
        out.push(&format!("otpauth://{}/{label}?secret=", token.kind_word()));
        out.push_spelled(&BASE32_NOPAD, token.expose_seed());
        if !issuer.is_empty() {
            out.push(&format!("&issuer={issuer}"));
        }
        let algorithm = match token.hash {
            Hash::Sha1 => "SHA1",
            Hash::Sha256 => "SHA256",
            Hash::Sha512 => "SHA512",
        };
        let (name, step) = match token.is_totp() {
            true => ("period", u64::from(token.period_secs)),
            false => ("counter", token.counter),
        };
        out.push(&format!("&algorithm={algorithm}&digits={}&{name}={step}\n", token.digits));
    }
}

/// Everything but the unreserved characters of RFC 3986 §2.3, as percent and two hex digits.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_part_is_escaped() {
        assert_eq!(escaped("A-1_2.~"), "A-1_2.~");
        assert_eq!(escaped("a b:c/?&é"), "a%20b%3Ac%2F%3F%26%C3%A9");
    }
}
