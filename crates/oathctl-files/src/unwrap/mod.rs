//! Wrappings: one layer off at a time.
//!
//! Owns: [`Piece`], the loop over layers with its depth, and the limits that stop bombs ([`limits`]). Each layer
//! is one module with a function `open(&Piece, &mut Session) -> Result<Vec<Piece>, Reason>`. Does not own: telling
//! what a layer is ([`crate::detect`]), nor reading what is inside.
//!
//! To add a layer: a module, an arm in [`layer`].

mod age;
mod gzip;
pub(crate) mod limits;
mod members;
pub(crate) mod ole;
pub(crate) mod pgp;
mod sevenzip;
mod tar;
mod workbook;
pub(crate) mod zip;

use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use crate::detect::{self, Format, Found};
use crate::session::Session;
use crate::text;

/// Bytes with the way they came.
pub(crate) struct Piece {
    /// File and member; the layers add the member.
    pub(crate) origin: Source,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Piece {
    /// The name its content may be known by: the member's, else the file's.
    pub(crate) fn name(&self) -> Option<&str> {
        self.origin.member.as_deref().or(self.origin.file.as_deref())
    }

    /// What is inside this one, under the same name.
    pub(crate) fn within(&self, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { origin: self.origin.clone(), bytes }
    }

    /// A member of this archive. Members of members are told with their whole way: `outer.zip/inner.csv`.
    pub(crate) fn member(&self, name: &str, bytes: Zeroizing<Vec<u8>>) -> Self {
        let member = match &self.origin.member {
            Some(outer) => format!("{outer}/{name}"),
            None => name.to_owned(),
        };
        Self { origin: Source { member: Some(member), ..self.origin.clone() }, bytes }
    }
}

type Open = fn(&Piece, &mut Session<'_>) -> Result<Vec<Piece>, Reason>;

/// The opener of a layer; `None` for what is no wrapping.
fn layer(format: Format) -> Option<(&'static str, Open)> {
    match format {
        Format::Gzip => Some(("gzip", gzip::open)),
        Format::Zip | Format::ZipEncrypted => Some(("zip", zip::open)),
        Format::SevenZip => Some(("7z", sevenzip::open)),
        Format::Tar => Some(("tar", tar::open)),
        Format::Pgp => Some(("pgp", pgp::open)),
        Format::Age => Some(("age", age::open)),
        Format::XlsxEncrypted => Some(("workbook", workbook::open)),
        Format::XlsEncrypted => Some(("workbook", ole::refuse_old)),
        _ => None,
    }
}

/// Cut off or altered.
fn damaged(what: &str) -> Reason {
    Reason::WrappingDamaged { what: what.into() }
}

/// A method that is not read, by its name.
fn unsupported(what: impl Into<String>) -> Reason {
    Reason::WrappingUnsupported { what: what.into() }
}

/// Takes off all layers, to the innermost pieces, each with what it is. What can't be opened is told in the table.
pub(crate) fn all(piece: Piece, session: &mut Session<'_>) -> Vec<(Piece, Found)> {
    let mut opened = Vec::new();
    down(piece, 0, session, &mut opened);
    opened
}

/// Armour that was saved as UTF-16, as Windows PowerShell does it, in the bytes it was made of.
fn plain_armour(piece: Piece) -> Piece {
    let marked = matches!(piece.bytes.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !marked && text::utf16_without_mark(&piece.bytes).is_none() {
        return piece;
    }
    let plain = text::decode(piece.bytes.clone());
    let head = plain.as_str().trim_start();
    if !head.starts_with("-----BEGIN ") {
        return piece;
    }
    piece.within(Zeroizing::new(head.as_bytes().to_vec()))
}

fn down(piece: Piece, depth: u64, session: &mut Session<'_>, opened: &mut Vec<(Piece, Found)>) {
    if piece.bytes.is_empty() {
        return session.refuse(&piece.origin, Reason::EmptyFile { what: String::new() });
    }
    let piece = plain_armour(piece);
    let found = detect::of_bytes(&piece.bytes, piece.name());
    let open = if let Found::Named(format) = found { layer(format) } else { None };
    let Some((word, open)) = open else {
        return opened.push((piece, found));
    };
    session.builder.about(piece.origin.member.clone());
    session.builder.decision("wrapping", word, "content", true);
    if depth >= limits::MOST_LAYERS {
        let reason = Reason::UnwrapLimit { what: "depth".into(), limit: limits::MOST_LAYERS };
        return session.refuse(&piece.origin, reason);
    }
    let origin = piece.origin.clone();
    session.spent.layer = usize::try_from(depth).unwrap_or(usize::MAX);
    let inner = open(&piece, session);
    drop(piece);
    match inner {
        Ok(pieces) => pieces.into_iter().for_each(|piece| down(piece, depth + 1, session, opened)),
        Err(reason) => session.refuse(&origin, reason),
    }
}
