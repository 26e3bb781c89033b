//! Cells of a sheet, as text.
//!
//! Owns: [`Cell`], what of a number, date or truth is written; [`Page`], rows in their order, one physical line a row.
//! Does not own: where the cells come from.

use oathctl_core::reason::Reason;

use super::damaged;
use crate::delimited::sheet::{Grid, Kind};
use crate::unwrap::limits::MOST_BYTES;

/// Columns read. No list of seeds has more, and a cell at the far end must not cost a gigabyte of separators.
const MOST_COLUMNS: u32 = 256;
/// Rows a sheet can have (ECMA-376 part 1, §18.3.1.73: 1048576).
const MOST_ROWS: u64 = 1 << 20;
/// From here on a number of a spreadsheet has lost digits.
const EXACT_BELOW: f64 = 1e15;

/// The value of one cell.
pub(super) enum Cell<'t> {
    Text(&'t str),
    Number(f64),
    /// A number, and how the workbook shows it where that has more characters.
    Shown(String),
    /// Days since the epoch, and which of the two.
    Date(f64, bool),
    Truth(bool),
    /// The error of a formula.
    Failed(&'t str),
    /// A formula nobody computed.
    Nothing,
}

/// A sheet being written.
#[derive(Default)]
pub(super) struct Page {
    grid: Grid,
    /// The line being written, from 1; 0 before the first.
    line: u64,
    /// Cells of this line so far.
    column: u32,
}

impl Page {
    /// Goes to a row.
    ///
    /// # Errors
    /// Damage when the rows are not in their order.
    pub(super) fn row(&mut self, line: u64) -> Result<(), Reason> {
        if line <= self.line || line > MOST_ROWS {
            return Err(damaged());
        }
        while self.line < line {
            if self.line > 0 {
                self.grid.end_line();
            }
            self.line += 1;
        }
        self.column = 0;
        Ok(())
    }

    /// Writes a cell; columns count from 0 and must rise within a row.
    ///
    /// # Errors
    /// Damage when they do not; a limit where a sheet holds more than any list of seeds.
    pub(super) fn cell(&mut self, column: u32, cell: &Cell<'_>) -> Result<(), Reason> {
        if column >= MOST_COLUMNS {
            return Ok(());
        }
        if column < self.column {
            return Err(damaged());
        }
        for _ in self.column..column {
            self.grid.end_cell();
        }
        self.column = column;
        let mark = |grid: &mut Grid, kind| grid.mark(self.line, column, kind);
        match cell {
            Cell::Text(text) => self.grid.text(text),
            Cell::Number(number) => {
                self.grid.text(&decimal(*number));
                mark(&mut self.grid, Kind::Number);
            }
            Cell::Shown(text) => {
                self.grid.text(text);
                mark(&mut self.grid, Kind::Shown);
            }
            Cell::Failed(error) => {
                self.grid.text(error);
                mark(&mut self.grid, Kind::Failed);
            }
            Cell::Date(days, since_1904) => {
                self.grid.text(&super::date::written(*days, *since_1904));
                mark(&mut self.grid, Kind::Date);
            }
            Cell::Truth(truth) => {
                self.grid.text(if *truth { "TRUE" } else { "FALSE" });
                mark(&mut self.grid, Kind::Truth);
            }
            Cell::Nothing => {
                // So that the row is none of nothing: it would be passed over.
                self.grid.text("#VALUE!");
                mark(&mut self.grid, Kind::Nothing);
            }
        }
        if self.grid.len() > MOST_BYTES {
            return Err(Reason::UnwrapLimit { what: "bytes".into(), limit: MOST_BYTES });
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Grid {
        self.grid
    }
}

/// A number as a spreadsheet shows it: whole ones with all their digits as long as they have them.
pub(super) fn decimal(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < EXACT_BELOW {
        return format!("{number:.0}");
    }
    if number.abs() < EXACT_BELOW && number.abs() >= 1e-9 {
        return format!("{number}");
    }
    let text = format!("{number:.5E}");
    text.replacen('E', "E+", usize::from(!text.contains("E-")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::serial::{Serial, read};

    #[test]
    fn numbers_are_exact_or_say_that_they_are_not() {
        assert_eq!(decimal(1_200_000_000_131.0), "1200000000131");
        assert_eq!(
            (decimal(30.0), decimal(0.5), decimal(999_999_999_999_999.0)),
            ("30".into(), "0.5".into(), "999999999999999".into())
        );
        for number in [1e15, 12_345_678_901_234_567_890.0, f64::MAX, f64::NAN, f64::INFINITY] {
            assert!(!matches!(read(&decimal(number)), Serial::Rewritten(_)), "{number}");
        }
        assert_eq!(read(&decimal(1e15)), Serial::Damaged);
        assert_eq!(read(&decimal(12_345_678_901_234_567_890.0)), Serial::Damaged);
    }

    #[test]
    fn rows_keep_their_numbers_and_cells_their_columns() {
        let mut page = Page::default();
        page.row(3).unwrap();
        page.cell(1, &Cell::Text("a")).unwrap();
        page.cell(3, &Cell::Number(30.0)).unwrap();
        page.row(5).unwrap();
        page.cell(0, &Cell::Nothing).unwrap();
        assert!(page.row(5).is_err() && page.cell(0, &Cell::Text("b")).is_ok());
        page.cell(300, &Cell::Text("far")).unwrap();
        let grid = page.finish();
        assert_eq!(grid.as_str(), "\n\n\u{1f}a\u{1f}\u{1f}30\n\n#VALUE!b");
        assert_eq!(grid.kind(3, 3), Some(Kind::Number));
        assert_eq!((grid.kind(5, 0), grid.kind(3, 1)), (Some(Kind::Nothing), None));
    }
}
