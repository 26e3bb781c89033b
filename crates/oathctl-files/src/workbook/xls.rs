//! The older XLS ([MS-XLS]), read by calamine after a look at its records.
//!
//! Owns: what has to be known before the library may allocate (how far the cells reach), rows that are hidden, macros.
//! Does not own: the records of cells. The library's copies of texts are not wiped.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, SheetVisible, Xls};
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::render::{Cell, Page};
use super::{Book, Sheet, damaged};
use crate::unwrap::limits::MOST_BYTES;

/// Columns of this format.
const MOST_COLUMNS: u16 = 256;
/// Cells a sheet may span; the library holds one for each place in between too.
const MOST_CELLS: usize = 4 << 20;

/// Opens a workbook.
///
/// # Errors
/// Damage, or a limit.
pub(super) fn open(bytes: &[u8]) -> Result<Book, Reason> {
    let stream = stream(bytes)?;
    let looked = look(&stream)?;
    let mut xls = Xls::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let listed: Vec<_> = xls.sheets_metadata().to_vec();
    let mut sheets = Vec::new();
    for (n, listed) in listed.iter().enumerate() {
        let Ok(range) = xls.worksheet_range(&listed.name) else { continue };
        let (top, left) = range.start().unwrap_or((0, 0));
        let mut page = Page::default();
        for (n, row) in (u64::from(top) + 1..).zip(range.rows()) {
            page.row(n)?;
            for (column, data) in (left..).zip(row) {
                write(data, column, &mut page)?;
            }
        }
        let grid = page.finish();
        let filled = grid.filled_lines();
        let hidden_rows = looked.hidden.iter().filter(|(sheet, _)| *sheet == n).map(|(_, row)| *row);
        let hidden_rows = hidden_rows.filter(|row| filled.contains(row)).collect();
        let hidden = listed.visible != SheetVisible::Visible;
        sheets.push(Sheet { name: listed.name.clone(), hidden, hidden_rows, grid });
    }
    Ok(Book { sheets, macros: has_macros(bytes) })
}

fn write(data: &Data, column: u32, page: &mut Page) -> Result<(), Reason> {
    match data {
        Data::Empty => Ok(()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            page.cell(column, &Cell::Text(text))
        }
        #[expect(clippy::cast_precision_loss, reason = "a cell of this format is a double already")]
        Data::Int(number) => page.cell(column, &Cell::Number(*number as f64)),
        Data::Float(number) => page.cell(column, &Cell::Number(*number)),
        Data::Bool(truth) => page.cell(column, &Cell::Truth(*truth)),
        Data::DateTime(date) => page.cell(column, &Cell::Date(date.as_f64(), false)),
        Data::Error(_) => page.cell(column, &Cell::Nothing),
    }
}

fn stream(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| damaged())?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)).ok_or_else(damaged)?;
    let stream = file.open_stream(name).map_err(|_| damaged())?;
    let mut all = Zeroizing::new(Vec::with_capacity(bytes.len()));
    stream.take(MOST_BYTES).read_to_end(&mut all).map_err(|_| damaged())?;
    Ok(all)
}

/// What the records say before they are read.
struct Looked {
    /// Sheet from 0, row from 1.
    hidden: Vec<(usize, u64)>,
}

/// Walks over the records: type, length, body ([MS-XLS] §2.1.4).
fn look(stream: &[u8]) -> Result<Looked, Reason> {
    let (mut at, mut hidden) = (0, Vec::new());
    let mut begins: Vec<usize> = Vec::new();
    let (mut sheet, mut rows, mut columns) = (0, 0usize, 0usize);
    while let Some(head) = stream.get(at..at + 4) {
        let (kind, length) = (word(head, 0), usize::from(word(head, 2)));
        let body = stream.get(at + 4..at + 4 + length).ok_or_else(damaged)?;
        match kind {
            // BoundSheet8: where a sheet begins.
            0x0085 if length >= 4 => {
                begins.push(usize::from(word(body, 0)) | usize::from(word(body, 2)) << 16)
            }
            // BOF
            0x0809 | 0x0409 | 0x0209 | 0x0009 => {
                (rows, columns) = (0, 0);
                sheet = begins.iter().position(|begin| *begin == at).unwrap_or(usize::MAX);
            }
            // Row; the bit says that its height is none.
            0x0208 if length >= 14 && word(body, 12) & 0x20 != 0 => {
                hidden.push((sheet, u64::from(word(body, 0)) + 1));
            }
            // Every record of cells begins with a row and a column; MulRk and MulBlank end with the last one.
            0x00BD | 0x00BE | 0x0006 | 0x0201..=0x0206 | 0x027E | 0x00FD | 0x00D6 if length >= 6 => {
                let several = matches!(kind, 0x00BD | 0x00BE);
                let column = if several { word(body, length - 2) } else { word(body, 2) };
                if column >= MOST_COLUMNS {
                    return Err(damaged());
                }
                rows = rows.max(usize::from(word(body, 0)) + 1);
                columns = columns.max(usize::from(column) + 1);
                if rows * columns > MOST_CELLS {
                    let limit = u64::try_from(MOST_CELLS).unwrap_or(u64::MAX);
                    return Err(Reason::UnwrapLimit { what: "bytes".into(), limit });
                }
            }
            _ => {}
        }
        at += 4 + length;
    }
    Ok(Looked { hidden })
}

fn word(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

/// The storage of a macro project.
fn has_macros(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "_VBA_PROJECT_CUR".bytes().flat_map(|b| [b, 0]).collect();
    memchr::memmem::find(bytes, &name).is_some()
}
