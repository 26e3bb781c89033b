//! Which rows are meant: `--only FAILED.csv` and `--exclude FILE`.
//!
//! Owns: [`read_selection`], [`Selection`]. Does not own: what happens to the rows that are chosen.

use std::collections::BTreeSet;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::reason::Reason;
use oathctl_core::token::{serial_key, upn_key};

use crate::cells::person;
use crate::input::Input;
use crate::people::{Column, List, Record};

/// One line of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// A serial.
    pub serial: Option<String>,
    /// A person.
    pub upn: Option<String>,
    /// Physical line in the original input, for rows that have no serial.
    pub source_line: Option<u64>,
    /// Physical line in this file.
    pub line: u64,
}

/// The rows a file names.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// In the order of the file.
    pub entries: Vec<Selected>,
    /// Everything wrong with it; an error rejects it.
    pub faults: Vec<Fault>,
    serials: BTreeSet<String>,
    people: BTreeSet<String>,
    lines: BTreeSet<u64>,
    people_alone: BTreeSet<String>,
}

/// Reads a delimited file with headings for serials, people or lines, or one serial or person a line.
pub fn read_selection(input: Input) -> Selection {
    let mut list = List::read(input);
    let wide = list.records.iter().any(|record| record.cells.iter().skip(1).any(|cell| !cell.is_empty()));
    let serial = list.column(|column| column == Column::Serial);
    let upn = list.column(|column| matches!(column, Column::Upn(_)));
    let line = list.column(|column| column == Column::Line);
    let readable = list.faults.iter().all(|fault| fault.severity != Severity::Error);
    let unnamed = serial.is_none() && upn.is_none();
    if readable && unnamed && (wide || !list.header.is_empty()) {
        let needed = vec!["serial".to_owned(), "upn".to_owned()];
        let reason = Reason::HeadersUnknown { seen: list.seen(), needed };
        list.fault(Severity::Error, reason, None, None);
    }
    let mut selection = Selection { faults: std::mem::take(&mut list.faults), ..Selection::default() };
    if selection.is_rejected() {
        return selection;
    }
    for record in list.records.iter().filter(|record| !record.cells.is_empty()) {
        let entry = if unnamed { bare(record) } else { by_column(record, serial, upn, line) };
        selection.add(entry);
    }
    selection
}

/// With an `@` it is a person.
fn bare(record: &Record) -> Selected {
    let text = record.cells.first().cloned().unwrap_or_default();
    let is_person = text.contains('@');
    let upn = is_person.then(|| person::read(&text, false).map(|upn| upn.into_owned())).flatten();
    Selected { serial: (!is_person).then_some(text), upn, source_line: None, line: record.line }
}

fn by_column(record: &Record, serial: Option<usize>, upn: Option<usize>, line: Option<usize>) -> Selected {
    let cell = |n: Option<usize>| n.and_then(|n| record.cells.get(n)).filter(|cell| !cell.is_empty());
    Selected {
        serial: cell(serial).cloned(),
        upn: cell(upn).and_then(|text| person::read(text, false)).map(|upn| upn.into_owned()),
        source_line: cell(line).and_then(|text| text.parse().ok()),
        line: record.line,
    }
}

impl Selection {
    fn add(&mut self, entry: Selected) {
        if let Some(serial) = &entry.serial {
            self.serials.insert(serial_key(serial));
        } else if let Some(line) = entry.source_line {
            self.lines.insert(line);
        } else if let Some(upn) = &entry.upn {
            self.people_alone.insert(upn_key(upn));
        }
        self.people.extend(entry.upn.as_deref().map(upn_key));
        self.entries.push(entry);
    }

    /// True when the file cannot be used.
    pub fn is_rejected(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// For `--only`: the entry's serial decides; its line where it has none; its person where it has neither.
    pub fn selects(&self, serial: &str, upn: Option<&str>, line: u64) -> bool {
        let by_serial = !serial.is_empty() && self.serials.contains(&serial_key(serial));
        by_serial
            || self.lines.contains(&line)
            || upn.is_some_and(|upn| self.people_alone.contains(&upn_key(upn)))
    }

    /// For `--exclude`: any mention of the serial or of the person.
    pub fn excludes(&self, serial: &str, upn: Option<&str>) -> bool {
        let by_serial = !serial.is_empty() && self.serials.contains(&serial_key(serial));
        by_serial || upn.is_some_and(|upn| self.people.contains(&upn_key(upn)))
    }
}
