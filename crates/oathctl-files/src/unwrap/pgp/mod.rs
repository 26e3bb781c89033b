//! PGP messages (RFC 9580, RFC 4880): encrypted, signed, compressed, in any order, armoured or not.
//!
//! Owns: taking one stage off after the other down to the content, and telling who signed. Does not own: armour
//! ([`armour`]), packets ([`packets`]), decrypting ([`decrypt`]) and the keys for it ([`keys`]); signatures are not
//! checked, since nobody says whom to trust.

mod armour;
mod decrypt;
mod keys;
pub(crate) mod packets;

use bzip2::read::BzDecoder;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use pgp::packet::{PacketHeader, Signature};
use pgp::types::Tag;
use zeroize::Zeroizing;

use self::armour::Armoured;
use self::packets::{
    COMPRESSED, GNUPG_AEAD, LITERAL, MARKER, ONE_PASS, PADDING, PKESK, PROTECTED, PUBLIC_KEY, Packet,
    SECRET_KEY, SIGNATURE, SKESK, UNPROTECTED,
};
use super::limits::{Meter, read_all};
use super::{Piece, damaged, unsupported};
use crate::session::Session;

/// Encrypted, compressed, signed: three are usual.
const MOST_STAGES: usize = 8;

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    if let Some(result) = session.keys.gpg(&piece.bytes) {
        let bytes = result.map_err(|detail| Reason::GpgFailed { detail })?;
        let mut meter = session.spent.meter(piece.bytes.len());
        meter.count(bytes.len())?;
        session.spent.keep(&meter);
        return Ok(vec![piece.within(bytes)]);
    }
    let mut signers = Vec::new();
    let content = match armour::take_off(&piece.bytes)? {
        Armoured::Not => peel(&piece.bytes, piece, &mut signers, session)?,
        Armoured::Message(bytes) => peel(&bytes, piece, &mut signers, session)?,
        Armoured::Clear(text, signature) => {
            signers.extend(signers_of(&signature));
            text
        }
    };
    for signer in signers {
        session.tell(&piece.origin, Severity::Note, Reason::SignatureUnverified { signer });
    }
    Ok(vec![piece.within(content)])
}

/// What a sequence of packets is.
enum Stage {
    Encrypted,
    Compressed(Zeroizing<Vec<u8>>),
    Content(Zeroizing<Vec<u8>>),
}

fn peel(
    bytes: &[u8],
    piece: &Piece,
    signers: &mut Vec<String>,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut inner: Option<Zeroizing<Vec<u8>>> = None;
    for _ in 0..MOST_STAGES {
        let outer = inner.as_ref().map_or(bytes, |inner| inner.as_slice());
        let taken = match stage(outer, signers)? {
            Stage::Encrypted => decrypt::decrypt(outer, &piece.origin, session)?,
            Stage::Compressed(body) => decompress(&body, session.spent.meter(body.len()))?,
            Stage::Content(content) => {
                let mut meter = session.spent.meter(piece.bytes.len().max(outer.len()));
                meter.count(content.len())?;
                session.spent.keep(&meter);
                return Ok(content);
            }
        };
        inner = Some(taken);
    }
    let limit = u64::try_from(MOST_STAGES).unwrap_or(u64::MAX);
    Err(Reason::UnwrapLimit { what: "depth".into(), limit })
}

/// Walks all packets, so that what is cut off is known before anybody is asked for anything.
fn stage(mut bytes: &[u8], signers: &mut Vec<String>) -> Result<Stage, Reason> {
    let (mut found, mut signed) = (None, false);
    while let Some(packet) = packets::next(&mut bytes).map_err(|_| damaged("pgp"))? {
        let more = match packet.tag {
            SIGNATURE | ONE_PASS => {
                signed = true;
                let signer = signer(&packet);
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
                continue;
            }
            // Session keys stand before what they open.
            PKESK | SKESK if found.is_none() => continue,
            PROTECTED | GNUPG_AEAD | UNPROTECTED => Stage::Encrypted,
            COMPRESSED => Stage::Compressed(packet.body),
            LITERAL => Stage::Content(content(packet)?),
            MARKER | PADDING | 40.. => continue,
            SECRET_KEY | PUBLIC_KEY => return Err(unsupported("PGP key (not a message)")),
            PKESK | SKESK => return Err(unsupported("several PGP messages in one file")),
            tag => return Err(unsupported(format!("PGP packet of type {tag}"))),
        };
        if found.replace(more).is_some() {
            return Err(unsupported("several PGP messages in one file"));
        }
    }
    match found {
        Some(stage) => Ok(stage),
        None if signed => Err(unsupported("PGP signature without the file it belongs to")),
        None => Err(damaged("pgp")),
    }
}

/// RFC 9580 §5.9: form, name, date, then the content.
fn content(packet: Packet) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let body = packet.body;
    let name = body.get(1).map(|length| usize::from(*length)).ok_or_else(|| damaged("pgp"))?;
    let content = body.get(2 + name + 4..).ok_or_else(|| damaged("pgp"))?;
    Ok(Zeroizing::new(content.to_vec()))
}

/// RFC 9580 §5.6.
fn decompress(body: &[u8], mut meter: Meter) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let (algorithm, packed) = body.split_first().ok_or_else(|| damaged("pgp"))?;
    let inner = match algorithm {
        0 => read_all(packed, &mut meter),
        1 => read_all(DeflateDecoder::new(packed), &mut meter),
        2 => read_all(ZlibDecoder::new(packed), &mut meter),
        3 => read_all(BzDecoder::new(packed), &mut meter),
        _ => return Err(unsupported("PGP compressed by an unknown method")),
    };
    inner.map_err(|cut| cut.or_damaged("pgp"))
}

/// Who signed, as the packet names him: the key id, else the fingerprint, else nothing.
fn signer(packet: &Packet) -> String {
    let body = packet.body.as_slice();
    if packet.tag == ONE_PASS {
        let key_id = match body {
            [3, _, _, _, rest @ ..] => rest.get(..8),
            // RFC 9580 §5.4: a salt, then a fingerprint whose first octets are the key id.
            [6, _, _, _, salt, rest @ ..] => rest.get(usize::from(*salt)..).and_then(|rest| rest.get(..8)),
            _ => None,
        };
        return key_id.map(hex).unwrap_or_default();
    }
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let header = PacketHeader::new_fixed(Tag::Signature, length);
    let Ok(signature) = Signature::try_from_reader(header, body) else { return String::new() };
    if let Some(id) = signature.issuer_key_id().first() {
        return hex(id.as_ref());
    }
    let fingerprint = signature.issuer_fingerprint().first().map(|found| found.as_bytes().to_vec());
    match fingerprint.as_deref() {
        // The key id of version 4 is the end of the fingerprint, of version 6 its beginning.
        Some(found) if found.len() == 20 => hex(&found[12..]),
        Some(found) => hex(found.get(..8).unwrap_or(found)),
        None => String::new(),
    }
}

fn signers_of(mut bytes: &[u8]) -> Vec<String> {
    let mut signers = Vec::new();
    while let Ok(Some(packet)) = packets::next(&mut bytes) {
        let signer = signer(&packet);
        if !signers.contains(&signer) {
            signers.push(signer);
        }
    }
    signers
}

/// As gpg shows a key id.
fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXUPPER.encode(bytes)
}
