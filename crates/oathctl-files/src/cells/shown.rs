//! A cell as it may be shown in a fault: never a seed, never a control character.
//!
//! Owns: [`shown`], [`could_be_seed`]. Columns are swapped and rows are shifted in real files, so every cell that
//! has the shape of a seed is shown as its shape, whatever column it stands in.

use super::clean::visible;

/// Characters of a cell that are shown.
const SHOWN: usize = 48;

/// From this many characters on a text may be a seed of 10 bytes in Base32.
const SHORTEST: usize = 16;

/// The cell for a fault: as it is, cut; or its shape, as in `<32 base32>`.
pub(crate) fn shown(text: &str) -> String {
    if could_be_seed(text) {
        return shape(text);
    }
    let mut shown: String = text.chars().filter_map(visible).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('\u{2026}');
    }
    shown
}

/// Length and alphabet.
fn shape(text: &str) -> String {
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
        () if length < SHORTEST || foreign * 8 > length => false,
        () if letters == 0 => digits >= 20,
        () if digits == 0 => !is_words(text),
        () => true,
    }
}

/// Letters in groups of different lengths are words; seeds are grouped evenly.
fn is_words(text: &str) -> bool {
    let groups: Vec<usize> = text.split_whitespace().map(|group| group.chars().count()).collect();
    match groups.as_slice() {
        [first, middle @ .., _last] => middle.iter().any(|length| length != first) || groups.len() == 2,
        _ => false,
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
    fn long_texts_are_cut_and_invisible_characters_dropped() {
        let long = "\u{391}\u{3b2} ".repeat(40);
        assert_eq!(shown(&long).chars().count(), SHOWN + 1);
        assert_eq!(shown("a\u{202e}b\u{7}"), "ab");
    }
}
