//! Devices as Microsoft Graph takes them: a list of changes, a plain list, a bare array, one object.
//!
//! Owns: the names of a device, lists that hold no seeds. Seeds are Base32 there
//! (<https://learn.microsoft.com/graph/api/resources/hardwareoathtokenauthenticationmethoddevice>). Does not own: whether
//! a tenant takes the values.

use std::collections::BTreeSet;

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;

use super::tree::{Document, Node, Object, Shape};
use crate::cells::shown::shown;
use crate::delimited::headings::{self, Named};
use crate::formats::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Ignored names told one by one.
const NAMES_TOLD: usize = 20;

/// Elements with the way to them.
pub(super) struct List<'t> {
    elements: Vec<Node<'t>>,
    /// What stands before `[1]`; `None` for the only element of a document.
    path: Option<&'static str>,
    /// The document says that it was read from a tenant.
    listed: bool,
}

impl<'t> List<'t> {
    pub(super) fn of(object: &Object<'t>) -> Self {
        let marks = ["@odata.context", "@odata.nextLink", "@odata.count"];
        let elements = object.get("value").map(|value| value.elements()).unwrap_or_default();
        let listed = marks.iter().any(|mark| object.get(mark).is_some());
        Self { elements, path: Some("/value"), listed }
    }

    pub(super) fn bare(elements: &[Node<'t>]) -> Self {
        Self { elements: elements.to_vec(), path: Some("/"), listed: false }
    }

    pub(super) fn single(root: &Node<'t>) -> Self {
        Self { elements: vec![*root], path: None, listed: false }
    }
}

/// True for an object that names a serial or a seed as Graph does.
pub(super) fn is_device(node: &Node<'_>) -> bool {
    node.object()
        .is_some_and(|object| object.get("serialNumber").is_some() || object.get("secretKey").is_some())
}

/// Reads a list.
pub(super) fn read(origin: &Source, document: &Document<'_>, list: &List<'_>, session: &mut Session<'_>) {
    session.builder.decision("format", "Graph JSON", "content", true);
    if list.elements.is_empty() && !list.listed {
        return session.refuse(origin, super::nothing_in_it());
    }
    if holds_no_seeds(list) {
        return session.refuse(origin, Reason::NoSeeds { format: "Graph listing".into() });
    }
    let (encoding, why) = match session.options.secret_encoding {
        Some(stated) => (stated, "stated_by_flag"),
        None => (SeedEncoding::Base32, "definition"),
    };
    session.builder.decision("seed_encoding", encoding.word(), why, true);
    let source = session.builder.source(origin.clone());
    let mut ignored = BTreeSet::new();
    for (n, element) in (1..).zip(&list.elements) {
        let path = list.path.map_or_else(|| "/".to_owned(), |path| format!("{path}[{n}]"));
        let mut row = Row::at_path(document.line(element), path);
        device(&mut row, element, encoding, &mut ignored);
        row.push(source, session);
    }
    for heading in ignored.into_iter().take(NAMES_TOLD) {
        session.tell(origin, Severity::Note, Reason::ColumnIgnored { heading });
    }
}

/// What a tenant lists has states and no secrets.
fn holds_no_seeds(list: &List<'_>) -> bool {
    let objects = || list.elements.iter().filter_map(Node::object);
    let seed = |object: Object<'_>| object.get("secretKey").is_some_and(|secret| !secret.is_null());
    let state = |object: Object<'_>| {
        ["status", "lastUsedDateTime", "assignedTo", "id"].iter().any(|name| object.get(name).is_some())
    };
    !objects().any(seed) && (list.listed || objects().any(state))
}

