//! Which column holds what.
//!
//! Owns: [`Layout`], from a header, from `--columns`, or from both. Does not own: files without a header
//! ([`super::headless`]).

use std::collections::BTreeSet;

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::header::{self, Sample};
use super::headings::{self, Heading, Named};
use super::headless;
use super::split::Cell;
use super::unclaimed;
use crate::cells::clean::clean;
use crate::cells::params;
use crate::cells::shown::{could_be_seed, shown, shown_row};
use crate::options::{ColumnMap, ColumnRef, ReadOptions, SeedEncoding};

/// A way of writing seed files, as far as it defines what the cells leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Microsoft's CSV: Base32, `'` written as `''`.
    Microsoft,
    /// Any other file with a header, or with columns that were stated or told apart.
    Columns,
    /// `serial, key[, type, digits, period|counter[, hash]]`; `# version: 2` puts a user in front.
    Oath,
    /// `serial secret`.
    TwoColumns,
    /// `serial;maker;type;key;digits;period|counter`.
    MultiOtp,
}

impl Dialect {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Microsoft => "microsoft",
            Self::Columns => "columns",
            Self::Oath => "oath",
            Self::TwoColumns => "two_columns",
            Self::MultiOtp => "multiotp",
        }
    }
}

/// Column numbers from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    at: [Option<usize>; Field::ALL.len()],
    /// Said by the heading.
    pub(crate) seed_encoding: Option<SeedEncoding>,
    /// A second spelling of the same seed.
    pub(crate) second_seed: Option<(usize, Option<SeedEncoding>)>,
    /// A column whose cells name a hash or a kind.
    pub(crate) hash_or_kind: Option<usize>,
    /// Columns that claim to be another one: in no row may they say something else.
    pub(crate) seconds: Vec<Second>,
}

/// A column that claims to be the same field as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second {
    pub(crate) field: Field,
    /// From 0.
    pub(crate) column: usize,
    /// Its heading claims the field as much as the other.
    pub(crate) equal: bool,
}

impl Columns {
    pub(crate) fn of(fields: &[(Field, usize)]) -> Self {
        let mut columns = Self::default();
        fields.iter().for_each(|(field, n)| columns.set(*field, *n));
        columns
    }

    pub(crate) fn get(&self, field: Field) -> Option<usize> {
        self.at[field as usize]
    }

    pub(crate) fn set(&mut self, field: Field, n: usize) {
        self.at[field as usize] = Some(n);
    }

    /// For [`oathctl_core::place::Source`]: numbers from 1.
    pub(crate) fn numbered(&self) -> Vec<(Field, u32)> {
        let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        let column = |field| match field {
            Field::Hash => self.get(field).or(self.hash_or_kind),
            field => self.get(field),
        };
        Field::ALL.into_iter().filter_map(|field| Some((field, number(column(field)?)))).collect()
    }

    pub(super) fn uses(&self, n: usize) -> bool {
        let second = self.second_seed.is_some_and(|(seed, _)| seed == n);
        let other = self.seconds.iter().any(|second| second.column == n);
        self.at.contains(&Some(n)) || self.hash_or_kind == Some(n) || second || other
    }
}

/// A column that is not used.
#[derive(Debug)]
pub(crate) struct Ignored {
    /// From 1.
    pub(crate) column: u32,
    pub(crate) heading: String,
    /// Its cells may be a parameter of the tokens.
    pub(crate) suspect: bool,
}

/// Everything decided before the first row is read.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) dialect: Dialect,
    pub(crate) columns: Columns,
    /// Physical line of the header.
    pub(crate) header: Option<u64>,
    /// Cells a row must have; `None` where the dialect leaves it open.
    pub(crate) width: Option<usize>,
    /// Kind of rows that name none.
    pub(crate) kind: Option<OtpKind>,
    /// Period the dialect defines.
    pub(crate) period_secs: Option<u32>,
    /// `stated_by_header`, `stated_by_flag`, `only_one_fits`, `definition`.
    pub(crate) why: &'static str,
    /// Columns not used, with their headings as they may be shown.
    pub(crate) ignored: Vec<Ignored>,
}

/// Decides for a text.
///
/// # Errors
/// `headers_unknown`, `columns_undecidable`, `column_missing`.
pub(crate) fn resolve(sample: &Sample<'_>, options: &ReadOptions) -> Result<Layout, Reason> {
    let map = options.columns.as_ref().filter(|map| !map.entries.is_empty());
    match header::find(sample, map) {
        Some(row) => with_header(sample, row, options),
        None => match map {
            Some(map) => stated(sample, map, options),
            None => headless::resolve(sample),
        },
    }
}

