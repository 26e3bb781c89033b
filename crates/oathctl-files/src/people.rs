//! Lists of people and of choices: small delimited files without seeds.
//!
//! Owns: [`List`]: the same encodings, separators and headings as seed files have, with every record kept at its
//! position, blank ones too. Does not own: what a list is for ([`crate::pair`], [`crate::users`],
//! [`crate::selection`]).

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::{Field, Place};
use oathctl_core::reason::Reason;

use crate::cells::clean::clean;
use crate::cells::shown::shown_row;
use crate::delimited::headings::{self, normal};
use crate::delimited::separator;
use crate::delimited::split::{Cell, Kind, Splitter};
use crate::detect::{self, Found};
use crate::input::Input;
use crate::text;

/// One record of a list.
pub(crate) struct Record {
    pub(crate) line: u64,
    /// Cleaned cells; none for a blank line.
    pub(crate) cells: Vec<String>,
}

/// A list as it stands, with its header if it has one.
pub(crate) struct List {
    pub(crate) name: Option<String>,
    pub(crate) header: Vec<Option<Column>>,
    pub(crate) records: Vec<Record>,
    pub(crate) faults: Vec<Fault>,
}

/// What a column of a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Serial,
    /// A heading that names a user principal name beyond doubt ranks 0.
    Upn(u8),
    Line,
    Reason,
    /// Where a token lies.
    Location,
    /// The delivery it came with.
    Batch,
    /// What takes its place.
    Successor,
}

impl List {
    /// Reads a list. A file that is no text at all is a fault of the list.
    pub(crate) fn read(input: Input) -> Self {
        let Input { name, bytes } = input;
        let mut list = Self { name, header: Vec::new(), records: Vec::new(), faults: Vec::new() };
        if bytes.is_empty() {
            list.fault(Severity::Error, Reason::EmptyFile { what: String::new() }, None, None);
            return list;
        }
        match detect::of_bytes(&bytes, None) {
            Found::Text => {}
            Found::Binary(word) => {
                list.fault(Severity::Error, Reason::BinaryFile { looks_like: word.into() }, None, None);
                return list;
            }
            Found::Named(format) => {
                let reason = Reason::UnsupportedFormat { format: format.name().into() };
                list.fault(Severity::Error, reason, None, None);
                return list;
            }
        }
        let decoded = text::decode(bytes);
        if decoded.encoding == "windows-1252" {
            list.fault(Severity::Note, Reason::DecodedAsWindows1252, None, None);
        }
        list.split(decoded.as_str());
        list
    }

    fn split(&mut self, text: &str) {
        let choice = separator::choose(text, None);
        let body = text.get(choice.skip..).unwrap_or("");
        let mut splitter = Splitter::new(body, choice.first_line, choice.separator);
        let mut cells = Vec::new();
        while let Some((line, kind)) = splitter.next(&mut cells) {
            match kind {
                Kind::Comment => {}
                Kind::Unclosed => self.fault(Severity::Error, Reason::QuoteUnclosed, Some(line), None),
                Kind::Row | Kind::Blank => self.record(line, kind, &cells),
            }
        }
        // What follows the last record shifts nobody.
        while self.records.last().is_some_and(|record| record.cells.is_empty()) {
            self.records.pop();
        }
        if self.records.is_empty() && self.faults.is_empty() {
            let reason = if self.header.is_empty() {
                Reason::EmptyFile { what: String::new() }
            } else {
                Reason::OnlyHeader
            };
            self.fault(Severity::Error, reason, None, None);
        }
    }

    fn record(&mut self, line: u64, kind: Kind, cells: &[Cell<'_>]) {
        let cells: Vec<String> = match kind {
            Kind::Row => cells.iter().map(|cell| clean(*cell).to_string()).collect(),
            _ => Vec::new(),
        };
        let blank = cells.iter().all(String::is_empty);
        if self.records.is_empty() && self.header.is_empty() {
            let columns: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
            if columns.iter().any(Option::is_some) {
                self.header = columns;
                return;
            }
        }
        self.records.push(Record { line, cells: if blank { Vec::new() } else { cells } });
    }

    /// The column of a kind; of several the one beyond doubt, else the first.
    pub(crate) fn column(&self, wanted: impl Fn(Column) -> bool) -> Option<usize> {
        let found = self.header.iter().enumerate().filter_map(|(n, column)| Some((n, (*column)?)));
        let found = found.filter(|(_, column)| wanted(*column));
        found.min_by_key(|(n, column)| (matches!(column, Column::Upn(1..)), *n)).map(|(n, _)| n)
    }

    /// The first record for a message.
    pub(crate) fn seen(&self) -> Vec<String> {
        let first = self.records.first().map_or(&[][..], |record| &record.cells);
        shown_row(&first.iter().map(|cell| cell.to_string()).collect::<Vec<_>>())
    }

    pub(crate) fn fault(
        &mut self,
        severity: Severity,
        reason: Reason,
        line: Option<u64>,
        serial: Option<&str>,
    ) {
        let place = Place { file: self.name.clone(), line, ..Place::default() };
        self.faults.push(Fault { severity, reason, place, row: None, serial: serial.map(str::to_owned) });
    }
}

fn column(cell: &str) -> Option<Column> {
    match normal(cell).as_str() {
        "line" | "zeile" => return Some(Column::Line),
        "reason" => return Some(Column::Reason),
        "location" | "place" | "ort" | "standort" | "lagerort" => return Some(Column::Location),
        "batch" | "delivery" | "charge" | "lieferung" => return Some(Column::Batch),
        "old" | "oldserial" | "alt" | "alteseriennummer" => return Some(Column::Serial),
        "new" | "newserial" | "replacement" | "with" | "neu" | "neueseriennummer" | "ersatz" => {
            return Some(Column::Successor);
        }
        _ => {}
    }
    let heading = headings::lookup(cell)?;
    match headings::field_of(cell)? {
        Field::Serial => Some(Column::Serial),
        Field::Upn => Some(Column::Upn(heading.rank)),
        _ => None,
    }
}