fn device(row: &mut Row, element: &Node<'_>, encoding: SeedEncoding, ignored: &mut BTreeSet<String>) {
    let Some(object) = element.object() else {
        let shown = element.shape().word().to_owned();
        return row.broken(Reason::ValueMalformed { field: "token".into(), shown });
    };
    let doubled = object.doubled();
    if let Some(name) = doubled {
        row.doubled("key", name, field_of(name));
    }
    let mut said: Vec<(Field, Node<'_>)> = Vec::new();
    for (name, value) in object.pairs().filter(|(_, value)| !value.is_null()) {
        match field_of(name) {
            // Graph's own name and one that a vendor added.
            Some(field) if said.iter().any(|(before, _)| *before == field) => {
                let differs = said.iter().any(|(before, other)| *before == field && !same(&value, other));
                if differs && doubled.is_none() {
                    row.doubled("key", name, Some(field));
                }
            }
            Some(field) => {
                said.push((field, value));
                set(row, field, &value, encoding);
            }
            None if name.eq_ignore_ascii_case("assignTo") => person(row, &value),
            None if is_known(name) => {}
            None => {
                ignored.insert(shown(name));
            }
        }
    }
    if doubled.is_none() {
        contradictions(row, &object);
    }
}

/// Serial and seed are taken by Graph's names alone; what stands beside them under a heading that claims to be the same
/// must not say otherwise.
fn contradictions(row: &mut Row, object: &Object<'_>) {
    for (field, own) in [(Field::Serial, "serialNumber"), (Field::Seed, "secretKey")] {
        let Some(stated) = object.get(own).filter(|value| !value.is_null()) else { continue };
        let claims = |name: &str| {
            let heading = headings::lookup(name).filter(|heading| heading.rank == 0);
            heading.is_some_and(|heading| heading.named == Named::Field(field))
                && !name.eq_ignore_ascii_case(own)
        };
        let agrees = |other: &Node<'_>| match other.value() {
            Some(text) if field == Field::Seed => row.is_same_seed(&text),
            _ => same(&stated, other),
        };
        let mut others = object.pairs().filter(|(name, value)| claims(name) && !value.is_null());
        if let Some((name, _)) = others.find(|(_, value)| !agrees(value)) {
            row.doubled("key", name, Some(field));
        }
    }
}

/// True for two values that say the same, whatever the case of their letters.
fn same(a: &Node<'_>, b: &Node<'_>) -> bool {
    let text = |node: &Node<'_>| node.value().map(|value| value.trim().to_lowercase());
    text(a).is_some() && text(a) == text(b)
}

fn field_of(name: &str) -> Option<Field> {
    let names = [
        ("serialNumber", Field::Serial),
        ("secretKey", Field::Seed),
        ("manufacturer", Field::Manufacturer),
        ("model", Field::Model),
        ("timeIntervalInSeconds", Field::Period),
        ("hashFunction", Field::Hash),
    ];
    let found = names.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    // Vendors add what Graph has no name for; serial and seed go by Graph's names alone.
    let own = is_known(name) || name.eq_ignore_ascii_case("assignTo");
    let added = || headings::field_of(name).filter(|field| !matches!(field, Field::Serial | Field::Seed));
    found.map(|(_, field)| field).or_else(|| if own { None } else { added() })
}

/// Names that say nothing about the token itself.
fn is_known(name: &str) -> bool {
    let known = ["id", "displayName", "status", "lastUsedDateTime", "assignedTo"];
    name.contains('@') || known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn set(row: &mut Row, field: Field, node: &Node<'_>, encoding: SeedEncoding) {
    let Some(text) = node.value() else { return row.malformed(field, node.shape().word()) };
    match field {
        Field::Seed if node.shape() == Shape::Number => row.malformed(field, "number"),
        Field::Seed => row.seed(&text, encoding),
        Field::Serial if node.shape() == Shape::Number && !is_exact(&text) => {
            match text.bytes().all(|b| b.is_ascii_digit()) {
                true => row.serial_fault(Reason::SerialInexact {
                    digits: u32::try_from(text.len()).unwrap_or(u32::MAX),
                }),
                false => row.malformed(Field::Serial, "number"),
            }
        }
        Field::Serial => row.serial(&text),
        Field::Upn => row.person(&text),
        Field::Period => row.period(&text),
        Field::Hash => row.hash(&text),
        Field::Digits => row.digits(&text),
        Field::Kind => row.kind(&text),
        Field::Counter => row.counter(&text),
        Field::Manufacturer => row.manufacturer(&text),
        Field::Model => row.model(&text),
    }
}

/// A serial written as a number: beyond 2^53 most programs round it without a word.
fn is_exact(number: &str) -> bool {
    number.parse::<u64>().is_ok_and(|number| number <= 1 << 53)
}

/// `{"id": …}`, or the id alone.
fn person(row: &mut Row, node: &Node<'_>) {
    let names = ["id", "userPrincipalName", "upn"];
    let node = match node.object() {
        Some(object) => names.iter().find_map(|name| object.get(name)),
        None => Some(*node),
    };
    let Some(node) = node.filter(|node| !node.is_null()) else { return };
    match node.value() {
        Some(id) if is_object_id(&id) => row.user_id(&id),
        Some(name) => row.person(&name),
        None => row.malformed(Field::Upn, node.shape().word()),
    }
}

fn is_object_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}
