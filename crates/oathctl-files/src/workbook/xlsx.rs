//! XLSX and XLSM, from the package to its sheets.
//!
//! Owns: the order of the parts. Nothing is taken out of them but text in our own buffers, which are wiped. Does not own:
//! any part.

use oathctl_core::reason::Reason;

use super::Book;
use super::book::{self, Contents};
use super::package::Package;
use super::sheet::{self, Shared};
use super::strings::Strings;
use super::styles::Styles;
use crate::session::Session;
use crate::unwrap::Piece;

/// Opens a workbook.
///
/// # Errors
/// Damage, or a limit.
pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Book, Reason> {
    let package = Package::open(piece, session)?;
    let contents = book::contents(&package)?;
    let shared = shared(&package, &contents)?;
    let mut sheets = Vec::with_capacity(contents.sheets.len());
    for listed in contents.sheets {
        let text = package.part(&listed.part).ok_or_else(super::damaged)?;
        sheets.push(sheet::read(text, listed.name, listed.hidden, &shared)?);
    }
    Ok(Book { sheets, macros: package.macros })
}

fn shared(package: &Package, contents: &Contents) -> Result<Shared, Reason> {
    let part = |name: &Option<String>| name.as_deref().and_then(|name| package.part(name));
    Ok(Shared {
        strings: part(&contents.strings).map_or(Ok(Strings::default()), Strings::read)?,
        styles: part(&contents.styles).map_or(Ok(Styles::default()), Styles::read)?,
        since_1904: contents.since_1904,
    })
}
