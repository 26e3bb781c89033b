//! Who gets which token: `activate --users`.
//!
//! Owns: [`read_users_csv`], giving the people to the rows of a table. Serials are required: a list that relies
//! on its order gives everybody the neighbour's token after one lost line. Does not own: pairing by position
//! ([`crate::pair`]).

use std::collections::BTreeMap;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::{Field, Place};
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowId, Table};
use oathctl_core::token::{serial_key, upn_key};

use crate::cells::person;
use crate::cells::serial::{self, Serial};
use crate::cells::shown::{could_be_seed, shown};
use crate::input::Input;
use crate::people::{Column, List, Record};

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The serial as the list writes it.
    pub serial: String,
    /// The person.
    pub upn: String,
    /// Physical line in the list.
    pub line: u64,
}

/// The list by serial, as serials are compared.
#[derive(Clone, Debug, Default)]
pub struct Assignments {
    /// By [`serial_key`].
    pub by_serial: BTreeMap<String, Assignment>,
    /// Everything wrong with the list. An error without a serial rejects it as a whole.
    pub faults: Vec<Fault>,
    file: Option<String>,
}

/// Reads a delimited file with a heading for serials and one for people, in any order and dialect.
pub fn read_users_csv(input: Input) -> Assignments {
    let mut list = List::read(input);
    let serial = list.column(|column| column == Column::Serial);
    let upn = list.column(|column| matches!(column, Column::Upn(_)));
    let (Some(serial), Some(upn)) = (serial, upn) else {
        return rejected(list, serial, upn);
    };
    let mut users = Users::default();
    for record in &list.records {
        users.record(record, serial, upn);
    }
    for (line, severity, reason, serial) in users.faults {
        list.fault(severity, reason, Some(line), serial.as_deref());
    }
    Assignments { by_serial: users.by_serial, faults: list.faults, file: list.name }
}

fn rejected(mut list: List, serial: Option<usize>, upn: Option<usize>) -> Assignments {
    let readable = list.faults.iter().all(|fault| fault.severity != Severity::Error);
    if readable {
        let needed = [(Field::Serial, serial), (Field::Upn, upn)];
        let needed = needed.into_iter().filter(|(_, column)| column.is_none());
        let needed = needed.map(|(field, _)| field.word().to_owned()).collect();
        let reason = Reason::HeadersUnknown { seen: list.seen(), needed };
        list.fault(Severity::Error, reason, None, None);
    }
    Assignments { by_serial: BTreeMap::new(), faults: list.faults, file: list.name }
}

#[derive(Default)]
struct Users {
    by_serial: BTreeMap<String, Assignment>,
    conflicts: BTreeMap<String, u64>,
    faults: Vec<(u64, Severity, Reason, Option<String>)>,
}

impl Users {
    fn record(&mut self, record: &Record, serial_column: usize, upn_column: usize) {
        if record.cells.is_empty() {
            return;
        }
        let line = record.line;
        let text = |n: usize| record.cells.get(n).map_or("", String::as_str);
        let serial = match serial::read(text(serial_column)) {
            Serial::Fine if !could_be_seed(text(serial_column)) => text(serial_column).to_owned(),
            Serial::Rewritten(serial) => serial,
            faulty => return self.bad_serial(line, text(serial_column), &faulty),
        };
        match person::read(text(upn_column), false) {
            None => self.fault(line, Severity::Note, Reason::UpnMissing, &serial),
            Some(upn) if !upn.contains('@') => {
                self.fault(line, Severity::Error, Reason::UpnMalformed { shown: shown(&upn) }, &serial);
            }
            Some(upn) => self.assign(Assignment { serial, upn: upn.into_owned(), line }),
        }
    }

    fn bad_serial(&mut self, line: u64, text: &str, serial: &Serial) {
        let shown = shown(text);
        let reason = match serial {
            Serial::Missing => Reason::SerialMissing,
            Serial::Damaged => Reason::SerialDamaged { shown },
            _ => Reason::SerialMalformed { shown },
        };
        // Told under an empty serial: it is a fault of its line, not of the list.
        self.faults.push((line, Severity::Error, reason, Some(String::new())));
    }

    fn fault(&mut self, line: u64, severity: Severity, reason: Reason, serial: &str) {
        self.faults.push((line, severity, reason, Some(serial.to_owned())));
    }

    fn assign(&mut self, new: Assignment) {
        let key = serial_key(&new.serial);
        if let Some(first) = self.conflicts.get(&key).copied() {
            return self.fault(
                new.line,
                Severity::Error,
                Reason::SerialConflict { lines: vec![first] },
                &new.serial,
            );
        }
        match self.by_serial.remove(&key) {
            None => {
                self.by_serial.insert(key, new);
            }
            Some(known) if upn_key(&known.upn) == upn_key(&new.upn) => {
                let reason = Reason::DuplicateRow { first_line: known.line };
                self.fault(new.line, Severity::Note, reason, &new.serial);
                self.by_serial.insert(key, known);
            }
            Some(known) => {
                let conflict = |line| Reason::SerialConflict { lines: vec![line] };
                self.fault(known.line, Severity::Error, conflict(new.line), &known.serial);
                self.fault(new.line, Severity::Error, conflict(known.line), &new.serial);
                self.conflicts.insert(key, known.line);
            }
        }
    }
}

impl Assignments {
    /// True when the list as a whole cannot be used.
    pub fn is_rejected(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error && fault.serial.is_none())
    }

    /// Gives the people to the rows; before [`oathctl_core::check`]. A row whose file names somebody else gets
    /// `person_conflict` in the table. What concerns the list is returned: serials the table does not have.
    pub fn apply(&self, table: &mut Table) -> Vec<Fault> {
        let mut missing: BTreeMap<&str, &Assignment> =
            self.by_serial.iter().map(|(key, assignment)| (key.as_str(), assignment)).collect();
        for n in 0..table.len() {
            let Some(row) = u32::try_from(n).ok().and_then(|n| table.row(RowId(n))) else { continue };
            let (id, key) = (row.id(), serial_key(row.serial()));
            let known = row.upn().map(upn_key);
            let Some(assignment) = self.by_serial.get(&key) else { continue };
            missing.remove(key.as_str());
            match known {
                None => table.set_upn(id, &assignment.upn),
                Some(known) if known == upn_key(&assignment.upn) => {}
                Some(_) => {
                    let reason = Reason::PersonConflict { line: assignment.line };
                    table.add_row_fault(id, Severity::Error, reason, Some(Field::Upn));
                }
            }
        }
        let faults = missing.values().map(|assignment| Fault {
            severity: Severity::Warning,
            reason: Reason::SerialNotInFile,
            place: Place { file: self.file.clone(), line: Some(assignment.line), ..Place::default() },
            row: None,
            serial: Some(assignment.serial.clone()),
        });
        let mut faults: Vec<Fault> = faults.collect();
        faults.sort_by_key(|fault| fault.place.line);
        faults
    }
}
