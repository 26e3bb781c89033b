//! A box of tokens and a list of people, put together by position.
//!
//! Owns: [`pair`] and writing `serial,upn`. The pairing is made *before* anything is validated: a record that
//! turns out to be faulty keeps its place, so that nobody gets the neighbour's token. Does not own: who holds a
//! token already (that needs the tenant), nor showing the pairs before they are written.

use std::collections::BTreeMap;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::{Field, Place};
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;
use oathctl_core::token::{serial_key, upn_key};

use crate::cells::person;
use crate::cells::shown::shown;
use crate::input::Input;
use crate::people::{Column, List, Record};

/// One token for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The token's serial.
    pub serial: String,
    /// The person.
    pub upn: String,
    /// Physical line in the token file.
    pub token_line: u64,
    /// Physical line in the list of people.
    pub person_line: u64,
}

/// What came of a pairing.
#[derive(Clone, Debug, Default)]
pub struct PairResult {
    /// In the order of both inputs. Empty when the pairing is refused.
    pub pairs: Vec<Pair>,
    /// Faults with a row leave out that pair; errors without a row refuse the pairing.
    pub faults: Vec<Fault>,
    /// Records of the token file.
    pub tokens: u64,
    /// Records of the list of people.
    pub people: u64,
}

impl PairResult {
    /// True when nothing may be written.
    pub fn is_refused(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error && fault.row.is_none())
    }
}

/// Pairs the n-th record of a token file with the n-th person of a list: one name a line, or a delimited file
/// with a heading for names. Unequal counts, blank lines, placeholders, and a person or a serial that stands
/// twice refuse the whole pairing; a token without a usable serial leaves out its own pair.
pub fn pair(tokens: &Table, people: Input) -> PairResult {
    let mut list = List::read(people);
    let names = names(&mut list);
    let mut result = PairResult {
        tokens: u64::try_from(tokens.len()).unwrap_or(u64::MAX),
        people: u64::try_from(list.records.len()).unwrap_or(u64::MAX),
        ..PairResult::default()
    };
    let unread = list
        .faults
        .iter()
        .any(|fault| matches!(fault.reason, Reason::EmptyFile { .. } | Reason::HeadersUnknown { .. }));
    if result.tokens != result.people && !unread {
        let reason = Reason::CountsDiffer { tokens: result.tokens, people: result.people };
        list.fault(Severity::Error, reason, None, None);
    }
    result.faults.extend(tokens.faults().iter().filter(|fault| moves_rows(fault)).cloned());
    result.faults.append(&mut list.faults);
    if !result.is_refused() {
        together(tokens, &names, list.name.as_deref(), &mut result);
    }
    if result.is_refused() {
        result.pairs.clear();
    }
    result
}

/// True for a fault of the token file that puts its records in doubt. What it leaves open about codes, or a row
/// that is faulty in itself, moves no token to another place.
fn moves_rows(fault: &Fault) -> bool {
    let open = matches!(
        fault.reason,
        Reason::SeedEncodingUndecidable { .. }
            | Reason::HashUnstated { .. }
            | Reason::PeriodUnstated
            | Reason::NoUsableRow
    );
    fault.severity == Severity::Error && fault.row.is_none() && !open
}

/// A person of the list.
struct Name {
    upn: String,
    line: u64,
}

fn names(list: &mut List) -> Vec<Name> {
    let column = list.column(|column| matches!(column, Column::Upn(_)));
    let (mut names, mut first, mut faults) = (Vec::new(), BTreeMap::new(), Vec::new());
    // Without a heading only one name a line is beyond doubt.
    let wide = list.records.iter().any(|record| record.cells.iter().skip(1).any(|cell| !cell.is_empty()));
    if column.is_none() && (wide || !list.header.is_empty()) {
        let reason = Reason::HeadersUnknown { seen: list.seen(), needed: vec![Field::Upn.word().into()] };
        list.fault(Severity::Error, reason, None, None);
        return names;
    }
    for Record { line, cells } in &list.records {
        let text = cells.get(column.unwrap_or(0)).map_or("", String::as_str);
        let Some(upn) = person::read(text, false) else {
            faults.push((*line, Reason::UpnMissing));
            continue;
        };
        if !upn.contains('@') {
            faults.push((*line, Reason::UpnMalformed { shown: shown(&upn) }));
        }
        if let Some(first_line) = first.insert(upn_key(&upn), *line) {
            faults.push((*line, Reason::PersonTwice { first_line }));
        }
        names.push(Name { upn: upn.into_owned(), line: *line });
    }
    for (line, reason) in faults {
        list.fault(Severity::Error, reason, Some(line), None);
    }
    names
}

fn together(tokens: &Table, names: &[Name], people: Option<&str>, result: &mut PairResult) {
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for (row, name) in tokens.rows().zip(names) {
        let serial = row.serial();
        let mut fault = |reason, id| {
            let serial = Some(serial.to_owned()).filter(|serial| !serial.is_empty());
            result.faults.push(Fault {
                severity: Severity::Error,
                reason,
                place: row.place(Some(Field::Serial)),
                row: id,
                serial,
            });
        };
        if serial.is_empty() {
            fault(Reason::SerialMissing, Some(row.id()));
            continue;
        }
        if let Some(first) = lines.insert(serial_key(serial), row.line()) {
            fault(Reason::SerialConflict { lines: vec![first] }, None);
        }
        for (text, field) in [(serial, Field::Serial), (name.upn.as_str(), Field::Upn)] {
            if is_formula(text) {
                let place =
                    Place { file: people.map(str::to_owned), line: Some(name.line), ..Place::default() };
                let place = if field == Field::Serial { row.place(Some(field)) } else { place };
                let reason = Reason::UnsafeCell { field: field.word().into() };
                result.faults.push(Fault {
                    severity: Severity::Error,
                    reason,
                    place,
                    row: None,
                    serial: None,
                });
            }
        }
        result.pairs.push(Pair {
            serial: serial.to_owned(),
            upn: name.upn.clone(),
            token_line: row.line(),
            person_line: name.line,
        });
    }
}

/// What a spreadsheet would run.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@'])
}

/// The pairs as `serial,upn`, which `activate --users` takes.
///
/// # Errors
/// `unsafe_cell` when a cell begins like a formula; nothing is written then.
pub fn write_pairs(pairs: &[Pair]) -> Result<String, Reason> {
    let mut text = String::from("serial,upn\n");
    for pair in pairs {
        for (cell, field, end) in [(&pair.serial, Field::Serial, ','), (&pair.upn, Field::Upn, '\n')] {
            if is_formula(cell) {
                return Err(Reason::UnsafeCell { field: field.word().into() });
            }
            text.push_str(&quoted(cell));
            text.push(end);
        }
    }
    Ok(text)
}

fn quoted(cell: &str) -> String {
    let plain = !cell.contains([',', '"', '\n', '\r']);
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
