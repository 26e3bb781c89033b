//! Rows that are no tokens: totals and repeated headers.
//!
//! Owns: recognising them and what a total declares. Does not own: comments and blank lines, which the splitter
//! knows.

use super::header;
use super::headings::normal;
use super::split::Cell;
use crate::cells::clean::clean;

/// Words under which files count their rows.
const TOTALS: [&str; 34] = [
    "total",
    "totals",
    "grandtotal",
    "subtotal",
    "totalcount",
    "totaltokens",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "count",
    "rowcount",
    "anzahl",
    "menge",
    "quantity",
    "qty",
    "stuck",
    "stuckzahl",
    "somme",
    "quantite",
    "nombre",
    "suma",
    "cantidad",
    "somma",
    "totale",
    "quantita",
    "totaal",
    "aantal",
    "итого",
    "всего",
    "合计",
    "合計",
    "总计",
    "總計",
];

/// What a row without a usable token turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// A total, with the number it declares.
    Total(Option<u64>),
    /// The header again.
    Header,
    /// Another header: the columns change in the middle of the file.
    OtherHeader,
}

/// Judges a row whose seed cannot be used. `heading` is the header's row in [`normal`] form.
pub(crate) fn recognise(cells: &[Cell<'_>], heading: &[String]) -> Option<NoToken> {
    if let Some(declared) = total(cells) {
        return Some(NoToken::Total(declared));
    }
    if !header::is_header(&header::names(cells)) {
        return None;
    }
    let same = normal_row(cells) == heading;
    Some(if same { NoToken::Header } else { NoToken::OtherHeader })
}

/// A row's headings as they are compared, without empty ones at the end.
pub(crate) fn normal_row(cells: &[Cell<'_>]) -> Vec<String> {
    let mut names: Vec<String> = cells.iter().map(|cell| normal(&clean(*cell))).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

/// `Total;3;;`, `Total: 3`, `;;Summe;3`.
pub(crate) fn total(cells: &[Cell<'_>]) -> Option<Option<u64>> {
    let mut texts = cells.iter().map(|cell| clean(*cell)).filter(|text| !text.is_empty());
    let first = texts.next()?;
    let end = first.find(|c: char| c.is_ascii_digit()).unwrap_or(first.len());
    let (word, number) = first.split_at(end);
    TOTALS.contains(&normal(word).as_str()).then(|| {
        let number = number.trim().parse().ok();
        number.or_else(|| texts.find_map(|text| text.parse().ok()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(row: &str) -> Option<NoToken> {
        let cells: Vec<Cell<'_>> = row.split(';').map(|raw| Cell { raw, escaped: false }).collect();
        recognise(&cells, &["serialnumber".into(), "secretkey".into()])
    }

    #[test]
    fn totals_and_headers() {
        assert_eq!(of("Total;3;;"), Some(NoToken::Total(Some(3))));
        assert_eq!(of(";Summe: 12"), Some(NoToken::Total(Some(12))));
        assert_eq!(of("Gesamt;"), Some(NoToken::Total(None)));
        assert_eq!(of("Stück;40"), Some(NoToken::Total(Some(40))));
        assert_eq!(of("SERIAL NUMBER;Secret_Key;"), Some(NoToken::Header));
        assert_eq!(of("Secret key;Serial number"), Some(NoToken::OtherHeader));
        assert_eq!(of("1200;ABCD"), None);
        assert_eq!(of("Totally;3"), None);
    }
}
