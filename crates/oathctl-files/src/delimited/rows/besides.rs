//! What a cell of a workbook is besides text, as far as that is a fault.
//!
//! Owns: cells without a value, numbers and dates where a serial or a seed belongs. Does not own: what such cells are
//! written as ([`crate::workbook`]).

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;

use super::Rows;
use crate::cells::shown::shown;
use crate::delimited::sheet::Kind;

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

    /// True for an error, or a formula that nobody computed.
    pub(super) fn without_value(&self, field: Field) -> bool {
        self.kind_at(field) == Some(Kind::Nothing)
    }

    fn no_value(&mut self, field: Field) {
        let column = self.column(field).unwrap_or(0);
        let cell = format!("{}{}", letters(column), self.line);
        self.fault(Reason::CellWithoutValue { cell }, field);
    }

    /// True for a cell that can't be a seed whatever it says, with the fault told: a seed of digits alone that a
    /// spreadsheet took for a number has lost what it was.
    pub(super) fn is_no_text(&mut self, field: Field) -> bool {
        let what = match self.kind_at(field) {
            None => return false,
            Some(Kind::Nothing) => {
                self.no_value(field);
                return true;
            }
            Some(Kind::Number) => "<number>",
            Some(Kind::Date) => "<date>",
            Some(Kind::Truth) => "<boolean>",
        };
        self.fault(Reason::ValueMalformed { field: field.word().into(), shown: what.into() }, field);
        true
    }

    /// True for a cell that can't be a serial, with the fault told. A number may be one.
    pub(super) fn is_no_serial(&mut self, text: &str) -> bool {
        match self.kind_at(Field::Serial) {
            None | Some(Kind::Number) => return false,
            Some(Kind::Nothing) => self.no_value(Field::Serial),
            Some(Kind::Date | Kind::Truth) => {
                self.fault(Reason::SerialDamaged { shown: shown(text) }, Field::Serial);
            }
        }
        true
    }

    /// Cells of the other fields.
    pub(super) fn tell_missing_values(&mut self) {
        if self.reading.grid.is_none() {
            return;
        }
        for field in Field::ALL {
            let own = matches!(field, Field::Serial | Field::Seed);
            if !own && self.without_value(field) {
                self.no_value(field);
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