fn with_header(sample: &Sample<'_>, row: usize, options: &ReadOptions) -> Result<Layout, Reason> {
    let map = options.columns.as_ref().filter(|map| !map.entries.is_empty());
    let (line, cells) = &sample.rows[row];
    let data = &sample.rows[row + 1..];
    let found = header::names(cells);
    let mut columns = Columns::default();
    for (field, column) in map.iter().flat_map(|map| &map.entries) {
        columns.set(*field, locate(column, cells)?);
    }
    let claimed = columns.clone();
    let free = found.iter().enumerate().filter(|(n, _)| !claimed.uses(*n));
    let mut free: Vec<(usize, Heading)> =
        free.filter_map(|(n, heading)| Some((n, settle(n, (*heading)?, data)))).collect();
    // A heading beyond doubt before one that gives way; else in the order of the file.
    free.sort_by_key(|(n, heading)| (heading.rank, *n));
    for field in Field::ALL.into_iter().filter(|field| claimed.get(*field).is_none()) {
        take(&mut columns, field, &free, data)?;
    }
    let mut either = free.iter().filter(|(_, h)| h.named == Named::HashOrKind).map(|(n, _)| *n);
    columns.hash_or_kind = either.next();
    columns.seconds.extend(either.map(|column| Second { field: Field::Hash, column, equal: true }));
    require(&columns, cells)?;
    let suspects = unclaimed::judge(&columns, data, options)?;
    let stated = if map.is_some() { "stated_by_flag" } else { "stated_by_header" };
    Ok(Layout {
        dialect: dialect(cells, &columns),
        width: Some(used(cells).max(columns.numbered().iter().map(|(_, n)| *n as usize).max().unwrap_or(0))),
        ignored: ignored(cells, &columns, &suspects),
        columns,
        header: Some(*line),
        kind: None,
        period_secs: None,
        why: stated,
    })
}

