//! Finding the header among the first rows.
//!
//! Owns: [`find`], [`Sample`]. Does not own: what the columns mean in the end ([`super::columns`]).

use super::headings::{self, Heading, Named};
use super::split::{Cell, Kind, Splitter};
use crate::cells::clean::clean;
use crate::options::ColumnMap;
use oathctl_core::place::Field;

/// Delivery notes stand above the header, but not longer than this.
pub(crate) const ROWS_SEARCHED: usize = 20;

/// The first rows of a text, for everything that is decided before reading it all.
pub(crate) struct Sample<'t> {
    pub(crate) rows: Vec<(u64, Vec<Cell<'t>>)>,
    /// Comments among them.
    pub(crate) comments: Vec<&'t str>,
}

impl<'t> Sample<'t> {
    /// Takes up to `most` rows that have anything in them.
    pub(crate) fn take(mut splitter: Splitter<'t>, most: usize) -> Self {
        let mut sample = Self { rows: Vec::new(), comments: Vec::new() };
        let mut cells = Vec::new();
        while sample.rows.len() < most {
            let Some((line, kind)) = splitter.next(&mut cells) else { break };
            match kind {
                Kind::Row if cells.iter().any(|cell| !cell.raw.trim().is_empty()) => {
                    sample.rows.push((line, cells.clone()));
                }
                Kind::Comment => sample.comments.extend(cells.first().map(|cell| cell.raw)),
                Kind::Row | Kind::Blank | Kind::Unclosed => {}
            }
        }
        sample
    }
}

/// What each cell of a row names as a heading.
pub(crate) fn names(cells: &[Cell<'_>]) -> Vec<Option<Heading>> {
    cells.iter().map(|cell| headings::lookup(&clean(*cell))).collect()
}

/// The place of the header in the sample: the first row with two known headings, or with a heading of the map.
pub(crate) fn find(sample: &Sample<'_>, map: Option<&ColumnMap>) -> Option<usize> {
    let mut rows = sample.rows.iter().take(ROWS_SEARCHED);
    rows.position(|(_, cells)| {
        let known = names(cells).iter().flatten().count();
        known >= 2 || map.is_some_and(|map| cells.iter().any(|cell| is_in(map, &clean(*cell))))
    })
}

fn is_in(map: &ColumnMap, cell: &str) -> bool {
    use crate::options::ColumnRef;
    let name = headings::normal(cell);
    map.entries.iter().any(|(_, column)| match column {
        ColumnRef::Heading(heading) => headings::normal(heading) == name,
        ColumnRef::Number(_) => false,
    })
}

/// True when a row is a header with serial and seed.
pub(crate) fn is_header(names: &[Option<Heading>]) -> bool {
    let has = |field| names.iter().flatten().any(|heading| heading.named == Named::Field(field));
    has(Field::Serial) && has(Field::Seed)
}
