//! Texts that several cells share (ECMA-376 part 1, §18.4).
//!
//! Owns: [`Strings`], all of them in one buffer that is wiped; [`text_of`], for texts inside cells too. Does not own:
//! formatting inside a text.

use zeroize::Zeroizing;

use oathctl_core::reason::Reason;

use crate::input::append;
use crate::xml::{Element, Xml};

/// Texts by number.
#[derive(Default)]
pub(super) struct Strings {
    text: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

impl Strings {
    /// Reads the part.
    ///
    /// # Errors
    /// Damage.
    pub(super) fn read(text: &str) -> Result<Self, Reason> {
        let mut strings = Self::default();
        let (mut xml, _) = Xml::open(text).map_err(|damage| damage.reason())?;
        while let Some(head) = xml.next().map_err(|damage| damage.reason())? {
            if head.name == "si" {
                let item = xml.whole(head).map_err(|damage| damage.reason())?;
                strings.push(&text_of(&item));
            }
        }
        Ok(strings)
    }

    pub(super) fn push(&mut self, text: &str) {
        append(&mut self.text, text.as_bytes());
        self.ends.push(self.text.len());
    }

    pub(super) fn get(&self, n: usize) -> Option<&str> {
        let end = *self.ends.get(n)?;
        let start = n.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        std::str::from_utf8(self.text.get(start..end)?).ok()
    }
}

/// A text in one piece or in runs; how it is pronounced (`rPh`) is no part of it.
pub(super) fn text_of(item: &Element<'_>) -> Zeroizing<String> {
    let runs = || {
        item.children.iter().filter_map(|child| match child.name {
            "t" => Some(child),
            "r" => child.child("t"),
            _ => None,
        })
    };
    let mut text = Zeroizing::new(String::with_capacity(runs().map(|run| run.text().len()).sum()));
    runs().for_each(|run| text.push_str(run.text()));
    if text.contains("_x") { unescaped(&text) } else { text }
}

/// `_x000D_` stands for a character that XML has no other way for (§22.9.2.19).
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, mark) = rest.split_at(at);
        out.push_str(before);
        let code = mark.get(2..6).filter(|_| mark.get(6..7) == Some("_"));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = mark.get(7..).unwrap_or("");
            }
            None => {
                out.push_str("_x");
                rest = mark.get(2..).unwrap_or("");
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_runs_and_escapes() {
        let strings = Strings::read(
            "<sst><si><t>a</t></si><si><r><t>b</t></r><r><rPr/><t>c</t></r><rPh><t>no</t></rPh></si><si/>\
             <si><t>d_x000D__xzz_e</t></si></sst>",
        );
        let strings = strings.unwrap_or_default();
        let all: Vec<_> = (0..5).map(|n| strings.get(n)).collect();
        assert_eq!(all, [Some("a"), Some("bc"), Some(""), Some("d\r_xzz_e"), None]);
    }
}
