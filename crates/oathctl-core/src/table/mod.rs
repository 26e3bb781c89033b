//! The table of rows: one arena for a whole input, rows as views into it.
//!
//! Owns: [`Table`], what it keeps of a row and its arena, wiped when the table is dropped; [`TableBuilder`] fills
//! it, [`RowView`] reads one row. Does not own: reading (the readers fill a builder), nor judging
//! ([`crate::check`]). A million rows cost about 150 bytes each; a `String` a cell would cost four times that.

mod build;
mod row;

pub use build::{RowDraft, TableBuilder};
pub use row::RowView;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::fault::{Decision, Fault, Severity};
use crate::place::{Field, Source};
use crate::reason::Reason;
use crate::seed::{SeedError, SeedKey, SeedSource};
use crate::token::{Hash, OtpKind};

/// A row's number in its table, from 0, in the order of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(pub u32);

/// Which of a table's sources a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId(pub u16);

#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// What few formats say of a row. Kept aside, so that a million rows of CSV do not pay for it.
#[derive(Clone, Copy, Default)]
struct Extra {
    row: u32,
    counter: Option<u64>,
    path: Span,
    key_id: Span,
    issue_no: Span,
}

#[derive(Clone, Copy)]
struct Record {
    serial: Span,
    upn: Span,
    user_id: Span,
    seed: Span,
    line: u32,
    manufacturer: u32,
    model: u32,
    source: SourceId,
    period_secs: u32,
    digits: u8,
    hash: Option<Hash>,
    kind: OtpKind,
    verdict: Verdict,
}

/// What the checks made of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can be used.
    Usable,
    /// It has a blocking fault.
    Faulty,
    /// It says the same as an earlier row.
    Duplicate,
}

/// Appends to the arena. Grows it by hand, so that the outgrown buffer is wiped and not merely freed.
fn keep(arena: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) -> Span {
    let start = arena.len();
    let needed = start + bytes.len();
    if needed > arena.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity((needed + needed / 4).max(4096)));
        larger.extend_from_slice(arena);
        *arena = larger;
    }
    arena.extend_from_slice(bytes);
    Span { start: u32::try_from(start).unwrap_or(u32::MAX), len: u32::try_from(bytes.len()).unwrap_or(0) }
}

/// All rows of an input, with the decisions and faults of its reading.
pub struct Table {
    arena: Zeroizing<Vec<u8>>,
    rows: Vec<Record>,
    /// In the order of the rows.
    extras: Vec<Extra>,
    names: Vec<String>,
    sources: Vec<Source>,
    decisions: Vec<Decision>,
    faults: Vec<Fault>,
}

impl Table {
    /// Number of rows, usable or not.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without any row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One row. `None` when the id is not of this table.
    pub fn row(&self, id: RowId) -> Option<RowView<'_>> {
        let record = self.rows.get(id.0 as usize)?;
        Some(RowView::of(self, record, id))
    }

    /// All rows in the order of the input.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowView<'_>> {
        let view = |(n, record)| RowView::of(self, record, RowId(u32::try_from(n).unwrap_or(u32::MAX)));
        self.rows.iter().enumerate().map(view)
    }

    /// The readable pieces the rows come from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How the reading was decided.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Everything found wrong so far.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// True when the file as a whole must be rejected.
    pub fn is_rejected(&self) -> bool {
        self.faults.iter().any(|f| f.severity == Severity::Error && f.row.is_none())
    }

    /// Notes a decision made after reading.
    pub fn add_decision(&mut self, decision: Decision) {
        if !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }

    /// Says of what a flag decided that somebody answered it when asked.
    pub fn was_answered(&mut self, what: &str) {
        let stated = self.decisions.iter_mut().filter(|it| it.what == what && it.why == "stated_by_flag");
        stated.for_each(|it| it.why = "stated_by_answer".into());
    }

    /// Notes a fault; an error of a row makes the row unusable, `duplicate_row` makes it a duplicate.
    pub fn add_fault(&mut self, mut fault: Fault) {
        if let Some(id) = fault.row {
            if fault.serial.is_none() {
                fault.serial = self.row(id).map(|r| r.serial().to_owned()).filter(|s| !s.is_empty());
            }
            let verdict = match (&fault.reason, fault.severity) {
                (Reason::DuplicateRow { .. }, _) => Some(Verdict::Duplicate),
                (_, Severity::Error) => Some(Verdict::Faulty),
                (_, Severity::Warning | Severity::Note) => None,
            };
            if let (Some(verdict), Some(record)) = (verdict, self.rows.get_mut(id.0 as usize)) {
                record.verdict = verdict;
            }
        }
        self.faults.push(fault);
    }

    /// Notes a fault of one row at one of its fields.
    pub fn add_row_fault(&mut self, id: RowId, severity: Severity, reason: Reason, field: Option<Field>) {
        let place = self.row(id).map(|row| row.place(field)).unwrap_or_default();
        self.add_fault(Fault { severity, reason, place, row: Some(id), serial: None });
    }

    /// Sets what the input left open (a flag or a definition says it).
    pub fn set_hash(&mut self, id: RowId, hash: Hash) {
        if let Some(record) = self.rows.get_mut(id.0 as usize) {
            record.hash = Some(hash);
        }
    }

    /// Sets the number of digits.
    pub fn set_digits(&mut self, id: RowId, digits: u8) {
        if let Some(record) = self.rows.get_mut(id.0 as usize) {
            record.digits = digits;
        }
    }

    /// Sets the period in seconds.
    pub fn set_period(&mut self, id: RowId, period_secs: u32) {
        if let Some(record) = self.rows.get_mut(id.0 as usize) {
            record.period_secs = period_secs;
        }
    }

    /// Gives a row its person (`--users`).
    pub fn set_upn(&mut self, id: RowId, upn: &str) {
        let span = keep(&mut self.arena, upn.as_bytes());
        if let Some(record) = self.rows.get_mut(id.0 as usize) {
            record.upn = span;
        }
    }

    fn bytes(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.arena.get(start..start + span.len as usize).unwrap_or(&[])
    }

    fn extra(&self, id: RowId) -> Option<&Extra> {
        self.extras.binary_search_by_key(&id.0, |extra| extra.row).ok().and_then(|n| self.extras.get(n))
    }

    fn text(&self, span: Span) -> &str {
        std::str::from_utf8(self.bytes(span)).unwrap_or("")
    }
}

impl SeedSource for Table {
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        let record = self.rows.get(key.0 as usize).ok_or(SeedError::NotHeld)?;
        let seed = self.bytes(record.seed);
        if seed.is_empty() {
            return Err(SeedError::NotHeld);
        }
        f(seed);
        Ok(())
    }
}
