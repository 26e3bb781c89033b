//! Lists that say something of tokens by serial: where they lie, what takes their place.
//!
//! Owns: [`read_moves`], [`read_replacements`]. Does not own: people ([`crate::users`]), what is done with it.

use std::collections::BTreeMap;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::token::serial_key;

use crate::cells::serial::{self, Serial};
use crate::cells::shown::{could_be_seed, shown};
use crate::input::Input;
use crate::people::{Column, List, Record};

/// The longest name of a place or a delivery, in characters.
pub const LONGEST_PLACE: usize = 100;

/// One line of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The serial as the list writes it.
    pub serial: String,
    /// Where it lies.
    pub location: Option<String>,
    /// The delivery it counts to.
    pub batch: Option<String>,
    /// The serial of what takes its place.
    pub successor: Option<String>,
    /// Physical line.
    pub line: u64,
}

/// A list by serial.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// In the order of the list.
    pub entries: Vec<Entry>,
    /// Everything wrong with it. An error without a serial rejects it as a whole.
    pub faults: Vec<Fault>,
}

impl Entries {
    /// True when the list as a whole cannot be used.
    pub fn is_rejected(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error && fault.serial.is_none())
    }
}

/// Reads a delimited file with headings for serials and for places or deliveries.
pub fn read_moves(input: Input) -> Entries {
    read(input, &[Column::Location, Column::Batch])
}

/// Reads a delimited file with headings for old serials and new ones. No token takes the place of two.
pub fn read_replacements(input: Input) -> Entries {
    read(input, &[Column::Successor])
}

/// At least one of the columns has to be there.
fn read(input: Input, wanted: &[Column]) -> Entries {
    let mut list = List::read(input);
    let serial = list.column(|column| column == Column::Serial);
    let beside: BTreeMap<Column, usize> =
        wanted.iter().filter_map(|wanted| Some((*wanted, list.column(|it| it == *wanted)?))).collect();
    let Some(serial) = serial.filter(|_| !beside.is_empty()) else {
        let readable = list.faults.iter().all(|fault| fault.severity != Severity::Error);
        if readable {
            let needed = needed(serial.is_none(), wanted.first().copied().filter(|_| beside.is_empty()));
            list.fault(Severity::Error, Reason::HeadersUnknown { seen: list.seen(), needed }, None, None);
        }
        return Entries { entries: Vec::new(), faults: list.faults };
    };
    let mut found = Found::default();
    for record in list.records.iter().filter(|record| !record.cells.is_empty()) {
        found.record(record, serial, &beside);
    }
    let entries = found.settled();
    for (line, severity, reason, serial) in found.faults {
        list.fault(severity, reason, Some(line), Some(&serial));
    }
    Entries { entries, faults: list.faults }
}

fn needed(serial: bool, beside: Option<Column>) -> Vec<String> {
    let beside = beside.map(|column| if column == Column::Successor { "new serial" } else { "location" });
    let serial = serial.then(|| Field::Serial.word());
    serial.into_iter().chain(beside).map(str::to_owned).collect()
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    faults: Vec<(u64, Severity, Reason, String)>,
}

impl Found {
    fn record(&mut self, record: &Record, serial: usize, beside: &BTreeMap<Column, usize>) {
        let text = |n: usize| record.cells.get(n).map_or("", String::as_str);
        let serial = match serial_of(text(serial)) {
            Ok(serial) => serial,
            // Told under an empty serial: it is a fault of its line, not of the list.
            Err(reason) => return self.fault(record.line, reason, ""),
        };
        let mut entry = Entry { serial, line: record.line, ..Entry::default() };
        let cell = |column| beside.get(&column).map(|n| text(*n)).filter(|text| !text.is_empty());
        for (column, into) in [(Column::Location, &mut entry.location), (Column::Batch, &mut entry.batch)] {
            match cell(column).map(place_of).transpose() {
                Ok(place) => *into = place,
                Err(reason) => return self.fault(record.line, reason, &entry.serial),
            }
        }
        match cell(Column::Successor).map(serial_of).transpose() {
            Ok(successor) => entry.successor = successor,
            Err(reason) => return self.fault(record.line, reason, &entry.serial),
        }
        if entry.location.is_none() && entry.batch.is_none() && entry.successor.is_none() {
            let is_replacement = beside.contains_key(&Column::Successor);
            let empty = Reason::LocationMalformed { why: "empty".into() };
            let reason = if is_replacement { Reason::SerialMissing } else { empty };
            return self.fault(record.line, reason, &entry.serial);
        }
        self.entries.push(entry);
    }

    fn fault(&mut self, line: u64, reason: Reason, serial: &str) {
        self.faults.push((line, Severity::Error, reason, serial.to_owned()));
    }

