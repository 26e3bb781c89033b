//! What the input leaves open and a definition settles.
//!
//! Owns: six digits and SHA-1 where nothing else is said, each shown as a decision. Does not own: a hash for
//! seeds of 32 bytes or more, which nobody may guess ([`super::whole`]).

use crate::fault::Decision;
use crate::table::{RowId, Table};
use crate::token::Hash;

/// Seeds from this length on fit SHA-256 as well as SHA-1: their hash must be stated.
pub(super) const LENGTH_THAT_FITS_SHA256: usize = 32;

/// What has to be filled in for one row.
struct Gap {
    row: RowId,
    digits: bool,
    hash: bool,
}

/// Fills in what Microsoft's CSV defines: it has neither a column for the digits nor one for the hash.
pub(super) fn settle(table: &mut Table) {
    let (mut digits, mut hashes) = (0usize, 0usize);
    for n in 0..table.len() {
        let Some(gap) = gap(table, n) else { continue };
        if gap.digits {
            table.set_digits(gap.row, 6);
            digits += 1;
        }
        if gap.hash {
            table.set_hash(gap.row, Hash::Sha1);
            hashes += 1;
        }
    }
    if digits > 0 {
        table.add_decision(by_definition("digits", "6"));
    }
    if hashes > 0 {
        table.add_decision(by_definition("hash", "sha1"));
    }
}

fn gap(table: &Table, n: usize) -> Option<Gap> {
    let row = table.row(RowId(u32::try_from(n).ok()?))?;
    let short = (1..LENGTH_THAT_FITS_SHA256).contains(&row.seed_len());
    Some(Gap { row: row.id(), digits: row.digits().is_none(), hash: row.hash().is_none() && short })
}

fn by_definition(what: &str, chosen: &str) -> Decision {
    Decision {
        what: what.into(),
        chosen: chosen.into(),
        why: "definition".into(),
        certain: true,
        piece: None,
    }
}
