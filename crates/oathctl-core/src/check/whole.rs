//! The rules for a file as a whole.
//!
//! Owns: what must be stated but is not (period, hash), a reading that is only likely, models that mix, serials
//! that may have lost zeros, a file without a usable row. Does not own: faults of reading.

use std::collections::{BTreeMap, BTreeSet};

use super::open::LENGTH_THAT_FITS_SHA256;
use crate::fault::{Fault, Severity};
use crate::place::{Field, Place};
use crate::reason::Reason;
use crate::table::{RowView, Table, Verdict};
use crate::token::OtpKind;

/// Serials named one by one for their length; one more warning stands for all after them.
const WIDTHS_NAMED: usize = 20;

/// Applies every rule.
pub(super) fn judge(table: &mut Table) {
    let words = [uncertain_encoding(table), mixed_models(table), no_period(table), no_hash(table)];
    for (severity, reason) in words.into_iter().flatten() {
        add(table, severity, reason);
    }
    serial_widths(table);
    let usable = usable(table).next().is_some();
    if !usable && !table.is_empty() && !table.is_rejected() {
        add(table, Severity::Error, Reason::NoUsableRow);
    }
}

fn add(table: &mut Table, severity: Severity, reason: Reason) {
    let file = table.sources().first().and_then(|source| source.file.clone());
    let place = Place { file, ..Place::default() };
    table.add_fault(Fault { severity, reason, place, row: None, serial: None });
}

fn usable(table: &Table) -> impl Iterator<Item = RowView<'_>> {
    table.rows().filter(|row| row.verdict() == Verdict::Usable)
}

fn uncertain_encoding(table: &Table) -> Option<(Severity, Reason)> {
    let decision = table.decisions().iter().find(|d| d.what == "seed_encoding" && !d.certain)?;
    Some((Severity::Warning, Reason::SeedEncodingUncertain { taken: decision.chosen.clone() }))
}

fn mixed_models(table: &Table) -> Option<(Severity, Reason)> {
    let mut models = BTreeSet::new();
    let mut last = None;
    for row in table.rows() {
        let model = (row.manufacturer(), row.model());
        // Files have long runs of one model.
        if last != Some(model) && model != ("", "") {
            models.insert(model);
            last = Some(model);
        }
    }
    let count = u64::try_from(models.len()).unwrap_or(u64::MAX);
    (count > 1).then_some((Severity::Note, Reason::MixedModels { models: count }))
}

fn no_period(table: &Table) -> Option<(Severity, Reason)> {
    let open = usable(table).any(|row| row.kind() == OtpKind::Totp && row.period_secs().is_none());
    open.then_some((Severity::Error, Reason::PeriodUnstated))
}

/// A seed of 32 bytes works with SHA-1 as with SHA-256, and a tenant takes either without a word.
fn no_hash(table: &Table) -> Option<(Severity, Reason)> {
    let open =
        || usable(table).filter(|row| row.hash().is_none() && row.seed_len() >= LENGTH_THAT_FITS_SHA256);
    let seed_bytes = u32::try_from(open().next()?.seed_len()).unwrap_or(u32::MAX);
    let rows = u64::try_from(open().count()).unwrap_or(u64::MAX);
    Some((Severity::Error, Reason::HashUnstated { seed_bytes, rows }))
}

/// Leading zeros lost in a spreadsheet show only as serials of another length: those shorter than most of the
/// usable rows, or all that differ where no length prevails.
fn serial_widths(table: &mut Table) {
    let lengths = count_lengths(table);
    let Some((usual, most)) = lengths.iter().max_by_key(|(length, rows)| (**rows, **length)) else { return };
    let shorter = lengths.range(..usual).next().is_some();
    let only_shorter = shorter && *most * 2 > lengths.values().sum();
    let differs = |length: usize| if only_shorter { length < *usual } else { length != *usual };
    let odd = usable(table).filter(|row| digits_of(*row).is_some_and(differs));
    let odd: Vec<_> = odd.map(|row| (row.id(), row.serial().len())).take(WIDTHS_NAMED + 1).collect();
    for (row, length) in odd.iter().take(WIDTHS_NAMED) {
        table.add_row_fault(*row, Severity::Warning, width(*length, *usual), Some(Field::Serial));
    }
    // Stands for all that follow, at the place of the first of them.
    if let Some((row, length)) = odd.get(WIDTHS_NAMED) {
        let row = table.row(*row);
        let place = row.map(|row| row.place(Some(Field::Serial))).unwrap_or_default();
        let serial = row.map(|row| row.serial().to_owned());
        let reason = width(*length, *usual);
        table.add_fault(Fault { severity: Severity::Warning, reason, place, row: None, serial });
    }
}

fn width(length: usize, usual: usize) -> Reason {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Reason::SerialWidth { length: number(length), usual: number(usual) }
}

fn count_lengths(table: &Table) -> BTreeMap<usize, usize> {
    let mut lengths = BTreeMap::new();
    for length in usable(table).filter_map(digits_of) {
        *lengths.entry(length).or_insert(0) += 1;
    }
    lengths
}

/// The length of a serial that is a number and nothing else.
fn digits_of(row: RowView<'_>) -> Option<usize> {
    let serial = row.serial();
    (!serial.is_empty() && serial.bytes().all(|b| b.is_ascii_digit())).then_some(serial.len())
}
