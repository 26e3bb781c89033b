//! SecureAuth: a column `Hotptoken` of `device|seed|counter`, or `Totptoken` of `seed` or `seed|serial`.
//!
//! Owns: these two columns. Does not own: headings of persons ([`crate::delimited::headings`]), nor how the seeds are
//! spelled, which their column decides ([`crate::delimited::encoding`]).

use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::cells::clean::clean;
use crate::delimited::encoding::{self, Tally};
use crate::delimited::headings;
use crate::delimited::separator;
use crate::delimited::split::{Cell, Kind, Separator, Splitter};
use crate::options::SeedEncoding;
use crate::session::Session;

/// Which column holds what, from 0.
#[derive(Default)]
struct Columns {
    totp: Option<usize>,
    hotp: Option<usize>,
    person: Option<usize>,
}

/// Reads a list.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "SecureAuth token list", "content", true);
    let separator = match separator::choose(text, session.options.separator).separator {
        // The bar stands inside the cells.
        Separator::Char(b'|') | Separator::Blanks => Separator::Char(b','),
        separator => separator,
    };
    let records = || records(text, separator);
    let Some((header, columns)) = records().find_map(|(line, cells)| Some((line, columns(&cells)?))) else {
        return;
    };
    let mut tally = Tally::default();
    let data = || records().filter(|(line, _)| *line > header);
    data().for_each(|(_, cells)| seeds(&cells, &columns).for_each(|seed| tally.add(seed)));
    let stated = session.options.secret_encoding;
    let Some(encoding) = encoding::decide(&tally, stated, None, None) else {
        return session.refuse(origin, Reason::SeedEncodingUndecidable { rows: tally.cells });
    };
    session.builder.decision("seed_encoding", encoding.chosen.word(), encoding.why, encoding.certain);
    let source = session.builder.source(origin.clone());
    for (line, cells) in data() {
        rows(line, &cells, &columns, encoding.chosen).for_each(|row| row.push(source, session));
    }
}

fn records(text: &str, separator: Separator) -> impl Iterator<Item = (u64, Vec<Cell<'_>>)> {
    let mut splitter = Splitter::new(text, 1, separator);
    std::iter::from_fn(move || {
        let mut cells = Vec::new();
        splitter.next(&mut cells).map(|(line, kind)| (line, kind, cells))
    })
    .filter_map(|(line, kind, cells)| matches!(kind, Kind::Row | Kind::Unclosed).then_some((line, cells)))
}

fn columns(cells: &[Cell<'_>]) -> Option<Columns> {
    let mut columns = Columns::default();
    for (n, cell) in cells.iter().enumerate() {
        let heading = clean(*cell);
        match headings::normal(&heading).as_str() {
            "totptoken" => columns.totp = Some(n),
            "hotptoken" => columns.hotp = Some(n),
            _ if headings::field_of(&heading) == Some(Field::Upn) => columns.person = Some(n),
            _ => {}
        }
    }
    (columns.totp.is_some() || columns.hotp.is_some()).then_some(columns)
}

fn cell<'t>(cells: &[Cell<'t>], column: Option<usize>) -> &'t str {
    column.and_then(|n| cells.get(n)).map_or("", |cell| cell.raw.trim())
}

fn seeds<'t>(cells: &[Cell<'t>], columns: &Columns) -> impl Iterator<Item = &'t str> + use<'t> {
    let totp = cell(cells, columns.totp).split('|').next();
    let hotp = cell(cells, columns.hotp).split('|').nth(1);
    totp.into_iter().chain(hotp).filter(|seed| !seed.is_empty())
}

/// One row for each of the two columns that has something.
fn rows(
    line: u64,
    cells: &[Cell<'_>],
    columns: &Columns,
    encoding: SeedEncoding,
) -> impl Iterator<Item = Row> + use<> {
    let (totp, hotp) = (cell(cells, columns.totp), cell(cells, columns.hotp));
    let person = cell(cells, columns.person);
    let mut found = Vec::new();
    if !totp.is_empty() || hotp.is_empty() {
        let mut row = Row::at(line);
        let (seed, serial) = totp.split_once('|').unwrap_or((totp, ""));
        row.serial(serial);
        row.seed(seed, encoding);
        found.push(row);
    }
    if !hotp.is_empty() {
        let mut row = Row::at(line);
        row.kind = Some(OtpKind::Hotp);
        let parts: Vec<&str> = hotp.split('|').collect();
        match parts.as_slice() {
            [device, seed, rest @ ..] if rest.len() < 2 => {
                row.serial(device);
                row.seed(seed, encoding);
                row.counter(rest.first().unwrap_or(&""));
            }
            _ => {
                let found = u32::try_from(parts.len()).unwrap_or(u32::MAX);
                row.broken(Reason::CellCount { expected: 3, found });
            }
        }
        found.push(row);
    }
    found.iter_mut().for_each(|row| row.person(person));
    found.into_iter()
}