/// What `type` means is seen in the cells under it.
fn settle(n: usize, heading: Heading, data: &[(u64, Vec<Cell<'_>>)]) -> Heading {
    if heading.named != Named::KindOrModel {
        return heading;
    }
    let mut texts = data.iter().filter_map(|(_, cells)| cells.get(n)).map(|cell| clean(*cell));
    if texts.clone().any(|text| params::like_hash(&text)) {
        return Heading { named: Named::HashOrKind, rank: 1, ..heading };
    }
    let kinds = texts.find(|text| !text.is_empty()).is_some_and(|text| params::kind(&text).is_some());
    let field = if kinds { Field::Kind } else { Field::Model };
    Heading { named: Named::Field(field), rank: 1, ..heading }
}

fn take(
    columns: &mut Columns,
    field: Field,
    free: &[(usize, Heading)],
    data: &[(u64, Vec<Cell<'_>>)],
) -> Result<(), Reason> {
    let mut candidates = free.iter().filter(|(_, heading)| heading.named == Named::Field(field));
    let Some((n, heading)) = candidates.next() else { return Ok(()) };
    columns.set(field, *n);
    let mut equals = candidates.filter(|(_, other)| other.rank == heading.rank);
    let undecidable = || Reason::ColumnsUndecidable { field: field.word().into() };
    if field == Field::Seed {
        columns.seed_encoding = heading.encoding;
        // A heading that gives way still claims to be the seed when seeds stand under it: both must say the same.
        let lesser = free.iter().find(|(m, other)| {
            other.named == Named::Field(field) && other.rank > heading.rank && holds_seeds(*m, data)
        });
        columns.second_seed = equals.next().or(lesser).map(|(n, heading)| (*n, heading.encoding));
    } else if let Some((column, _)) = equals.next() {
        columns.seconds.push(Second { field, column: *column, equal: true });
    } else {
        let mut lesser = free.iter().filter(|(_, other)| other.named == Named::Field(field));
        let lesser = lesser.find(|(m, other)| other.rank > heading.rank && claims(field, *m, *n, data));
        columns.seconds.extend(lesser.map(|(column, _)| Second { field, column: *column, equal: false }));
    }
    if equals.next().is_some() { Err(undecidable()) } else { Ok(()) }
}

/// True for a column under a heading that gives way whose cells are what the heading says all the same: serials that
/// differ from row to row or look like those beside them, names of persons, periods, numbers of digits.
fn claims(field: Field, n: usize, first: usize, data: &[(u64, Vec<Cell<'_>>)]) -> bool {
    let text = |cells: &[Cell<'_>], n: usize| cells.get(n).map(|cell| clean(*cell).to_string());
    let pairs = data.iter().filter_map(|(_, cells)| Some((text(cells, n)?, text(cells, first)?)));
    let pairs: Vec<(String, String)> = pairs.filter(|(text, _)| !text.is_empty()).collect();
    let most = |pass: &dyn Fn(&str, &str) -> bool| {
        !pairs.is_empty() && pairs.iter().filter(|(text, first)| pass(text, first)).count() * 2 >= pairs.len()
    };
    match field {
        Field::Serial => {
            let distinct: BTreeSet<&str> = pairs.iter().map(|(text, _)| text.as_str()).collect();
            let serials = most(&|text, _| text.len() >= 4 && text.bytes().any(|b| b.is_ascii_digit()));
            let numbers = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let alike = most(&|text, first| text.len() == first.len() && numbers(text) == numbers(first));
            let differ = pairs.len() > 1 && distinct.len() * 10 >= pairs.len() * 9;
            serials && (differ || alike)
        }
        Field::Upn => most(&|text, _| text.contains('@')),
        Field::Period => most(&|text, _| matches!(params::period(text), Some(30 | 60))),
        Field::Digits => most(&|text, _| matches!(params::digits(text), Some(6 | 8))),
        _ => false,
    }
}

/// True for a column in which at least half of the cells have the shape of a seed.
fn holds_seeds(n: usize, data: &[(u64, Vec<Cell<'_>>)]) -> bool {
    let cells = data.iter().filter_map(|(_, cells)| cells.get(n)).map(|cell| clean(*cell).to_string());
    let (seeds, all) =
        cells.fold((0, 0), |(seeds, all), cell| (seeds + usize::from(could_be_seed(&cell)), all + 1));
    all > 0 && seeds * 2 >= all
}

fn locate(column: &ColumnRef, cells: &[Cell<'_>]) -> Result<usize, Reason> {
    let found = match column {
        ColumnRef::Number(n) => usize::try_from(*n).ok().map(|n| n - 1).filter(|n| *n < cells.len()),
        ColumnRef::Heading(heading) => {
            let name = headings::normal(heading);
            cells.iter().position(|cell| headings::normal(&clean(*cell)) == name)
        }
    };
    found.ok_or_else(|| Reason::ColumnMissing { column: column_word(column) })
}

fn column_word(column: &ColumnRef) -> String {
    match column {
        ColumnRef::Number(n) => n.to_string(),
        ColumnRef::Heading(heading) => shown(heading),
    }
}

/// Serial and seed, or nothing.
fn require(columns: &Columns, cells: &[Cell<'_>]) -> Result<(), Reason> {
    let needed = [Field::Serial, Field::Seed].into_iter().filter(|field| columns.get(*field).is_none());
    let needed: Vec<String> = needed.map(|field| field.word().to_owned()).collect();
    if needed.is_empty() { Ok(()) } else { Err(Reason::HeadersUnknown { seen: seen(cells), needed }) }
}

/// A row as it may be shown where a header was expected.
pub(crate) fn seen(cells: &[Cell<'_>]) -> Vec<String> {
    let cells: Vec<String> = cells.iter().map(|cell| clean(*cell).to_string()).collect();
    shown_row(&cells)
}

/// Cells up to the last that is not empty.
pub(crate) fn used(cells: &[Cell<'_>]) -> usize {
    cells.iter().rposition(|cell| !cell.raw.trim().is_empty()).map_or(0, |last| last + 1)
}

/// Microsoft's headings, in either spelling, any case and order; the column of persons may be missing.
fn dialect(cells: &[Cell<'_>], columns: &Columns) -> Dialect {
    let named = |field: Field, name: &str| {
        let cell = columns.get(field).and_then(|n| cells.get(n));
        cell.is_some_and(|cell| headings::normal(&clean(*cell)) == name)
    };
    let theirs = named(Field::Serial, "serialnumber")
        && named(Field::Seed, "secretkey")
        && named(Field::Period, "timeinterval");
    if theirs { Dialect::Microsoft } else { Dialect::Columns }
}

fn ignored(cells: &[Cell<'_>], columns: &Columns, suspects: &[usize]) -> Vec<Ignored> {
    let unused = cells.iter().enumerate().filter(|(n, _)| !columns.uses(*n));
    let named = unused.map(|(n, cell)| Ignored {
        column: u32::try_from(n + 1).unwrap_or(u32::MAX),
        heading: shown(&clean(*cell)),
        suspect: suspects.contains(&n),
    });
    named.filter(|column| column.suspect || !column.heading.is_empty()).collect()
}

/// Columns by number, no header known: the first row is one all the same when it has no seed where the others do.
fn stated(sample: &Sample<'_>, map: &ColumnMap, options: &ReadOptions) -> Result<Layout, Reason> {
    let (line, first) = sample.rows.first().ok_or(Reason::EmptyFile { what: String::new() })?;
    let mut columns = Columns::default();
    for (field, column) in &map.entries {
        columns.set(*field, locate(column, first)?);
    }
    require(&columns, first)?;
    let has_seed = |cells: &[Cell<'_>]| {
        let cell = columns.get(Field::Seed).and_then(|n| cells.get(n));
        cell.is_some_and(|cell| clean(*cell).bytes().filter(u8::is_ascii_alphanumeric).count() >= 16)
    };
    let header = !has_seed(first) && sample.rows.iter().skip(1).any(|(_, cells)| has_seed(cells));
    let suspects = unclaimed::judge(&columns, &sample.rows[usize::from(header)..], options)?;
    Ok(Layout {
        dialect: Dialect::Columns,
        ignored: if header { ignored(first, &columns, &suspects) } else { Vec::new() },
        columns,
        header: header.then_some(*line),
        width: Some(used(first)),
        kind: None,
        period_secs: None,
        why: "stated_by_flag",
    })
}
