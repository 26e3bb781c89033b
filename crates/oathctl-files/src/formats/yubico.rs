//! Yubico's logs of personalisation: the traditional one and that of its key storage (ykksm).
//!
//! Owns: telling their rows apart. Every row is counter-based, or no OATH at all, so that nothing of it can be used
//! with Entra: it is read to say so by row. Does not own: the format whose columns the user defines, which
//! is delimited text with `--columns`.

use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::delimited::split::{Cell, Kind, Separator, Splitter};
use crate::options::SeedEncoding;
use crate::session::Session;

/// `event, time, slot, public id, private id, secret, …, 11 digits, 12 moving factor, …`.
pub(super) fn traditional(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "Yubico traditional CSV", "content", true);
    walk(origin, text, session, |line, cells| {
        let event = cell(cells, 0);
        if event.to_ascii_uppercase().starts_with("LOGGING") {
            return None;
        }
        let mut row = Row::at(line);
        if cells.len() < 13 {
            let found = u32::try_from(cells.len()).unwrap_or(u32::MAX);
            row.broken(Reason::CellCount { expected: 18, found });
        } else if event.eq_ignore_ascii_case("OATH-HOTP") {
            row.kind = Some(OtpKind::Hotp);
            row.serial(cell(cells, 3));
            row.seed(cell(cells, 5), SeedEncoding::Hex);
            row.digits(cell(cells, 11));
            row.counter(cell(cells, 12));
        } else {
            other(&mut row, event, cell(cells, 3));
        }
        Some(row)
    });
}

/// `serial, public name, internal name, key, lock code, created, accessed[, flags]`.
pub(super) fn ykksm(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "Yubico ykksm CSV", "content", true);
    walk(origin, text, session, |line, cells| {
        let mut row = Row::at(line);
        let name = if cell(cells, 1).is_empty() { cell(cells, 0) } else { cell(cells, 1) };
        match cell(cells, 2) {
            _ if cells.len() < 6 => {
                let found = u32::try_from(cells.len()).unwrap_or(u32::MAX);
                row.broken(Reason::CellCount { expected: 7, found });
            }
            "0" => {
                row.kind = Some(OtpKind::Hotp);
                row.serial(name);
                row.seed(cell(cells, 3), SeedEncoding::Hex);
            }
            "" => other(&mut row, "Static Password", name),
            _ => other(&mut row, "Yubico OTP", name),
        }
        Some(row)
    });
}

/// No OATH: the secret is not taken at all.
fn other(row: &mut Row, event: &str, name: &str) {
    let known = ["Yubico OTP", "Static Password", "Challenge-Response"];
    let kind = known
        .into_iter()
        .find(|kind| event.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)));
    row.serial(name);
    row.no_totp(kind.unwrap_or("other"));
}

fn walk(
    origin: &Source,
    text: &str,
    session: &mut Session<'_>,
    read: impl Fn(u64, &[Cell<'_>]) -> Option<Row>,
) {
    session.builder.decision("seed_encoding", SeedEncoding::Hex.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    let mut splitter = Splitter::new(text, 1, separator(text));
    let mut cells = Vec::new();
    while let Some((line, kind)) = splitter.next(&mut cells) {
        let row = match kind {
            Kind::Blank | Kind::Comment => None,
            Kind::Row => read(line, &cells),
            Kind::Unclosed => {
                let mut row = Row::at(line);
                row.broken(Reason::QuoteUnclosed);
                Some(row)
            }
        };
        if let Some(row) = row {
            row.push(source, session);
        }
    }
}

/// Comma, semicolon or tab: whichever the longest of the first rows has most of.
fn separator(text: &str) -> Separator {
    let count = |c: char| text.lines().take(50).map(|line| line.matches(c).count()).max().unwrap_or(0);
    let best = [',', ';', '\t'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(',');
    Separator::Char(best as u8)
}

fn cell<'t>(cells: &[Cell<'t>], n: usize) -> &'t str {
    cells.get(n).map_or("", |cell| cell.raw.trim()).trim_matches('\'')
}
