//! gzip (RFC 1952), of one or several members.
//!
//! Owns: taking it off. Does not own: the limits ([`super::limits`]).

use flate2::read::MultiGzDecoder;
use oathctl_core::reason::Reason;

use super::Piece;
use super::limits::read_all;
use crate::session::Session;

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut meter = session.spent.meter(piece.bytes.len());
    let reader = MultiGzDecoder::new(piece.bytes.as_slice());
    let bytes = read_all(reader, &mut meter).map_err(|cut| cut.or_damaged("gzip"))?;
    session.spent.keep(&meter);
    Ok(vec![piece.within(bytes)])
}
