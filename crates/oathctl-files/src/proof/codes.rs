//! Codes read from displays: a list of serials and codes.
//!
//! Owns: [`Given`], [`read_codes`]. Does not own: what the codes prove ([`super`]). A code is never shown.

use std::fmt;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::{Field, Place};
use oathctl_core::reason::Reason;
use oathctl_core::time::Utc;
use zeroize::Zeroizing;

use crate::delimited::headings::field_of;
use crate::input::Input;
use crate::text;

/// How many digits a display has.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=8;

/// A code that a device showed. Wiped when dropped; `Debug` shows the serial only.
pub struct Given {
    /// Whose code it is, as typed.
    pub serial: String,
    /// Line of the list it stands in, from 1; 0 when typed in.
    pub line: u64,
    /// When it was read from the display; `None` means now.
    pub at: Option<Utc>,
    code: Zeroizing<String>,
}

impl Given {
    /// Takes a code as people type it, with blanks or a dash inside. `None` when it has not 6 to 8 digits.
    pub fn new(serial: &str, code: &str, line: u64, at: Option<Utc>) -> Option<Self> {
        let mut digits = Zeroizing::new(String::with_capacity(code.len()));
        for c in code.chars().filter(|c| !is_blank(*c) && *c != '-') {
            digits.push(c);
        }
        let fits = digits.bytes().all(|b| b.is_ascii_digit()) && DIGITS.contains(&digits.len());
        fits.then(|| Self { serial: serial.trim().to_owned(), line, at, code: digits })
    }

    /// The door: the digits, to be compared.
    pub(super) fn expose_code(&self) -> &str {
        &self.code
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Given({}, ***)", self.serial)
    }
}

/// What a list of codes says.
#[derive(Debug, Default)]
pub struct GivenCodes {
    /// In the order of the list. Several codes of one token stand in the order in which it showed them.
    pub codes: Vec<Given>,
    /// Lines that say no code; errors without a row.
    pub faults: Vec<Fault>,
}

/// Reads `serial code` by line: comma, semicolon, tab or blanks between; blanks inside a code (`123 456`); several
/// codes of one token on one line or on several; `#` comments, empty lines and a line of known headings are passed over.
pub fn read_codes(input: Input) -> GivenCodes {
    let Input { name, bytes } = input;
    let text = text::decode(bytes);
    let mut given = GivenCodes::default();
    let mut first = true;
    for (line, content) in (1..).zip(text.as_str().lines()) {
        let content = content.trim_matches(is_blank);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if std::mem::take(&mut first) && is_heading(content) {
            continue;
        }
        if let Err(reason) = one_line(content, line, &mut given.codes) {
            let place = Place { file: name.clone(), line: Some(line), ..Place::default() };
            given.faults.push(Fault { severity: Severity::Error, reason, place, row: None, serial: None });
        }
    }
    given
}

/// `serial,code`, in the languages of the headings of seed files. Any other first line is one that says no code.
fn is_heading(content: &str) -> bool {
    let first = content.split([',', ';', '\t']).next().unwrap_or(content);
    let words =
        [first.trim_matches(|c| is_blank(c) || c == '"'), content.split(is_blank).next().unwrap_or("")];
    !content.bytes().any(|b| b.is_ascii_digit())
        && words.iter().any(|word| field_of(word) == Some(Field::Serial))
}

fn one_line(content: &str, line: u64, codes: &mut Vec<Given>) -> Result<(), Reason> {
    let separator = |c: char| matches!(c, ',' | ';' | '\t');
    let unquoted = |part: &'_ str| part.trim_matches(|c| is_blank(c) || c == '"').to_owned();
    let (serial, rest) = content
        .split_once(separator)
        .or_else(|| content.split_once(is_blank))
        .ok_or_else(|| malformed(content))?;
    let serial = unquoted(serial);
    if serial.is_empty() {
        return Err(Reason::SerialMissing);
    }
    let cells = rest.split(separator).map(|cell| cell.trim_matches(|c| is_blank(c) || c == '"'));
    let mut found = Vec::new();
    for cell in cells.filter(|cell| !cell.is_empty()) {
        match Given::new(&serial, cell, line, None) {
            Some(code) => found.push(code),
            // Two codes with a blank between them.
            None => {
                for word in cell.split(is_blank).filter(|word| !word.is_empty()) {
                    found.push(Given::new(&serial, word, line, None).ok_or_else(|| malformed(cell))?);
                }
            }
        }
    }
    if found.is_empty() {
        return Err(malformed(""));
    }
    codes.append(&mut found);
    Ok(())
}

/// The shape alone: what stands there may be most of a code.
fn malformed(text: &str) -> Reason {
    let length = text.chars().filter(|c| !is_blank(*c)).count();
    Reason::ValueMalformed { field: "code".into(), shown: format!("<{length} characters>") }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    type Line = (String, String, u64);

    fn of(text: &str) -> (Vec<Line>, Vec<(u64, Reason)>) {
        let given = read_codes(Input::new(None, text.as_bytes().to_vec()));
        let codes = given.codes.iter().map(|g| (g.serial.clone(), g.expose_code().to_owned(), g.line));
        let faults = given.faults.iter().map(|f| (f.place.line.unwrap(), f.reason.clone()));
        (codes.collect(), faults.collect())
    }

    fn codes(text: &str) -> Vec<(String, String)> {
        let (codes, faults) = of(text);
        assert_eq!(faults, []);
        codes.into_iter().map(|(serial, code, _)| (serial, code)).collect()
    }

    #[test]
    fn every_way_to_write_a_line() {
        for line in [
            "A1,123456",
            "A1 ; 123 456",
            "A1\t\"123456\"",
            "A1 123456",
            "A1   123 456",
            "\u{feff}A1,123-456,",
        ] {
            assert_eq!(codes(line), [("A1".to_owned(), "123456".to_owned())], "{line}");
        }
        assert_eq!(codes("serial,code\n# today\n\nA 1,12345678\n"), [("A 1".into(), "12345678".into())]);
        let two = [("A1".to_owned(), "123456".to_owned()), ("A1".to_owned(), "654321".to_owned())];
        for line in ["A1,123456,654321", "A1 123456 654321", "A1,123 456;654 321", "A1,123456\nA1 654321"] {
            assert_eq!(codes(line), two, "{line}");
        }
    }

    #[test]
    fn a_line_without_a_code_is_told_by_its_shape() {
        let shape =
            |n: u32| Reason::ValueMalformed { field: "code".into(), shown: format!("<{n} characters>") };
        let (codes, faults) = of("A1,12345\n,123456\nA1\nA1,123456\nA1,12345a\nA1,123 456 789\n");
        assert_eq!(codes, [("A1".into(), "123456".into(), 4)]);
        let expected =
            [(1, shape(5)), (2, Reason::SerialMissing), (3, shape(2)), (5, shape(6)), (6, shape(9))];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_first_line_that_is_no_heading_is_told() {
        let lines = |text: &str| of(text).1.into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        for text in ["hello\nA1 123456\n", "hello world\n", "# codes\n\nhello\n"] {
            assert_eq!(lines(text).len(), 1, "{text}");
        }
        for text in
            ["serial,code\n", "Serial Number;OTP\n", "Seriennummer\tCode\n", "serial code\nA1 123456\n"]
        {
            assert_eq!(lines(text), [0u64; 0], "{text}");
        }
    }

    #[test]
    fn a_code_is_not_in_debug() {
        let given = Given::new("A1", "123456", 1, None).unwrap();
        assert_eq!(format!("{given:?}"), "Given(A1, ***)");
    }
}
