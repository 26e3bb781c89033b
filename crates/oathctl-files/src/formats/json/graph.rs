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
use crate::delimited::headings;
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
    if list.elements.is_empty() || holds_no_seeds(list) {
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
    if let Some(name) = object.doubled() {
        row.doubled(name, field_of(name));
    }
    for (name, value) in object.pairs().filter(|(_, value)| !value.is_null()) {
        match field_of(name) {
            Some(field) => set(row, field, &value, encoding),
            None if name.eq_ignore_ascii_case("assignTo") => person(row, &value),
            None if is_known(name) => {}
            None => {
                ignored.insert(shown(name));
            }
        }
    }
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
            row.serial_fault(Reason::SerialDamaged { shown: shown(&text) });
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
