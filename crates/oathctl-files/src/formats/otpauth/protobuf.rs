//! Protocol buffers, as much of them as an export has (<https://protobuf.dev/programming-guides/encoding/>).
//!
//! Owns: [`Fields`], a message field by field. Does not own: what the fields mean.

/// The fields of a message, in their order. An `Err` ends it.
pub(super) struct Fields<'b>(&'b [u8]);

/// A value on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    /// Of a fixed size; no field of ours.
    Fixed,
}

/// Against the rules, or cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'b> Fields<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    fn field(&mut self) -> Result<(u64, Value<'b>), Malformed> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(Malformed),
        };
        if tag >> 3 == 0 { Err(Malformed) } else { Ok((tag >> 3, value)) }
    }

    /// Seven bits a byte, the lowest first, ten bytes at most (negative numbers take all ten).
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for n in 0..10 {
            let byte = *self.take(1)?.first().ok_or(Malformed)?;
            value |= u64::from(byte & 0x7f) << (7 * n);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'b> Iterator for Fields<'b> {
    type Item = Result<(u64, Value<'b>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Vec<Result<(u64, Value<'_>), Malformed>> {
        Fields::of(bytes).collect()
    }

    #[test]
    fn every_kind_of_field() {
        assert_eq!(of(&[0x08, 0x96, 0x01]), [Ok((1, Value::Number(150)))]);
        assert_eq!(of(&[0x12, 2, b'h', b'i']), [Ok((2, Value::Bytes(b"hi")))]);
        let negative = [&[0x28][..], &[0xff; 9], &[1]].concat();
        assert_eq!(of(&negative), [Ok((5, Value::Number(u64::MAX)))]);
        assert_eq!(of(&[0x0d, 0, 0, 0, 0, 0x08, 1]), [Ok((1, Value::Fixed)), Ok((1, Value::Number(1)))]);
    }

    #[test]
    fn what_is_cut_off_or_against_the_rules_ends_it() {
        let all: [&[u8]; 6] =
            [&[0x08], &[0x12, 5, 1], &[0xff; 11], &[0x0b], &[0x00, 0x01], &[0x12, 0xff, 0xff, 0xff]];
        for bytes in all {
            assert_eq!(of(bytes).last(), Some(&Err(Malformed)), "{bytes:?}");
        }
    }
}
