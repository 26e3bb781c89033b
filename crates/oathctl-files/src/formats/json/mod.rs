//! JSON: what Microsoft Graph takes in all its shapes, and the plain exports of authenticator apps.
//!
//! Owns: telling the shapes apart by their content ([`read`]), never by names of files. Does not own: the elements
//! ([`graph`], [`apps`]), nor values and lines ([`tree`]).

mod apps;
mod graph;
mod tree;

use oathctl_core::fault::Severity;
use oathctl_core::place::{Place, Source};
use oathctl_core::reason::Reason;

use crate::cells::shown::shown;
use crate::session::Session;
use tree::{Document, Node, Shape};

/// Reads one document, or several one after the other.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    let document = Document::new(text);
    let (roots, damage) = document.roots();
    for root in &roots {
        of_root(origin, &document, root, session);
    }
    if let Some(damage) = damage {
        let what = if damage.truncated { "truncated" } else { "malformed" };
        let reason = Reason::DocumentDamaged { format: "JSON".into(), what: what.into() };
        let place = Place { line: Some(damage.line), ..origin.whole() };
        session.builder.fault(Severity::Error, reason, place, None);
    }
}

/// A list without an element.
fn nothing_in_it() -> Reason {
    Reason::EmptyFile { what: "json".into() }
}

fn of_root(origin: &Source, document: &Document<'_>, root: &Node<'_>, session: &mut Session<'_>) {
    let unknown = || Reason::UnsupportedFormat { format: "JSON".into() };
    if root.shape() == Shape::Array {
        let elements = root.elements();
        return match () {
            () if elements.is_empty() => session.refuse(origin, nothing_in_it()),
            () if apps::is_and_otp(&elements) => apps::and_otp(origin, document, &elements, session),
            () if elements.iter().any(graph::is_device) => {
                graph::read(origin, document, &graph::List::bare(&elements), session);
            }
            () => session.refuse(origin, unknown()),
        };
    }
    let Some(object) = root.object() else { return session.refuse(origin, unknown()) };
    let is_list = object.get("value").is_some_and(|value| value.shape() == Shape::Array);
    if !is_list && graph::is_device(root) {
        return graph::read(origin, document, &graph::List::single(root), session);
    }
    if let Some(name) = object.doubled() {
        return session.refuse(origin, Reason::ValuesDisagree { what: "key".into(), field: shown(name) });
    }
    match () {
        () if is_list => graph::read(origin, document, &graph::List::of(&object), session),
        () if object.get("db").is_some() => apps::aegis(origin, document, &object, session),
        () if object.get("services").is_some() || object.get("servicesEncrypted").is_some() => {
            apps::two_fas(origin, document, &object, session);
        }
        () => session.refuse(origin, unknown()),
    }
}
