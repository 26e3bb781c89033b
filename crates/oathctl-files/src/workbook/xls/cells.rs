//! The cells of one sheet.
//!
//! Owns: [`Cells`], by row and column whatever the order of their records. Does not own: how a value is written
//! ([`crate::workbook::render`]).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::Globals;
use super::records::{Records, double, kind, long, short_number, word};
use super::text;
use crate::delimited::sheet::Grid;
use crate::workbook::damaged;
use crate::workbook::render::{Cell, Page};

/// The cells, and the rows that are hidden, both from 0.
#[derive(Default)]
pub(super) struct Cells {
    cells: BTreeMap<(u16, u16), Value>,
    hidden: BTreeSet<u16>,
}

enum Value {
    Shared(u32),
    Text(Zeroizing<String>),
    Number { number: f64, format: u16 },
    Truth(bool),
    Failed(u8),
    Nothing,
}

impl Cells {
    /// Reads the records of a sheet to its end.
    ///
    /// # Errors
    /// Damage.
    pub(super) fn read(mut records: Records<'_>, globals: &Globals) -> Result<Self, Reason> {
        if records.next().ok_or_else(damaged)??.kind != kind::BOF {
            return Err(damaged());
        }
        let mut cells = Self::default();
        // Charts inside a sheet have records of their own.
        let (mut inner, mut formula) = (0u32, None);
        for record in records {
            let record = record?;
            match record.kind {
                kind::BOF => inner += 1,
                kind::EOF if inner == 0 => return Ok(cells),
                kind::EOF => inner -= 1,
                _ if inner > 0 => {}
                kind::FORMULA_TEXT => {
                    if let Some(place) = formula.take() {
                        let text = text::long(record.body, globals.version);
                        cells.cells.insert(place, Value::Text(text));
                    }
                }
                kind::FORMULA => formula = cells.formula(record.body),
                found => cells.plain(found, record.body, globals),
            }
        }
        Err(damaged())
    }

    fn plain(&mut self, found: u16, body: &[u8], globals: &Globals) {
        if body.len() < 6 {
            return;
        }
        let place = (word(body, 0), word(body, 2));
        let format = word(body, 4);
        let rest = body.get(6..).unwrap_or_default();
        let value = match found {
            kind::ROW => {
                // The bit says that its height is none.
                if word(body, 12) & 0x20 != 0 {
                    self.hidden.insert(place.0);
                }
                return;
            }
            kind::SHORT_NUMBERS => return self.short_numbers(body),
            kind::SHARED_TEXT => Value::Shared(long(rest, 0)),
            kind::TEXT | kind::RICH_TEXT => Value::Text(text::long(rest, globals.version)),
            kind::NUMBER => double(rest, 0).map_or(Value::Nothing, |number| Value::Number { number, format }),
            kind::SHORT_NUMBER => Value::Number { number: short_number(long(rest, 0)), format },
            kind::TRUTH if rest.get(1) == Some(&0) => Value::Truth(rest.first() == Some(&1)),
            kind::TRUTH => rest.first().map_or(Value::Nothing, |code| Value::Failed(*code)),
            _ => return,
        };
        self.cells.insert(place, value);
    }

    /// One row, a first column, six bytes a number, the last column.
    fn short_numbers(&mut self, body: &[u8]) {
        let (row, first) = (word(body, 0), word(body, 2));
        let numbers = body.get(4..body.len() - 2).unwrap_or_default().chunks_exact(6);
        for (column, one) in (first..).zip(numbers) {
            let number = short_number(long(one, 2));
            self.cells.insert((row, column), Value::Number { number, format: word(one, 0) });
        }
    }

    /// The stored result; the place, where it is a text that follows.
    fn formula(&mut self, body: &[u8]) -> Option<(u16, u16)> {
        let place = (word(body, 0), word(body, 2));
        let value = match (word(body, 12), body.get(6), body.get(8)) {
            (0xffff, Some(0), _) => {
                self.cells.insert(place, Value::Nothing);
                return Some(place);
            }
            (0xffff, Some(1), Some(truth)) => Value::Truth(*truth == 1),
            (0xffff, Some(2), Some(code)) => Value::Failed(*code),
            // An empty text.
            (0xffff, Some(3), _) => return None,
            (0xffff, ..) => Value::Nothing,
            _ => double(body, 6)
                .map_or(Value::Nothing, |number| Value::Number { number, format: word(body, 4) }),
        };
        self.cells.insert(place, value);
        None
    }

    /// The sheet as text, and its filled rows that are hidden, from 1.
    ///
    /// # Errors
    /// Damage, or a limit.
    pub(super) fn written(&self, globals: &Globals) -> Result<(Grid, Vec<u64>), Reason> {
        let mut page = Page::default();
        let (mut last, mut hidden) = (None, Vec::new());
        for ((row, column), value) in &self.cells {
            if last != Some(*row) {
                let line = u64::from(*row) + 1;
                page.row(line)?;
                hidden.extend(self.hidden.contains(row).then_some(line));
                last = Some(*row);
            }
            page.cell(u32::from(*column), &value.cell(globals)?)?;
        }
        Ok((page.finish(), hidden))
    }
}

impl Value {
    fn cell<'v>(&'v self, globals: &'v Globals) -> Result<Cell<'v>, Reason> {
        Ok(match self {
            Self::Shared(n) => {
                let text = usize::try_from(*n).ok().and_then(|n| globals.strings.get(n));
                Cell::Text(text.ok_or_else(damaged)?)
            }
            Self::Text(text) => Cell::Text(text),
            Self::Number { number, format } if globals.styles.is_date(usize::from(*format)) => {
                Cell::Date(*number, globals.since_1904)
            }
            Self::Number { number, format } => {
                globals.styles.shown(usize::from(*format), *number).map_or(Cell::Number(*number), Cell::Shown)
            }
            Self::Truth(truth) => Cell::Truth(*truth),
            Self::Failed(code) => Cell::Failed(error(*code)),
            Self::Nothing => Cell::Nothing,
        })
    }
}

/// [MS-XLS] §2.5.10.
const fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "#VALUE!",
    }
}
