//! PSKC: RFC 6030 and its drafts.
//!
//! Owns: the walk over a container ([`read`]); [`head`] (how values are sealed), [`value`] (one value), [`unlock`]
//! (which keys), [`several`] and [`opener`] (opening with them), [`rows`] (one key to one row), [`policy`], [`signature`], [`crypto`].
//! Does not own: XML ([`crate::xml`]), the keys ([`crate::keys`]), what Entra takes ([`oathctl_core::check`]).
//!
//! Packages are read one at a time, so that memory does not grow with the file. Names are matched without
//! namespaces: real files use many.

mod base64;
mod crypto;
mod dates;
mod head;
mod names;
mod number;
mod opener;
mod package;
mod policy;
mod rows;
mod several;
mod signature;
mod told;
mod unlock;
mod value;

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use oathctl_core::table::SourceId;

use self::head::Head;
use self::package::Package;
use self::several::Openers;
use self::told::Told;
use crate::cells::shown::shown;
use crate::detect::Format;
use crate::session::Session;
use crate::text::Decoded;
use crate::xml::{Damage, Element, Xml};

/// Names of a package in RFC 6030 and in drafts.
const PACKAGE: [&str; 2] = ["KeyPackage", "Device"];

/// Why a container was not read to its end.
enum Stop {
    Damage(Damage),
    Refused(Reason),
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

/// One container being read.
struct Reading<'r, 's, 't> {
    session: &'r mut Session<'s>,
    origin: &'r Source,
    source: SourceId,
    head: Head<'t>,
    opener: Option<Openers>,
    told: Told,
}

/// Reads a container into the table.
pub(crate) fn read(origin: &Source, text: &Decoded, session: &mut Session<'_>) {
    let guessed = text.encoding == "windows-1252";
    session.builder.decision("encoding", text.encoding, text.why, !guessed);
    if guessed {
        session.tell(origin, Severity::Note, Reason::DecodedAsWindows1252);
    }
    session.builder.decision("format", Format::Pskc.name(), "content", true);
    let source = session.builder.source(origin.clone());
    let head = Head::default();
    let mut reading = Reading { session, origin, source, head, opener: None, told: Told::default() };
    let stopped = reading.container(text.as_str());
    reading.tell();
    match stopped {
        Ok(()) => {}
        Err(Stop::Refused(reason)) => session.refuse(origin, reason),
        Err(Stop::Damage(damage)) => {
            let reason = damage.reason_in(Format::Pskc.name());
            session.builder.fault(Severity::Error, reason, damage.place(origin), None);
        }
    }
}

impl<'t> Reading<'_, '_, 't> {
    fn container(&mut self, text: &'t str) -> Result<(), Stop> {
        let (mut xml, root) = Xml::open(text)?;
        known_version(&root)?;
        let mut counts = [0usize; PACKAGE.len()];
        while let Some(child) = xml.next()? {
            if let Some(n) = PACKAGE.iter().position(|name| *name == child.name) {
                counts[n] += 1;
                let path = format!("/{}/{}[{}]", root.name, child.name, counts[n]);
                let element = xml.whole(child)?;
                self.package(&Package::of(&element, &path), &xml)?;
            } else if Head::has(child.name) {
                self.head_element(&mut xml, child, counts.iter().sum::<usize>() > 0)?;
            } else if child.name == "Signature" {
                let signer = signature::signer(&xml.whole(child)?);
                self.session.tell(self.origin, Severity::Note, Reason::SignatureUnverified { signer });
            }
        }
        if self.session_rows() == 0 && counts.iter().sum::<usize>() == 0 {
            return Err(Stop::Refused(Reason::NoSeeds { format: Format::Pskc.name().into() }));
        }
        Ok(())
    }

    /// How values are sealed and checked is said before the first of them (RFC 6030 §4): a declaration after them
    /// can't apply to what was read without it.
    fn head_element(&mut self, xml: &mut Xml<'t>, head: Element<'t>, late: bool) -> Result<(), Stop> {
        let line = head.line;
        let element = xml.whole(head)?;
        if late {
            return Err(Damage { kind: crate::xml::Kind::Malformed, line }.into());
        }
        self.head.take(element);
        Ok(())
    }

    fn session_rows(&self) -> usize {
        self.session.builder.len()
    }
}

/// RFC 6030 has version 1.0 and drafts of `SecretContainer` 1.2; many files say nothing.
fn known_version(root: &Element<'_>) -> Result<(), Stop> {
    let version = root.any_attribute(&["Version", "version"]).unwrap_or("1").trim();
    if version.is_empty() || version == "1" || version.starts_with("1.") {
        return Ok(());
    }
    let format = format!("{} {}", Format::Pskc.name(), shown(version));
    Err(Stop::Refused(Reason::UnsupportedFormat { format }))
}
