//! XML as a stream, one element at a time.
//!
//! Owns: [`Xml`] (the walk over a text, its limits, its lines), [`Element`] (one element as a small tree) and
//! [`Damage`]. Names are matched without their namespace prefix. No document type declaration and no entity but
//! the five of XML 1.0 §4.6 and numbers is ever read; the declared encoding means nothing, since the text is
//! decoded already. Does not own: any format.
//!
//! How a reader walks:
//!
//! ```text
//! let (mut xml, root) = Xml::open(text)?;           // root: name and attributes; its children come next
//! while let Some(head) = xml.next()? {              // name and attributes of the next child
//!     match head.name {
//!         "Token" => token(xml.whole(head)?),       // with all that is in it
//!         "Tokens" => xml.enter(head),              // its children come next; at its end `next` gives `None`
//!         _ => {}                                   // passed over
//!     }
//! }
//! ```
//!
//! Nothing is copied out of the text but what has entities in it, and that is wiped.

mod element;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use element::Element;
pub(crate) use walk::Xml;

use oathctl_core::place::{Place, Source};
use oathctl_core::reason::Reason;

/// Elements in each other.
const MOST_DEPTH: usize = 64;
/// Elements in one that is taken whole.
const MOST_ELEMENTS: usize = 500_000;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 64;
/// Bytes of a name.
const LONGEST_NAME: usize = 256;
/// Bytes of the text in one element.
const LONGEST_TEXT: usize = 4 * 1024 * 1024;

/// Why a text can't be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Against the rules of XML, or beyond the limits of this reader.
    Malformed,
    /// It ends before its end.
    Truncated,
    /// It has a document type declaration.
    Doctype,
}

/// Where and why reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) kind: Kind,
    /// Physical line, from 1.
    pub(crate) line: u64,
}

impl Damage {
    /// As it is told of a document nobody knows more of.
    pub(crate) fn reason(self) -> Reason {
        self.reason_in("XML")
    }

    /// As it is told of a document of this format.
    pub(crate) fn reason_in(self, format: &str) -> Reason {
        let damaged = |what: &str| Reason::DocumentDamaged { format: format.into(), what: what.into() };
        match self.kind {
            Kind::Malformed => damaged("malformed"),
            Kind::Truncated => damaged("truncated"),
            Kind::Doctype => Reason::DoctypeForbidden,
        }
    }

    /// Where it is told.
    pub(crate) fn place(self, origin: &Source) -> Place {
        place(origin, self.line, None)
    }
}

/// A place in an XML document.
pub(crate) fn place(origin: &Source, line: u64, path: Option<&str>) -> Place {
    Place { line: Some(line), path: path.map(str::to_owned), ..origin.whole() }
}
