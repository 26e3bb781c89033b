//! Which character separates cells.
//!
//! Owns: the `sep=` line, scoring. Does not own: splitting ([`super::split`]).

use super::header;
use super::split::{Cell, Kind, Separator, Splitter};

/// The candidates, best first when nothing else tells them apart.
const CANDIDATES: [Separator; 5] = [
    Separator::Char(b','),
    Separator::Char(b';'),
    Separator::Char(b'\t'),
    Separator::Char(b'|'),
    Separator::Blanks,
];

/// Records looked at.
const SAMPLE: usize = 200;

/// What was chosen and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) separator: Separator,
    /// `stated_by_flag`, `stated_by_header`, `counted`.
    pub(crate) why: &'static str,
    /// Bytes and lines before the first record (a `sep=` line).
    pub(crate) skip: usize,
    pub(crate) first_line: u64,
}

/// Chooses for a whole text.
pub(crate) fn choose(text: &str, stated: Option<Separator>) -> Choice {
    let (declared, skip) = declared(text).map_or((None, 0), |(separator, skip)| (Some(separator), skip));
    let (separator, why) = match (stated, declared) {
        (Some(separator), _) => (separator, "stated_by_flag"),
        (None, Some(separator)) => (separator, "stated_by_header"),
        (None, None) => (counted(text), "counted"),
    };
    Choice { separator, why, skip, first_line: if skip > 0 { 2 } else { 1 } }
}

/// Excel's `sep=;` line.
fn declared(text: &str) -> Option<(Separator, usize)> {
    let end = text.find(['\n', '\r'])?;
    let line = text[..end].trim().trim_matches('"');
    let (word, separator) = line.split_at_checked(4)?;
    let separator = match separator.as_bytes() {
        [] if text[..end].ends_with('\t') => Separator::Char(b'\t'),
        [c] if c.is_ascii_punctuation() => Separator::Char(*c),
        _ => return None,
    };
    let line_end = if text[end..].starts_with("\r\n") { 2 } else { 1 };
    word.eq_ignore_ascii_case("sep=").then_some((separator, end + line_end))
}

/// A header that names what we need decides; then the same number of cells in most lines; then any.
fn counted(text: &str) -> Separator {
    let scored = CANDIDATES.into_iter().enumerate().map(|(n, separator)| {
        let Score { header, same, any } = score(text, separator);
        ((header, same, any, std::cmp::Reverse(n)), separator)
    });
    scored.max_by_key(|(score, _)| *score).map_or(CANDIDATES[0], |(_, separator)| separator)
}

struct Score {
    header: usize,
    same: bool,
    any: bool,
}

fn score(text: &str, separator: Separator) -> Score {
    let mut splitter = Splitter::new(text, 1, separator);
    let (mut cells, mut counts, mut known) = (Vec::new(), Vec::new(), 0);
    while let Some((_, kind)) = splitter.next(&mut cells) {
        if kind == Kind::Row {
            if counts.len() < header::ROWS_SEARCHED {
                known = known.max(known_cells(&cells));
            }
            counts.push(cells.len());
        }
        if counts.len() == SAMPLE {
            break;
        }
    }
    let most = |share: usize| share * 5 >= counts.len() * 4 && !counts.is_empty();
    let usual = counts.iter().copied().max_by_key(|n| counts.iter().filter(|m| *m == n).count()).unwrap_or(0);
    // Cut at blanks, `serial number` and `secret key` are four headings instead of two.
    let header = if separator == Separator::Blanks { known.min(1) } else { known };
    Score {
        header,
        same: usual > 1 && most(counts.iter().filter(|n| **n == usual).count()),
        any: most(counts.iter().filter(|n| **n > 1).count()),
    }
}

/// Two known headings make a header; one may be chance.
fn known_cells(cells: &[Cell<'_>]) -> usize {
    let known = header::names(cells).iter().flatten().count();
    if known >= 2 { known } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        choose(text, None).separator.word()
    }

    #[test]
    fn each_of_them() {
        assert_eq!(of("upn,serial number,secret key\na,b,c\n"), ",");
        assert_eq!(of("upn;serial number;secret key\na;1,2;c\n"), ";");
        assert_eq!(of("SN\tSeed\n1\tA\n"), "tab");
        assert_eq!(of("serial number\tsecret key\ttime interval\n1\tA\t30\n"), "tab");
        assert_eq!(of("serial seed\n1 A\n"), "blanks");
        assert_eq!(of("1|A B\n2|C D\n"), "|");
        assert_eq!(of("1200 ABCD\n1201 CDEF\n"), "blanks");
        assert_eq!(of("tok-1, ab\ntok-2, cd, totp, 6, 30\n"), ",");
    }

    #[test]
    fn separators_inside_quotes_do_not_count() {
        assert_eq!(of("\"a,b,c\";\"d,e,f\"\n\"a,b,c\";\"d,e,f\"\n"), ";");
    }

    #[test]
    fn a_header_decides_against_a_long_delivery_note() {
        assert_eq!(of("Dear customer, thank you\nfor your order, see below\nserial;seed\n1;AB\n"), ";");
    }

    #[test]
    fn a_sep_line_decides_and_is_no_row() {
        let choice = choose("sep=;\r\na,b;c\r\n", None);
        assert_eq!((choice.separator, choice.skip, choice.first_line), (Separator::Char(b';'), 7, 2));
        assert_eq!(choose("sep=;\na", Some(Separator::Blanks)).separator, Separator::Blanks);
    }
}
