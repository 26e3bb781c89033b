//! Authenex: SQL that inserts serial and seed as the first two values.
//!
//! Owns: finding them in a line. It is no reader of SQL. Does not own: the other values, which nobody describes.

use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Reads a script.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "Authenex SQL", "content", true);
    session.builder.decision("seed_encoding", SeedEncoding::Hex.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    let before = session.builder.len();
    for (n, line) in (1..).zip(text.lines()) {
        if let Some(start) = insertion(line) {
            row(n, line.get(start..).unwrap_or("")).push(source, session);
        }
    }
    if session.builder.len() == before {
        session.refuse(origin, Reason::NoSeeds { format: "Authenex SQL".into() });
    }
}

/// Where the values of an insertion of a token begin.
fn insertion(line: &str) -> Option<usize> {
    let upper = line.to_ascii_uppercase();
    let start = upper.find("INSERT INTO")?;
    let table = upper.get(start + 11..)?.trim_start().trim_start_matches(['[', '`', '"']);
    let is_token = table.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "OTP");
    let values = start + upper.get(start..)?.find("VALUES")? + 6;
    is_token.then_some(values)
}

fn row(n: u64, values: &str) -> Row {
    let mut row = Row::at(n);
    // The script states no kind, and event-based is what these tokens are.
    row.kind = Some(OtpKind::Hotp);
    let inside = values.trim_start().strip_prefix('(').unwrap_or(values);
    let mut parts = inside.split([',', ')']).map(|part| {
        let part = part.trim();
        part.strip_prefix("N'").unwrap_or(part).trim_matches('\'')
    });
    let (serial, seed) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    row.serial(serial);
    row.seed(seed, SeedEncoding::Hex);
    row
}
