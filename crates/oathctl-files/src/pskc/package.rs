//! One key package: a device and its keys.
//!
//! Owns: [`Package`], [`Item`] (a key with what it inherits), asking for the key of sealed values when the first of
//! them comes. Does not own: one key ([`super::rows`]).

use oathctl_core::reason::Reason;

use super::head::Head;
use super::unlock::{self, MOST_SAMPLES};
use super::value::{self, Default, Sealed, Value};
use super::{PACKAGE, Reading, Stop};
use crate::xml::{Element, Xml};

/// Packages looked at to find values to try keys on.
const MOST_AHEAD: usize = 64;

/// The values of a key besides its seed.
pub(super) const NUMBERS: [&str; 4] = ["Counter", "TimeInterval", "Time", "TimeDrift"];

/// One package and where it stands.
pub(super) struct Package<'e, 't> {
    element: &'e Element<'t>,
    pub(super) device: Option<&'e Element<'t>>,
    path: &'e str,
}

/// A key, and what it refers to for what it leaves out.
#[derive(Clone, Copy)]
pub(super) struct Item<'e, 't> {
    pub(super) own: &'e Element<'t>,
    shared: Option<&'e Element<'t>>,
}

impl<'e, 't> Package<'e, 't> {
    pub(super) fn of(element: &'e Element<'t>, path: &'e str) -> Self {
        Self { element, device: element.any_child(&["DeviceInfo", "DeviceId"]), path }
    }

    /// A text about the device.
    pub(super) fn device_text(&self, name: &str) -> &'e str {
        self.device.and_then(|device| device.text_of(name)).unwrap_or("")
    }

    fn keys(&self) -> impl Iterator<Item = &'e Element<'t>> {
        self.element.children.iter().filter(|child| matches!(child.name, "Key" | "Secret"))
    }
}

impl<'e, 't> Item<'e, 't> {
    pub(super) fn of(own: &'e Element<'t>, head: &'e Head<'t>) -> Self {
        let id = own.attribute("KeyProperties").map(|id| id.trim_start_matches('#'));
        let is_meant =
            |properties: &&Element<'t>| id.is_some() && properties.any_attribute(&["id", "Id"]) == id;
        Self { own, shared: head.properties.iter().find(is_meant) }
    }

    /// An attribute, its own or inherited.
    pub(super) fn attribute(&self, names: &[&str]) -> Option<&'e str> {
        let found = self.own.any_attribute(names).filter(|text| !text.trim().is_empty());
        found.or_else(|| self.shared?.any_attribute(names)).map(str::trim)
    }

    /// An element at a path, its own or inherited.
    pub(super) fn at(&self, path: &[&str]) -> Option<&'e Element<'t>> {
        self.own.at(path).or_else(|| self.shared?.at(path))
    }

    /// The element of a value, its own or inherited.
    pub(super) fn value(&self, name: &str) -> Option<&'e Element<'t>> {
        value::element(self.own, name).or_else(|| value::element(self.shared?, name))
    }

    /// The value of this name.
    pub(super) fn read(&self, name: &str, default: Default, is_seed: bool) -> Value<'e> {
        if value::is_doubled(self.own, name) {
            let field = if is_seed { "seed" } else { name };
            return Value::Unreadable(Reason::ValueMalformed {
                field: field.into(),
                shown: "<two values>".into(),
            });
        }
        value::read(self.value(name), default, is_seed)
    }
}

impl<'t> Reading<'_, '_, 't> {
    pub(super) fn package(&mut self, package: &Package<'_, 't>, xml: &Xml<'t>) -> Result<(), Stop> {
        if self.opener.is_none() && self.needs_key(package) {
            let samples = self.samples(package, xml);
            self.opener =
                Some(unlock::unlock(&self.head, &samples, self.session, self.origin).map_err(Stop::Refused)?);
        }
        // Lent to the rows, which fill the table beside it.
        let head = std::mem::take(&mut self.head);
        let mut counts = [0usize; 2];
        for key in package.keys() {
            let count = &mut counts[usize::from(key.name == "Secret")];
            *count += 1;
            self.key(
                package,
                Item::of(key, &head),
                &head,
                &format!("{}/{}[{count}]", package.path, key.name),
            );
        }
        if counts == [0, 0] {
            self.without_key(package, package.element.line, package.path);
        }
        self.head = head;
        Ok(())
    }

    fn needs_key(&self, package: &Package<'_, 't>) -> bool {
        package.keys().any(|key| {
            let mut values = sealed_of(key, &self.head);
            values.next().is_some()
        })
    }

    /// Sealed values of this package and of those after it.
    fn samples(&self, package: &Package<'_, 't>, xml: &Xml<'t>) -> Vec<Sealed> {
        let mut samples: Vec<Sealed> = package.keys().flat_map(|key| sealed_of(key, &self.head)).collect();
        let mut ahead = xml.clone();
        for _ in 0..MOST_AHEAD {
            if samples.len() >= MOST_SAMPLES {
                break;
            }
            let Ok(Some(head)) = ahead.next() else { break };
            if PACKAGE.contains(&head.name) {
                let Ok(element) = ahead.whole(head) else { break };
                samples.extend(Package::of(&element, "").keys().flat_map(|key| sealed_of(key, &self.head)));
            }
        }
        samples.truncate(MOST_SAMPLES);
        samples
    }
}

/// The values of a key that need a key: the seed if it does, else its numbers.
fn sealed_of<'e>(key: &'e Element<'_>, head: &'e Head<'_>) -> impl Iterator<Item = Sealed> {
    let default = Default { cipher: head.cipher };
    let seed = seed_of(value::read(value::element(key, "Secret"), default, true), head);
    let numbers = NUMBERS.into_iter().filter_map(move |name| {
        match value::read(value::element(key, name), default, false) {
            Value::Sealed(sealed) => Some(sealed),
            _ => None,
        }
    });
    seed.into_iter().chain(numbers)
}

/// A seed that is sealed, or open with a check value that must be looked at.
fn seed_of(value: Value<'_>, head: &Head<'_>) -> Option<Sealed> {
    match value {
        Value::Sealed(sealed) => Some(sealed),
        Value::Plain { text, mac: Some(mac) } if head.checks().is_some() => Sealed::open(text, mac),
        _ => None,
    }
}
