//! What a cell of a workbook is besides text, as far as that is a fault.
//!
//! Owns: cells without a value, numbers and dates where a serial or a seed belongs. Does not own: what such cells are
//! written as ([`crate::workbook`]).

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;

use super::Rows;
use crate::cells::shown::{is_formula_error, shown_value};
use crate::delimited::sheet::Kind;
use crate::delimited::split::Cell;

impl Rows<'_> {
    fn kind_at(&self, field: Field) -> Option<Kind> {
        let grid = self.reading.grid?;
        grid.kind(self.line, self.column(field)?)
    }

    /// The column of a field, from 0.
    fn column(&self, field: Field) -> Option<usize> {
        let columns = &self.reading.layout.columns;
        let either = if field == Field::Hash { columns.hash_or_kind } else { None };
        columns.get(field).or(either)
    }

    /// Looks for errors of formulas, and formulas that nobody computed. In text the error of a formula stands as it is;
    /// as a serial it is told as one that a spreadsheet destroyed.
    pub(super) fn find_valueless(&mut self, cells: &[Cell<'_>]) {
        self.valueless = 0;
        for field in Field::ALL {
            let valueless = match self.reading.grid {
                Some(_) => matches!(self.kind_at(field), Some(Kind::Nothing | Kind::Failed)),
                None => field != Field::Serial && self.failed(cells, field).is_some(),
            };
            self.valueless |= u32::from(valueless) << field as u32;
        }
    }

    /// The error of a formula in a cell.
    fn failed<'t>(&self, cells: &[Cell<'t>], field: Field) -> Option<&'t str> {
        let raw = cells.get(self.column(field)?)?.raw.trim();
        is_formula_error(raw).then_some(raw)
    }

    /// True for an error, or a formula that nobody computed.
    pub(super) fn without_value(&self, field: Field) -> bool {
        self.valueless >> field as u32 & 1 == 1
    }

    fn no_value(&mut self, cells: &[Cell<'_>], field: Field) {
        let column = self.column(field).unwrap_or(0);
        let computed = self.kind_at(field) != Some(Kind::Nothing);
        let error = self.failed(cells, field).filter(|_| computed).unwrap_or_default().to_owned();
        let cell = format!("{}{}", letters(column), self.line);
        self.fault(Reason::CellWithoutValue { cell, error }, field);
    }

    /// True for a serial that the workbook shows with more characters than the number has.
    pub(super) fn serial_is_as_shown(&self) -> bool {
        self.kind_at(Field::Serial) == Some(Kind::Shown)
    }

    /// True for a cell that can't be a seed whatever it says, with the fault told: a seed of digits alone that a
    /// spreadsheet took for a number has lost what it was.
    pub(super) fn is_no_text(&mut self, cells: &[Cell<'_>], field: Field) -> bool {
        if self.without_value(field) {
            self.no_value(cells, field);
            return true;
        }
        let what = match self.kind_at(field) {
            None | Some(Kind::Nothing | Kind::Failed) => return false,
            Some(Kind::Number | Kind::Shown) => "<number>",
            Some(Kind::Date) => "<date>",
            Some(Kind::Truth) => "<boolean>",
        };
        self.fault(Reason::ValueMalformed { field: field.word().into(), shown: what.into() }, field);
        true
    }

    /// True for a cell that can't be a serial, with the fault told. A number may be one.
    pub(super) fn is_no_serial(&mut self, cells: &[Cell<'_>], text: &str) -> bool {
        match self.kind_at(Field::Serial) {
            None | Some(Kind::Number | Kind::Shown) => return false,
            Some(Kind::Nothing | Kind::Failed) => self.no_value(cells, Field::Serial),
            Some(Kind::Date | Kind::Truth) => {
                self.fault(Reason::SerialDamaged { shown: shown_value(text) }, Field::Serial);
            }
        }
        true
    }

    /// Cells of the other fields.
    pub(super) fn tell_missing_values(&mut self, cells: &[Cell<'_>]) {
        if self.valueless == 0 {
            return;
        }
        for field in Field::ALL {
            let own = matches!(field, Field::Serial | Field::Seed);
            if !own && self.without_value(field) {
                self.no_value(cells, field);
            }
        }
    }
}

/// `A`, `Z`, `AA`.
fn letters(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letters(before - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_by_letters() {
        assert_eq!([0, 1, 25, 26, 255].map(letters), ["A", "B", "Z", "AA", "IV"]);
    }
}
