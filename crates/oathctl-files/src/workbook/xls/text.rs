//! Texts in records ([MS-XLS] §2.5.293 and following).
//!
//! Owns: texts of one and of two bytes a character, the table of shared texts with its breaks. Does not own: where they
//! belong.

use zeroize::Zeroizing;

use super::records::{long as long_number, word};
use crate::workbook::strings::Strings;

/// Of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Excel 5 and 95: texts of bytes.
    Biff5,
    /// Excel 97 and later: Unicode.
    Biff8,
}

/// A text with its length in one byte.
pub(super) fn short(bytes: &[u8], version: Version) -> Zeroizing<String> {
    let length = bytes.first().map_or(0, |length| usize::from(*length));
    counted(bytes.get(1..).unwrap_or_default(), length, version)
}

/// A text with its length in two bytes.
pub(super) fn long(bytes: &[u8], version: Version) -> Zeroizing<String> {
    counted(bytes.get(2..).unwrap_or_default(), usize::from(word(bytes, 0)), version)
}

fn counted(bytes: &[u8], length: usize, version: Version) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(length.min(bytes.len()) * 3));
    match version {
        Version::Biff5 => push(&mut text, bytes.get(..length).unwrap_or(bytes), false),
        Version::Biff8 => {
            let wide = bytes.first().is_some_and(|flags| flags & 1 == 1);
            let rest = bytes.get(1..).unwrap_or_default();
            let needed = if wide { length * 2 } else { length };
            push(&mut text, rest.get(..needed).unwrap_or(rest), wide);
        }
    }
    text
}

/// Appends characters; half ones that do not belong together are replaced.
fn push(text: &mut String, bytes: &[u8], wide: bool) {
    if !wide {
        return text.extend(bytes.iter().map(|byte| char::from(*byte)));
    }
    let units = bytes.chunks_exact(2).map(|two| word(two, 0));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// The table of shared texts, from the body of its record and of those that continue it.
pub(super) fn shared(parts: &[&[u8]]) -> Strings {
    let mut parts =
        Parts { rest: parts.first().copied().unwrap_or_default(), more: parts.get(1..).unwrap_or_default() };
    let mut strings = Strings::default();
    parts.skip(8);
    while let Some(text) = parts.text() {
        strings.push(&text);
    }
    strings
}

/// Bytes that go on in the next record.
struct Parts<'p, 'b> {
    rest: &'b [u8],
    more: &'p [&'b [u8]],
}

impl<'b> Parts<'_, 'b> {
    /// Goes on in the next record where this one is used up; false at the end.
    fn refill(&mut self) -> bool {
        while self.rest.is_empty() {
            let Some((next, more)) = self.more.split_first() else { return false };
            (self.rest, self.more) = (next, more);
        }
        true
    }

    fn skip(&mut self, mut count: usize) {
        while count > 0 && self.refill() {
            let passed = count.min(self.rest.len());
            self.rest = self.rest.get(passed..).unwrap_or_default();
            count -= passed;
        }
    }

    /// Up to `count` bytes of this record.
    fn take(&mut self, count: usize) -> &'b [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Length and marks of a text are never broken; its characters may be, and begin with their width again then.
    fn text(&mut self) -> Option<Zeroizing<String>> {
        if !self.refill() || self.rest.len() < 3 {
            return None;
        }
        let head = self.take(3);
        let (mut left, flags) = (usize::from(word(head, 0)), *head.get(2)?);
        let runs = if flags & 8 != 0 { usize::from(word(self.take(2), 0)) * 4 } else { 0 };
        let phonetic = if flags & 4 != 0 { usize::try_from(long_number(self.take(4), 0)).ok()? } else { 0 };
        let mut wide = flags & 1 == 1;
        let mut text = Zeroizing::new(String::with_capacity(left.min(self.rest.len() + 8192) * 3));
        while left > 0 {
            if self.rest.is_empty() {
                if !self.refill() {
                    break;
                }
                wide = self.take(1).first().is_some_and(|flags| flags & 1 == 1);
            }
            let size = if wide { 2 } else { 1 };
            let bytes = self.take((left * size).min(self.rest.len() / size * size));
            if bytes.is_empty() {
                // Half a character at the end of a record is none.
                self.rest = &[];
                if self.more.is_empty() {
                    break;
                }
                continue;
            }
            grown(&mut text, bytes.len() * 3);
            push(&mut text, bytes, wide);
            left -= bytes.len() / size;
        }
        self.skip(runs);
        self.skip(phonetic);
        Some(text)
    }
}

/// Room for `more` bytes; the outgrown buffer is wiped.
fn grown(text: &mut Zeroizing<String>, more: usize) {
    if text.capacity() - text.len() < more {
        let mut larger = Zeroizing::new(String::with_capacity((text.len() + more) * 2));
        larger.push_str(text);
        *text = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parts: &[&[u8]]) -> Vec<String> {
        let strings = shared(parts);
        (0..).map_while(|n| strings.get(n).map(str::to_owned)).collect()
    }

    const HEAD: [u8; 8] = [0; 8];

    #[test]
    fn texts_of_either_width_with_runs_and_phonetics() {
        let table = [
            &HEAD[..],
            b"\x02\0\0ab",
            b"\x01\0\x01\x3a\x04",
            b"\x01\0\x08\x01\0c1234",
            b"\x01\0\x04\x02\0\0\0dxx",
            b"\x01\0\0e",
        ]
        .concat();
        assert_eq!(all(&[&table]), ["ab", "\u{43a}", "c", "d", "e"]);
    }

    #[test]
    fn texts_that_go_on_in_the_next_record_say_their_width_again() {
        let first = [&HEAD[..], b"\x04\0\0ab"].concat();
        assert_eq!(all(&[&first, b"\x01\x3a\x04\x3b\x04\x01\0\0z"]), ["ab\u{43a}\u{43b}", "z"]);
        let runs = [&HEAD[..], b"\x01\0\x08\x02\0a123"].concat();
        assert_eq!(all(&[&runs, b"45678\x01\0\0b"]), ["a", "b"]);
    }

    #[test]
    fn what_is_cut_off_ends_the_table() {
        let whole = [&HEAD[..], b"\x02\0\x01ab", b"\x05\0\x0cxxxx"].concat();
        for length in 0..whole.len() {
            let _ = all(&[&whole[..length], &[], &whole[length..]]);
        }
        assert_eq!(*short(b"\x09\x01ab", Version::Biff8), "\u{6261}");
        assert_eq!(*long(b"\x02\0ab", Version::Biff5), "ab");
        assert_eq!((short(b"", Version::Biff8).len(), long(b"\xff", Version::Biff8).len()), (0, 0));
    }
}
