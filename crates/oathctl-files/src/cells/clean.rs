//! A cell without what spreadsheets, mail programs and typesetters wrap around it.
//!
//! Owns: [`clean`]. Plain ASCII, nearly every cell there is, is borrowed as it stands.

use std::ops::Deref;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::delimited::split::Cell;
use crate::wiped::WipedText;

/// A cleaned cell.
pub(crate) enum Clean<'t> {
    /// Part of the input.
    Same(&'t str),
    /// Rewritten; wiped when dropped, since it may be a seed.
    New(Zeroizing<String>),
}

impl Deref for Clean<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Same(text) => text,
            Self::New(text) => text,
        }
    }
}

/// Takes off blanks, invisible and control characters, quotes, `="…"` and a leading `'`; dashes become `-`,
/// full-width characters ASCII, line breaks blanks.
pub(crate) fn clean(cell: Cell<'_>) -> Clean<'_> {
    let trimmed = cell.raw.trim_ascii();
    let plain = !cell.escaped && trimmed.bytes().all(|b| (0x20..0x7f).contains(&b));
    match trimmed.as_bytes().first() {
        Some(b'\'' | b'"' | b'=') => {}
        _ if plain => return Clean::Same(trimmed),
        _ => {}
    }
    let mut text = WipedText::with_capacity(cell.raw.len() * 2);
    let mut last = ' ';
    for c in unescaped(cell).nfkc() {
        // A line break of two characters is one blank.
        if let Some(visible) = visible(c).filter(|_| !(last == '\r' && c == '\n')) {
            text.push(visible);
        }
        last = c;
    }
    Clean::New(text.narrowed(unwrapped))
}

/// The cell's characters, with `""` as one quote.
fn unescaped<'t>(cell: Cell<'t>) -> impl Iterator<Item = char> + 't {
    let mut open = false;
    cell.raw.chars().filter(move |c| {
        open = cell.escaped && *c == '"' && !open;
        !open
    })
}

/// What a character stands for; `None` when it stands for nothing.
pub(crate) fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => Some('-'),
        _ if is_invisible(c) => None,
        _ if c.is_whitespace() => Some(' '),
        _ => Some(c),
    }
}

/// Control characters, soft hyphen, zero widths, and whatever turns the direction of writing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{fff9}'..='\u{fffb}')
}

fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(text).trim();
    let text = without_quotes(text).trim();
    match text.strip_prefix('\'') {
        Some(rest) if !rest.is_empty() => rest.trim(),
        _ => text,
    }
}

/// One pair of quotes, straight or typographic.
fn without_quotes(text: &str) -> &str {
    let mut chars = text.chars();
    let (Some(first), Some(last)) = (chars.next(), chars.next_back()) else { return text };
    let pair = matches!(
        (first, last),
        ('"', '"')
            | ('\'', '\'')
            | ('\u{201c}' | '\u{201e}', '\u{201c}' | '\u{201d}')
            | ('\u{2018}' | '\u{201a}', '\u{2018}' | '\u{2019}')
            | ('\u{ab}', '\u{bb}')
    );
    if pair { chars.as_str() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> String {
        clean(Cell { raw, escaped: false }).to_owned()
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(clean(Cell { raw: " 1200 ", escaped: false }), Clean::Same("1200")));
    }

    #[test]
    fn wrappings_come_off() {
        for raw in [
            "'0012",
            "=\"0012\"",
            "\u{201c}0012\u{201d}",
            "\"0012\"",
            "\u{a0}0012\u{200b}",
            "\u{feff}0012",
            "00\u{ad}12",
            "'0012'",
        ] {
            assert_eq!(of(raw), "0012", "{raw:?}");
        }
        assert_eq!(clean(Cell { raw: "=\"\"0012\"\"", escaped: true }).to_owned(), "0012");
        assert_eq!(clean(Cell { raw: "5\"\" tall", escaped: true }).to_owned(), "5\" tall");
    }

    #[test]
    fn spellings_become_one() {
        assert_eq!(of("\u{ff11}\u{ff12}\u{ff21}"), "12A");
        assert_eq!(of("A\u{2013}1"), "A-1");
        assert_eq!(of("Examplar\r\nInc"), "Examplar Inc");
        assert_eq!(of("zoe\u{308}@example.test"), "zo\u{eb}@example.test");
    }

    #[test]
    fn h23_control_and_direction_characters_are_gone() {
        assert_eq!(of("a\u{202e}b\u{1b}[31mc\u{2066}"), "ab[31mc");
    }

    #[test]
    fn a_lone_apostrophe_stays() {
        assert_eq!(of("'"), "'");
        assert_eq!(of("o'hara"), "o'hara");
    }
}
