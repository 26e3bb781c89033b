//! What makes a row, or a set of rows, wrong: the rules every input must pass before anything is planned.
//!
//! Owns: the order of the rules and their effect on a [`Table`]. [`rows`] judges each row by itself, [`open`]
//! settles what the input left open, [`across`] compares rows with each other, [`whole`] judges the file.
//! Does not own: reading (readers note what they could not read) nor anything that needs a tenant.
//!
//! To add a rule: a function in the module of its reach that returns findings, a reason, a test.

mod across;
mod open;
mod rows;
mod test_seeds;
mod whole;

#[cfg(test)]
mod tests;

use crate::fault::Severity;
use crate::place::Field;
use crate::reason::Reason;
use crate::table::{RowId, Table};

/// How many tokens and authenticator apps a person may hold together
/// (<https://learn.microsoft.com/entra/identity/authentication/concept-authentication-oath-tokens>).
pub const MOST_PER_PERSON: usize = 5;

/// What the rows are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A tenant: what Entra doesn't take is wrong.
    #[default]
    Entra,
    /// Another file: what Entra doesn't take may be what that file is for. People are carried along, not judged.
    Convert,
}

/// What the caller permits beyond the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// Seeds out of documentation are a warning instead of an error. For rehearsals.
    pub allow_test_seeds: bool,
    /// What the rows are for.
    pub purpose: Purpose,
}

/// One thing found at one row.
struct Finding {
    row: RowId,
    severity: Severity,
    reason: Reason,
    field: Option<Field>,
}

/// Judges every row, settles what the definitions settle, compares the rows, judges the file. Faults and
/// decisions are added to the table; nothing is taken away, so that all faults are told at once. A table is
/// checked once, after persons were given to it and before it is planned with.
pub fn check(table: &mut Table, options: &CheckOptions) {
    let found = rows::judge(table, *options);
    note(table, found);
    open::settle(table);
    let found = across::compare(table, options.purpose);
    note(table, found);
    whole::judge(table);
}

fn note(table: &mut Table, found: Vec<Finding>) {
    for Finding { row, severity, reason, field } in found {
        table.add_row_fault(row, severity, reason, field);
    }
}
