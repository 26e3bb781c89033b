//! Delimited text: from characters to rows.
//!
//! Owns: the order of its steps: separator, sample, columns, how the seeds are spelled, rows. Each step is one
//! module. Does not own: bytes and encodings ([`crate::text`]), single cells ([`crate::cells`]).
//!
//! The text is walked twice: once for the column of seeds, whose spelling is decided as a whole, once for the
//! rows. Nothing is kept of the first walk but numbers.

pub(crate) mod columns;
pub(crate) mod encoding;
pub(crate) mod header;
pub(crate) mod headings;
mod headless;
mod ignored;
mod rows;
pub(crate) mod separator;
pub(crate) mod sheet;
pub(crate) mod split;
mod tell;
mod unclaimed;

pub use split::Separator;

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Place, Source};
use oathctl_core::reason::Reason;

use crate::cells::clean::clean;
use crate::options::{ReadOptions, SeedEncoding};
use crate::session::Session;
use crate::text::Decoded;
use columns::{Dialect, Layout};
use encoding::{Encoding, Tally};
use header::Sample;
use split::{Kind, Splitter};

/// Rows looked at before the columns are decided.
const SAMPLE: usize = 200;

/// Reads a text. Every fault of the file as a whole stands in the table.
pub(crate) fn read(origin: &Source, text: &Decoded, session: &mut Session<'_>) {
    let options = session.options;
    let choice = separator::choose(text.as_str(), options.separator);
    let body = text.as_str().get(choice.skip..).unwrap_or("");
    let splitter = Splitter::new(body, choice.first_line, choice.separator);
    let sample = Sample::take(splitter.clone(), SAMPLE);
    let layout = if sample.rows.is_empty() {
        Err(Reason::EmptyFile { what: String::new() })
    } else {
        columns::resolve(&sample, options)
    };
    let columns = layout.as_ref().map(|layout| layout.columns.numbered()).unwrap_or_default();
    let lines = memchr::memchr2_iter(b'\n', b'\r', body.as_bytes()).count();
    let builder = &mut session.builder;
    builder.reserve(lines + 1, room(body));
    let source = builder.source(Source { columns, ..origin.clone() });
    tell::text(builder, origin, text, &choice);
    let layout = match layout {
        Ok(layout) => layout,
        Err(reason) => {
            let line = sample.rows.first().map(|(line, _)| *line);
            builder.fault(Severity::Error, reason, Place { line, ..origin.whole() }, None);
            return;
        }
    };
    let spelling = spelling(splitter.clone(), &layout, options);
    tell::layout(builder, source, &layout, options);
    tell::spelling(builder, origin, &spelling);
    let reading = rows::Reading { layout: &layout, spelling: &spelling, options, grid: None };
    rows::read(builder, source, splitter, &reading);
}

/// How the column of seeds is spelled, and the second one where there are two.
struct Spelling {
    first: Option<Encoding>,
    second: Option<Encoding>,
    /// Cells that were looked at.
    cells: u64,
    /// Some row states its hash.
    states_hash: bool,
}

/// Walks through the columns of seeds, and of hashes.
fn spelling(mut splitter: Splitter<'_>, layout: &Layout, options: &ReadOptions) -> Spelling {
    let first = layout.columns.get(Field::Seed).unwrap_or(usize::MAX);
    let second = layout.columns.second_seed;
    let (mut tally, mut other) = (Tally::default(), Tally::default());
    let mut states_hash = false;
    let mut cells = Vec::new();
    while let Some((line, kind)) = splitter.next(&mut cells) {
        if kind != Kind::Row || layout.header.is_some_and(|header| line <= header) {
            continue;
        }
        states_hash = states_hash || unclaimed::hash_word(&layout.columns, &cells);
        if let Some(cell) = cells.get(first) {
            tally.add(&clean(*cell));
        }
        if let Some(cell) = second.and_then(|(n, _)| cells.get(n)) {
            other.add(&clean(*cell));
        }
    }
    let declared = declared(layout.dialect);
    // A flag speaks for a column whose heading does not, when there are two.
    let flag = |heading: Option<SeedEncoding>| {
        options.secret_encoding.filter(|_| second.is_none() || heading.is_none())
    };
    let heading = layout.columns.seed_encoding;
    let decide_second = |(_, heading)| encoding::decide(&other, flag(heading), heading, None);
    Spelling {
        first: encoding::decide(&tally, flag(heading), heading, declared),
        second: second.and_then(decide_second),
        cells: tally.cells,
        states_hash,
    }
}

const fn declared(dialect: Dialect) -> Option<SeedEncoding> {
    match dialect {
        Dialect::Microsoft => Some(SeedEncoding::Base32),
        Dialect::Oath | Dialect::MultiOtp => Some(SeedEncoding::Hex),
        Dialect::Columns | Dialect::TwoColumns => None,
    }
}

/// Bytes of serials, names and seeds: what stands in the text, less the spelling of the seeds and the rest of the
/// line. Memory that is not written to costs nothing; a buffer that has to move costs twice.
fn room(body: &str) -> usize {
    (body.len() / 4 * 3).saturating_add(64)
}
