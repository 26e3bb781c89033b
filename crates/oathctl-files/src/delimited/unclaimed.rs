//! Columns that nobody claims, but whose cells look like a parameter of the tokens.
//!
//! Owns: [`judge`], [`hash_word`]. A heading that is not known must not turn a stated hash into SHA-1: the token
//! would be uploaded and never fit. Does not own: what headings mean ([`super::headings`]).

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;

use super::columns::Columns;
use super::split::Cell;
use crate::cells::clean::clean;
use crate::cells::params;
use crate::options::ReadOptions;

/// Rows of data with their lines, as far as they were sampled.
type Rows<'s, 't> = &'s [(u64, Vec<Cell<'t>>)];

/// Columns (numbers from 0) that are ignored and should be looked at: their cells may be numbers of digits.
///
/// # Errors
/// `columns_undecidable` for a column of hashes or periods where nothing else states them.
pub(super) fn judge(
    columns: &Columns,
    data: Rows<'_, '_>,
    options: &ReadOptions,
) -> Result<Vec<usize>, Reason> {
    let width = data.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let unused = || (0..width).filter(|n| !columns.uses(*n));
    // A column of models or makers that names hashes is one that was taken for something else.
    let misread = [Field::Model, Field::Manufacturer].into_iter().filter_map(|field| columns.get(field));
    let hash_open = options.hash.is_none() && !states_hash(columns, data);
    if hash_open && unused().chain(misread).any(|n| half(n, data, params::like_hash)) {
        return Err(undecidable(Field::Hash));
    }
    let period_open = options.period_secs.is_none() && columns.get(Field::Period).is_none();
    if period_open && unused().any(|n| all(n, data, |text| matches!(params::period(text), Some(30 | 60)))) {
        return Err(undecidable(Field::Period));
    }
    let digits_open = options.digits.is_none() && columns.get(Field::Digits).is_none();
    let digits = |n: &usize| all(*n, data, |text| matches!(params::digits(text), Some(6 | 8)));
    Ok(unused().filter(|_| digits_open).filter(digits).collect())
}

fn undecidable(field: Field) -> Reason {
    Reason::ColumnsUndecidable { field: field.word().into() }
}

/// True where a column of the hash is claimed; one of hashes or kinds counts only when it names a hash.
fn states_hash(columns: &Columns, data: Rows<'_, '_>) -> bool {
    columns.get(Field::Hash).is_some() || data.iter().any(|(_, cells)| hash_word(columns, cells))
}

/// True when a row's cells state a hash.
pub(super) fn hash_word(columns: &Columns, cells: &[Cell<'_>]) -> bool {
    let places = [columns.get(Field::Hash), columns.hash_or_kind, columns.get(Field::Kind)];
    let mut texts = places.into_iter().flatten().filter_map(|n| cells.get(n)).map(|cell| clean(*cell));
    texts.any(|text| params::hash(&text).is_some())
}

/// How many cells of a column have a text, and how many of these pass.
fn count(n: usize, data: Rows<'_, '_>, pass: impl Fn(&str) -> bool) -> (usize, usize) {
    let texts = data.iter().filter_map(|(_, cells)| cells.get(n)).map(|cell| clean(*cell));
    texts
        .filter(|text| !text.is_empty())
        .fold((0, 0), |(all, passed), text| (all + 1, passed + usize::from(pass(&text))))
}

fn all(n: usize, data: Rows<'_, '_>, pass: impl Fn(&str) -> bool) -> bool {
    let (all, passed) = count(n, data, pass);
    all > 0 && passed == all
}

/// Placeholders and kinds stand among hashes.
fn half(n: usize, data: Rows<'_, '_>, pass: impl Fn(&str) -> bool) -> bool {
    let (all, passed) = count(n, data, pass);
    all > 0 && passed * 2 >= all
}
