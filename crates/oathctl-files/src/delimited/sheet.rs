//! Sheets of workbooks, with the steps of delimited text.
//!
//! Owns: [`Grid`], a sheet as text whose physical lines are the sheet's rows, with what its cells were besides text;
//! [`read`]. Does not own: workbooks ([`crate::workbook`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::{Place, Source};
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::columns::{self, Layout};
use super::header::Sample;
use super::split::{Separator, Splitter};
use super::{SAMPLE, room, rows, spelling, tell};
use crate::input::append;
use crate::options::ReadOptions;
use crate::session::Session;

/// Stands between cells: a control character that no cell keeps.
const SEPARATOR: u8 = 0x1f;

/// A longer cell is cut. It is a remark, or an attack.
const LONGEST_CELL: usize = 2000;

/// What a cell is besides text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    /// A number that the workbook shows with more characters than it has.
    Shown,
    Date,
    Truth,
    /// A formula that nobody computed.
    Nothing,
    /// The error of a formula, which is the cell's text.
    Failed,
}

/// A sheet as text. Wiped when dropped.
#[derive(Default)]
pub(crate) struct Grid {
    text: Zeroizing<Vec<u8>>,
    /// Line from 1, column from 0; in their order.
    kinds: Vec<(u32, u16, Kind)>,
    filled: bool,
}

impl Grid {
    /// Appends to the present cell. Line breaks and control characters become blanks.
    pub(crate) fn text(&mut self, text: &str) {
        let end = text.floor_char_boundary(LONGEST_CELL);
        let text = text.get(..end).unwrap_or("");
        self.filled |= !text.trim().is_empty();
        let plain = |c: char| !c.is_control() && c != '"' && c != '\u{2028}' && c != '\u{2029}';
        if text.chars().all(plain) {
            return append(&mut self.text, text.as_bytes());
        }
        let quoted = text.contains('"');
        let mut clean = Zeroizing::new(String::with_capacity(text.len() * 2 + 2));
        clean.extend(quoted.then_some('"'));
        for c in text.chars() {
            clean.extend((c == '"').then_some('"'));
            clean.push(if plain(c) || c == '"' { c } else { ' ' });
        }
        clean.extend(quoted.then_some('"'));
        append(&mut self.text, clean.as_bytes());
    }

    pub(crate) fn end_cell(&mut self) {
        append(&mut self.text, &[SEPARATOR]);
    }

    pub(crate) fn end_line(&mut self) {
        append(&mut self.text, b"\n");
    }

    /// Says what a cell is besides text.
    pub(crate) fn mark(&mut self, line: u64, column: u32, kind: Kind) {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        self.kinds.push((line, u16::try_from(column).unwrap_or(u16::MAX), kind));
    }

    /// What a cell is besides text.
    pub(crate) fn kind(&self, line: u64, column: usize) -> Option<Kind> {
        let place = (u32::try_from(line).ok()?, u16::try_from(column).ok()?);
        let found = self.kinds.binary_search_by_key(&place, |(line, column, _)| (*line, *column)).ok()?;
        self.kinds.get(found).map(|(_, _, kind)| *kind)
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.filled
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.text.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or("")
    }

    fn splitter(&self) -> Splitter<'_> {
        Splitter::new(self.as_str(), 1, Separator::Char(SEPARATOR))
    }
}

/// What tells the columns of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Header,
    Content,
    Nothing,
}

fn resolve(grid: &Grid, sample: &Sample<'_>, options: &ReadOptions) -> Result<Layout, Reason> {
    if sample.rows.is_empty() || grid.is_empty() {
        return Err(Reason::EmptyFile { what: String::new() });
    }
    let layout = columns::resolve(sample, options)?;
    // A remark beside the table shifts nothing here, and cells without a value are left out at the end of a row.
    Ok(Layout { width: None, ..layout })
}

/// Whether a sheet has a header of tokens, or content that speaks for itself.
pub(crate) fn layout(grid: &Grid, options: &ReadOptions) -> Found {
    let sample = Sample::take(grid.splitter(), SAMPLE);
    match resolve(grid, &sample, options) {
        Ok(layout) if layout.header.is_some() => Found::Header,
        // A header that is one, with columns that can't be told apart: it shall say so.
        Err(Reason::ColumnsUndecidable { .. }) if super::header::find(&sample, None).is_some() => {
            Found::Header
        }
        Ok(_) => Found::Content,
        Err(_) => Found::Nothing,
    }
}

/// Reads a sheet; the line of its header, if it has one. Every fault of the sheet as a whole stands in the table.
pub(crate) fn read(origin: &Source, grid: &Grid, session: &mut Session<'_>) -> Option<u64> {
    let options = session.options;
    let sample = Sample::take(grid.splitter(), SAMPLE);
    let layout = resolve(grid, &sample, options);
    let columns = layout.as_ref().map(|layout| layout.columns.numbered()).unwrap_or_default();
    let builder = &mut session.builder;
    let lines = memchr::memchr_iter(b'\n', grid.as_str().as_bytes()).count();
    builder.reserve(lines + 1, room(grid.as_str()));
    let source = builder.source(Source { columns, ..origin.clone() });
    let layout = match layout {
        Ok(layout) => layout,
        Err(reason) => {
            let line = sample.rows.first().map(|(line, _)| *line);
            builder.fault(Severity::Error, reason, Place { line, ..origin.whole() }, None);
            return None;
        }
    };
    let spelling = spelling(grid.splitter(), &layout, options);
    tell::layout(builder, source, &layout, options);
    tell::spelling(builder, origin, &spelling);
    let reading = rows::Reading { layout: &layout, spelling: &spelling, options, grid: Some(grid) };
    rows::read(builder, source, grid.splitter(), &reading);
    layout.header
}
