//! The older XLS ([MS-XLS]), of Excel 5 and of 97 and later.
//!
//! Owns: from the stream of records to sheets. Written here because the file is hostile input and holds seeds: nothing is
//! allocated on its word, and every text is wiped. Does not own: single records ([`records`]), texts ([`text`]).

mod cells;
mod records;
mod text;

use std::io::{Cursor, Read};

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::strings::Strings;
use super::styles::Styles;
use super::{Book, Sheet, damaged};
use crate::unwrap::limits::MOST_BYTES;
use cells::Cells;
use records::{Record, Records, kind, long, word};
use text::Version;

/// What all sheets of a workbook share.
struct Globals {
    version: Version,
    sheets: Vec<Listed>,
    strings: Strings,
    styles: Styles,
    since_1904: bool,
}

/// One sheet of the list.
struct Listed {
    name: String,
    hidden: bool,
    /// Where its records begin.
    begin: usize,
}

/// Opens a workbook.
///
/// # Errors
/// Damage, or a limit.
pub(super) fn open(bytes: &[u8]) -> Result<Book, Reason> {
    let stream = stream(bytes)?;
    let globals = globals(&stream)?;
    let mut sheets = Vec::with_capacity(globals.sheets.len());
    for listed in &globals.sheets {
        let cells = Cells::read(Records::from(&stream, listed.begin), &globals)?;
        let (grid, hidden_rows) = cells.written(&globals)?;
        sheets.push(Sheet { name: listed.name.clone(), hidden: listed.hidden, hidden_rows, grid });
    }
    Ok(Book { sheets, macros: has_macros(bytes) })
}

fn stream(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| damaged())?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)).ok_or_else(damaged)?;
    let stream = file.open_stream(name).map_err(|_| damaged())?;
    // No stream is longer than the file it stands in.
    let mut all = Zeroizing::new(Vec::with_capacity(bytes.len()));
    stream.take(MOST_BYTES.min(bytes.len() as u64)).read_to_end(&mut all).map_err(|_| damaged())?;
    Ok(all)
}

/// The records before the first sheet.
fn globals(stream: &[u8]) -> Result<Globals, Reason> {
    let mut records = Records::from(stream, 0);
    let first = records.next().ok_or_else(damaged)??;
    if first.kind != kind::BOF {
        return Err(damaged());
    }
    let version = if word(first.body, 0) == 0x0600 { Version::Biff8 } else { Version::Biff5 };
    let (mut listed, mut strings, mut since_1904) = (Vec::new(), Strings::default(), false);
    let (mut formats, mut codes) = (Vec::new(), Vec::new());
    while let Some(record) = records.next() {
        let Record { kind: found, body, .. } = record?;
        match found {
            kind::EOF => break,
            kind::SHEET => listed.extend(sheet(body, version)),
            kind::STRINGS => {
                let parts = std::iter::once(body).chain(records.continued());
                strings = text::shared(&parts.collect::<Vec<_>>());
            }
            kind::DATES => since_1904 = word(body, 0) == 1,
            kind::CELL_FORMAT => formats.push(u32::from(word(body, 2))),
            kind::NUMBER_FORMAT => {
                let code = match version {
                    Version::Biff8 => text::long(body.get(2..).unwrap_or_default(), version),
                    Version::Biff5 => text::short(body.get(2..).unwrap_or_default(), version),
                };
                codes.push((u32::from(word(body, 0)), code.to_string()));
            }
            _ => {}
        }
    }
    let styles = Styles::of(codes.iter().map(|(id, code)| (*id, code.as_str())), &formats);
    Ok(Globals { version, sheets: listed, strings, styles, since_1904 })
}

/// BoundSheet8; `None` for charts and macros.
fn sheet(body: &[u8], version: Version) -> Option<Listed> {
    let (state, is_sheet) = (*body.get(4)?, *body.get(5)? == 0);
    let begin = usize::try_from(long(body, 0)).ok()?;
    let name = text::short(body.get(6..)?, version).to_string();
    is_sheet.then_some(Listed { name, hidden: state & 3 != 0, begin })
}

/// The storage of a macro project.
fn has_macros(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "_VBA_PROJECT_CUR".bytes().flat_map(|b| [b, 0]).collect();
    memchr::memmem::find(bytes, &name).is_some()
}
