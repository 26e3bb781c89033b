//! Plain exports of authenticator apps: Aegis, andOTP, 2FAS.
//!
//! Owns: their entries. They are the seeds of phones, not of tokens, and refused as such unless the caller takes them.
//! Encrypted exports are refused by name. Does not own: links ([`crate::formats::otpauth`]).

use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;

use super::tree::{Document, Node, Object, Shape, Value};
use crate::formats::label;
use crate::formats::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Seconds per step where an entry states none: what all three apps show then.
const PERIOD: u32 = 30;

/// Where the entries of an app stand.
struct Entries<'n, 't> {
    format: &'static str,
    path: &'static str,
    elements: &'n [Node<'t>],
}

/// One entry, wherever the app puts its parts.
struct Entry<'t> {
    name: Option<Node<'t>>,
    issuer: Option<Node<'t>>,
    kind: Option<Node<'t>>,
    secret: Option<Node<'t>>,
    hash: Option<Node<'t>>,
    digits: Option<Node<'t>>,
    period: Option<Node<'t>>,
    counter: Option<Node<'t>>,
}

/// An array whose objects have a secret and a name, but no serial.
pub(super) fn is_and_otp(elements: &[Node<'_>]) -> bool {
    let mut objects = elements.iter().filter_map(Node::object);
    objects.any(|object| {
        let has = |name| object.get(name).is_some();
        has("secret") && (has("label") || has("issuer")) && has("type") && !has("serialNumber")
    })
}

pub(super) fn and_otp(
    origin: &Source,
    document: &Document<'_>,
    elements: &[Node<'_>],
    session: &mut Session<'_>,
) {
    let entries = Entries { format: "andOTP JSON", path: "/", elements };
    entries.read(origin, document, session, |entry| Entry {
        name: entry.get("label"),
        issuer: entry.get("issuer"),
        kind: entry.get("type"),
        secret: entry.get("secret"),
        hash: entry.get("algorithm"),
        digits: entry.get("digits"),
        period: entry.get("period"),
        counter: entry.get("counter"),
    });
}

pub(super) fn aegis(
    origin: &Source,
    document: &Document<'_>,
    object: &Object<'_>,
    session: &mut Session<'_>,
) {
    let db = object.get("db");
    if db.is_some_and(|db| db.shape() == Shape::Text) {
        return session.refuse(origin, Reason::WrappingUnsupported { what: "Aegis".into() });
    }
    let list = db.and_then(|db| db.object()?.get("entries")).map(|list| list.elements()).unwrap_or_default();
    let entries = Entries { format: "Aegis JSON", path: "/db/entries", elements: &list };
    entries.read(origin, document, session, |entry| {
        let info = entry.get("info").and_then(|info| info.object());
        let inner = |name| info.as_ref()?.get(name);
        Entry {
            name: entry.get("name"),
            issuer: entry.get("issuer"),
            kind: entry.get("type"),
            secret: inner("secret"),
            hash: inner("algo"),
            digits: inner("digits"),
            period: inner("period"),
            counter: inner("counter"),
        }
    });
}

pub(super) fn two_fas(
    origin: &Source,
    document: &Document<'_>,
    object: &Object<'_>,
    session: &mut Session<'_>,
) {
    let list = object.get("services").map(|list| list.elements()).unwrap_or_default();
    let sealed = object.get("servicesEncrypted").is_some_and(|sealed| !sealed.is_null());
    if sealed && list.is_empty() {
        return session.refuse(origin, Reason::WrappingUnsupported { what: "2FAS".into() });
    }
    let entries = Entries { format: "2FAS JSON", path: "/services", elements: &list };
    entries.read(origin, document, session, |entry| {
        let otp = entry.get("otp").and_then(|otp| otp.object());
        let inner = |name| otp.as_ref()?.get(name);
        Entry {
            name: inner("account").or(entry.get("name")),
            issuer: inner("issuer").or(entry.get("name")),
            kind: inner("tokenType"),
            secret: entry.get("secret"),
            hash: inner("algorithm"),
            digits: inner("digits"),
            period: inner("period"),
            counter: inner("counter"),
        }
    });
}

impl<'t> Entries<'_, 't> {
    fn read(
        &self,
        origin: &Source,
        document: &Document<'_>,
        session: &mut Session<'_>,
        parts: impl Fn(&Object<'t>) -> Entry<'t>,
    ) {
        session.builder.decision("format", self.format, "content", true);
        session.builder.decision("seed_encoding", SeedEncoding::Base32.word(), "definition", true);
        if self.elements.is_empty() {
            return session.refuse(origin, Reason::NoSeeds { format: self.format.into() });
        }
        let source = session.builder.source(origin.clone());
        for (n, element) in (1..).zip(self.elements) {
            let mut row = Row::at_path(document.line(element), format!("{}[{n}]", self.path));
            row.soft(session);
            match element.object() {
                Some(object) => {
                    if let Some(name) = object.doubled() {
                        row.doubled("key", name, name.eq_ignore_ascii_case("secret").then_some(Field::Seed));
                    }
                    entry(&mut row, &parts(&object), session);
                }
                None => {
                    let shown = element.shape().word().to_owned();
                    row.broken(Reason::ValueMalformed { field: "token".into(), shown });
                }
            }
            row.push(source, session);
        }
    }
}

fn text<'t>(node: Option<Node<'t>>) -> Option<Value<'t>> {
    node.and_then(|node| node.value())
}

fn entry(row: &mut Row, entry: &Entry<'_>, session: &mut Session<'_>) {
    if let Some(kind) = text(entry.kind) {
        row.kind(&kind);
    }
    let (name, issuer) = (text(entry.name), text(entry.issuer));
    label::apply(row, name.as_deref().unwrap_or(""), issuer.as_deref());
    if let Some(secret) = text(entry.secret) {
        row.seed(&secret, SeedEncoding::Base32);
    }
    if let Some(hash) = text(entry.hash) {
        row.hash(&hash);
    }
    if let Some(digits) = text(entry.digits) {
        row.digits(&digits);
    }
    if let Some(period) = text(entry.period) {
        row.period(&period);
    }
    if let Some(counter) = text(entry.counter) {
        row.counter(&counter);
    }
    row.period_by_definition(PERIOD, session);
}
