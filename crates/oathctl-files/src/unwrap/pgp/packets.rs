//! The packets of OpenPGP (RFC 9580 §4.2): where each begins and ends.
//!
//! Owns: headers, lengths of every kind, and whether all is there. Does not own: what a packet means.
//!
//! The walk is our own so that a message that is cut off is known as such before anybody is asked for a passphrase.

use zeroize::Zeroizing;

/// Public-key encrypted session key.
pub(crate) const PKESK: u8 = 1;
pub(crate) const SIGNATURE: u8 = 2;
/// Session key encrypted by a passphrase.
pub(crate) const SKESK: u8 = 3;
pub(crate) const ONE_PASS: u8 = 4;
pub(crate) const SECRET_KEY: u8 = 5;
pub(crate) const PUBLIC_KEY: u8 = 6;
pub(crate) const COMPRESSED: u8 = 8;
/// Encrypted without protection against changes.
pub(crate) const UNPROTECTED: u8 = 9;
pub(crate) const MARKER: u8 = 10;
pub(crate) const LITERAL: u8 = 11;
pub(crate) const PROTECTED: u8 = 18;
/// GnuPG's own, before RFC 9580.
pub(crate) const GNUPG_AEAD: u8 = 20;
pub(crate) const PADDING: u8 = 21;

/// One packet.
pub(crate) struct Packet {
    pub(crate) tag: u8,
    /// Its content, put together where it came in parts.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// Not a sequence of whole packets.
#[derive(Debug, PartialEq)]
pub(crate) struct Broken;

/// A length as the header gives it.
enum Length {
    Whole(usize),
    /// More parts follow.
    Part(usize),
    /// Until the end of the input; old headers only.
    Rest,
}

/// The tag in a first octet; `None` when it is none.
pub(crate) fn tag(first: u8) -> Option<u8> {
    match first {
        0xc0.. => Some(first & 0x3f),
        0x80.. => Some((first >> 2) & 0x0f),
        _ => None,
    }
}

/// The start of the first packet's content, for telling a message from other bytes.
pub(crate) fn first_body(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, _, rest) = header(bytes).ok()?;
    Some((tag, rest))
}

/// Takes one packet off; `None` at the end.
pub(crate) fn next(bytes: &mut &[u8]) -> Result<Option<Packet>, Broken> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (tag, mut length, mut rest) = header(bytes)?;
    let mut body = Zeroizing::new(Vec::new());
    loop {
        let (count, more) = match length {
            Length::Whole(count) => (count, false),
            Length::Part(count) => (count, true),
            Length::Rest => (rest.len(), false),
        };
        let (part, left) = rest.split_at_checked(count).ok_or(Broken)?;
        crate::input::append(&mut body, part);
        rest = left;
        if !more {
            *bytes = rest;
            return Ok(Some(Packet { tag, body }));
        }
        (length, rest) = new_length(rest)?;
    }
}

/// Tag, length and what follows them.
fn header(bytes: &[u8]) -> Result<(u8, Length, &[u8]), Broken> {
    let (first, rest) = bytes.split_first().ok_or(Broken)?;
    let tag = tag(*first).filter(|tag| *tag != 0).ok_or(Broken)?;
    if *first >= 0xc0 {
        let (length, rest) = new_length(rest)?;
        return Ok((tag, length, rest));
    }
    let octets = match first & 3 {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return Ok((tag, Length::Rest, rest)),
    };
    let (length, rest) = rest.split_at_checked(octets).ok_or(Broken)?;
    Ok((tag, Length::Whole(big_endian(length)), rest))
}

/// RFC 9580 §4.2.1.
fn new_length(bytes: &[u8]) -> Result<(Length, &[u8]), Broken> {
    let (first, rest) = bytes.split_first().ok_or(Broken)?;
    let length = match *first {
        0..=191 => return Ok((Length::Whole(usize::from(*first)), rest)),
        224..=254 => return Ok((Length::Part(1 << (first & 0x1f)), rest)),
        192..=223 => {
            let (second, rest) = rest.split_first().ok_or(Broken)?;
            let length = ((usize::from(*first) - 192) << 8) + usize::from(*second) + 192;
            return Ok((Length::Whole(length), rest));
        }
        255 => rest.split_at_checked(4).ok_or(Broken)?,
    };
    Ok((Length::Whole(big_endian(length.0)), length.1))
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, Broken> {
        let mut packets = Vec::new();
        while let Some(packet) = next(&mut bytes)? {
            packets.push((packet.tag, packet.body.to_vec()));
        }
        Ok(packets)
    }

    #[test]
    fn lengths_of_every_kind() {
        assert_eq!(all(&[0xcb, 2, 7, 8]), Ok(vec![(11, vec![7, 8])]));
        assert_eq!(all(&[0xac, 1, 7, 0xad, 0, 1, 8]), Ok(vec![(11, vec![7]), (11, vec![8])]));
        assert_eq!(all(&[0xae, 0, 0, 0, 1, 9]), Ok(vec![(11, vec![9])]));
        assert_eq!(all(&[0xcb, 0xff, 0, 0, 0, 1, 9]), Ok(vec![(11, vec![9])]));
        assert_eq!(all(&[0xa3, 1, 2, 3]), Ok(vec![(8, vec![1, 2, 3])]), "until the end");
        assert_eq!(all(&[0xcb, 0xe1, 1, 2, 1, 3]), Ok(vec![(11, vec![1, 2, 3])]), "two parts");
        let long = [&[0xcb, 192, 8][..], &[5; 200]].concat();
        assert_eq!(all(&long), Ok(vec![(11, vec![5; 200])]));
    }

    #[test]
    fn what_is_cut_off_is_broken() {
        let whole = [0xcb, 0xe1, 1, 2, 1, 3, 0xae, 0, 0, 0, 1, 9];
        for length in 1..whole.len() {
            assert_eq!(all(&whole[..length]).is_err(), length != 6, "{length}");
        }
        assert_eq!(all(b"text"), Err(Broken));
    }
}
