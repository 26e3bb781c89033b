//! The parts of an Office Open XML package (ECMA-376 part 2), under the limits of everything that is unpacked.
//!
//! Owns: [`Package`]: the parts that say something about cells, decoded; the others are only counted. Does not own: what
//! is in them.

use std::collections::BTreeMap;
use std::io::Cursor;

use ::zip::ZipArchive;
use oathctl_core::reason::Reason;

use super::damaged;
use crate::session::Session;
use crate::text::{self, Decoded};
use crate::unwrap::Piece;
use crate::unwrap::limits::{Cut, MOST_LAYERS, read_all};

/// Parts by their names, in lower case and without the first `/`.
pub(super) struct Package {
    parts: BTreeMap<String, Decoded>,
    pub(super) macros: bool,
}

impl Package {
    /// Takes a package apart. Every part is read to its end under the limits, needed or not: what the list says of
    /// sizes is not believed.
    ///
    /// # Errors
    /// Damage, or a limit.
    pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Self, Reason> {
        let mut archive = ZipArchive::new(Cursor::new(piece.bytes.as_slice())).map_err(|_| damaged())?;
        // Workbooks side by side share one limit, behind all layers.
        session.spent.layer = usize::try_from(MOST_LAYERS).unwrap_or(usize::MAX);
        session.spent.count_members(archive.len())?;
        let mut meter = session.spent.meter(piece.bytes.len());
        let mut package = Self { parts: BTreeMap::new(), macros: false };
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).map_err(|_| damaged())?;
            let name = member.name().map_err(|_| damaged())?;
            let name = name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase();
            let bytes = read_all(&mut member, &mut meter).map_err(|cut| match cut {
                Cut::Limit(reason) => reason,
                Cut::Io => damaged(),
            })?;
            package.macros |= name.ends_with("vbaproject.bin");
            let of_cells = name.ends_with(".xml") || name.ends_with(".rels");
            let aside = ["docprops/", "xl/theme/", "xl/drawings/", "xl/media/"];
            if of_cells && !aside.iter().any(|start| name.starts_with(start)) {
                // Two parts of one name: a reader that takes the other one sees other tokens.
                if package.parts.insert(name, text::decode(bytes)).is_some() {
                    return Err(damaged());
                }
            }
        }
        session.spent.keep(&meter);
        Ok(package)
    }

    pub(super) fn part(&self, name: &str) -> Option<&str> {
        self.parts.get(name.trim_start_matches('/').to_ascii_lowercase().as_str()).map(Decoded::as_str)
    }
}
