//! What the formats of cells make of a number (ECMA-376 part 1, §18.8).
//!
//! Owns: [`Styles`]: which show dates, which add zeros or marks. Does not own: the dates ([`super::date`]), the marks
//! ([`super::picture`]).

use std::collections::BTreeMap;

use oathctl_core::reason::Reason;

use super::picture::Picture;
use crate::xml::Xml;

/// What every cell format does.
#[derive(Default)]
pub(super) struct Styles(Vec<Style>);

#[derive(Clone)]
enum Style {
    Plain,
    Date,
    Picture(Picture),
}

impl Styles {
    /// Reads the part.
    ///
    /// # Errors
    /// Damage.
    pub(super) fn read(text: &str) -> Result<Self, Reason> {
        let (mut xml, _) = Xml::open(text).map_err(|damage| damage.reason())?;
        let (mut codes, mut formats) = (Vec::new(), Vec::new());
        while let Some(head) = xml.next().map_err(|damage| damage.reason())? {
            if !matches!(head.name, "numFmts" | "cellXfs") {
                continue;
            }
            let list = xml.whole(head).map_err(|damage| damage.reason())?;
            for one in &list.children {
                let id = one.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok()).unwrap_or(0);
                if one.name == "xf" {
                    formats.push(id);
                } else {
                    codes.push((id, one.attribute("formatCode").unwrap_or("").to_owned()));
                }
            }
        }
        Ok(Self::of(codes.iter().map(|(id, code)| (*id, code.as_str())), &formats))
    }

    /// From the codes of the workbook's own by number, and the number of every cell format.
    pub(super) fn of<'c>(codes: impl Iterator<Item = (u32, &'c str)>, formats: &[u32]) -> Self {
        let own: BTreeMap<u32, Style> = codes.map(|(id, code)| (id, Style::of(code))).collect();
        let built_in = |id| if is_built_in_date(id) { Style::Date } else { Style::Plain };
        Self(formats.iter().map(|id| own.get(id).cloned().unwrap_or(built_in(*id))).collect())
    }

    /// Does a cell format show dates?
    pub(super) fn is_date(&self, format: usize) -> bool {
        matches!(self.0.get(format), Some(Style::Date))
    }

    /// A whole number as a cell format shows it, where that differs from its digits.
    pub(super) fn shown(&self, format: usize, number: f64) -> Option<String> {
        let Some(Style::Picture(picture)) = self.0.get(format) else { return None };
        let digits = super::render::decimal(number);
        let shown = digits.bytes().all(|b| b.is_ascii_digit()).then(|| picture.shows(&digits))?;
        (shown != digits).then_some(shown)
    }
}

impl Style {
    fn of(code: &str) -> Self {
        match Picture::of(code) {
            _ if shows_date(code) => Self::Date,
            Some(picture) => Self::Picture(picture),
            None => Self::Plain,
        }
    }
}

/// §18.8.30, with those of the eastern languages.
const fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// A code with a day, month, year, hour or second outside of quotes and brackets, in its first section.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut skip) = (false, false, false);
    for c in code.chars() {
        match c {
            _ if skip => skip = false,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' => skip = true,
            '[' => bracketed = true,
            ']' => bracketed = false,
            // `[h]` and `[ss]` count hours and seconds; `[Red]` and `[$-409]` do not.
            _ if bracketed => {}
            ';' => return false,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return true,
            'G' | 'g' | 'E' | 'e' => return false,
            _ => {}
        }
    }
    let code = code.to_ascii_lowercase();
    ["[h]", "[hh]", "[m]", "[mm]", "[s]", "[ss]"].iter().any(|elapsed| code.contains(elapsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_dates_and_of_numbers() {
        for code in ["yyyy-mm-dd", "d/m/yy", "[$-409]mmm-yy", "hh:mm:ss", "[ss]", "\\a dd"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["General", "0000000000000", "0.00E+00", "#,##0", "\"days\" 0", "[Red]0", "@", "0;\\d"] {
            assert!(!shows_date(code), "{code}");
        }
    }

    #[test]
    fn formats_by_number() {
        let styles = Styles::read(
            "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd.mm.yyyy'/></numFmts>\
             <cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
             <cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>",
        );
        let styles = styles.unwrap_or_default();
        let dates: Vec<bool> = (0..4).map(|n| styles.is_date(n)).collect();
        assert_eq!(dates, [false, true, true, false]);
    }
}
