//! From records to rows of the table.
//!
//! Owns: [`read`]: which records are tokens, and every fault of reading at its place; [`token`] reads the cells.
//! Does not own: decisions for the whole file (made before), nor whether a value is permitted (judged after).

mod besides;
mod token;

use std::borrow::Cow;

use oathctl_core::fault::Severity;
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowDraft, SourceId, TableBuilder};
use zeroize::Zeroizing;

use super::Spelling;
use super::columns::{Layout, used};
use super::ignored::{self, NoToken};
use super::sheet::Grid;
use super::split::{Cell, Kind, Splitter};
use crate::cells::seed::ROOM;
use crate::cells::shown::{is_doubtful_serial, shape};
use crate::options::ReadOptions;

/// Comments told one by one.
const COMMENTS_TOLD: usize = 100;

/// A row with fewer bytes may turn out to be a header or a total.
const SHORTEST_SEED: usize = 10;

/// Everything that is decided before the first row.
pub(super) struct Reading<'r> {
    pub(super) layout: &'r Layout,
    pub(super) spelling: &'r Spelling,
    pub(super) options: &'r ReadOptions,
    /// What cells of a workbook are besides text.
    pub(super) grid: Option<&'r Grid>,
}

/// Reads all records.
pub(super) fn read(
    builder: &mut TableBuilder,
    source: SourceId,
    splitter: Splitter<'_>,
    reading: &Reading<'_>,
) {
    let mut rows = Rows {
        reading,
        before: builder.len(),
        builder,
        source,
        heading: Vec::new(),
        seed: Zeroizing::new([0; ROOM]),
        second: Zeroizing::new([0; ROOM]),
        pending: Vec::new(),
        totals: Vec::new(),
        comments: 0,
        line: 0,
        valueless: 0,
    };
    rows.walk(splitter);
    rows.finish()
}

struct Rows<'r> {
    reading: &'r Reading<'r>,
    builder: &'r mut TableBuilder,
    /// Rows of other pieces.
    before: usize,
    source: SourceId,
    /// The header in the form in which a repeated one is recognised.
    heading: Vec<String>,
    seed: Zeroizing<[u8; ROOM]>,
    second: Zeroizing<[u8; ROOM]>,
    /// Faults of the row that is being read.
    pending: Vec<(Severity, Reason, Option<Field>)>,
    /// Line, declared number and rows so far of every total.
    totals: Vec<(u64, u64, usize)>,
    comments: usize,
    /// The line being read.
    line: u64,
    /// Fields whose cell has no value in this line, as bits.
    valueless: u32,
}

impl<'r> Rows<'r> {
    fn walk(&mut self, mut splitter: Splitter<'_>) {
        let mut cells = Vec::new();
        while let Some((line, kind)) = splitter.next(&mut cells) {
            self.line = line;
            match kind {
                Kind::Blank => {}
                Kind::Comment => self.comment(line),
                Kind::Unclosed => self.broken(line, Reason::QuoteUnclosed),
                Kind::Row if cells.iter().all(|cell| cell.raw.trim_ascii().is_empty()) => {}
                Kind::Row => match self.reading.layout.header {
                    Some(header) if line < header => self.preamble(line, &cells),
                    Some(header) if line == header => self.heading = ignored::normal_row(&cells),
                    _ => self.row(line, &cells),
                },
            }
        }
    }

    fn finish(mut self) {
        let mut before = 0;
        for (line, declared, rows) in std::mem::take(&mut self.totals) {
            let fits = |found: usize| u64::try_from(found) == Ok(declared);
            let all = self.count();
            // A total stands for its part of the file, for all above it, or for all there is.
            if !fits(rows - before) && !fits(rows) && !fits(all) {
                let found = u64::try_from(if rows > 0 { rows } else { all }).unwrap_or(u64::MAX);
                self.tell(Severity::Warning, Reason::TotalDiffers { declared, found }, line);
            }
            before = rows;
        }
        if self.count() == 0 {
            self.tell(Severity::Error, Reason::OnlyHeader, self.reading.layout.header.unwrap_or(1));
        }
    }

