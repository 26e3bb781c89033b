//! The table of rows: one arena for a whole input, rows as views into it.
//!
//! Owns: [`Table`], [`TableBuilder`], [`RowView`]; the arena is wiped when the table is dropped. Does not own:
//! reading (the readers fill a builder), nor judging ([`crate::check`]). A million rows cost about 150 bytes
//! each; a `String` a cell would cost four times that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::fault::{Decision, Fault, Severity};
use crate::place::{Field, Place, Source};
use crate::reason::Reason;
use crate::seed::{SeedError, SeedKey, SeedSource};
use crate::token::{Hash, OtpKind, TotpParams};

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

/// One row as a reader hands it over. Absent means: the input does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowDraft<'a> {
    /// Physical line, from 1.
    pub line: u64,
    /// The serial, cleaned; empty when missing or damaged.
    pub serial: &'a str,
    /// The person's user principal name, placeholders already dropped.
    pub upn: Option<&'a str>,
    /// A person's object id, where a format gives one instead.
    pub user_id: Option<&'a str>,
    /// Kind of code; `None` means TOTP by the format's definition.
    pub kind: Option<OtpKind>,
    /// The hash, if stated by a cell, the format or a flag.
    pub hash: Option<Hash>,
    /// Digits, if stated.
    pub digits: Option<u8>,
    /// Period in seconds, if stated.
    pub period_secs: Option<u32>,
    /// Manufacturer, if stated.
    pub manufacturer: &'a str,
    /// Model, if stated.
    pub model: &'a str,
    /// HOTP's moving factor, if stated.
    pub counter: Option<u64>,
    /// Where in a document without lines of its own the row stands: an XML or JSON path, never with contents.
    pub path: Option<&'a str>,
    /// What tells several keys of one serial apart (PSKC's `Key@Id`).
    pub key_id: Option<&'a str>,
}

/// What few formats say of a row. Kept aside, so that a million rows of CSV do not pay for it.
#[derive(Clone, Copy, Default)]
struct Extra {
    row: u32,
    counter: Option<u64>,
    path: Span,
    key_id: Span,
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

/// Fills a table. Readers know nothing of its layout.
#[derive(Default)]
pub struct TableBuilder {
    arena: Zeroizing<Vec<u8>>,
    rows: Vec<Record>,
    extras: Vec<Extra>,
    names: Vec<String>,
    name_ids: BTreeMap<String, u32>,
    last_names: [u32; 2],
    sources: Vec<Source>,
    decisions: Vec<Decision>,
    piece: Option<String>,
    faults: Vec<Fault>,
}

impl TableBuilder {
    /// An empty table with room for about `rows` rows, so that the arena need not move (a moved arena leaves
    /// unwiped copies behind; growth copies into a new buffer and wipes the old one).
    pub fn with_capacity(rows: usize) -> Self {
        Self::with_room(rows, rows.saturating_mul(64))
    }

    /// As [`Self::with_capacity`], for about `bytes` bytes of serials, names and seeds in all.
    pub fn with_room(rows: usize, bytes: usize) -> Self {
        Self {
            arena: Zeroizing::new(Vec::with_capacity(bytes)),
            rows: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Room for `rows` more rows with about `bytes` bytes in all.
    pub fn reserve(&mut self, rows: usize, bytes: usize) {
        self.rows.reserve(rows);
        let needed = self.arena.len() + bytes;
        if needed > self.arena.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed));
            larger.extend_from_slice(&self.arena);
            self.arena = larger;
        }
    }

    /// Adds a source; rows name it.
    pub fn source(&mut self, source: Source) -> SourceId {
        self.sources.push(source);
        SourceId(u16::try_from(self.sources.len() - 1).unwrap_or(u16::MAX))
    }

