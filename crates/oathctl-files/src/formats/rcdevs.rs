//! RCDevs WebADM inventory: `Type, Reference, Description, Data`, with the values in `Data` in Base64.
//!
//! Owns: the rows and what is in their `Data`. Does not own: quotes and separators ([`crate::delimited::split`]).

use data_encoding::BASE64;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::row::Row;
use crate::cells::clean::clean;
use crate::delimited::split::{Cell, Kind, Separator, Splitter};
use crate::options::SeedEncoding;
use crate::session::Session;

/// Reads an inventory.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "RCDevs WebADM inventory", "content", true);
    session.builder.decision("seed_encoding", SeedEncoding::Base64.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    let mut splitter = Splitter::new(text, 1, Separator::Char(b','));
    let mut cells = Vec::new();
    while let Some((line, kind)) = splitter.next(&mut cells) {
        match kind {
            Kind::Blank | Kind::Comment => {}
            Kind::Unclosed => {
                let mut row = Row::at(line);
                row.broken(Reason::QuoteUnclosed);
                row.push(source, session);
            }
            Kind::Row if is_header(&cells) => {}
            Kind::Row => row(line, &cells).push(source, session),
        }
    }
}

fn is_header(cells: &[Cell<'_>]) -> bool {
    let is = |n: usize, word: &str| cells.get(n).is_some_and(|cell| clean(*cell).eq_ignore_ascii_case(word));
    is(0, "type") && is(1, "reference")
}

fn row(line: u64, cells: &[Cell<'_>]) -> Row {
    let mut row = Row::at(line);
    let [_, reference, description, _, ..] = cells else {
        let found = u32::try_from(cells.len()).unwrap_or(u32::MAX);
        row.broken(Reason::CellCount { expected: 4, found });
        return row;
    };
    row.serial(reference.raw);
    row.model(description.raw);
    // Unquoted, the commas inside the data have cut it.
    let rest = cells.iter().skip(3).flat_map(|cell| cell.raw.split(','));
    let mut said: Vec<(Field, &str)> = Vec::new();
    for (name, value) in rest.filter_map(|pair| pair.split_once('=')) {
        let Some(field) = field_of(name.trim().trim_matches('"')) else { continue };
        let value = value.trim().trim_matches('"');
        match said.iter().find(|(before, _)| *before == field) {
            Some((_, before)) if *before == value => {}
            Some(_) => row.doubled("value", "", Some(field)),
            None => {
                said.push((field, value));
                set(&mut row, field, value);
            }
        }
    }
    row
}

fn field_of(name: &str) -> Option<Field> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "tokenkey" => Field::Seed,
        "tokentype" => Field::Kind,
        "otplength" => Field::Digits,
        "totptimestep" => Field::Period,
        "hotpcounter" => Field::Counter,
        _ if name.contains("hash") || name.contains("algo") => Field::Hash,
        _ => return None,
    })
}

fn set(row: &mut Row, field: Field, value: &str) {
    if field == Field::Seed {
        return row.seed(value, SeedEncoding::Base64);
    }
    let Some(text) = decoded(value) else { return row.malformed(field, value) };
    match field {
        Field::Kind => row.kind(&text),
        Field::Digits => row.digits(&text),
        Field::Period => row.period(&text),
        Field::Counter => row.counter(&text),
        _ => row.hash(&text),
    }
}

fn decoded(value: &str) -> Option<Zeroizing<String>> {
    let bytes = BASE64.decode(value.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}
