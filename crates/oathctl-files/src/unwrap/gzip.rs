//! gzip (RFC 1952), of one or several members.
//!
//! Owns: taking it off. Does not own: the limits ([`super::limits`]).

use flate2::read::MultiGzDecoder;
use oathctl_core::reason::Reason;

use super::Piece;
use super::limits::{Cut, Meter, read_all};
use crate::session::Session;

pub(super) fn open(piece: &Piece, _: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut meter = Meter::new(piece.bytes.len());
    match read_all(MultiGzDecoder::new(piece.bytes.as_slice()), &mut meter) {
        Ok(bytes) => Ok(vec![piece.within(bytes)]),
        Err(Cut::Limit(reason)) => Err(reason),
        Err(Cut::Io(_)) => Err(Reason::WrappingDamaged { what: "gzip".into() }),
    }
}
