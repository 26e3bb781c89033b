//! tar archives (POSIX.1-2017 pax and ustar, with GNU's long names).
//!
//! Owns: taking all members out. Does not own: what they are packed in ([`super::gzip`]).

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::{Piece, damaged, members};
use crate::session::Session;

/// Everything stands in blocks of so many bytes.
const BLOCK: usize = 512;

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut meter = session.spent.meter(piece.bytes.len());
    let mut rest = piece.bytes.as_slice();
    let (mut pieces, mut long_name) = (Vec::new(), None);
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let size = size(header).ok_or_else(|| damaged("tar"))?;
        let body = after.get(..size).ok_or_else(|| damaged("tar"))?;
        rest = after.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
        match header.get(156) {
            Some(b'L') => long_name = Some(text(body)),
            Some(b'x') => long_name = pax_path(body).or(long_name),
            Some(0 | b'0' | b'7') => {
                let name = members::tidy(&long_name.take().unwrap_or_else(|| short_name(header)));
                if !members::is_noise(&name) {
                    session.spent.count_members(1)?;
                    meter.count(size)?;
                    pieces.push(piece.member(&name, Zeroizing::new(body.to_vec())));
                }
            }
            // Folders, links, devices.
            _ => long_name = None,
        }
    }
    session.spent.keep(&meter);
    if pieces.is_empty() { Err(damaged("tar")) } else { Ok(pieces) }
}

/// The size of a member, in octal.
fn size(header: &[u8]) -> Option<usize> {
    usize::from_str_radix(text(header.get(124..136)?).trim(), 8).ok()
}

/// Folder and name.
fn short_name(header: &[u8]) -> String {
    let part = |range: std::ops::Range<usize>| text(header.get(range).unwrap_or_default());
    let (name, folder) = (part(0..100), part(345..500));
    let posix = header.get(257..263) == Some(b"ustar\0");
    if posix && !folder.is_empty() { format!("{folder}/{name}") } else { name }
}

/// `LENGTH path=NAME` among the records of an extended header.
fn pax_path(body: &[u8]) -> Option<String> {
    let records = text(body);
    let path = records.lines().find_map(|record| record.split_once(' ')?.1.strip_prefix("path="));
    path.map(str::to_owned)
}

/// Up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
