//! Workbooks: their sheets become text of known cells, and go the way of delimited text from there.
//!
//! Owns: which sheets are read ([`read`]), what is told of sheets as such. Each kind of workbook is one module that gives
//! [`Sheet`]s. Does not own: headers, columns, spelling of seeds and rows ([`crate::delimited`]).

mod book;
mod date;
mod package;
mod picture;
mod render;
mod sheet;
mod strings;
mod styles;
mod xls;
mod xlsx;

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;

use crate::cells::shown::shown;
use crate::delimited::sheet::{self as delimited, Grid};
use crate::detect::Format;
use crate::session::Session;
use crate::unwrap::Piece;

/// One sheet, with its cells as text.
struct Sheet {
    name: String,
    /// A spreadsheet does not show it.
    hidden: bool,
    /// Rows with something in them that a spreadsheet does not show.
    hidden_rows: Vec<u64>,
    grid: Grid,
}

/// A workbook that was taken apart.
struct Book {
    sheets: Vec<Sheet>,
    macros: bool,
}

/// Reads a workbook. `false` when the format is none.
pub(crate) fn read(format: Format, piece: &Piece, session: &mut Session<'_>) -> bool {
    let book = match format {
        Format::Xlsx => xlsx::open(piece, session),
        Format::Xls => xls::open(&piece.bytes),
        _ => return false,
    };
    session.builder.decision("format", format.name(), "content", true);
    match book {
        Ok(book) => of_book(&piece.origin, book, session),
        Err(reason) => session.refuse(&piece.origin, reason),
    }
    true
}

fn damaged() -> Reason {
    Reason::WrappingDamaged { what: "workbook".into() }
}

fn of_book(origin: &Source, book: Book, session: &mut Session<'_>) {
    if book.macros {
        session.tell(origin, Severity::Note, Reason::MacrosIgnored);
    }
    let filled: Vec<Sheet> = book.sheets.into_iter().filter(|sheet| !sheet.grid.is_empty()).collect();
    if filled.is_empty() {
        return session.refuse(origin, Reason::EmptyFile { what: "workbook".into() });
    }
    let chosen = choose(&filled, session);
    let several = filled.len() > 1;
    let names: Vec<String> = chosen.iter().filter_map(|n| filled.get(*n)).map(|s| shown(&s.name)).collect();
    session.builder.decision("sheets", &names.join(", "), "stated_by_header", true);
    for (n, sheet) in filled.into_iter().enumerate() {
        let origin = Source { sheet: Some(shown(&sheet.name)), ..origin.clone() };
        if chosen.contains(&n) {
            of_sheet(&origin, &sheet, several, session);
        } else {
            session.tell(&origin, Severity::Note, Reason::MemberIgnored { looks_like: "sheet".into() });
        }
    }
}

/// The sheets with a header of tokens; without any, those whose content alone tells the columns; else all that have
/// anything, so that each says what it lacks.
fn choose(sheets: &[Sheet], session: &Session<'_>) -> Vec<usize> {
    let layouts = || sheets.iter().map(|sheet| delimited::layout(&sheet.grid, session.options)).enumerate();
    let with_header = layouts().filter(|(_, found)| *found == delimited::Found::Header).map(|(n, _)| n);
    let with_header: Vec<usize> = with_header.collect();
    if !with_header.is_empty() {
        return with_header;
    }
    let told = layouts().filter(|(_, found)| *found == delimited::Found::Content).map(|(n, _)| n);
    let told: Vec<usize> = told.collect();
    if told.is_empty() { (0..sheets.len()).collect() } else { told }
}

fn of_sheet(origin: &Source, sheet: &Sheet, several: bool, session: &mut Session<'_>) {
    if several {
        let name = origin.sheet.clone().unwrap_or_default();
        let piece = origin.member.as_ref().map_or(name.clone(), |member| format!("{member}/{name}"));
        session.builder.about(Some(piece));
    }
    if sheet.hidden {
        session.tell(origin, Severity::Warning, Reason::SheetHidden);
    }
    let header = delimited::read(origin, &sheet.grid, session);
    let rows = sheet.hidden_rows.iter().filter(|line| **line > header.unwrap_or(0)).count();
    if rows > 0 {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        session.tell(origin, Severity::Warning, Reason::RowsHidden { rows });
    }
    session.builder.about(origin.member.clone());
}
