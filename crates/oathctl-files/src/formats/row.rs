//! One row of a format that is no delimited text.
//!
//! Owns: [`Row`]: values as they are met, each fault with the field it is about, and [`Row::push`], which hands all of it
//! over; a row is pushed whatever is wrong with it, so that it is counted. Does not own: what a format calls its
//! fields.

use std::borrow::Cow;

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Place};
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowDraft, SourceId};
use oathctl_core::token::{Hash, OtpKind};
use zeroize::Zeroizing;

use crate::cells::clean::{Clean, clean};
use crate::cells::seed::{self, ROOM};
use crate::cells::serial::{self, Serial};
use crate::cells::shown::{could_be_seed, hides_seed, shown};
use crate::cells::{params, person};
use crate::delimited::split::Cell;
use crate::options::SeedEncoding;
use crate::session::Session;
use crate::xml::Element;

/// Fewer bytes are no seed.
const SHORTEST_SEED: usize = 10;

/// A row being read. Absent values are those the file does not state.
#[derive(Default)]
pub(super) struct Row {
    /// Physical line, from 1.
    line: u64,
    path: Option<String>,
    serial: String,
    upn: Option<String>,
    user_id: Option<String>,
    /// Kind of code.
    pub(super) kind: Option<OtpKind>,
    hash: Option<Hash>,
    digits: Option<u8>,
    period_secs: Option<u32>,
    manufacturer: String,
    model: String,
    /// HOTP's moving factor.
    pub(super) counter: Option<u64>,
    key_id: Option<String>,
    seed: Option<Zeroizing<Vec<u8>>>,
    /// Whatever comes as a seed is none.
    no_seed: bool,
    /// A fault of the seed was told: its absence is no second one.
    seed_told: bool,
    serial_told: bool,
    faults: Vec<(Severity, Reason, Option<Field>)>,
}

