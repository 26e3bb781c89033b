//! From an input to a table: the way in.
//!
//! Owns: the order (which wrappings? which format? which characters? then the reader of that format), and what an
//! unreadable member means for the others. Does not own: any of these steps.

use std::io::Read;

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::{Place, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::{Table, TableBuilder};

use crate::delimited;
use crate::detect::{self, Format, Found};
use crate::formats;
use crate::input::{Input, MOST_BYTES};
use crate::keys::{KeyRing, Opened};
use crate::options::ReadOptions;
use crate::pskc;
use crate::session::Session;
use crate::text::{self, Decoded};
use crate::unwrap::limits::Spent;
use crate::unwrap::{self, Piece};
use crate::workbook;

/// Reads an input of any known format, in any known wrapping. Always gives a table: a fault of the file as a whole
/// stands in it as an error without a row ([`Table::is_rejected`]). Rows are not judged yet: that is
/// [`oathctl_core::check`].
pub fn read(input: Input, options: &ReadOptions, keys: &mut dyn KeyRing) -> Table {
    let Input { name, bytes } = input;
    let mut session = Session {
        builder: TableBuilder::default(),
        options,
        keys,
        opened: Opened::default(),
        spent: Spent::default(),
    };
    let origin = Source { file: name, ..Source::default() };
    for (piece, found) in unwrap::all(Piece { origin: origin.clone(), bytes }, &mut session) {
        session.builder.about(piece.origin.member.clone());
        of_bytes(piece, found, &mut session);
    }
    session.tell_unusable_keys(&origin, Severity::Warning);
    let mut builder = session.builder;
    if !builder.is_empty() {
        builder.reweigh(weigh);
    }
    let mut table = builder.finish();
    if table.is_empty() && !table.is_rejected() {
        let place = origin.whole();
        table.add_fault(Fault {
            severity: Severity::Error,
            reason: Reason::NoUsableRow,
            place,
            row: None,
            serial: None,
        });
    }
    table
}

/// Reads from an open source, up to [`MOST_BYTES`]. `expected` is the length as far as known.
pub fn read_from(
    name: Option<String>,
    reader: impl Read,
    expected: u64,
    options: &ReadOptions,
    keys: &mut dyn KeyRing,
) -> Table {
    match Input::read_from(name.clone(), reader, expected, MOST_BYTES) {
        Ok(input) => read(input, options, keys),
        Err(reason) => {
            let mut builder = TableBuilder::default();
            builder.fault(Severity::Error, reason, Place { file: name, ..Place::default() }, None);
            builder.finish()
        }
    }
}

/// What deliveries have beside the list of tokens.
const BESIDE: [Format; 10] = [
    Format::Pdf,
    Format::PgpKey,
    Format::PgpSignature,
    Format::PrivateKey,
    Format::PublicKey,
    Format::Certificate,
    Format::AgeIdentity,
    Format::Checksums,
    Format::Rtf,
    Format::OfficeDocument,
];

/// Beside tokens an archive may hold a letter, a picture, a list of prices: these refuse only themselves, and
/// nothing of what they say is repeated (a letter may name the passphrase).
fn weigh(fault: &mut Fault) {
    if fault.row.is_some() || fault.place.member.is_none() || fault.severity != Severity::Error {
        return;
    }
    let (severity, looks_like) = match &fault.reason {
        Reason::EmptyFile { .. } => (Severity::Note, "empty".to_owned()),
        Reason::BinaryFile { looks_like } => (Severity::Note, looks_like.clone()),
        Reason::UnsupportedFormat { format } if BESIDE.iter().any(|beside| beside.name() == format) => {
            (Severity::Note, format.clone())
        }
        // A signature made of packets alone, and keys.
        Reason::WrappingUnsupported { what }
            if what.starts_with("PGP signature") || what.starts_with("PGP key") =>
        {
            (Severity::Note, what.clone())
        }
        // A passphrase, a key, a line of a letter.
        Reason::HeadersUnknown { seen, .. } if seen.len() < 2 => {
            (Severity::Note, "text of one column".to_owned())
        }
        Reason::UnsupportedFormat { format } | Reason::NoSeeds { format } => {
            (Severity::Warning, format.clone())
        }
        // A letter that shows the columns, or a list without rows.
        Reason::OnlyHeader => (Severity::Warning, "headings without rows".to_owned()),
        Reason::HeadersUnknown { .. } => {
            (Severity::Warning, "text without the headings of tokens".to_owned())
        }
        _ => return,
    };
    fault.severity = severity;
    fault.reason = Reason::MemberIgnored { looks_like };
}

/// Formats that are not text.
fn of_bytes(piece: Piece, found: Found, session: &mut Session<'_>) {
    match found {
        Found::Named(format) if workbook::read(format, &piece, session) => {}
        Found::Named(format) => session.refuse(&piece.origin, unsupported(format)),
        Found::Binary(looks_like) => {
            session.refuse(&piece.origin, Reason::BinaryFile { looks_like: looks_like.into() });
        }
        Found::Text => of_text(&piece.origin, text::decode(piece.bytes), session),
    }
}

/// Formats that are text.
fn of_text(origin: &Source, text: Decoded, session: &mut Session<'_>) {
    if text.as_str().trim_matches(is_empty).is_empty() {
        return session.refuse(origin, Reason::EmptyFile { what: String::new() });
    }
    match detect::of_text(text.as_str()) {
        Found::Named(Format::Pskc) => pskc::read(origin, &text, session),
        Found::Named(format) if formats::read(format, origin, &text, session) => {}
        Found::Named(format) => session.refuse(origin, unsupported(format)),
        Found::Binary(looks_like) => {
            session.refuse(origin, Reason::BinaryFile { looks_like: looks_like.into() });
        }
        Found::Text if is_letter(origin) && !gives_tokens(origin, &text, session) => {
            session.refuse(origin, Reason::OnlyHeader);
        }
        Found::Text => delimited::read(origin, &text, session),
    }
}

/// True for a member that by its name speaks to people.
fn is_letter(origin: &Source) -> bool {
    let name = origin.member.as_deref().unwrap_or("").rsplit(['/', '\\']).next().unwrap_or("").to_lowercase();
    ["readme", "read me", "read_me", "liesmich", "lisezmoi", "leeme", "leggimi"]
        .iter()
        .any(|word| name.starts_with(word))
}

/// A letter may show the columns of its list, which makes it none: something must come of it. One that shows none is
/// left to be told as the text it is.
fn gives_tokens(origin: &Source, text: &Decoded, session: &mut Session<'_>) -> bool {
    let real = std::mem::take(&mut session.builder);
    delimited::read(origin, text, session);
    let trial = std::mem::replace(&mut session.builder, real).finish();
    let unknown = |fault: &Fault| matches!(fault.reason, Reason::HeadersUnknown { .. });
    trial.rows().any(|row| row.seed_len() > 0) || trial.faults().iter().any(unknown)
}

fn unsupported(format: Format) -> Reason {
    Reason::UnsupportedFormat { format: format.name().into() }
}

fn is_empty(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}
