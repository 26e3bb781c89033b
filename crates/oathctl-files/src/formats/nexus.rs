//! Nexus: `serial:seed:counter` a line, seed and counter in Base64, counter-based.
//!
//! Owns: splitting such a line. Does not own: whether counter-based tokens are of use.

use data_encoding::BASE64;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Reads a list.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "Nexus token list", "content", true);
    session.builder.decision("seed_encoding", SeedEncoding::Base64.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    for (n, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            row(n, line).push(source, session);
        }
    }
}

fn row(n: u64, line: &str) -> Row {
    let mut row = Row::at(n);
    let parts: Vec<&str> = line.split(':').collect();
    let [serial, seed, counter] = parts.as_slice() else {
        let found = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        row.broken(Reason::CellCount { expected: 3, found });
        return row;
    };
    row.kind = Some(OtpKind::Hotp);
    row.serial(serial);
    row.seed(seed, SeedEncoding::Base64);
    row.counter = big_endian(counter);
    if row.counter.is_none() {
        row.malformed(Field::Counter, counter);
    }
    row
}

/// One to eight bytes, the highest first.
fn big_endian(text: &str) -> Option<u64> {
    let bytes = BASE64.decode(text.trim().as_bytes()).ok().filter(|bytes| (1..=8).contains(&bytes.len()))?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_one_to_eight_bytes() {
        assert_eq!(big_endian("BQ=="), Some(5));
        assert_eq!(big_endian("AQA="), Some(256));
        assert_eq!(big_endian("//////////8="), Some(u64::MAX));
        assert_eq!((big_endian(""), big_endian("AAAAAAAAAAAA"), big_endian("!")), (None, None, None));
    }
}
