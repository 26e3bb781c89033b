//! Filling a table: rows as the readers hand them over.
//!
//! Owns: [`RowDraft`] and [`TableBuilder`]. Does not own: what becomes of a row once the table is finished
//! ([`super::Table`]). Readers know nothing of the arena's layout.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{Extra, Record, RowId, SourceId, Table, Verdict, keep};
use crate::fault::{Decision, Fault, Severity};
use crate::place::{Field, Place, Source};
use crate::reason::Reason;
use crate::token::{Hash, OtpKind};

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
    /// Which issue of the device this is (PSKC's `IssueNo`), apart from its serial.
    pub issue_no: Option<&'a str>,
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
        let texts = [draft.path, draft.key_id, draft.issue_no];
        if draft.counter.is_some() || texts.iter().any(Option::is_some) {
            let [path, key_id, issue_no] =
                texts.map(|text| keep(&mut self.arena, text.unwrap_or("").as_bytes()));
            self.extras.push(Extra { row: id.0, counter: draft.counter, path, key_id, issue_no });
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
