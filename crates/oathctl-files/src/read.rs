//! From an input to a table: the way in.
//!
//! Owns: the order (empty? which format? which characters? then the reader of that format). Does not own: any
//! of these steps.

use std::io::Read;

use oathctl_core::fault::Severity;
use oathctl_core::place::{Place, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::{Table, TableBuilder};

use crate::detect::{self, Found};
use crate::input::{Input, MOST_BYTES};
use crate::options::ReadOptions;
use crate::{delimited, text};

/// Reads an input of any known format. Always gives a table: a fault of the file as a whole stands in it as an
/// error without a row ([`Table::is_rejected`]). Rows are not judged yet: that is [`oathctl_core::check`].
pub fn read(input: Input, options: &ReadOptions) -> Table {
    let Input { name, bytes } = input;
    let rejected = |reason| reject(name.clone(), reason);
    if bytes.is_empty() {
        return rejected(Reason::EmptyFile);
    }
    match detect::of_bytes(&bytes, name.as_deref()) {
        Found::Named(format) => return rejected(Reason::UnsupportedFormat { format: format.name().into() }),
        Found::Binary(looks_like) => return rejected(Reason::BinaryFile { looks_like: looks_like.into() }),
        Found::Text => {}
    }
    let text = text::decode(bytes);
    if text.as_str().trim_matches(is_empty).is_empty() {
        return rejected(Reason::EmptyFile);
    }
    match detect::of_text(text.as_str()) {
        Found::Named(format) => rejected(Reason::UnsupportedFormat { format: format.name().into() }),
        Found::Binary(looks_like) => rejected(Reason::BinaryFile { looks_like: looks_like.into() }),
        Found::Text => delimited::read(name, &text, options),
    }
}

/// Reads from an open source, up to [`MOST_BYTES`]. `expected` is the length as far as known.
pub fn read_from(name: Option<String>, reader: impl Read, expected: u64, options: &ReadOptions) -> Table {
    match Input::read_from(name.clone(), reader, expected, MOST_BYTES) {
        Ok(input) => read(input, options),
        Err(reason) => reject(name, reason),
    }
}

fn is_empty(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

fn reject(name: Option<String>, reason: Reason) -> Table {
    let mut builder = TableBuilder::default();
    builder.source(Source { file: name.clone(), ..Source::default() });
    let place = Place { file: name, ..Place::default() };
    builder.fault(Severity::Error, reason, place, None);
    builder.finish()
}
