//! Writers: tokens out of a table into a file of another format.
//!
//! Owns: [`write`], what each target can hold, and encrypting what was written ([`seal`]). Nothing is lost on the
//! way: a row that a target can't hold is left out and told, and so is a column it has no place for. Does not own:
//! creating files, asking for passphrases, randomness (it comes by the port [`Random`]).
//!
//! To add a target: a variant of [`Target`], its limits in [`token`], a module with a `write`, an arm in [`write`].

mod csv;
mod graph;
mod otpauth;
mod pskc;
mod random;
mod seal;
mod sink;
mod target;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowView, Table, Verdict};
use oathctl_core::token::{Hash, OtpKind, serial_key};
use zeroize::Zeroizing;

pub use pskc::{PskcCipher, PskcLock};
pub use random::{NoRandomness, Random};
pub use seal::{Sealing, seal};
pub use target::Target;

use sink::Sink;
use token::Token;

/// What came of writing.
pub struct Written {
    /// The file. Wiped when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Tokens in it.
    pub tokens: u64,
    /// Rows the target can't hold, each with why. Every one is an error: a row is written whole or not at all.
    pub left_out: Vec<Fault>,
    /// What rows state and the target has no place for: persons, names of makers. Codes don't depend on it.
    pub not_carried: Vec<Field>,
}

/// Writes the rows a target can hold, in their order. `lock` encrypts the seeds of a PSKC file; other targets are
/// encrypted as a whole afterwards ([`seal`]) and must come without one.
///
/// # Errors
/// `own_fault` without randomness for the salts and keys of `lock`, or with a `lock` for a target that has none.
pub fn write<'t>(
    rows: impl IntoIterator<Item = RowView<'t>>,
    target: Target,
    lock: Option<(&PskcLock, &dyn Random)>,
) -> Result<Written, Reason> {
    let (mut tokens, mut left_out) = (Vec::new(), Vec::new());
    for row in rows {
        match Token::of(row, target) {
            Ok(token) => tokens.push((row, token)),
            Err((reason, field)) => left_out.push(fault(row, reason, field)),
        }
    }
    if !matches!(target, Target::Pskc | Target::Otpauth) {
        leave_out_rivals(&mut tokens, &mut left_out);
    }
    let tokens: Vec<Token<'_>> = tokens.into_iter().map(|(_, token)| token).collect();
    let mut out = Sink::with_capacity(256 + tokens.len() * target.bytes_of_a_row());
    match (target, lock) {
        (Target::MsCsv, None) => csv::write_microsoft(&tokens, &mut out),
        (Target::OathCsv, None) => csv::write_oath(&tokens, &mut out),
        (Target::GraphJson, None) => graph::write(&tokens, &mut out)?,
        (Target::Otpauth, None) => otpauth::write(&tokens, &mut out),
        (Target::Pskc, lock) => pskc::write(&tokens, lock, &mut out)?,
        _ => return Err(Reason::OwnFault { what: "a PSKC lock for another format".into() }),
    }
    Ok(Written {
        bytes: out.into_bytes(),
        tokens: u64::try_from(tokens.len()).unwrap_or(u64::MAX),
        left_out,
        not_carried: target::not_carried(target, &tokens),
    })
}

/// Several keys of one device: where the serial alone names a token, none of them can be written.
fn leave_out_rivals<'t>(tokens: &mut Vec<(RowView<'t>, Token<'t>)>, left_out: &mut Vec<Fault>) {
    let mut lines: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (row, _) in tokens.iter().filter(|(row, _)| row.key_id().is_some()) {
        lines.entry(serial_key(row.serial())).or_default().push(row.line());
    }
    tokens.retain(|(row, _)| {
        let lines = lines.get(&serial_key(row.serial())).cloned().unwrap_or_default();
        if lines.len() > 1 {
            left_out.push(fault(*row, Reason::SerialConflict { lines }, Field::Serial));
            return false;
        }
        true
    });
}

fn fault(row: RowView<'_>, reason: Reason, field: Field) -> Fault {
    let serial = Some(row.serial().to_owned()).filter(|serial| !serial.is_empty());
    Fault { severity: Severity::Error, reason, place: row.place(Some(field)), row: Some(row.id()), serial }
}

/// The rows of a checked table that may be written: those without a fault, and those whose only faults are that
/// Entra doesn't take such tokens (counter-based, eight digits, SHA-512, another period, a person it would refuse).
/// Duplicates are passed over: their first row stands for them.
pub fn convertible(table: &Table) -> impl Iterator<Item = RowView<'_>> {
    let faulty: BTreeSet<_> = table
        .faults()
        .iter()
        .filter(|fault| fault.severity == Severity::Error && !is_only_entra_s(table, fault))
        .filter_map(|fault| fault.row)
        .collect();
    table.rows().filter(move |row| row.verdict() != Verdict::Duplicate && !faulty.contains(&row.id()))
}

/// True for what is wrong with a token in Entra and nowhere else. A value that could not be read is another matter:
/// what stands in its row instead is a default.
fn is_only_entra_s(table: &Table, fault: &Fault) -> bool {
    let Some(row) = fault.row.and_then(|id| table.row(id)) else { return false };
    match &fault.reason {
        Reason::NotTotp { .. } => row.kind() != OtpKind::Totp,
        Reason::DigitsUnsupported { shown } => shown.trim().parse() == Ok(row.digits().unwrap_or(0)),
        Reason::HashUnsupported { shown } => row.hash().is_some() && Hash::parse(shown) == row.hash(),
        Reason::PeriodUnsupported { shown } => shown.trim().parse() == Ok(row.period_secs().unwrap_or(0)),
        Reason::PersonGuest | Reason::TooManyForPerson { .. } | Reason::SeedTooLong { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
