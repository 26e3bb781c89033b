//! A bare list of serials: the tokens of a box whose seeds are elsewhere, for pairing only.
//!
//! Owns: [`read_serials`]. Does not own: pairing ([`crate::pair`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowDraft, RowId, Table, TableBuilder};

use crate::cells::serial::{self, Serial};
use crate::cells::shown::shown;
use crate::input::Input;
use crate::people::{Column, List, Record};

/// Without a heading, a longer text that is not of digits alone may be a seed.
const LONGEST_UNNAMED: usize = 15;
/// Without a heading, a longer text may be a seed even of digits.
const LONGEST_UNNAMED_DIGITS: usize = 24;

/// Reads one serial a line, or a delimited file with a heading for serials, as rows without seeds. Every record keeps
/// its place: one without a usable serial is a row with an empty one and its fault. Good for nothing but pairing.
pub fn read_serials(input: Input) -> Table {
    let mut list = List::read(input);
    let column = list.column(|column| column == Column::Serial);
    let wide = list.records.iter().any(|record| record.cells.iter().skip(1).any(|cell| !cell.is_empty()));
    let unnamed =
        column.is_none() && (wide || !list.header.is_empty() || list.records.iter().any(may_be_seed));
    if unnamed {
        let reason = Reason::HeadersUnknown { seen: list.seen(), needed: vec![Field::Serial.word().into()] };
        list.fault(Severity::Error, reason, None, None);
        list.records.clear();
    }
    let List { name, records, faults, .. } = list;
    let mut table = TableBuilder::with_capacity(records.len());
    let source = table.source(Source { file: name, ..Source::default() });
    for Record { line, cells } in &records {
        let text = cells.get(column.unwrap_or(0)).map_or("", String::as_str);
        let (serial, fault) = read(text);
        let id: RowId =
            table.push(source, RowDraft { line: *line, serial: &serial, ..RowDraft::default() }, None);
        if let Some((severity, reason)) = fault {
            let place = table.place(source, *line, Some(Field::Serial));
            table.fault(severity, reason, place, Some(id));
        }
    }
    let mut table = table.finish();
    faults.into_iter().for_each(|fault| table.add_fault(fault));
    table
}

fn may_be_seed(record: &Record) -> bool {
    let text = record.cells.first().map_or("", String::as_str);
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.len() > if digits { LONGEST_UNNAMED_DIGITS } else { LONGEST_UNNAMED }
}

/// The serial, and what is to be said of it.
fn read(text: &str) -> (String, Option<(Severity, Reason)>) {
    let shown = || shown(text);
    let faulty = |reason| (String::new(), Some((Severity::Error, reason)));
    match serial::read(text) {
        Serial::Fine => (text.to_owned(), None),
        Serial::Rewritten(serial) => {
            (serial, Some((Severity::Note, Reason::SerialRewritten { shown: shown() })))
        }
        Serial::Missing => faulty(Reason::SerialMissing),
        Serial::Damaged => faulty(Reason::SerialDamaged { shown: shown() }),
        Serial::Malformed => faulty(Reason::SerialMalformed { shown: shown() }),
    }
}