impl Row {
    /// A row at a line.
    pub(super) fn at(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    /// A row at a line and a path.
    pub(super) fn at_path(line: u64, path: String) -> Self {
        Self { line, path: Some(path), ..Self::default() }
    }

    /// Something wrong with this row.
    pub(super) fn fault(&mut self, reason: Reason, field: Option<Field>) {
        self.tell(Severity::Error, reason, field);
    }

    pub(super) fn tell(&mut self, severity: Severity, reason: Reason, field: Option<Field>) {
        self.faults.push((severity, reason, field));
    }

    /// A value that is none.
    pub(super) fn malformed(&mut self, field: Field, text: &str) {
        let reason = Reason::ValueMalformed { field: field.word().into(), shown: shown(text) };
        self.seed_told |= field == Field::Seed;
        self.serial_told |= field == Field::Serial;
        self.fault(reason, Some(field));
    }

    /// Whatever is wrong with the row as a whole: its missing values are no faults of their own.
    pub(super) fn broken(&mut self, reason: Reason) {
        (self.seed_told, self.serial_told) = (true, true);
        self.fault(reason, None);
    }

    /// A name that stands twice: nobody can know which value is meant. Neither of two seeds is taken. `what` is the
    /// format's own word for what has a name.
    pub(super) fn doubled(&mut self, what: &str, name: &str, field: Option<Field>) {
        let name = field.map_or_else(|| shown(name), |field| field.word().into());
        if field == Some(Field::Seed) {
            self.no_seed = true;
            self.seed = None;
        }
        self.broken(Reason::ValuesDisagree { what: what.into(), field: name });
    }

    /// Fields for which an element has several children that say different things.
    pub(super) fn doubled_in(&mut self, element: &Element<'_>, fields: &[(&[&str], Field)]) {
        for (names, field) in fields.iter().filter(|(names, _)| element.disagrees(names)) {
            self.doubled("element", names.first().unwrap_or(&""), Some(*field));
        }
    }

    /// True when a text is this row's seed, in any spelling.
    pub(super) fn is_same_seed(&self, text: &str) -> bool {
        let text = cleaned(text);
        let mut room = Zeroizing::new([0; ROOM]);
        let encodings = [SeedEncoding::Base32, SeedEncoding::Hex, SeedEncoding::Base64];
        encodings.into_iter().any(|encoding| {
            let spelled = seed::decode(&text, encoding, &mut room).ok();
            let bytes = spelled.and_then(|spelled| room.get(..spelled.len));
            bytes.is_some() && bytes == self.seed.as_ref().map(|seed| seed.as_slice())
        })
    }

    /// No kind of token at all; its secret is none of our seeds.
    pub(super) fn no_totp(&mut self, kind: &str) {
        self.seed_told = true;
        self.serial_told = true;
        self.fault(Reason::NotTotp { kind: kind.into() }, Some(Field::Kind));
    }

    /// True when something is wrong already.
    pub(super) fn is_faulty(&self) -> bool {
        self.faults.iter().any(|(severity, _, _)| *severity == Severity::Error)
    }

    pub(super) fn serial(&mut self, text: &str) {
        let text = cleaned(text);
        match serial::read(&text) {
            Serial::Fine => self.serial = text.to_string(),
            Serial::Rewritten(serial) => {
                self.tell(
                    Severity::Note,
                    Reason::SerialRewritten { shown: shown(&text) },
                    Some(Field::Serial),
                );
                self.serial = serial;
            }
            Serial::Missing => {}
            Serial::Damaged => self.serial_fault(Reason::SerialDamaged { shown: shown(&text) }),
            Serial::Malformed => self.serial_fault(Reason::SerialMalformed { shown: shown(&text) }),
        }
    }

    /// A serial that can't be used.
    pub(super) fn serial_fault(&mut self, reason: Reason) {
        self.serial_told = true;
        self.fault(reason, Some(Field::Serial));
    }

    /// Decodes a seed. Blank text is no seed.
    pub(super) fn seed(&mut self, text: &str, encoding: SeedEncoding) {
        let text = cleaned(text);
        if text.is_empty() {
            return;
        }
        let mut room = Zeroizing::new([0; ROOM]);
        match seed::decode(&text, encoding, &mut room) {
            Ok(spelled) => {
                let remarks =
                    spelled.remarks().map(|(severity, reason)| (severity, reason, Some(Field::Seed)));
                self.faults.extend(remarks);
                self.seed_bytes(room.get(..spelled.len).unwrap_or_default());
            }
            Err(reason) => {
                self.seed_told = true;
                self.fault(reason, Some(Field::Seed));
            }
        }
    }

    /// Takes a seed that is bytes already.
    pub(super) fn seed_bytes(&mut self, bytes: &[u8]) {
        self.seed = Some(Zeroizing::new(bytes.to_vec())).filter(|seed| !seed.is_empty() && !self.no_seed);
    }

    pub(super) fn hash(&mut self, text: &str) {
        let text = cleaned(text);
        self.hash = params::hash(&text);
        if self.hash.is_none() && !text.is_empty() {
            self.fault(Reason::HashUnsupported { shown: shown(&text) }, Some(Field::Hash));
        }
    }

    pub(super) fn digits(&mut self, text: &str) {
        let text = cleaned(text);
        self.digits = params::digits(&text);
        if self.digits.is_none() && !text.is_empty() {
            self.fault(Reason::DigitsUnsupported { shown: shown(&text) }, Some(Field::Digits));
        }
    }

    pub(super) fn period(&mut self, text: &str) {
        let text = cleaned(text);
        self.period_secs = params::period(&text).filter(|secs| *secs > 0);
        if self.period_secs.is_none() && !text.is_empty() {
            self.fault(Reason::PeriodUnsupported { shown: shown(&text) }, Some(Field::Period));
        }
    }

    /// The period where neither row nor caller states one.
    pub(super) fn period_by_definition(&mut self, secs: u32, session: &mut Session<'_>) {
        let totp = self.kind.is_none_or(|kind| kind == OtpKind::Totp);
        if totp && self.period_secs.is_none() && session.options.period_secs.is_none() && !self.is_faulty() {
            self.period_secs = Some(secs);
            session.builder.decision("period", &secs.to_string(), "definition", true);
        }
    }

    /// The period that every token of a format has, whatever the caller says of others.
    pub(super) fn period_always(&mut self, secs: u32) {
        self.period_secs = Some(secs);
    }

    /// The kind of code; a word that names none is told as it stands.
    pub(super) fn kind(&mut self, text: &str) {
        let text = cleaned(text);
        self.kind = params::kind(&text).or(self.kind);
        if params::kind(&text).is_none() && !text.is_empty() {
            self.fault(Reason::NotTotp { kind: shown(&text) }, Some(Field::Kind));
        }
    }

    /// The seed of an app.
    pub(super) fn soft(&mut self, session: &mut Session<'_>) {
        if session.options.allow_soft {
            session.builder.decision("soft_tokens", "taken", "stated_by_flag", true);
        } else {
            self.fault(Reason::SoftToken, None);
        }
    }

    pub(super) fn counter(&mut self, text: &str) {
        let text = cleaned(text);
        self.counter = text.parse().ok();
        if self.counter.is_none() && !text.is_empty() {
            self.malformed(Field::Counter, &text);
        }
    }

    pub(super) fn manufacturer(&mut self, text: &str) {
        self.manufacturer = cleaned(text).to_string();
    }

    pub(super) fn model(&mut self, text: &str) {
        self.model = cleaned(text).to_string();
    }

    /// A person by name; what is no user principal name is told and not taken.
    pub(super) fn person(&mut self, text: &str) {
        let text = cleaned(text);
        match person::read(&text, false) {
            Some(name) if person::is_name(&name) || (name.contains('@') && !hides_seed(&name)) => {
                self.upn = Some(name.into_owned());
            }
            Some(name) if name.contains('@') => {
                self.fault(Reason::UpnMalformed { shown: shown(&name) }, Some(Field::Upn));
            }
            Some(name) => {
                self.tell(Severity::Warning, Reason::PersonHinted { shown: shown(&name) }, Some(Field::Upn));
            }
            None => {}
        }
    }

    /// A person by object id.
    pub(super) fn user_id(&mut self, id: &str) {
        self.user_id = Some(id.to_owned());
    }

    /// Where no seed is, a serial of the shape of one is the seed: fields are shifted, and serials are shown.
    fn hide_shifted(&mut self) {
        let no_seed = self.seed.as_ref().is_none_or(|seed| seed.len() < SHORTEST_SEED);
        if no_seed && could_be_seed(&self.serial) {
            let serial = Zeroizing::new(std::mem::take(&mut self.serial));
            self.serial_fault(Reason::SerialMalformed { shown: shown(&serial) });
        }
    }

    /// What tells several keys of one serial apart.
    pub(super) fn key_id(&mut self, id: &str) {
        self.key_id = Some(id.to_owned());
    }

    /// Hands the row over. What the caller states fills what the row leaves open.
    pub(super) fn push(mut self, source: SourceId, session: &mut Session<'_>) {
        let options = session.options;
        self.hide_shifted();
        let kind = self.kind.unwrap_or(OtpKind::Totp);
        let serial = match options.serial_width.map(usize::from) {
            Some(width) if is_number(&self.serial) => Cow::Owned(format!("{:0>width$}", self.serial)),
            _ => Cow::Borrowed(self.serial.as_str()),
        };
        if serial.is_empty() && !self.serial_told {
            self.faults.push((Severity::Error, Reason::SerialMissing, Some(Field::Serial)));
        }
        if self.seed.is_none() && !self.seed_told {
            self.faults.push((Severity::Error, Reason::SeedMissing, Some(Field::Seed)));
        }
        let period_secs = self.period_secs.or(options.period_secs).filter(|_| kind == OtpKind::Totp);
        let draft = RowDraft {
            line: self.line,
            serial: &serial,
            upn: self.upn.as_deref(),
            user_id: self.user_id.as_deref(),
            kind: self.kind,
            hash: self.hash.or(options.hash),
            digits: self.digits.or(options.digits),
            period_secs,
            manufacturer: &self.manufacturer,
            model: &self.model,
            counter: self.counter,
            path: self.path.as_deref(),
            key_id: self.key_id.as_deref(),
            issue_no: None,
        };
        let row = session.builder.push(source, draft, self.seed.as_ref().map(|seed| seed.as_slice()));
        for (severity, reason, field) in self.faults {
            let place = session.builder.place(source, self.line, field);
            let place = Place { path: self.path.clone(), ..place };
            session.builder.fault(severity, reason, place, Some(row));
        }
    }
}

fn is_number(serial: &str) -> bool {
    !serial.is_empty() && serial.bytes().all(|b| b.is_ascii_digit())
}

fn cleaned(text: &str) -> Clean<'_> {
    clean(Cell { raw: text, escaped: false })
}