    /// One entry a token: what stands twice alike counts once, what differs counts not at all. The same of
    /// successors.
    fn settled(&mut self) -> Vec<Entry> {
        let mut lines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut takers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, entry) in self.entries.iter().enumerate() {
            lines.entry(serial_key(&entry.serial)).or_default().push(n);
            if let Some(successor) = &entry.successor {
                takers.entry(serial_key(successor)).or_default().push(n);
            }
        }
        let chained = takers.clone();
        let entries = std::mem::take(&mut self.entries);
        let mut settled = Vec::new();
        for (n, entry) in entries.iter().enumerate() {
            let same = |other: &usize| {
                Entry { line: entry.line, serial: entry.serial.clone(), ..entries[*other].clone() } == *entry
            };
            let of = lines.get(&serial_key(&entry.serial)).map_or(&[][..], Vec::as_slice);
            let takers = entry.successor.as_ref().and_then(|it| takers.get(&serial_key(it)));
            let rivals = takers.into_iter().flatten().filter(|other| !of.contains(other));
            // What takes a place can't be replaced by the same list, least of all by itself.
            let successor = entry.successor.as_ref().and_then(|it| lines.get(&serial_key(it)));
            let taken = chained.get(&serial_key(&entry.serial));
            let rivals = rivals.chain(successor.into_iter().flatten()).chain(taken.into_iter().flatten());
            let others: Vec<u64> = of
                .iter()
                .filter(|other| !same(other))
                .chain(rivals)
                .map(|other| entries[*other].line)
                .collect();
            match of.first() {
                _ if !others.is_empty() => {
                    self.fault(entry.line, Reason::SerialConflict { lines: others }, &entry.serial);
                }
                Some(first) if *first != n => {
                    let reason = Reason::DuplicateRow { first_line: entries[*first].line };
                    self.faults.push((entry.line, Severity::Note, reason, entry.serial.clone()));
                }
                _ => settled.push(entry.clone()),
            }
        }
        settled
    }
}

fn serial_of(text: &str) -> Result<String, Reason> {
    match serial::read(text) {
        Serial::Fine if !could_be_seed(text) => Ok(text.to_owned()),
        Serial::Rewritten(serial) => Ok(serial),
        Serial::Missing => Err(Reason::SerialMissing),
        Serial::Damaged => Err(Reason::SerialDamaged { shown: shown(text) }),
        _ => Err(Reason::SerialMalformed { shown: shown(text) }),
    }
}

fn place_of(text: &str) -> Result<String, Reason> {
    if text.chars().count() > LONGEST_PLACE {
        return Err(Reason::LocationMalformed { why: "too_long".into() });
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Input {
        Input { name: Some("list.csv".into()), bytes: text.as_bytes().to_vec().into() }
    }

    fn faults(entries: &Entries) -> Vec<(u64, &'static str)> {
        let mut faults: Vec<_> =
            entries.faults.iter().map(|it| (it.place.line.unwrap_or(0), it.reason.word())).collect();
        faults.sort_unstable();
        faults
    }

    #[test]
    fn what_differs_counts_not_at_all_and_what_is_alike_counts_once() {
        let read =
            read_moves(of("Serial;Ort;Charge\nA1;Berlin;\nA2;Bonn;7\na1;Köln;\nA2;Bonn;7\nA3;;8\nA4;;\n"));
        let kept: Vec<_> = read.entries.iter().map(|it| (it.serial.as_str(), it.line)).collect();
        assert_eq!(kept, [("A2", 3), ("A3", 6)]);
        assert_eq!((&read.entries[1].location, read.entries[1].batch.as_deref()), (&None, Some("8")));
        let conflict = "serial_conflict";
        let expected = [(2, conflict), (4, conflict), (5, "duplicate_row"), (7, "location_malformed")];
        assert_eq!(faults(&read), expected);
        assert!(!read.is_rejected());
        let long = "x".repeat(LONGEST_PLACE + 1);
        assert_eq!(
            faults(&read_moves(of(&format!("serial,location\nA1,{long}\n")))),
            [(2, "location_malformed")]
        );
    }

    #[test]
    fn nothing_takes_the_place_of_two() {
        let read = read_replacements(of("old,new\nA1,B1\nA2,B2\nA3,b1\nA4,\nA5,2.3E+09\n"));
        let kept: Vec<_> =
            read.entries.iter().map(|it| (it.serial.as_str(), it.successor.as_deref())).collect();
        assert_eq!(kept, [("A2", Some("B2"))]);
        let chained = read_replacements(of("old,new\nA1,A1\nA2,A3\nA3,A4\nA5,A6\n"));
        assert_eq!(chained.entries.iter().map(|it| it.line).collect::<Vec<_>>(), [5], "{chained:?}");
        let conflict = "serial_conflict";
        assert_eq!(
            faults(&read),
            [(2, conflict), (4, conflict), (5, "serial_missing"), (6, "serial_damaged")]
        );
    }

    #[test]
    fn without_its_columns_a_list_is_refused() {
        for text in ["serial,upn\nA1,a@b.c\n", "location\nBerlin\n", "", "serial,location\n"] {
            assert!(read_moves(of(text)).is_rejected(), "{text}");
        }
        assert!(read_replacements(of("serial\nA1\n")).is_rejected());
    }
}
