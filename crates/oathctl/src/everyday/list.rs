//! A list of tokens for an everyday command: serials, and people where it names them.
//!
//! Owns: which rows a list gives, with its faults by line. Does not own: reading it (`oathctl-files`).

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::plan::PlanInput;
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_files::{Assignments, Input, read_replacements, read_serials, read_users_csv};

use super::request::{Named, Who};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input::{open, refused_list, sha256};
use crate::tell;

/// Whether a list names people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// It must.
    Needed,
    /// It may: whoever is expected to hold the token.
    Welcome,
}

/// Reads a list. A row that can't be used stays a row, with its fault; a list that can't is refused (6).
pub fn read(desk: &Desk, flag: &str, path: &str, people: People) -> Result<(Vec<Named>, PlanInput), Failure> {
    let input = open(desk, path).map_err(|reason| refused_list(flag, path, &reason))?;
    let digest = sha256(&input.bytes);
    let copy = || Input { name: input.name.clone(), bytes: input.bytes.clone() };
    let assignments = read_users_csv(copy());
    let named = if people == People::Welcome && assignments.is_rejected() {
        of_serials(desk, flag, copy())?
    } else {
        of_people(desk, flag, assignments, people)?
    };
    of_list(flag, path, named, digest)
}

/// Reads a list of old serials and new ones.
pub fn read_pairs(desk: &Desk, flag: &str, path: &str) -> Result<(Vec<Named>, PlanInput), Failure> {
    let input = open(desk, path).map_err(|reason| refused_list(flag, path, &reason))?;
    let digest = sha256(&input.bytes);
    let list = read_replacements(input);
    let faults = list.faults.iter();
    tell::faults::on_stderr(desk, faults.clone().filter(|fault| fault.severity == Severity::Error));
    if list.is_rejected() {
        return Err(refused(flag).advice(
            "It needs a column for old serials and one for new ones (`old,new`); or let `--next` choose from stock.",
        ));
    }
    let faulty: Vec<Named> = faults.filter_map(|fault| of_fault(fault, People::Welcome)).collect();
    let pair = |it: oathctl_files::Entry| Named {
        serial: it.serial,
        new: it.successor,
        line: it.line,
        ..Named::default()
    };
    let mut named: Vec<Named> = list.entries.into_iter().map(pair).chain(faulty).collect();
    named.sort_by_key(|named| named.line);
    of_list(flag, path, named, digest)
}

fn of_list(
    flag: &str,
    path: &str,
    named: Vec<Named>,
    sha256: String,
) -> Result<(Vec<Named>, PlanInput), Failure> {
    if named.is_empty() {
        return Err(refused(flag));
    }
    let path = (path != "-").then(|| path.to_owned());
    Ok((named, PlanInput { path, sha256, ..PlanInput::default() }))
}

fn refused(flag: &str) -> Failure {
    Failure::new(Exit::Input, format!("The list of `{flag}` can't be used. Nothing was sent."))
}

fn of_people(desk: &Desk, flag: &str, list: Assignments, people: People) -> Result<Vec<Named>, Failure> {
    if list.is_rejected() {
        tell::faults::on_stderr(desk, list.faults.iter());
        return Err(refused(flag));
    }
    let mut named: Vec<Named> = list
        .by_serial
        .into_values()
        .map(|it| Named { serial: it.serial, who: Some(Who::Upn(it.upn)), line: it.line, ..Named::default() })
        .collect();
    let faulty = list.faults.iter().filter_map(|fault| of_fault(fault, people));
    named.extend(faulty);
    named.sort_by_key(|named| named.line);
    tell::faults::on_stderr(desk, list.faults.iter().filter(|fault| fault.severity == Severity::Error));
    Ok(named)
}

/// The row a fault of a list of people is about.
fn of_fault(fault: &Fault, people: People) -> Option<Named> {
    let serial = fault.serial.clone()?;
    let line = fault.place.line.unwrap_or(0);
    let row = Named { serial, line, ..Named::default() };
    match (&fault.reason, people) {
        (Reason::UpnMissing, People::Welcome) => Some(row),
        (Reason::UpnMissing, People::Needed) => {
            Some(Named { fault: Some((Severity::Error, Reason::UpnMissing)), ..row })
        }
        (Reason::DuplicateRow { .. }, _) => {
            Some(Named { fault: Some((Severity::Note, fault.reason.clone())), ..row })
        }
        (reason, _) if fault.severity == Severity::Error => {
            Some(Named { fault: Some((Severity::Error, reason.clone())), ..row })
        }
        _ => None,
    }
}

fn of_serials(desk: &Desk, flag: &str, input: Input) -> Result<Vec<Named>, Failure> {
    let table = read_serials(input);
    let errors = || table.faults().iter().filter(|fault| fault.severity == Severity::Error);
    tell::faults::on_stderr(desk, errors());
    if table.is_rejected() {
        return Err(refused(flag));
    }
    let mut seen = std::collections::BTreeMap::new();
    let row = |row: oathctl_core::table::RowView<'_>| {
        let of_row = |fault: &&Fault| fault.row == Some(row.id());
        let fault = errors().find(of_row).map(|fault| (Severity::Error, fault.reason.clone()));
        let key = oathctl_core::token::serial_key(row.serial());
        let first = *seen.entry(key.clone()).or_insert(row.line());
        let again = (!key.is_empty() && first != row.line())
            .then_some((Severity::Note, Reason::DuplicateRow { first_line: first }));
        Named {
            serial: row.serial().to_owned(),
            line: row.line(),
            fault: fault.or(again),
            ..Named::default()
        }
    };
    Ok(table.rows().map(row).collect())
}
