//! A serial: text, never a number; damage is told, not repaired.
//!
//! Owns: [`read`], the damages of spreadsheets. Does not own: comparing serials.

/// Longest serial taken.
const LONGEST: usize = 64;
/// A spreadsheet keeps this many digits of a number.
const DIGITS_KEPT: usize = 15;

/// What a serial cell says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Serial {
    /// Nothing, or a dash.
    Missing,
    /// A spreadsheet destroyed it.
    Damaged,
    /// Characters or a length no serial has.
    Malformed,
    /// As it stands.
    Fine,
    /// A spreadsheet's spelling that lost nothing.
    Rewritten(String),
}

/// Reads a cleaned cell.
pub(crate) fn read(text: &str) -> Serial {
    match text {
        "" | "-" | "n/a" | "N/A" => Serial::Missing,
        _ if text.bytes().all(|b| b.is_ascii_digit()) => length(text, Serial::Fine),
        _ if text.starts_with('#') || is_date(text) => Serial::Damaged,
        _ => scientific(text).or_else(|| with_decimals(text)).unwrap_or_else(|| plain(text)),
    }
}

fn length(text: &str, fine: Serial) -> Serial {
    if text.len() > LONGEST { Serial::Malformed } else { fine }
}

fn plain(text: &str) -> Serial {
    let known = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | ':' | '+');
    if text.chars().all(known) { length(text, Serial::Fine) } else { Serial::Malformed }
}

/// `1.23462E+12` lost digits; `1.234620000123E+12` has them all.
fn scientific(text: &str) -> Option<Serial> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let magnitude = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let notation = whole.len() == 1 && digits(whole) && digits(fraction) && digits(magnitude);
    if !notation || !(1..=2).contains(&magnitude.len()) {
        return None;
    }
    let exponent: usize = exponent.trim_start_matches('+').parse().unwrap_or(usize::MAX);
    let (kept, rest) = fraction.split_at_checked(exponent).unwrap_or(("", "?"));
    let exact = (1..DIGITS_KEPT).contains(&exponent) && rest.bytes().all(|b| b == b'0');
    Some(if exact { Serial::Rewritten(format!("{whole}{kept}")) } else { Serial::Damaged })
}

/// `1234620000123.0`: a number, still whole.
fn with_decimals(text: &str) -> Option<Serial> {
    let (whole, zeros) = text.split_once(['.', ','])?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(zeros) {
        return None;
    }
    // A number with a fraction is no serial, and never was one.
    if zeros.bytes().any(|b| b != b'0') {
        return Some(Serial::Malformed);
    }
    // Three zeros after a separator may be thousands, and many digits have been rounded.
    let doubtful = zeros.len() > 2 || whole.len() > DIGITS_KEPT;
    Some(if doubtful { Serial::Damaged } else { Serial::Rewritten(whole.to_owned()) })
}

/// `1-Mar`, `Mrz 26`, `03/01/2026`, `2026-03-01`: what a spreadsheet makes of a serial that looked like a date.
fn is_date(text: &str) -> bool {
    if !text.contains(['-', '/', '.', ' ']) || text.len() > 24 {
        return false;
    }
    let text = text.split_once(" 00:00").map_or(text, |(date, _)| date);
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is =
        |part: &str, most: u32| part.len() <= 2 && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n));
    match parts.as_slice() {
        [a, b] => (is(a, 31) && is_month(b)) || (is_month(a) && number(b) && b.len() <= 4),
        [a, b, c] if is_month(b) => is(a, 31) && number(c),
        [a, b, c] if is(a, 31) && is(b, 31) => {
            is_year(c) || (c.len() == 2 && number(c) && !text.contains('-'))
        }
        [a, b, c] => is_year(a) && is(b, 12) && is(c, 31),
        _ => false,
    }
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && part.parse::<u32>().is_ok_and(|year| (1900..2100).contains(&year))
}

/// Short names of months in English, German, French, Spanish, Italian, Dutch.
fn is_month(part: &str) -> bool {
    const MONTHS: &str = "jan feb mar apr may jun jul aug sep sept oct nov dec mrz märz mai okt dez janv févr \
        fevr mars avr juin juil août aout déc ene abr ago dic gen mag giu lug set ott mrt mei";
    let part = part.to_lowercase();
    part.len() >= 3 && MONTHS.split_whitespace().any(|month| month == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_as_they_stand() {
        for text in
            ["1200000000011", "0012", "tok-hotp", "GALT 10", "EXAM00000100", "12-34-5678", "1.2.3", "5E12A"]
        {
            assert_eq!(read(text), Serial::Fine, "{text}");
        }
    }

    #[test]
    fn what_a_spreadsheet_destroyed_is_refused() {
        for text in [
            "1.23462E+12",
            "1,20000E+12",
            "1E5",
            "1.2e-05",
            "####",
            "#N/A",
            "#REF!",
            "1-Mar",
            "Mar-26",
            "1. Mrz",
            "03/01/2026",
            "2026-03-01",
            "2026-03-01 00:00:00",
            "01.03.26",
            "1.234620000123E+13",
            "12345678901234567000.0",
            "1,234",
            "1.000",
        ] {
            let found = read(text);
            assert!(matches!(found, Serial::Damaged | Serial::Malformed), "{text} {found:?}");
        }
        assert_eq!(read("1.23462E+12"), Serial::Damaged);
    }

    #[test]
    fn what_lost_nothing_is_written_out() {
        assert_eq!(read("1.234620000123E+12"), Serial::Rewritten("1234620000123".into()));
        assert_eq!(read("1234620000123.0"), Serial::Rewritten("1234620000123".into()));
        assert_eq!(read("1234620000123,00"), Serial::Rewritten("1234620000123".into()));
    }

    #[test]
    fn missing_and_malformed() {
        assert_eq!(read(""), Serial::Missing);
        assert_eq!(read("-"), Serial::Missing);
        assert_eq!(read(&"1".repeat(65)), Serial::Malformed);
        assert_eq!(read("a\"b"), Serial::Malformed);
        assert_eq!(read("=A1"), Serial::Malformed);
        assert_eq!((read("1234.5"), read("1234,5")), (Serial::Malformed, Serial::Malformed));
    }
}
