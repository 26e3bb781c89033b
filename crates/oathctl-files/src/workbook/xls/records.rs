//! Records: a type, a length, a body ([MS-XLS] §2.1.4).
//!
//! Owns: [`Records`], the types that matter here, numbers in bodies. Does not own: what the records mean.

use oathctl_core::reason::Reason;

use crate::workbook::damaged;

/// Types of records.
pub(super) mod kind {
    pub(in super::super) const BOF: u16 = 0x0809;
    pub(in super::super) const EOF: u16 = 0x000A;
    pub(in super::super) const CONTINUE: u16 = 0x003C;
    pub(in super::super) const SHEET: u16 = 0x0085;
    pub(in super::super) const STRINGS: u16 = 0x00FC;
    pub(in super::super) const DATES: u16 = 0x0022;
    pub(in super::super) const CELL_FORMAT: u16 = 0x00E0;
    pub(in super::super) const NUMBER_FORMAT: u16 = 0x041E;
    pub(in super::super) const ROW: u16 = 0x0208;
    pub(in super::super) const SHARED_TEXT: u16 = 0x00FD;
    pub(in super::super) const TEXT: u16 = 0x0204;
    pub(in super::super) const RICH_TEXT: u16 = 0x00D6;
    pub(in super::super) const NUMBER: u16 = 0x0203;
    pub(in super::super) const SHORT_NUMBER: u16 = 0x027E;
    pub(in super::super) const SHORT_NUMBERS: u16 = 0x00BD;
    pub(in super::super) const FORMULA: u16 = 0x0006;
    pub(in super::super) const FORMULA_TEXT: u16 = 0x0207;
    pub(in super::super) const TRUTH: u16 = 0x0205;
}

/// One record.
#[derive(Clone, Copy)]
pub(super) struct Record<'b> {
    pub(super) kind: u16,
    pub(super) body: &'b [u8],
}

/// A walk over records.
pub(super) struct Records<'b> {
    stream: &'b [u8],
    at: usize,
}

impl<'b> Records<'b> {
    pub(super) fn from(stream: &'b [u8], at: usize) -> Self {
        Self { stream, at }
    }

    /// The bodies of the records that only continue the last one.
    pub(super) fn continued(&mut self) -> Vec<&'b [u8]> {
        let mut bodies = Vec::new();
        loop {
            let before = self.at;
            match self.next() {
                Some(Ok(record)) if record.kind == kind::CONTINUE => bodies.push(record.body),
                _ => {
                    self.at = before;
                    return bodies;
                }
            }
        }
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Result<Record<'b>, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.stream.get(self.at..self.at.checked_add(4)?)?;
        let (kind, length) = (word(head, 0), usize::from(word(head, 2)));
        let start = self.at + 4;
        let Some(body) = self.stream.get(start..start + length) else {
            self.at = self.stream.len();
            return Some(Err(damaged()));
        };
        self.at = start + length;
        Some(Ok(Record { kind, body }))
    }
}

/// Two bytes; zero beyond the end.
pub(super) fn word(bytes: &[u8], at: usize) -> u16 {
    number::<2>(bytes, at).map_or(0, u16::from_le_bytes)
}

/// Four bytes; zero beyond the end.
pub(super) fn long(bytes: &[u8], at: usize) -> u32 {
    number::<4>(bytes, at).map_or(0, u32::from_le_bytes)
}

/// Eight bytes as a double.
pub(super) fn double(bytes: &[u8], at: usize) -> Option<f64> {
    number::<8>(bytes, at).map(f64::from_le_bytes)
}

/// A number in thirty bits and two marks: a hundredth, a whole one (RkNumber, [MS-XLS] §2.5.217).
pub(super) fn short_number(bits: u32) -> f64 {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 1 { number / 100.0 } else { number }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_to_the_end_or_to_the_damage() {
        let kinds = |bytes: &[u8]| -> Vec<Option<u16>> {
            Records::from(bytes, 0).map(|record| record.ok().map(|record| record.kind)).collect()
        };
        assert_eq!(kinds(&[9, 8, 1, 0, 7, 10, 0, 0, 0]), [Some(kind::BOF), Some(kind::EOF)]);
        assert_eq!(kinds(&[9, 8, 2, 0, 7]), [None]);
        assert_eq!(kinds(&[9, 8]), []);
    }

    #[test]
    fn short_numbers() {
        assert_eq!(short_number(30 << 2 | 2).to_string(), "30");
        assert_eq!(short_number(1234 << 2 | 3).to_string(), "12.34");
        assert_eq!(short_number((1.5f64.to_bits() >> 32) as u32).to_string(), "1.5");
        assert_eq!(short_number(!1).to_string(), "-1");
    }
}
