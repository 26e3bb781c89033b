//! Text that others wrote, made fit to be shown (H23) and never a seed (H24).
//!
//! Owns: [`clean`], [`shown`], [`heading`]. Does not own: what a terminal does with what is left.

/// Longest foreign text in a sentence, in characters.
const LONGEST: usize = 120;
/// Longest message of a tenant, in characters; what keeps them cuts at 500 already.
const LONGEST_MESSAGE: usize = 600;
/// Letters and digits from this many on could be a seed that slipped into another column.
const COULD_BE_SEED: usize = 16;

/// Without control and bidirectional characters, cut after 120 characters.
pub fn clean(text: &str) -> String {
    cut(text, LONGEST)
}

/// The tenant's own message: whole, within reason; its end often says what to do.
pub fn clean_message(text: &str) -> String {
    cut(text, LONGEST_MESSAGE)
}

fn cut(text: &str, longest: usize) -> String {
    let mut kept: Vec<char> = text.chars().filter(|c| !is_unsafe(*c)).take(longest + 1).collect();
    if kept.len() > longest {
        kept.truncate(longest);
        kept.push('…');
    }
    kept.into_iter().collect()
}

/// A cell in quotation marks; only its length where it could be a seed. Readers that have judged so already give its
/// shape, such as `<32 base32>`.
pub fn shown(cell: &str) -> String {
    quoted(cell, could_be_seed)
}

/// As [`shown`], for a heading: a long word of small letters is one.
pub fn heading(text: &str) -> String {
    quoted(text, |text| {
        let wordy = text.contains(char::is_lowercase) && !text.contains(|c: char| c.is_ascii_digit());
        could_be_seed(text) && !wordy
    })
}

fn quoted(text: &str, hidden: impl Fn(&str) -> bool) -> String {
    let text = clean(text);
    if text.is_empty() {
        return "an empty cell".into();
    }
    let shape = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    if let Some(words) = shape.and_then(shape_in_words) {
        return words;
    }
    if hidden(&text) {
        return format!("a cell of {} letters and digits", text.chars().count());
    }
    format!("\"{text}\"")
}

/// The shapes that readers give: `32 base32`, `24 characters`, `number` … `None` for a text that only stands in angles.
fn shape_in_words(shape: &str) -> Option<String> {
    match shape {
        "number" | "date" => return Some(format!("a cell with a {shape}")),
        "boolean" => return Some("a cell with TRUE or FALSE".into()),
        "two values" => return Some("two values".into()),
        _ => {}
    }
    let (count, what) = shape.split_once(' ')?;
    let one = count == "1";
    count.parse::<u32>().ok()?;
    Some(match what {
        "bytes" if one => "1 byte".into(),
        "bytes" => shape.into(),
        "characters" if one => "a cell of 1 character".into(),
        "characters" => format!("a cell of {shape}"),
        _ if what.starts_with("blocks of ") => format!("a cell of {shape}"),
        alphabet if one => format!("a cell of 1 {alphabet} character"),
        alphabet => format!("a cell of {count} {alphabet} characters"),
    })
}

/// Enough letters and digits, in one piece or in groups of one size, and nothing that a name or an address has.
fn could_be_seed(cell: &str) -> bool {
    let cell = cell.trim_start_matches('<').trim_end_matches('>');
    let letters = cell.chars().filter(char::is_ascii_alphanumeric).count();
    let groups: Vec<usize> = cell.split([' ', '-', ':']).map(str::len).collect();
    let (last, others) = groups.split_last().map_or((0, &[][..]), |(last, others)| (*last, others));
    let even = others.iter().all(|len| Some(len) == others.first() && *len >= last);
    letters >= COULD_BE_SEED
        && even
        && cell
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | ':' | '=' | '+' | '/' | '…'))
}

fn is_unsafe(c: char) -> bool {
    let bidirectional =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    c.is_control() || bidirectional || invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h23_controls_and_bidi_never_reach_a_screen() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\r\n"), "a[31mbc");
        assert_eq!(clean(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn h24_a_seed_in_the_wrong_column_is_not_shown() {
        for seed in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "3132 3334 3536 3738 3930", "0x31323334353637383930"]
        {
            assert!(!shown(seed).contains("313"), "{seed}");
            assert!(!shown(seed).contains("GEZ"), "{seed}");
        }
        for harmless in [
            "1.23462E+12",
            "CONTOSO\\anna.miller",
            "45 sec",
            "####",
            "1234567890123",
            "Anna Maria Miller-Lee",
        ] {
            assert_eq!(shown(harmless), format!("\"{harmless}\""));
        }
    }

    #[test]
    fn a_shape_is_put_in_words() {
        assert_eq!(shown("<32 base32>"), "a cell of 32 base32 characters");
        assert_eq!(shown("<24 characters>"), "a cell of 24 characters");
        assert_eq!(shown("<1 hex>"), "a cell of 1 hex character");
        assert_eq!(shown("<8 blocks of 4 characters>"), "a cell of 8 blocks of 4 characters");
        assert_eq!(shown("<number>"), "a cell with a number");
        assert_eq!(shown("<boolean>"), "a cell with TRUE or FALSE");
        assert_eq!(shown("<two values>"), "two values");
        assert_eq!(shown("<3 bytes>"), "3 bytes");
        assert_eq!(shown("<none>"), "\"<none>\"");
        assert_eq!(shown("<GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ>"), "a cell of 34 letters and digits");
    }

    #[test]
    fn a_heading_of_one_long_word_is_shown() {
        assert_eq!(heading("Verpackungseinheit"), "\"Verpackungseinheit\"");
        assert_eq!(heading("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "a cell of 32 letters and digits");
    }
}
