//! Display formats that add zeros and marks to a whole number: `0000000000000`, `"SN-"000000`, `000-000`.
//!
//! Owns: [`Picture`]. What it shows is what stands on the token's back, and what a spreadsheet writes into a CSV. Does
//! not own: decimals, thousands, dates ([`super::styles`]).

/// One place of a display format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `0`: a digit, or a zero where the number has none.
    Zero,
    /// `#` and `?`: a digit where the number has one.
    Digit,
    Mark(char),
}

/// A display format of whole numbers with at least two zeros or a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture(Vec<Part>);

/// Longer ones are none for serials.
const LONGEST: usize = 64;

impl Picture {
    /// Reads a format; `None` for one that does anything else to a number.
    pub(super) fn of(code: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                '0' => parts.push(Part::Zero),
                '#' | '?' => parts.push(Part::Digit),
                // Of several sections the first is for numbers above zero.
                ';' => break,
                '\\' => parts.push(Part::Mark(chars.next()?)),
                '"' => parts.extend(chars.by_ref().take_while(|c| *c != '"').map(Part::Mark)),
                // Colours and countries; conditions choose among sections.
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    if inside.starts_with(['<', '>', '=']) {
                        return None;
                    }
                }
                '-' | '(' | ')' | ':' | ' ' => parts.push(Part::Mark(c)),
                _ => return None,
            }
        }
        let zeros = parts.iter().filter(|part| **part == Part::Zero).count();
        let digits = zeros + parts.iter().filter(|part| **part == Part::Digit).count();
        let marks = parts.len() > digits;
        (digits > 0 && (zeros > 1 || marks) && parts.len() <= LONGEST).then_some(Self(parts))
    }

    /// A whole number's digits as the format shows them.
    pub(super) fn shows(&self, digits: &str) -> String {
        let mut left = digits.chars().rev();
        let first = self.0.iter().position(|part| !matches!(part, Part::Mark(_)));
        let mut shown = Vec::new();
        for (n, part) in self.0.iter().enumerate().rev() {
            match part {
                Part::Mark(c) => shown.push(*c),
                Part::Zero => shown.push(left.next().unwrap_or('0')),
                Part::Digit => shown.extend(left.next()),
            }
            // Digits beyond the format stand where its first one is.
            if Some(n) == first {
                shown.extend(left.by_ref());
            }
        }
        shown.into_iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(code: &str, digits: &str) -> Option<String> {
        Some(Picture::of(code)?.shows(digits))
    }

    #[test]
    fn zeros_and_marks_are_added() {
        for (code, digits, shown) in [
            ("0000000000000", "120", "0000000000120"),
            ("0000", "12345", "12345"),
            ("\"SN-\"000000", "42", "SN-000042"),
            ("000-000", "1234", "001-234"),
            ("00\\-#", "7", "00-7"),
            ("[Red]000;-000", "7", "007"),
        ] {
            assert_eq!(shows(code, digits).as_deref(), Some(shown), "{code}");
        }
    }

    #[test]
    fn formats_that_do_anything_else_are_none() {
        for code in ["General", "0", "#,##0", "0.00", "0%", "0.00E+00", "@", "yyyy-mm-dd", "[>5]00;0", ""] {
            assert_eq!(Picture::of(code), None, "{code}");
        }
    }
}