    /// Rows of this piece so far.
    fn count(&self) -> usize {
        self.builder.len() - self.before
    }

    /// A fault of the file at a line.
    fn tell(&mut self, severity: Severity, reason: Reason, line: u64) {
        let place = self.builder.place(self.source, line, None);
        self.builder.fault(severity, reason, place, None);
    }

    fn ignore(&mut self, line: u64, what: &str) {
        self.tell(Severity::Note, Reason::LineIgnored { what: what.into() }, line);
    }

    fn comment(&mut self, line: u64) {
        self.comments += 1;
        if self.comments <= COMMENTS_TOLD {
            self.ignore(line, "comment");
        }
    }

    /// A delivery note above the header may say how many tokens follow.
    fn preamble(&mut self, line: u64, cells: &[Cell<'_>]) {
        self.ignore(line, "preamble");
        if let Some(Some(declared)) = ignored::total(cells) {
            self.totals.push((line, declared, 0));
        }
    }

    /// A record that cannot be told cell from cell: none of its cells may be believed or shown.
    fn broken(&mut self, line: u64, reason: Reason) {
        if self.reading.layout.header.is_some_and(|header| line <= header) {
            return self.ignore(line, "preamble");
        }
        self.pending.push((Severity::Error, reason, None));
        self.push(RowDraft { line, ..RowDraft::default() }, None);
    }

    fn push(&mut self, draft: RowDraft<'_>, seed: Option<usize>) {
        let line = draft.line;
        let row = self.builder.push(self.source, draft, seed.map(|len| &self.seed[..len]));
        for (severity, reason, field) in self.pending.drain(..) {
            let place = self.builder.place(self.source, line, field);
            self.builder.fault(severity, reason, place, Some(row));
        }
    }

    fn fault(&mut self, reason: Reason, field: Field) {
        self.pending.push((Severity::Error, reason, Some(field)));
    }

    fn row(&mut self, line: u64, cells: &[Cell<'_>]) {
        if let Some(width) = self.reading.layout.width {
            let used = used(cells);
            if used > width || cells.len() < width {
                let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let found = number(used.max(cells.len().min(width)));
                let reason = Reason::CellCount { expected: number(width), found };
                if !self.is_no_token(line, cells) {
                    self.broken(line, reason);
                }
                return;
            }
        }
        self.find_valueless(cells);
        let seed = self.read_seeds(cells);
        let serial = self.read_serial(cells);
        // `SN` and `30` are seeds too by their letters, but too short for anything.
        let no_seed = seed.is_none_or(|len| len < SHORTEST_SEED);
        let serial = match serial {
            _ if no_seed && self.is_shifted(cells, &serial) => {
                self.fault(Reason::SerialMalformed { shown: shape(&serial) }, Field::Serial);
                Cow::Borrowed("")
            }
            // What may be a piece of the seed is not repeated beside its fault.
            serial if no_seed && is_doubtful_serial(&serial) => Cow::Borrowed(""),
            serial => serial,
        };
        if (no_seed || serial.is_empty()) && self.is_no_token(line, cells) {
            return self.pending.clear();
        }
        self.token(line, cells, &serial, seed);
    }

    /// True for totals and headers, which are told as such.
    fn is_no_token(&mut self, line: u64, cells: &[Cell<'_>]) -> bool {
        match ignored::recognise(cells, &self.heading) {
            None => return false,
            Some(NoToken::Header) => self.ignore(line, "header"),
            Some(NoToken::OtherHeader) => {
                let reason = Reason::ColumnsUndecidable { field: "header".into() };
                self.tell(Severity::Error, reason, line);
            }
            Some(NoToken::Total(declared)) => {
                self.ignore(line, "total");
                let rows = self.count();
                self.totals.extend(declared.map(|declared| (line, declared, rows)));
            }
        }
        true
    }
}
