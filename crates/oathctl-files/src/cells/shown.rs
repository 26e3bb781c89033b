//! A cell as it may be shown in a fault: never a seed, never a control character.
//!
//! Owns: [`shown`], [`could_be_seed`]. Columns are swapped and rows are shifted in real files, so every cell that
//! has the shape of a seed is shown as its shape, whatever column it stands in.

use super::clean::visible;

/// Longer cells are shown as their shape: a line whose separator was not found is one cell with everything in it.
const SHOWN: usize = 48;

/// From this many characters on a text may be a seed of 10 bytes in Base32.
const SHORTEST: usize = 16;

/// From this many characters on a mixture of letters and digits may be a piece of a seed.
const SHORTEST_PIECE: usize = 12;

/// The cell for a fault: as it is; or its shape, as in `<32 base32>`.
pub(crate) fn shown(text: &str) -> String {
    if hides_seed(text) { shape(text) } else { text.chars().filter_map(visible).collect() }
}

/// The first cells of a row. A seed is also printed in blocks, and where blanks divide, each block is a cell of its own: three or more cells in a
/// row of one length, and the last one if it is shorter, are shown as their number and length.
pub(crate) fn shown_row(cells: &[String]) -> Vec<String> {
    let is_block =
        |cell: &str| (2..=10).contains(&cell.len()) && cell.bytes().all(|b| b.is_ascii_alphanumeric());
    let mut seen = Vec::new();
    let mut rest = cells;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|cell| is_block(cell) && cell.len() == first.len()).count();
        let taken = if alike >= 3 {
            seen.push(format!("<{alike} blocks of {} characters>", first.len()));
            let tail = rest.get(alike).is_some_and(|cell| is_block(cell) && cell.len() < first.len());
            alike + usize::from(tail)
        } else {
            seen.extend(Some(shown(first)).filter(|cell| !cell.is_empty()));
            1
        };
        rest = &rest[taken..];
    }
    seen.truncate(12);
    seen
}

/// True for a text that may not be shown: too long, or a seed or a piece of one in any part of it.
pub(crate) fn hides_seed(text: &str) -> bool {
    let parts = || text.split([',', ';', '|', '\t', '"', '@', '<', '>', '(', ')', '?', '&']);
    text.chars().count() > SHOWN || could_be_seed(text) || parts().any(|part| has_shape(part, SHORTEST_PIECE))
}

/// Length and alphabet.
pub(crate) fn shape(text: &str) -> String {
    let core: Vec<char> = core(text).collect();
    let alphabet = match () {
        () if core.iter().all(char::is_ascii_hexdigit) => "hex",
        () if core.iter().all(|c| matches!(c, 'A'..='Z' | 'a'..='z' | '2'..='7')) => "base32",
        () => "characters",
    };
    format!("<{} {alphabet}>", core.len())
}

/// The characters that carry a seed: without grouping, padding and `0x`.
fn core(text: &str) -> impl Iterator<Item = char> {
    let text = text.trim();
    let text = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | ':' | '=' | '.'))
}

/// True when the text has the shape of a seed, whole or damaged. A serial of 16 digits has not, a heading of
/// several words has not.
pub(crate) fn could_be_seed(text: &str) -> bool {
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("otpauth")) {
        return true;
    }
    if text.contains('@') {
        return false;
    }
    has_shape(text, SHORTEST)
}

/// True for a serial that may as well be a piece of a seed, in a row whose seed can't be read: long, with letters, and
/// letters and digits mixed as no serial has them. Serials are letters, then digits, or the other way round.
pub(crate) fn is_doubtful_serial(text: &str) -> bool {
    let mut turns = 0;
    let mut last = None;
    for c in core(text) {
        let digit = Some(c.is_ascii_digit());
        turns += usize::from(last.is_some() && last != digit);
        last = digit;
    }
    let digits = core(text).filter(char::is_ascii_digit).count();
    could_be_piece(text) && (turns > 1 || digits < 4)
}

/// A value for a fault: as [`shown`], and a long word is shown as its shape too: half a seed of letters alone looks like
/// one. Of headings more is known, and they are shown.
pub(crate) fn shown_value(text: &str) -> String {
    if could_be_piece(text) && !text.contains('@') { shape(text) } else { shown(text) }
}

/// True for what may be a part of a seed that was cut in two: letters among at least twelve characters of one word.
pub(crate) fn could_be_piece(text: &str) -> bool {
    let is_word = core(text).all(|c| c.is_ascii_alphanumeric()) && text.split_whitespace().count() == 1;
    is_word && core(text).count() >= SHORTEST_PIECE && core(text).any(|c| c.is_ascii_alphabetic())
}

/// `#N/A`, `#REF!`, and what they are called elsewhere, as `#BEZUG!`. A row of `#` is a column that was too narrow.
pub(crate) fn is_formula_error(text: &str) -> bool {
    let Some(word) = text.strip_prefix('#').filter(|word| (2..=10).contains(&word.len())) else {
        return false;
    };
    let ends = word.ends_with(['!', '?']) || ["N/A", "NV", "N/D", "NULL"].contains(&word);
    ends && word.starts_with(char::is_uppercase)
        && word.chars().all(|c| c.is_uppercase() || matches!(c, '/' | '0' | '!' | '?' | '\u{a1}'))
}

