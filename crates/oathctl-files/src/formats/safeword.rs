//! SafeWord `.dat`: records like LDIF, blank lines between them.
//!
//! Owns: lines to records, the fields inside `sccTokenData`. Signatures are not looked at: nobody has the key. Does not
//! own: what a row becomes of.

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::cells::shown::shown;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Reads all records.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "SafeWord .dat", "content", true);
    session.builder.decision("seed_encoding", SeedEncoding::Hex.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    let mut record = Record::default();
    for (n, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        // A `#` further on in a line belongs to its value.
        if line.starts_with('#') {
            continue;
        }
        let (name, value) =
            line.split_once(':').map_or(("", ""), |(name, value)| (name.trim(), value.trim()));
        if line.is_empty() || (name.eq_ignore_ascii_case("dn") && !record.is_empty()) {
            std::mem::take(&mut record).push_to(source, session);
        }
        if !line.is_empty() {
            record.add(n, name, value);
        }
    }
    record.push_to(source, session);
}

/// The lines of one record that matter, borrowed from the text.
#[derive(Default)]
struct Record<'t> {
    /// Of `sccTokenData`, else of its first line.
    line: u64,
    lines: u32,
    id: Option<&'t str>,
    name: Option<&'t str>,
    model: Option<&'t str>,
    data: Option<&'t str>,
    /// Fields that stand twice and differ.
    doubled: Vec<Field>,
}

impl<'t> Record<'t> {
    fn is_empty(&self) -> bool {
        self.lines == 0
    }

    fn add(&mut self, n: u64, name: &str, value: &'t str) {
        if self.is_empty() {
            self.line = n;
        }
        self.lines += 1;
        match name.to_ascii_lowercase().as_str() {
            "dn" => self.name = value.split_once('=').map(|(_, id)| id.split(',').next().unwrap_or(id)),
            "sccauthenticatorid" => self.once(Field::Serial, |record| &mut record.id, value),
            "scctokentype" => self.once(Field::Model, |record| &mut record.model, value),
            "scctokendata" => {
                self.line = n;
                self.once(Field::Seed, |record| &mut record.data, value);
            }
            _ => {}
        }
    }

    /// Keeps a value, and what comes a second time with another one.
    fn once(&mut self, field: Field, slot: fn(&mut Self) -> &mut Option<&'t str>, value: &'t str) {
        let before = slot(self).replace(value);
        if before.is_some_and(|before| before != value) {
            self.doubled.push(field);
        }
    }

    fn push_to(self, source: oathctl_core::table::SourceId, session: &mut Session<'_>) {
        let nothing = self.id.is_none() && self.name.is_none() && self.data.is_none();
        if !nothing {
            self.row().push(source, session);
        }
    }

    fn row(&self) -> Row {
        let mut row = Row::at(self.line);
        row.serial(self.id.or(self.name).unwrap_or(""));
        row.model(self.model.unwrap_or(""));
        let data = Data::of(self.data.unwrap_or(""));
        if let (Some(id), Some(name)) = (self.id, self.name)
            && !id.eq_ignore_ascii_case(name)
        {
            row.doubled("value", "", Some(Field::Serial));
        }
        for field in self.doubled.iter().copied().chain(data.doubled()) {
            row.doubled("value", "", Some(field));
        }
        row.kind = Some(data.kind());
        row.seed(data.get("scckey"), SeedEncoding::Hex);
        row.digits(data.get("sccpwlen"));
        row.hash(data.get("crypto"));
        if row.kind == Some(OtpKind::Totp) {
            row.period(data.get("scctick"));
            start_of_time(&mut row, data.get("sccprtime"));
        } else {
            counter(&mut row, data.get("sccseq"));
        }
        row
    }
}

/// The names in `sccTokenData`.
const NAMES: [(&str, Field); 6] = [
    ("scckey", Field::Seed),
    ("sccmode", Field::Kind),
    ("sccpwlen", Field::Digits),
    ("scctick", Field::Period),
    ("crypto", Field::Hash),
    ("sccseq", Field::Counter),
];

/// `name=value;name=value`.
struct Data<'t>(Vec<(String, &'t str)>);

impl<'t> Data<'t> {
    fn of(text: &'t str) -> Self {
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())).collect())
    }

    fn get(&self, name: &str) -> &'t str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The fields of which it says two different things.
    fn doubled(&self) -> impl Iterator<Item = Field> {
        NAMES
            .iter()
            .filter(|(name, _)| self.0.iter().any(|(key, value)| key == name && *value != self.get(name)))
            .map(|(_, field)| *field)
    }

    /// `T` counts time, `E` events. Without a mode, the field that only one of them has.
    fn kind(&self) -> OtpKind {
        match self.get("sccmode") {
            "T" | "t" => OtpKind::Totp,
            "E" | "e" => OtpKind::Hotp,
            "" if !self.get("scctick").is_empty() => OtpKind::Totp,
            "" => OtpKind::Hotp,
            _ => OtpKind::Other,
        }
    }
}

/// With `sccPrTime` the token counts its steps from the year 2000.
fn start_of_time(row: &mut Row, text: &str) {
    if !text.is_empty() {
        row.fault(Reason::EpochUnsupported { shown: shown(text) }, None);
    }
}

/// Nothing says whether this number is decimal or hex; it is taken where both mean the same.
fn counter(row: &mut Row, text: &str) {
    let decimal = text.parse::<u64>().ok();
    row.counter = decimal.filter(|value| u64::from_str_radix(text, 16).ok() == Some(*value));
    if row.counter.is_none() && !text.is_empty() {
        let reason = Reason::ValueMalformed { field: Field::Counter.word().into(), shown: shown(text) };
        // Of a token that counts time it says nothing; another one can't be used without it.
        let severity = if row.kind == Some(OtpKind::Hotp) { Severity::Error } else { Severity::Note };
        row.tell(severity, reason, Some(Field::Counter));
    }
}
