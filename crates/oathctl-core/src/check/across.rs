//! The rules for rows compared with each other.
//!
//! Owns: serials twice, a seed under two serials, too many tokens for one person. Rows are brought together by
//! 64-bit hashes and confirmed by comparing what was hashed. Does not own: what the tenant already holds.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};

use zeroize::Zeroizing;

use super::rows::is_well_formed;
use super::{Finding, MOST_PER_PERSON, Purpose};
use crate::fault::Severity;
use crate::place::Field;
use crate::reason::Reason;
use crate::table::{RowId, RowView, Table};
use crate::token::{OtpKind, serial_key, upn_key};

/// Lines named in one fault; more would make the faults of a file grow with its square.
const LINES_NAMED: usize = 20;

/// Applies every rule.
pub(super) fn compare(table: &Table, purpose: Purpose) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut repeated = vec![false; table.len()];
    each_group(table, serial_of, |rows| serials(rows, purpose, &mut repeated, &mut found));
    each_group(table, seed_of, |rows| seeds(rows, &mut found));
    if purpose == Purpose::Entra {
        each_group(table, person_of, |rows| persons(rows, &repeated, &mut found));
    }
    found.sort_by_key(|finding| finding.row);
    found
}

/// The serial as it is compared: without blanks and without case.
fn serial_of<'t>(row: RowView<'t>) -> Option<Cow<'t, [u8]>> {
    let serial = row.serial();
    let plain = serial.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-');
    match serial {
        "" => None,
        _ if plain => Some(Cow::Borrowed(serial.as_bytes())),
        _ => Some(Cow::Owned(serial_key(serial).replace(' ', "").into_bytes())),
    }
}

fn seed_of<'t>(row: RowView<'t>) -> Option<Cow<'t, [u8]>> {
    // Opened to find the same seed under two serials.
    Some(row.expose_seed()).filter(|seed| !seed.is_empty()).map(Cow::Borrowed)
}

fn person_of<'t>(row: RowView<'t>) -> Option<Cow<'t, [u8]>> {
    // What is no name is nobody, and told as that.
    let person = row.user_id().or(row.upn().filter(|upn| is_well_formed(upn)))?;
    let plain = person.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase());
    Some(if plain { Cow::Borrowed(person.as_bytes()) } else { Cow::Owned(upn_key(person).into_bytes()) })
}

/// Calls `see` once for every set of two or more rows with the same key, each in the order of the input.
fn each_group<'t>(
    table: &'t Table,
    key: impl Fn(RowView<'t>) -> Option<Cow<'t, [u8]>>,
    mut see: impl FnMut(&[RowView<'t>]),
) {
    let mut hashes = Zeroizing::new(Vec::with_capacity(table.len()));
    hashes.extend(table.rows().filter_map(|row| Some((hash(&key(row)?), row.id().0))));
    hashes.sort_unstable();
    for run in hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut same: BTreeMap<Cow<'t, [u8]>, Vec<RowView<'t>>> = BTreeMap::new();
        for row in run.iter().filter_map(|(_, n)| table.row(RowId(*n))) {
            if let Some(key) = key(row) {
                same.entry(key).or_default().push(row);
            }
        }
        same.values().filter(|rows| rows.len() > 1).for_each(|rows| see(rows));
    }
}

fn hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}

/// The same row again is passed over; anything else under one serial spoils all rows of it.
fn serials(rows: &[RowView<'_>], purpose: Purpose, repeated: &mut [bool], found: &mut Vec<Finding>) {
    let rivals: Vec<RowView<'_>> = if has_several_keys(rows) { rivals(rows, purpose) } else { rows.to_vec() };
    let rows = rivals.as_slice();
    let [first, others @ ..] = rows else { return };
    if others.iter().all(|row| says_the_same(*first, *row)) {
        for row in others {
            repeated[row.id().0 as usize] = true;
            let reason = Reason::DuplicateRow { first_line: first.line() };
            found.push(at(*row, Severity::Note, reason, Field::Serial));
        }
        return;
    }
    for row in rows {
        let lines = rows.iter().filter(|other| other.id() != row.id()).map(RowView::line);
        let reason = Reason::SerialConflict { lines: lines.take(LINES_NAMED).collect() };
        found.push(at(*row, Severity::Error, reason, Field::Serial));
    }
}

/// One device with several keys: each has an id of its own, and serial and id together name it (RFC 6030 §4.3.1).
fn has_several_keys(rows: &[RowView<'_>]) -> bool {
    let ids: BTreeSet<&str> = rows.iter().filter_map(RowView::key_id).collect();
    ids.len() == rows.len()
}

/// Keys of one device that get into each other's way: in a tenant a serial stands once, and only for TOTP.
fn rivals<'t>(rows: &[RowView<'t>], purpose: Purpose) -> Vec<RowView<'t>> {
    let is_rival = |row: &&RowView<'_>| purpose == Purpose::Entra && row.kind() == OtpKind::Totp;
    let found: Vec<RowView<'t>> = rows.iter().filter(is_rival).copied().collect();
    if found.len() > 1 { found } else { Vec::new() }
}

fn says_the_same(a: RowView<'_>, b: RowView<'_>) -> bool {
    let params = |r: RowView<'_>| (r.kind(), r.hash(), r.digits(), r.period_secs());
    let person = |r: RowView<'_>| (r.user_id().map(str::to_owned), r.upn().map(upn_key));
    // Opened to tell a row that was copied from two tokens with one serial.
    a.expose_seed() == b.expose_seed() && params(a) == params(b) && person(a) == person(b)
}

/// A seed belongs to one device.
fn seeds(rows: &[RowView<'_>], found: &mut Vec<Finding>) {
    let Some(first) = rows.first() else { return };
    let Some(other) = rows.iter().find(|row| serial_of(**row) != serial_of(*first)) else { return };
    for row in rows {
        let counterpart = if serial_of(*row) == serial_of(*first) { other } else { first };
        let reason = Reason::SeedShared { other_line: counterpart.line() };
        found.push(at(*row, Severity::Error, reason, Field::Seed));
    }
}

/// Nobody can say which five are meant, so none is taken.
fn persons(rows: &[RowView<'_>], repeated: &[bool], found: &mut Vec<Finding>) {
    let counted = || rows.iter().filter(|row| !repeated[row.id().0 as usize]);
    if counted().count() <= MOST_PER_PERSON {
        return;
    }
    let tokens = u32::try_from(counted().count()).unwrap_or(u32::MAX);
    for row in counted() {
        found.push(at(*row, Severity::Error, Reason::TooManyForPerson { tokens }, Field::Upn));
    }
}

fn at(row: RowView<'_>, severity: Severity, reason: Reason, field: Field) -> Finding {
    Finding { row: row.id(), severity, reason, field: Some(field) }
}