fn has_shape(text: &str, shortest: usize) -> bool {
    let (mut length, mut digits, mut letters, mut foreign) = (0, 0, 0, 0);
    for c in core(text) {
        length += 1;
        match c {
            '0'..='9' => digits += 1,
            'a'..='z' | 'A'..='Z' => letters += 1,
            '+' | '/' | '_' => {}
            _ => foreign += 1,
        }
    }
    match () {
        // A stray character or two does not make a seed public.
        () if length < shortest || foreign * 8 > length => false,
        () if letters == 0 => digits >= 20,
        () if digits == 0 => length >= SHORTEST && !is_words(text),
        () => true,
    }
}

/// Letters in groups of different lengths are words; seeds are grouped evenly, but for a group that was cut.
fn is_words(text: &str) -> bool {
    let groups: Vec<usize> = text.split_whitespace().map(|group| group.chars().count()).collect();
    match groups.as_slice() {
        [] | [_] => false,
        [_, _] => true,
        [first, middle, _] => first != middle,
        [_, second, middle @ .., _] => middle.iter().any(|length| length != second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_in_any_spelling_have_the_shape() {
        for text in [
            "ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z",
            "zs3c jn6l 22og iysm gddk 3f3v ukfi 6m6z",
            "LHUMZ67FK5HNWB6RUTM4D3UW2WVM4E5RSR4ZO7LMV2PZOBR4GMHA====",
            "0xccb624b7cbd69c64624c30c6ad9775a28a8f33d9",
            "CC:B6:24:B7:CB:D6:9C:64:62:4C",
            "zLYkt8vWnGRiTDDGrZd1ooqPM9k=",
            "ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6!",
            "12345678901234567890",
            "QWERTYUIOPASDFGHJKLZXCVBNMQWERTY",
            "AAG UAAA AAAA AAAA AAAA AAA",
            "otpauth://totp/x?secret=ABC",
        ] {
            assert!(could_be_seed(text), "{text}");
            assert!(shown(text).starts_with('<'), "{text}");
        }
    }

    #[test]
    fn serials_names_and_headings_have_not() {
        for text in [
            "1200000000011",
            "1,20000E+12",
            "ada@example.test",
            "numer seryjny tokena",
            "Time Interval",
            "",
            "XT-1",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn seeds_inside_a_longer_text_are_hidden() {
        assert_eq!(shown("1200;ZS3CJN6L22OGIYSMGDDK"), "<25 characters>");
        assert!(shown("a@example.test,zs3c jn6l 22og").starts_with('<'));
        assert_eq!(shown("ZS3CJN6L22OGI"), "<13 base32>");
    }

    #[test]
    fn a_serial_that_may_be_a_piece_of_a_seed() {
        for text in ["QWERTYUIOPAS", "3f9a0b1c2d4e5", "ZS3CJN6L22OGI", "ABCDEFGHIJKL123"] {
            assert!(is_doubtful_serial(text), "{text}");
        }
        for text in ["GALT10001234", "EXAM00000100", "1200000000011", "A1B2C3", "12345678-AB"] {
            assert!(!is_doubtful_serial(text), "{text}");
        }
        assert_eq!(
            (shown_value("QWERTYUIOPAS"), shown_value("monthly")),
            ("<12 base32>".into(), "monthly".into())
        );
    }

    #[test]
    fn errors_of_formulas() {
        for text in ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NV", "#BEZUG!"] {
            assert!(is_formula_error(text), "{text}");
        }
        for text in ["", "#", "####", "#1", "#12AB", "# comment", "N/A", "#AB", "#ZS3CJN6L22OGI!"] {
            assert!(!is_formula_error(text), "{text}");
        }
    }

    #[test]
    fn long_texts_are_shapes_and_invisible_characters_dropped() {
        assert_eq!(shown(&"\u{391}\u{3b2} ".repeat(40)), "<80 characters>");
        assert_eq!(shown("a\u{202e}b\u{7}"), "ab");
    }

    #[test]
    fn a_seed_in_blocks_is_not_shown() {
        let seen = |line: &str| shown_row(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let line = "1234567 GTWJ UV27 PV2L SQ5J 4DR4 P5IJ EANL SA7R";
        assert_eq!(seen(line), ["1234567", "<8 blocks of 4 characters>"]);
        assert_eq!(seen("1234567 ccb6 24b7 cbd6 9c"), ["1234567", "<3 blocks of 4 characters>"]);
        assert_eq!(seen("cc b6 24 b7 XT-1"), ["<4 blocks of 2 characters>", "XT-1"]);
        assert_eq!(seen("Seriennummer Schl\u{fc}ssel Zeit"), ["Seriennummer", "Schl\u{fc}ssel", "Zeit"]);
    }
}
