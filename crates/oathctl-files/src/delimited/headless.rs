//! Files without a header: the dialects that never have one, and columns told apart by their content.
//!
//! Owns: [`resolve`]. Nothing is assigned unless exactly one assignment fits; otherwise the caller is asked.

use std::collections::BTreeSet;

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::columns::{Columns, Dialect, Layout, seen, used};
use super::header::Sample;
use super::split::Cell;
use crate::cells::clean::{Clean, clean};
use crate::cells::serial::{self, Serial};
use crate::cells::shown::could_be_seed;
use crate::cells::{params, person};

/// The sample as cleaned cells, without empty cells at the ends of rows.
struct Grid<'t>(Vec<Vec<Clean<'t>>>);

/// Decides for a text without a header.
pub(super) fn resolve(sample: &Sample<'_>) -> Result<Layout, Reason> {
    let first: &[Cell<'_>] = sample.rows.first().map_or(&[], |(_, cells)| cells);
    let grid = Grid::of(sample);
    let shift = if sample.comments.iter().any(|c| version(c) == Some(2)) { 3 } else { 0 };
    let versioned = sample.comments.iter().any(|c| version(c).is_some());
    let found = if grid.is_oath(shift, versioned) { Some(Ok(oath(shift))) } else { grid.multi_otp().map(Ok) };
    let layout = found.unwrap_or_else(|| grid.by_content())?;
    // A first row without a seed where the others have one is a header that nobody could read.
    let seed = layout.columns.get(Field::Seed).and_then(|n| first.get(n));
    if grid.0.len() > 1 && seed.is_some_and(|cell| !could_be_seed(&clean(*cell)) && !has_digit(cell.raw)) {
        return Err(unknown(first));
    }
    Ok(layout)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

fn unknown(first: &[Cell<'_>]) -> Reason {
    let needed = vec![Field::Serial.word().into(), Field::Seed.word().into()];
    Reason::HeadersUnknown { seen: seen(first), needed }
}

/// `# version: 2`.
fn version(comment: &str) -> Option<u8> {
    let text = comment.trim_start_matches(['#', ' ', '\t']);
    let (word, number) = text.split_once(':')?;
    word.trim().eq_ignore_ascii_case("version").then(|| number.trim().parse().ok()).flatten()
}

fn layout(dialect: Dialect, fields: &[(Field, usize)], why: &'static str) -> Layout {
    Layout {
        dialect,
        columns: Columns::of(fields),
        header: None,
        width: None,
        kind: None,
        period_secs: None,
        why,
        ignored: Vec::new(),
    }
}

fn oath(shift: usize) -> Layout {
    let mut fields = vec![
        (Field::Serial, shift),
        (Field::Seed, shift + 1),
        (Field::Kind, shift + 2),
        (Field::Digits, shift + 3),
        (Field::Period, shift + 4),
        (Field::Hash, shift + 5),
    ];
    if shift > 0 {
        fields.push((Field::Upn, 0));
    }
    let defined = layout(Dialect::Oath, &fields, "definition");
    Layout { kind: Some(OtpKind::Hotp), period_secs: Some(30), ..defined }
}

impl<'t> Grid<'t> {
    fn of(sample: &Sample<'t>) -> Self {
        let row = |cells: &[Cell<'t>]| cells[..used(cells)].iter().map(|cell| clean(*cell)).collect();
        Self(sample.rows.iter().map(|(_, cells)| row(cells)).collect())
    }

    /// True when nine of ten rows pass.
    fn mostly(&self, pass: impl Fn(&[Clean<'t>]) -> bool) -> bool {
        let count = self.0.iter().filter(|row| pass(row)).count();
        !self.0.is_empty() && count * 10 >= self.0.len() * 9
    }

    fn is_oath(&self, shift: usize, versioned: bool) -> bool {
        let cell =
            |row: &[Clean<'t>], n: usize| row.get(shift + n).map(|c| c.to_string()).unwrap_or_default();
        let number = |text: &str| text.is_empty() || text.bytes().all(|b| b.is_ascii_digit());
        let fits = |row: &[Clean<'t>]| {
            let (kind, digits, step) = (cell(row, 2), cell(row, 3), cell(row, 4));
            // Its suite stands for the digits (RFC 6287, section 6): a fault of that row, not of the dialect.
            let ocra = params::kind(&kind) == Some(OtpKind::Other);
            row.get(shift + 1).is_some_and(|seed| could_be_seed(seed))
                && (kind.is_empty() || params::kind(&kind).is_some())
                && (ocra || number(&digits) && number(&step))
                && row.len() <= shift + 6
        };
        let named = || self.0.iter().any(|row| params::kind(&cell(row, 2)).is_some());
        self.mostly(fits) && (versioned || named())
    }

    fn multi_otp(&self) -> Option<Layout> {
        let fits = self.mostly(|row| match row {
            [_, _, kind, seed, _, _] => params::kind(kind).is_some() && could_be_seed(seed),
            _ => false,
        });
        let fields = [
            (Field::Serial, 0),
            (Field::Manufacturer, 1),
            (Field::Kind, 2),
            (Field::Seed, 3),
            (Field::Digits, 4),
            (Field::Period, 5),
        ];
        fits.then(|| layout(Dialect::MultiOtp, &fields, "definition"))
    }

    /// Exactly one assignment of the columns, or a question.
    fn by_content(&self) -> Result<Layout, Reason> {
        let width = self.width();
        let seeds: Vec<usize> = (0..width).filter(|n| self.column(*n, could_be_seed)).collect();
        let seed = match seeds.as_slice() {
            // Seeds alone, or one key: nothing in it says whose they are.
            [_] if width == 1 => return Err(self.unknown(&[Field::Serial])),
            [seed] => *seed,
            [] => return Err(self.unknown(&[Field::Serial, Field::Seed])),
            _ => return Err(undecidable(Field::Seed)),
        };
        let mut fields = vec![(Field::Seed, seed)];
        let rest = (0..width).filter(|n| *n != seed);
        let (named, rest): (Vec<usize>, Vec<usize>) = rest.partition(|n| self.kind_of_column(*n).is_some());
        for (n, field) in named.iter().filter_map(|n| Some((*n, self.kind_of_column(*n)?))) {
            if fields.iter().any(|(known, _)| *known == field) {
                return Err(undecidable(field));
            }
            fields.push((field, n));
        }
        self.serial(&mut fields, &rest, seed)?;
        let two = width == 2 && seed == 1;
        let counter = fields.iter().any(|(field, _)| *field == Field::Counter);
        let dialect = if two || counter { Dialect::TwoColumns } else { Dialect::Columns };
        let open = layout(dialect, &fields, "only_one_fits");
        Ok(Layout { width: Some(width), kind: counter.then_some(OtpKind::Hotp), ..open })
    }

    fn unknown(&self, needed: &[Field]) -> Reason {
        let first = self.0.first().map_or(&[][..], Vec::as_slice);
        let seen = first.iter().take(12).map(|c| crate::cells::shown::shown(c)).collect();
        let needed = needed.iter().map(|field| field.word().into()).collect();
        Reason::HeadersUnknown { seen, needed }
    }

    fn width(&self) -> usize {
        let count = |width: usize| self.0.iter().filter(|row| row.len() == width).count();
        self.0.iter().map(Vec::len).max_by_key(|width| (count(*width), *width)).unwrap_or(0)
    }

    fn column(&self, n: usize, pass: impl Fn(&str) -> bool) -> bool {
        self.mostly(|row| row.get(n).is_some_and(|cell| pass(cell)))
    }

    /// What a column is by the values in it, where they leave no doubt.
    fn kind_of_column(&self, n: usize) -> Option<Field> {
        let is = |words: &'static [&str]| move |c: &str| words.contains(&c);
        let hash = |c: &str| params::hash(c).is_some() && c.contains(|c: char| c.is_ascii_alphabetic());
        match () {
            () if self.column(n, |c| c.contains('@') || person::read(c, false).is_none()) => Some(Field::Upn),
            () if self.column(n, is(&["30", "60"])) => Some(Field::Period),
            () if self.column(n, is(&["6", "8"])) => Some(Field::Digits),
            () if self.column(n, |c| params::kind(c).is_some()) => Some(Field::Kind),
            () if self.column(n, hash) => Some(Field::Hash),
            () if self.column(n, |c| c.len() < 4 && c.bytes().all(|b| b.is_ascii_digit())) => {
                Some(Field::Counter)
            }
            () => None,
        }
    }

    /// The serial among the columns that are left; in Microsoft's order the two after the period are known too.
    fn serial(&self, fields: &mut Vec<(Field, usize)>, rest: &[usize], seed: usize) -> Result<(), Reason> {
        let microsoft = seed.checked_sub(1).filter(|serial| {
            let period = fields.contains(&(Field::Period, seed + 1));
            let person = *serial == 0 || fields.contains(&(Field::Upn, 0));
            period && person && *rest == [*serial, seed + 2, seed + 3] && self.is_serial(*serial)
        });
        if let Some(serial) = microsoft {
            let makers = [(Field::Manufacturer, seed + 2), (Field::Model, seed + 3)];
            fields.extend([(Field::Serial, serial)].into_iter().chain(makers));
            return Ok(());
        }
        let serials: Vec<usize> = rest.iter().copied().filter(|n| self.is_serial(*n)).collect();
        match serials.as_slice() {
            [serial] => {
                fields.push((Field::Serial, *serial));
                Ok(())
            }
            _ => Err(undecidable(Field::Serial)),
        }
    }

    /// Different in every row, short, with a digit.
    fn is_serial(&self, n: usize) -> bool {
        let values: Vec<&str> = self.0.iter().filter_map(|row| row.get(n)).map(|cell| &**cell).collect();
        let distinct: BTreeSet<&str> = values.iter().copied().collect();
        let fits = |c: &str| serial::read(c) != Serial::Malformed && (4..=32).contains(&c.len());
        self.column(n, |c| fits(c) && (has_digit(c) || c.len() > 3))
            && distinct.len() * 10 >= values.len() * 9
    }
}

fn undecidable(field: Field) -> Reason {
    Reason::ColumnsUndecidable { field: field.word().into() }
}
