//! ASCII armour (RFC 9580 §6) and the text that people's mail programs put around it.
//!
//! Owns: finding the one message, its bytes, its check sum; text signed in the clear (§7). Does not own: packets.

use data_encoding::BASE64;
use memchr::memmem::{find, find_iter};
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::super::{damaged, unsupported};

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";
const BEGIN_CLEAR: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &[u8] = b"-----END PGP SIGNATURE-----";

/// What an input holds.
pub(super) enum Armoured {
    /// No armour: packets as they are.
    Not,
    /// The packets of one message.
    Message(Zeroizing<Vec<u8>>),
    /// Text in the clear, and the packets of its signature.
    Clear(Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>),
}

/// Takes the armour off.
///
/// # Errors
/// Cut off, altered, or several messages.
pub(super) fn take_off(bytes: &[u8]) -> Result<Armoured, Reason> {
    if let Some(at) = find(bytes, BEGIN_CLEAR) {
        return clear(&bytes[at + BEGIN_CLEAR.len()..]);
    }
    let Some(at) = find(bytes, BEGIN) else { return Ok(Armoured::Not) };
    if find_iter(bytes, BEGIN).nth(1).is_some() {
        return Err(unsupported("several PGP messages in one file"));
    }
    let body = &bytes[at + BEGIN.len()..];
    let end = find(body, END).ok_or_else(|| damaged("pgp"))?;
    Ok(Armoured::Message(decode(&body[..end])?))
}

/// Base64 between the lines, header lines and check sum apart.
fn decode(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut check = None;
    for line in body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        match line {
            // `Version: …`, `Comment: …`: no colon is Base64.
            _ if memchr::memchr(b':', line).is_some() => {}
            [b'=', sum @ ..] if sum.len() == 4 => check = Some(sum),
            _ if check.is_none() => text.extend_from_slice(line),
            [] => {}
            _ => return Err(damaged("pgp")),
        }
    }
    let decoded = Zeroizing::new(BASE64.decode(&text).map_err(|_| damaged("pgp"))?);
    let sum = check.map(|check| BASE64.decode(check)).transpose().map_err(|_| damaged("pgp"))?;
    match sum {
        Some(sum) if sum != crc24(&decoded).to_be_bytes()[1..] => Err(damaged("pgp")),
        _ => Ok(decoded),
    }
}

/// RFC 9580 §6.1.1.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { (shifted ^ 0x0186_4cfb) & 0x00ff_ffff }
        })
    })
}

/// Text signed in the clear: header lines, an empty line, text with `- ` before lines that begin with `-`.
fn clear(bytes: &[u8]) -> Result<Armoured, Reason> {
    let end = find(bytes, BEGIN_SIGNATURE).ok_or_else(|| damaged("pgp"))?;
    let signature = &bytes[end + BEGIN_SIGNATURE.len()..];
    let signature = &signature[..find(signature, END_SIGNATURE).ok_or_else(|| damaged("pgp"))?];
    let mut lines = bytes[..end].split_inclusive(|byte| *byte == b'\n').skip(1);
    let headed = lines.by_ref().find(|line| line.trim_ascii().is_empty());
    if headed.is_none() {
        return Err(damaged("pgp"));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(end));
    lines.for_each(|line| text.extend_from_slice(line.strip_prefix(b"- ").unwrap_or(line)));
    Ok(Armoured::Clear(text, decode(signature)?))
}

/// The packets of every block of secret keys; of bytes without armour, these.
pub(super) fn secret_keys(bytes: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    const BEGIN: &[u8] = b"-----BEGIN PGP PRIVATE KEY BLOCK-----";
    const END: &[u8] = b"-----END PGP PRIVATE KEY BLOCK-----";
    let mut blocks = Vec::new();
    let mut rest = bytes;
    while let Some(at) = find(rest, BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let Some(end) = find(rest, END) else { break };
        blocks.extend(decode(&rest[..end]));
        rest = &rest[end..];
    }
    if blocks.is_empty() {
        blocks.push(Zeroizing::new(bytes.to_vec()));
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A literal packet that holds `hello`.
    const PACKET: &[u8] = b"\xcb\x0bb\x00\x00\x00\x00\x00hello";

    fn armoured(newline: &str, before: &str, headers: &str) -> String {
        let sum = BASE64.encode(&crc24(PACKET).to_be_bytes()[1..]);
        let body = BASE64.encode(PACKET);
        let text = format!(
            "{before}-----BEGIN PGP MESSAGE-----\n{headers}\n{body}\n={sum}\n-----END PGP MESSAGE-----\n-- \nMail\n"
        );
        text.replace('\n', newline)
    }

    fn packets(text: &str) -> Result<Vec<u8>, &'static str> {
        match take_off(text.as_bytes()) {
            Ok(Armoured::Message(packets)) => Ok(packets.to_vec()),
            Ok(_) => Err("no message"),
            Err(reason) => Err(reason.word()),
        }
    }

    #[test]
    fn mail_around_a_message_is_passed_over() {
        for newline in ["\n", "\r\n", "  \n"] {
            let text = armoured(newline, "Dear customer,\n\n", "Version: 1\nComment: none\n");
            assert_eq!(packets(&text), Ok(PACKET.to_vec()), "{newline:?}");
        }
        assert_eq!(packets(&armoured("\n", "\u{feff}", "")), Ok(PACKET.to_vec()));
    }

    #[test]
    fn altered_and_cut_off() {
        let text = armoured("\n", "", "");
        assert_eq!(packets(&text.replacen("ywt", "ywu", 1)), Err("wrapping_damaged"), "check sum");
        assert_eq!(packets(&text[..text.len() - 30]), Err("wrapping_damaged"));
        assert_eq!(packets(&text.repeat(2)), Err("wrapping_unsupported"));
        assert_eq!(packets("upn,serial number\n"), Err("no message"));
    }

    #[test]
    fn text_in_the_clear_is_unescaped() {
        let text = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\na,b\n- -----c\n-----BEGIN PGP SIGNATURE-----\n\n{}\n\
             -----END PGP SIGNATURE-----\n",
            BASE64.encode(PACKET)
        );
        let Ok(Armoured::Clear(content, signature)) = take_off(text.as_bytes()) else { panic!("not clear") };
        assert_eq!(content.as_slice(), b"a,b\n-----c\n");
        assert_eq!(signature.as_slice(), PACKET);
    }
}
