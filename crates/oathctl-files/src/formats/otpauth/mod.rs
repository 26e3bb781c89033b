//! Lists of links: `otpauth://` (Key URI) and `otpauth-migration://`, one a line.
//!
//! Owns: the walk over the lines, parts of an export that are missing. A plain list comes from a vendor as well as from
//! an app and is taken; a migration link only ever comes from an app. Does not own: a single link ([`uri`],
//! [`migration`]).

mod migration;
mod percent;
mod protobuf;
mod uri;

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;

use super::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;
use migration::Batches;

/// Reads a list.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "otpauth URIs", "content", true);
    let (encoding, why) = match session.options.secret_encoding {
        Some(stated) => (stated, "stated_by_flag"),
        None => (SeedEncoding::Base32, "definition"),
    };
    session.builder.decision("seed_encoding", encoding.word(), why, true);
    let source = session.builder.source(origin.clone());
    let mut batches = Batches::default();
    for (n, line) in (1..).zip(text.lines()) {
        let line = line.trim().trim_matches(['"', '\'', ',', ';', '\u{feff}']).trim();
        match () {
            () if line.is_empty() || line.starts_with('#') => {}
            () if after(line, "otpauth-migration://").is_some() => {
                migration::read(n, line, source, &mut batches, session);
            }
            () => {
                let mut row = Row::at(n);
                match after(line, "otpauth://") {
                    Some(rest) => uri::read(&mut row, rest, encoding, session),
                    // Whatever it is, it may be a seed or a passphrase.
                    None => {
                        let shown = format!("<{} characters>", line.chars().count());
                        row.broken(Reason::ValueMalformed { field: "link".into(), shown });
                    }
                }
                row.push(source, session);
            }
        }
    }
    for (parts, of) in batches.incomplete() {
        session.tell(origin, Severity::Warning, Reason::BatchIncomplete { parts, of });
    }
}

/// What stands after a scheme, in any case.
fn after<'t>(line: &'t str, scheme: &str) -> Option<&'t str> {
    let (start, rest) = line.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}
