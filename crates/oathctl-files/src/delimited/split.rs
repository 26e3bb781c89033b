//! From text to records and cells.
//!
//! Owns: quotes, line ends, physical line numbers, comments. Cells are borrowed from the text. Does not own: what
//! a cell means. Written here because a reader of seed files must know physical lines, must tolerate blanks
//! before quotes, and must not let one stray quote swallow the rest of a file.

use memchr::{memchr, memchr_iter, memchr2};

/// A quoted cell longer than this is taken for one whose closing quote is missing.
const LONGEST_QUOTED: usize = 4096;

/// A record longer than this is taken for one whose quotes do not pair, so that no file takes quadratic time.
const LONGEST_RECORD: usize = 16 * 1024;

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// One ASCII character.
    Char(u8),
    /// One or more blanks or tabs.
    Blanks,
}

impl Separator {
    /// Reads a character, or `comma`, `semicolon`, `tab`, `\t`, `pipe`, `blanks`.
    pub fn parse(text: &str) -> Option<Self> {
        match (text.to_ascii_lowercase().as_str(), text.as_bytes()) {
            ("comma", _) => Some(Self::Char(b',')),
            ("semicolon", _) => Some(Self::Char(b';')),
            ("tab" | "\\t", _) => Some(Self::Char(b'\t')),
            ("pipe", _) => Some(Self::Char(b'|')),
            ("blank" | "blanks" | "space" | " ", _) => Some(Self::Blanks),
            (_, [c]) if c.is_ascii() && !c.is_ascii_alphanumeric() && !b"\"\r\n".contains(c) => {
                Some(Self::Char(*c))
            }
            _ => None,
        }
    }

    /// `,` and its like as they stand; `tab`, `blanks`.
    pub fn word(self) -> String {
        match self {
            Self::Char(b'\t') => "tab".into(),
            Self::Char(c) => char::from(c).to_string(),
            Self::Blanks => "blanks".into(),
        }
    }
}

/// One cell as it stands in the text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell<'t> {
    pub(crate) raw: &'t str,
    /// `""` stands for a quote.
    pub(crate) escaped: bool,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Row,
    Comment,
    Blank,
    /// A quoted cell begins and does not end where a cell may end. The record is this one line, without cells.
    Unclosed,
}

/// Walks through a text record by record.
#[derive(Clone)]
pub(crate) struct Splitter<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    separator: Separator,
}

impl<'t> Splitter<'t> {
    pub(crate) fn new(text: &'t str, first_line: u64, separator: Separator) -> Self {
        Self { text, at: 0, line: first_line, separator }
    }

    /// The next record: its first physical line and its kind; `cells` is filled for rows and comments.
    pub(crate) fn next(&mut self, cells: &mut Vec<Cell<'t>>) -> Option<(u64, Kind)> {
        cells.clear();
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = self.line;
        let end = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let raw = &rest[..end];
        let kind = match kind_of(raw, self.separator) {
            Kind::Row if memchr(b'"', raw.as_bytes()).is_some() => match self.quoted(cells) {
                Some(length) => return Some(self.advance(length, line, Kind::Row)),
                None => {
                    cells.clear();
                    Kind::Unclosed
                }
            },
            Kind::Row => {
                plain(raw, self.separator, cells);
                Kind::Row
            }
            Kind::Comment => {
                cells.push(Cell { raw, escaped: false });
                Kind::Comment
            }
            kind => kind,
        };
        Some(self.advance(end, line, kind))
    }

    /// Moves past `length` bytes and the line end after them.
    fn advance(&mut self, length: usize, line: u64, kind: Kind) -> (u64, Kind) {
        let rest = &self.text.as_bytes()[self.at..];
        let inside = line_ends(&rest[..length]);
        let end = line_end(&rest[length..]);
        self.at += length + end;
        self.line += inside + u64::from(end > 0);
        (line, kind)
    }

    /// Splits a record with quotes; its length without the line end, or `None` when a quote is not closed.
    fn quoted(&self, cells: &mut Vec<Cell<'t>>) -> Option<usize> {
        let rest = &self.text[self.at..];
        let mut at = 0;
        loop {
            let (cell, after) = self.cell(rest, at).filter(|(_, after)| *after <= LONGEST_RECORD)?;
            cells.push(cell);
            let next = match self.separator {
                Separator::Char(_) => after,
                Separator::Blanks => after + blanks(&rest.as_bytes()[after..], self.separator),
            };
            match (rest.as_bytes().get(next), self.separator) {
                (Some(b'\n' | b'\r') | None, _) => return Some(next),
                (Some(_), Separator::Char(_)) => at = next + 1,
                (Some(_), Separator::Blanks) => at = next,
            }
        }
    }

