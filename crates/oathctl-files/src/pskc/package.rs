//! One key package: a device and its keys.
//!
//! Owns: [`Package`], [`Item`] (a key with what it inherits), asking for the keys of sealed values when the first of
//! them comes. Does not own: one key ([`super::rows`]).

use oathctl_core::reason::Reason;

use super::head::Head;
use super::unlock;
use super::value::{self, Default, Sealed, Site, Value};
use super::{PACKAGE, Reading, Stop};
use crate::xml::{Element, Xml};

/// Elements looked at to find values to try a single key on.
const MOST_AHEAD: usize = 64;

/// The values of a key besides its seed.
pub(super) const NUMBERS: [&str; 4] = ["Counter", "TimeInterval", "Time", "TimeDrift"];

/// Names of what describes the device.
const DEVICE: [&str; 2] = ["DeviceInfo", "DeviceId"];

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
    /// It refers to properties that aren't there.
    pub(super) is_orphan: bool,
    default: Default<'e>,
}

impl<'e, 't> Package<'e, 't> {
    pub(super) fn of(element: &'e Element<'t>, path: &'e str) -> Self {
        Self { element, device: element.any_child(&DEVICE), path }
    }

    /// A text about the device.
    pub(super) fn device_text(&self, name: &str) -> &'e str {
        self.device.and_then(|device| device.text_of(name)).unwrap_or("")
    }

    /// Two devices or two serials: nobody can know which is meant.
    pub(super) fn has_two_serials(&self) -> bool {
        let devices = self.element.children.iter().filter(|child| DEVICE.contains(&child.name));
        let serials = devices.flat_map(|device| &device.children).filter(|child| child.name == "SerialNo");
        serials.count() > 1
    }

    fn keys(&self) -> impl Iterator<Item = &'e Element<'t>> {
        self.element.children.iter().filter(|child| matches!(child.name, "Key" | "Secret"))
    }
}

impl<'e, 't> Item<'e, 't> {
    pub(super) fn of(package: &Package<'e, 't>, own: &'e Element<'t>, head: &'e Head<'t>) -> Self {
        let id = own.attribute("KeyProperties").map(|id| id.trim().trim_start_matches('#'));
        let is_meant =
            |properties: &&Element<'t>| id.is_some() && properties.any_attribute(&["id", "Id"]) == id;
        let shared = head.properties.iter().find(is_meant);
        let named = |at: &'e Element<'t>| at.child("EncryptionKey")?.text_of("KeyName");
        let default = Default { cipher: head.cipher, name: named(own).or_else(|| named(package.element)) };
        Self { own, shared, is_orphan: id.is_some() && shared.is_none(), default }
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

    /// All elements at a path of this key; else all that it inherits.
    pub(super) fn all_at(&self, path: &[&str]) -> Vec<&'e Element<'t>> {
        let found = all_at(self.own, path);
        if found.is_empty() {
            self.shared.map(|shared| all_at(shared, path)).unwrap_or_default()
        } else {
            found
        }
    }

    /// Where a value stands, its own or inherited.
    pub(super) fn sites(&self, name: &str) -> Vec<Site<'e, 't>> {
        let own = value::sites(self.own, name);
        if own.is_empty() {
            self.shared.map(|shared| value::sites(shared, name)).unwrap_or_default()
        } else {
            own
        }
    }

    /// The value of this name.
    pub(super) fn read(&self, name: &str, is_seed: bool) -> Value<'e> {
        let sites = self.sites(name);
        if value::is_doubled(&sites) {
            let field = if is_seed { "seed" } else { name };
            return Value::Unreadable(Reason::ValueMalformed {
                field: field.into(),
                shown: "<two values>".into(),
            });
        }
        value::read(sites.first().map(|site| site.element), self.default, is_seed)
    }

    /// Its values that need a key.
    fn sealed(&self, head: &Head<'_>) -> Vec<Sealed> {
        let seed = seed_of(self.read("Secret", true), head);
        let numbers = NUMBERS.into_iter().filter_map(|name| match self.read(name, false) {
            Value::Sealed(sealed) => Some(sealed),
            _ => None,
        });
        seed.into_iter().chain(numbers).collect()
    }
}

fn all_at<'e, 't>(element: &'e Element<'t>, path: &[&str]) -> Vec<&'e Element<'t>> {
    let Some((first, rest)) = path.split_first() else { return vec![element] };
    let children = element.children.iter().filter(|child| child.name == *first);
    children.flat_map(|child| all_at(child, rest)).collect()
}

impl<'t> Reading<'_, '_, 't> {
    pub(super) fn package(&mut self, package: &Package<'_, 't>, xml: &Xml<'t>) -> Result<(), Stop> {
        if self.opener.is_none() && !sealed(package, &self.head).is_empty() {
            let samples = |most| samples(package, xml, &self.head, most);
            let opened = unlock::unlock(&self.head, &samples, self.session, self.origin);
            self.opener = Some(opened.map_err(Stop::Refused)?);
        }
        // Lent to the rows, which fill the table beside it.
        let head = std::mem::take(&mut self.head);
        let mut counts = [0usize; 2];
        for key in package.keys() {
            let count = &mut counts[usize::from(key.name == "Secret")];
            *count += 1;
            self.key(
                package,
                Item::of(package, key, &head),
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
}

/// The values of a package that need a key.
fn sealed(package: &Package<'_, '_>, head: &Head<'_>) -> Vec<Sealed> {
    package.keys().flat_map(|key| Item::of(package, key, head).sealed(head)).collect()
}

/// Sealed values of this package and of those after it, until there are so many.
fn samples(package: &Package<'_, '_>, xml: &Xml<'_>, head: &Head<'_>, most: usize) -> Vec<Sealed> {
    let mut samples = sealed(package, head);
    let mut ahead = xml.clone();
    let mut packages = 0;
    while samples.len() < most && (most == usize::MAX || packages < MOST_AHEAD) {
        let Ok(Some(next)) = ahead.next() else { break };
        if PACKAGE.contains(&next.name) {
            let Ok(element) = ahead.whole(next) else { break };
            samples.extend(sealed(&Package::of(&element, ""), head));
        }
        packages += 1;
    }
    samples.truncate(most);
    samples
}

/// A seed that is sealed, or open with a check value that must be looked at.
fn seed_of(value: Value<'_>, head: &Head<'_>) -> Option<Sealed> {
    match value {
        Value::Sealed(sealed) => Some(sealed),
        Value::Plain { text, mac: Some(mac) } if head.checks().is_some() => Sealed::open(text, mac),
        _ => None,
    }
}
