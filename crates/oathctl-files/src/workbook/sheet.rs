//! One sheet of an XLSX workbook, row by row (ECMA-376 part 1, §18.3).
//!
//! Owns: references of cells, types of their values, formulas without a value, rows that are hidden. Does not own: how
//! a value is written ([`super::render`]).

use oathctl_core::reason::Reason;

use super::render::{Cell, Page};
use super::strings::{Strings, text_of};
use super::styles::Styles;
use super::{Sheet, damaged};
use crate::xml::{Element, Xml};

/// What all sheets of a workbook share.
pub(super) struct Shared {
    pub(super) strings: Strings,
    pub(super) styles: Styles,
    pub(super) since_1904: bool,
}

/// Reads a sheet's part.
///
/// # Errors
/// Damage, or a limit.
pub(super) fn read(text: &str, name: String, hidden: bool, shared: &Shared) -> Result<Sheet, Reason> {
    let mut page = Page::default();
    let mut hidden_rows = Vec::new();
    let (mut xml, _) = Xml::open(text).map_err(|damage| damage.reason())?;
    while let Some(head) = xml.next().map_err(|damage| damage.reason())? {
        if head.name != "sheetData" {
            continue;
        }
        xml.enter(&head);
        let mut line = 0;
        while let Some(head) = xml.next().map_err(|damage| damage.reason())? {
            if head.name != "row" {
                continue;
            }
            let row = xml.whole(head).map_err(|damage| damage.reason())?;
            line = number(&row, line)?;
            page.row(line)?;
            let filled = cells(&row, &mut page, shared)?;
            if filled && matches!(row.attribute("hidden"), Some("1" | "true")) {
                hidden_rows.push(line);
            }
        }
    }
    Ok(Sheet { name, hidden, hidden_rows, grid: page.finish() })
}

/// The number of a row: stated, or one more than the last.
fn number(row: &Element<'_>, last: u64) -> Result<u64, Reason> {
    match row.attribute("r") {
        Some(stated) => stated.parse().map_err(|_| damaged()),
        None => Ok(last + 1),
    }
}

/// Writes the cells of a row; true when there is something in one of them.
fn cells(row: &Element<'_>, page: &mut Page, shared: &Shared) -> Result<bool, Reason> {
    let (mut next, mut filled) = (0, false);
    for cell in row.children.iter().filter(|child| child.name == "c") {
        let column = match cell.attribute("r") {
            Some(reference) => column(reference).ok_or_else(damaged)?,
            None => next,
        };
        next = column + 1;
        filled |= write(cell, column, page, shared)?;
    }
    Ok(filled)
}

/// `B7` is in column 1.
fn column(reference: &str) -> Option<u32> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let number =
        letters.take(4).fold(0, |n, letter| n * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    // Three letters are the most there are.
    number.checked_sub(1).filter(|column| *column < 16_384)
}

fn write(cell: &Element<'_>, column: u32, page: &mut Page, shared: &Shared) -> Result<bool, Reason> {
    let kind = cell.attribute("t").unwrap_or("n");
    if let Some(inline) = cell.child("is") {
        let text = text_of(inline);
        page.cell(column, &Cell::Text(&text))?;
        return Ok(!text.is_empty());
    }
    let value = cell.child("v").map(Element::text);
    let written = match (kind, value) {
        ("e", Some(error)) if !error.is_empty() => Cell::Failed(error),
        ("e", _) => Cell::Nothing,
        ("str", Some(text)) => Cell::Text(text),
        (_, None | Some("")) if cell.child("f").is_some() => Cell::Nothing,
        (_, None | Some("")) => return Ok(false),
        ("s", Some(n)) => Cell::Text(n.parse().ok().and_then(|n| shared.strings.get(n)).ok_or_else(damaged)?),
        ("b", Some(truth)) => Cell::Truth(truth == "1" || truth == "true"),
        ("n", Some(number)) => match number.parse::<f64>() {
            Ok(days) if is_date(cell, shared) => Cell::Date(days, shared.since_1904),
            Ok(number) => as_shown(cell, number, shared).map_or(Cell::Number(number), Cell::Shown),
            Err(_) => Cell::Text(number),
        },
        // ISO 8601 dates, and whatever else is text.
        (_, Some(text)) => Cell::Text(text),
    };
    page.cell(column, &written)?;
    Ok(true)
}

fn as_shown(cell: &Element<'_>, number: f64, shared: &Shared) -> Option<String> {
    shared.styles.shown(cell.attribute("s")?.parse().ok()?, number)
}

fn is_date(cell: &Element<'_>, shared: &Shared) -> bool {
    let format = cell.attribute("s").and_then(|n| n.parse().ok());
    format.is_some_and(|format| shared.styles.is_date(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_columns() {
        assert_eq!(
            ["A1", "b7", "Z3", "AA1", "XFD1"].map(column),
            [Some(0), Some(1), Some(25), Some(26), Some(16_383)]
        );
        assert_eq!(["1", "", "XFE1", "ZZZZZZZZZZ1"].map(column), [None; 4]);
    }
}
