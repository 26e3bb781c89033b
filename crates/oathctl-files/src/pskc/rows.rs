//! One key to one row.
//!
//! Owns: serial, kind, seed and parameters of a key, and every fault of them; a key with faults is a row too, so that
//! it is counted. Does not own: what a policy says ([`super::policy`]), whether Entra takes the token.

mod parameters;
mod seed;

use std::borrow::Cow;

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::table::RowDraft;
use oathctl_core::token::OtpKind;

use super::head::Head;
use super::names::name;
use super::package::{Item, Package};
use super::{Reading, policy};
use crate::cells::clean::visible;
use crate::cells::serial::{self, Serial};
use crate::cells::shown::{could_be_seed, shown};
use crate::xml;

/// A key being read: what is wrong with it so far.
struct Key<'e, 't> {
    item: Item<'e, 't>,
    head: &'e Head<'t>,
    kind: OtpKind,
    line: u64,
    faults: Vec<(Severity, Reason)>,
}

impl Key<'_, '_> {
    fn error(&mut self, reason: Reason) {
        self.faults.push((Severity::Error, reason));
    }

    fn malformed(&mut self, field: &str, shown: &str) {
        self.error(Reason::ValueMalformed { field: field.into(), shown: shown.into() });
    }

    /// It makes codes of one of the two kinds whose parameters are known.
    fn is_otp(&self) -> bool {
        self.kind != OtpKind::Other
    }
}

impl<'t> Reading<'_, '_, 't> {
    pub(super) fn key(&mut self, package: &Package<'_, 't>, item: Item<'_, 't>, head: &Head<'t>, path: &str) {
        let id = item.attribute(&["Id", "KeyId", "SecretId", "id"]).unwrap_or("");
        let policies = item.all_at(&["Policy", "PINPolicy"]);
        let pins = policies.iter().filter_map(|pin| pin.attribute("PINKeyId"));
        // A key is no PIN of its own.
        self.told.pins.extend(pins.filter(|pin| *pin != id).map(str::to_owned));
        let algorithm = item.attribute(&["Algorithm", "KeyAlgorithm", "SecretAlgorithm"]);
        let kind = kind(algorithm.unwrap_or(""));
        // A PIN that another key names is no token.
        let Some(kind) = kind.filter(|_| !self.told.pins.contains(id)) else { return };
        let mut key = Key { item, head, kind, line: item.own.line, faults: Vec::new() };
        if algorithm.is_none() {
            key.error(Reason::FieldMissing { field: "algorithm".into() });
        }
        if item.is_orphan {
            key.malformed("KeyProperties", "<no such properties>");
        }
        let seed = self.seed(&mut key);
        let parameters = self.parameters(&mut key, seed.as_deref().map(Vec::len));
        policy::judge(item, package.device, self.session.options, &mut key.faults);
        let serial = if package.has_two_serials() {
            key.malformed("serial", "<two values>");
            Cow::Borrowed("")
        } else {
            serial(package.device_text("SerialNo"), id, &mut key.faults)
        };
        let person = item.own.text_of("UserId").unwrap_or(package.device_text("UserId"));
        if !person.is_empty() {
            key.faults.push((Severity::Note, Reason::PersonHinted { shown: name(person) }));
        }
        let issue_no = plain(package.device_text("IssueNo"));
        let draft = RowDraft {
            line: key.line,
            serial: &serial,
            kind: Some(kind),
            hash: parameters.hash,
            digits: parameters.digits,
            period_secs: parameters.period_secs,
            manufacturer: &plain(package.device_text("Manufacturer")),
            model: &plain(package.device_text("Model")),
            counter: parameters.counter,
            path: Some(path),
            key_id: Some(id).filter(|id| !id.is_empty()),
            issue_no: Some(issue_no.as_ref()).filter(|issue| !issue.is_empty() && !could_be_seed(issue)),
            ..RowDraft::default()
        };
        self.push(draft, seed.as_deref().map(Vec::as_slice), key.faults);
    }

    /// A package that names a device and holds no key for it.
    pub(super) fn without_key(&mut self, package: &Package<'_, 't>, line: u64, path: &str) {
        let mut faults = vec![(Severity::Error, Reason::SeedMissing)];
        let serial = serial(package.device_text("SerialNo"), "", &mut faults);
        if serial.is_empty() {
            return;
        }
        let draft = RowDraft { line, serial: &serial, path: Some(path), ..RowDraft::default() };
        self.push(draft, None, faults);
    }

    fn push(&mut self, draft: RowDraft<'_>, seed: Option<&[u8]>, faults: Vec<(Severity, Reason)>) {
        let (line, path) = (draft.line, draft.path);
        let row = self.session.builder.push(self.source, draft, seed);
        for (severity, reason) in faults {
            let place = xml::place(self.origin, line, path);
            self.session.builder.fault(severity, reason, place, Some(row));
        }
    }
}

/// The kind an algorithm's name means; `None` for a PIN, which is no token.
fn kind(algorithm: &str) -> Option<OtpKind> {
    let last = algorithm.rsplit(['#', ':', '/']).next().unwrap_or("");
    match () {
        () if last.eq_ignore_ascii_case("totp") => Some(OtpKind::Totp),
        () if last.eq_ignore_ascii_case("hotp") => Some(OtpKind::Hotp),
        () if last.eq_ignore_ascii_case("pin") => None,
        () => Some(OtpKind::Other),
    }
}

/// The device's serial, else the key's own name.
fn serial<'e>(device: &'e str, id: &'e str, faults: &mut Vec<(Severity, Reason)>) -> Cow<'e, str> {
    let text = plain(if device.is_empty() { id } else { device });
    let malformed = match serial::read(&text) {
        Serial::Malformed => true,
        // Only a spreadsheet's marks: no spreadsheet has been at this.
        Serial::Damaged => text.starts_with('#'),
        Serial::Missing | Serial::Fine | Serial::Rewritten(_) => false,
    };
    if malformed {
        faults.push((Severity::Error, Reason::SerialMalformed { shown: shown(&text) }));
        return Cow::Borrowed("");
    }
    text
}

/// A text on one line without characters that can't be seen.
fn plain(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c == ' ' || !c.is_whitespace() && visible(c) == Some(c);
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let words: Vec<String> =
        text.split_whitespace().map(|word| word.chars().filter_map(visible).collect()).collect();
    Cow::Owned(words.join(" "))
}