    /// Adds a row. `seed` is copied into the arena; the caller wipes its own.
    pub fn push(&mut self, source: SourceId, draft: RowDraft<'_>, seed: Option<&[u8]>) -> RowId {
        let record = Record {
            serial: keep(&mut self.arena, draft.serial.as_bytes()),
            upn: keep(&mut self.arena, draft.upn.unwrap_or("").as_bytes()),
            user_id: keep(&mut self.arena, draft.user_id.unwrap_or("").as_bytes()),
            seed: keep(&mut self.arena, seed.unwrap_or(&[])),
            line: u32::try_from(draft.line).unwrap_or(u32::MAX),
            manufacturer: self.name(0, draft.manufacturer),
            model: self.name(1, draft.model),
            source,
            period_secs: draft.period_secs.unwrap_or(0),
            digits: draft.digits.unwrap_or(0),
            hash: draft.hash,
            kind: draft.kind.unwrap_or(OtpKind::Totp),
            verdict: Verdict::Usable,
        };
        self.rows.push(record);
        let id = RowId(u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX));
        if draft.counter.is_some() || draft.path.is_some() || draft.key_id.is_some() {
            let path = keep(&mut self.arena, draft.path.unwrap_or("").as_bytes());
            let key_id = keep(&mut self.arena, draft.key_id.unwrap_or("").as_bytes());
            self.extras.push(Extra { row: id.0, counter: draft.counter, path, key_id });
        }
        id
    }

    /// Weighs faults anew. For readers of several pieces, where what refuses one need not refuse all.
    pub fn reweigh(&mut self, weigh: impl Fn(&mut Fault)) {
        self.faults.iter_mut().for_each(weigh);
    }

    /// Notes a fault. An error of a row makes the row unusable.
    pub fn fault(&mut self, severity: Severity, reason: Reason, place: Place, row: Option<RowId>) {
        self.faults.push(Fault { severity, reason, place, row, serial: None });
    }

    /// The decisions from here on are about this piece; `None`: about the input as a whole.
    pub fn about(&mut self, piece: Option<String>) {
        self.piece = piece;
    }

    /// Notes how a question was decided.
    pub fn decision(&mut self, what: &str, chosen: &str, why: &str, certain: bool) {
        let piece = self.piece.clone();
        let decision = Decision { what: what.into(), chosen: chosen.into(), why: why.into(), certain, piece };
        if !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }

    /// The place of a field on a line of a source.
    pub fn place(&self, source: SourceId, line: u64, field: Option<Field>) -> Place {
        self.sources.get(usize::from(source.0)).map(|s| s.place(line, field)).unwrap_or_default()
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True before the first row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The finished table; row faults get their serials and their verdicts.
    pub fn finish(self) -> Table {
        let Self {
            arena,
            rows,
            extras,
            names,
            name_ids: _,
            last_names: _,
            sources,
            decisions,
            piece: _,
            faults,
        } = self;
        let mut table = Table {
            arena,
            rows,
            extras,
            names,
            sources,
            decisions,
            faults: Vec::with_capacity(faults.len()),
        };
        for fault in faults {
            table.add_fault(fault);
        }
        table
    }

    /// The number of a name. The last one of its kind comes first: files have long runs of one model.
    fn name(&mut self, kind: usize, name: &str) -> u32 {
        let last = self.last_names[kind];
        if self.names.get(last as usize).is_some_and(|known| known == name) {
            return last;
        }
        let id = match self.name_ids.get(name) {
            Some(id) => *id,
            None => self.new_name(name),
        };
        self.last_names[kind] = id;
        id
    }

    fn new_name(&mut self, name: &str) -> u32 {
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.name_ids.insert(name.to_owned(), id);
        id
    }
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
        Some(RowView { table: self, record, id })
    }

    /// All rows in the order of the input.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowView<'_>> {
        self.rows.iter().enumerate().map(|(n, record)| RowView {
            table: self,
            record,
            id: RowId(u32::try_from(n).unwrap_or(u32::MAX)),
        })
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

/// One row, borrowed from its table.
#[derive(Clone, Copy)]
pub struct RowView<'a> {
    table: &'a Table,
    record: &'a Record,
    id: RowId,
}

impl<'a> RowView<'a> {
    /// Its number.
    pub fn id(&self) -> RowId {
        self.id
    }

    /// The serial as text; empty when the input had none that could be used.
    pub fn serial(&self) -> &'a str {
        self.table.text(self.record.serial)
    }

    /// The person's user principal name.
    pub fn upn(&self) -> Option<&'a str> {
        Some(self.table.text(self.record.upn)).filter(|t| !t.is_empty())
    }

    /// The person's object id, where the format gave one.
    pub fn user_id(&self) -> Option<&'a str> {
        Some(self.table.text(self.record.user_id)).filter(|t| !t.is_empty())
    }

    /// Length of the seed in bytes; zero when there is none.
    pub fn seed_len(&self) -> usize {
        self.record.seed.len as usize
    }

    /// The door: the seed's bytes, for checks across rows and for lending.
    pub fn expose_seed(&self) -> &'a [u8] {
        self.table.bytes(self.record.seed)
    }

    /// The key under which this row's seed is lent.
    pub fn seed_key(&self) -> SeedKey {
        SeedKey(self.id.0)
    }

    /// Kind of code.
    pub fn kind(&self) -> OtpKind {
        self.record.kind
    }

    /// The hash, if stated or defined.
    pub fn hash(&self) -> Option<Hash> {
        self.record.hash
    }

    /// Digits, if stated or defined.
    pub fn digits(&self) -> Option<u8> {
        Some(self.record.digits).filter(|d| *d != 0)
    }

    /// Period in seconds, if stated or defined.
    pub fn period_secs(&self) -> Option<u32> {
        Some(self.record.period_secs).filter(|p| *p != 0)
    }

    /// All parameters, once nothing is open any more.
    pub fn params(&self) -> Option<TotpParams> {
        Some(TotpParams { hash: self.hash()?, digits: self.digits()?, period_secs: self.period_secs()? })
    }

    /// Manufacturer; empty when not stated.
    pub fn manufacturer(&self) -> &'a str {
        self.table.names.get(self.record.manufacturer as usize).map_or("", String::as_str)
    }

    /// Model; empty when not stated.
    pub fn model(&self) -> &'a str {
        self.table.names.get(self.record.model as usize).map_or("", String::as_str)
    }

    /// Physical line, from 1.
    pub fn line(&self) -> u64 {
        u64::from(self.record.line)
    }

    /// HOTP's moving factor, if stated.
    pub fn counter(&self) -> Option<u64> {
        self.table.extra(self.id)?.counter
    }

    /// What tells several keys of one serial apart.
    pub fn key_id(&self) -> Option<&'a str> {
        Some(self.table.text(self.table.extra(self.id)?.key_id)).filter(|id| !id.is_empty())
    }

    /// Where the row, or one field of it, stands.
    pub fn place(&self, field: Option<Field>) -> Place {
        let source = self.table.sources.get(usize::from(self.record.source.0));
        let path = self.table.extra(self.id).map(|extra| self.table.text(extra.path).to_owned());
        let place = source.map(|s| s.place(self.line(), field)).unwrap_or_default();
        Place { path: path.filter(|path| !path.is_empty()), ..place }
    }

    /// What the checks made of it.
    pub fn verdict(&self) -> Verdict {
        self.record.verdict
    }
}