    /// The cell at `at` and the place of the separator or line end after it.
    fn cell(&self, rest: &'t str, at: usize) -> Option<(Cell<'t>, usize)> {
        let bytes = rest.as_bytes();
        let start = at + blanks(&bytes[at..], self.separator);
        if bytes.get(start) != Some(&b'"') {
            let length = bytes[at..].iter().position(|b| self.ends_cell(*b)).unwrap_or(bytes.len() - at);
            return Some((Cell { raw: &rest[at..at + length], escaped: false }, at + length));
        }
        let (inside, escaped) = closing_quote(&bytes[start + 1..])?;
        let raw = &rest[start + 1..start + 1 + inside];
        let quote = start + inside + 2;
        let after = match self.separator {
            Separator::Char(_) => quote + blanks(&bytes[quote..], self.separator),
            Separator::Blanks => quote,
        };
        // A quote that closes in the middle of a cell closed the wrong one.
        let closed = bytes.get(after).is_none_or(|b| self.ends_cell(*b));
        closed.then_some((Cell { raw, escaped }, after))
    }

    fn ends_cell(&self, byte: u8) -> bool {
        match self.separator {
            Separator::Char(c) if byte == c => true,
            Separator::Blanks if matches!(byte, b' ' | b'\t') => true,
            _ => matches!(byte, b'\n' | b'\r'),
        }
    }
}

/// Length up to the closing quote, and whether doubled quotes stand before it.
fn closing_quote(bytes: &[u8]) -> Option<(usize, bool)> {
    let reach = &bytes[..bytes.len().min(LONGEST_QUOTED)];
    let (mut at, mut escaped) = (0, false);
    loop {
        at += memchr(b'"', reach.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// Blanks that may stand around a quoted cell.
fn blanks(bytes: &[u8], separator: Separator) -> usize {
    let tab_is_blank = separator != Separator::Char(b'\t');
    bytes.iter().take_while(|b| **b == b' ' || (**b == b'\t' && tab_is_blank)).count()
}

fn kind_of(raw: &str, separator: Separator) -> Kind {
    let start =
        raw.trim_start_matches(|c: char| c == '\u{feff}' || (c.is_ascii_whitespace() && !is(c, separator)));
    match start.as_bytes() {
        [] => Kind::Blank,
        [b'#', rest @ ..] if !is_spreadsheet_error(rest) => Kind::Comment,
        [b'/', b'/', ..] => Kind::Comment,
        [b';', ..] if separator != Separator::Char(b';') => Kind::Comment,
        [first, ..] if *first > b' ' && first.is_ascii() && *first != 0x7f => Kind::Row,
        _ if start.chars().all(|c| c.is_whitespace() || c.is_control()) && !start.contains('\t') => {
            Kind::Blank
        }
        _ => Kind::Row,
    }
}

fn is(c: char, separator: Separator) -> bool {
    separator == Separator::Char(b'\t') && c == '\t'
}

/// `####` and `#N/A` are damaged cells, not comments.
fn is_spreadsheet_error(rest: &[u8]) -> bool {
    [b"###".as_slice(), b"N/A", b"REF!", b"VALUE!", b"NAME?", b"DIV/0!", b"NUM!", b"NULL!"]
        .iter()
        .any(|error| rest.starts_with(error))
}

fn plain<'t>(raw: &'t str, separator: Separator, cells: &mut Vec<Cell<'t>>) {
    let cell = |raw| Cell { raw, escaped: false };
    match separator {
        Separator::Blanks => cells.extend(raw.split_ascii_whitespace().map(cell)),
        Separator::Char(c) => {
            let mut start = 0;
            for end in memchr_iter(c, raw.as_bytes()) {
                cells.push(cell(&raw[start..end]));
                start = end + 1;
            }
            cells.push(cell(&raw[start..]));
        }
    }
}

/// Line ends inside a stretch: `\n`, `\r\n` and a lone `\r` are one each.
fn line_ends(bytes: &[u8]) -> u64 {
    let mut count = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let second_of_pair = bytes[at] == b'\n' && at > 0 && bytes[at - 1] == b'\r';
        count += u64::from(!second_of_pair);
    }
    count
}

fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
