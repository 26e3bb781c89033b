//! The cells of one token.
//!
//! Owns: reading each cell of a record that is a token, and its faults. Does not own: which records are tokens
//! ([`super`]).

use std::borrow::Cow;

use oathctl_core::fault::Severity;
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::table::RowDraft;
use oathctl_core::token::{Hash, OtpKind};

use super::Rows;
use crate::cells::clean::{Clean, clean};
use crate::cells::seed::{self, ROOM};
use crate::cells::serial::{self, Serial};
use crate::cells::shown::{could_be_piece, could_be_seed, hides_seed, shown, shown_value};
use crate::cells::{params, person};
use crate::delimited::columns::Dialect;
use crate::delimited::split::Cell;
use crate::options::SeedEncoding;

impl Rows<'_> {
    pub(super) fn token(&mut self, line: u64, cells: &[Cell<'_>], serial: &str, seed: Option<usize>) {
        self.tell_missing_values(cells);
        self.compare_seconds(cells);
        let (kind, hash) = self.read_kind_and_hash(cells);
        let period_secs = self.read_period(cells, kind);
        let digits = self.read_digits(cells, kind);
        let counter = self.read_counter(cells, kind);
        let upn_cell = self.cell(cells, Field::Upn);
        let upn = self.read_person(&upn_cell);
        let manufacturer = self.cell(cells, Field::Manufacturer);
        let model = self.cell(cells, Field::Model);
        let draft = RowDraft {
            line,
            serial,
            upn: upn.as_deref(),
            user_id: None,
            kind,
            hash,
            digits,
            period_secs,
            manufacturer: &manufacturer,
            model: &model,
            counter,
            ..RowDraft::default()
        };
        self.push(draft, seed);
    }

    fn cell<'t>(&self, cells: &[Cell<'t>], field: Field) -> Clean<'t> {
        let cell = self.reading.layout.columns.get(field).and_then(|n| cells.get(n));
        let cell = cell.filter(|_| !self.without_value(field));
        cell.map_or(Clean::Same(""), |cell| clean(*cell))
    }

    /// Decodes into the buffer; the length, or `None` with the fault told.
    pub(super) fn read_seeds(&mut self, cells: &[Cell<'_>]) -> Option<usize> {
        if self.is_no_text(cells, Field::Seed) {
            return None;
        }
        let encoding = self.reading.spelling.first?.chosen;
        let first = decode(&self.cell(cells, Field::Seed), encoding, &mut self.seed, &mut self.pending);
        let Some((n, _)) = self.reading.layout.columns.second_seed else {
            return self.taken(first);
        };
        let text = cells.get(n).map_or(Clean::Same(""), |cell| clean(*cell));
        let encoding = self.reading.spelling.second?.chosen;
        let second = decode(&text, encoding, &mut self.second, &mut self.pending);
        match (first, second) {
            (Decoded::Bytes(a), Decoded::Bytes(b)) if self.seed[..a] != self.second[..b] => {
                self.disagree(Field::Seed);
                None
            }
            (Decoded::Empty, Decoded::Bytes(b)) => {
                std::mem::swap(&mut self.seed, &mut self.second);
                Some(b)
            }
            (Decoded::Bytes(a), Decoded::Bytes(_) | Decoded::Empty) => Some(a),
            (first, _) => self.taken(first),
        }
    }

    /// Two columns that claim the same field say different things.
    fn disagree(&mut self, field: Field) {
        let reason = Reason::ValuesDisagree { what: "column".into(), field: field.word().into() };
        self.fault(reason, field);
    }

    /// Columns that claim what another one claims must say the same. An empty one of lesser claim says nothing.
    fn compare_seconds(&mut self, cells: &[Cell<'_>]) {
        // Those of hashes are read together.
        for second in self.reading.layout.columns.seconds.iter().filter(|second| second.field != Field::Hash)
        {
            let Some(n) = self.reading.layout.columns.get(second.field) else { continue };
            let text = |n: usize| cells.get(n).map_or(Clean::Same(""), |cell| clean(*cell));
            let (first, other) = (meant(second.field, &text(n)), meant(second.field, &text(second.column)));
            let silent = first.is_empty() || other.is_empty();
            if first != other && (second.equal || !silent) {
                self.disagree(second.field);
            }
        }
    }

    fn taken(&mut self, decoded: Decoded) -> Option<usize> {
        match decoded {
            Decoded::Bytes(len) => Some(len),
            Decoded::Bad => None,
            Decoded::Empty => {
                self.fault(Reason::SeedMissing, Field::Seed);
                None
            }
        }
    }

    pub(super) fn read_serial<'t>(&mut self, cells: &[Cell<'t>]) -> Cow<'t, str> {
        let text = self.cell(cells, Field::Serial);
        if self.is_no_serial(cells, &text) {
            return Cow::Borrowed("");
        }
        let serial = match serial::read(&text) {
            Serial::Fine if self.serial_is_as_shown() => {
                let told = Reason::SerialAsShown { shown: shown(&text) };
                self.pending.push((Severity::Warning, told, Some(Field::Serial)));
                Cow::Owned(text.to_string())
            }
            Serial::Fine => match text {
                Clean::Same(text) => Cow::Borrowed(text),
                Clean::New(text) => Cow::Owned(text.to_string()),
            },
            Serial::Rewritten(serial) => {
                let note = Reason::SerialRewritten { shown: shown_value(&text) };
                self.pending.push((Severity::Note, note, Some(Field::Serial)));
                Cow::Owned(serial)
            }
            faulty => {
                let shown = shown(&text);
                let reason = match faulty {
                    Serial::Missing => Reason::SerialMissing,
                    Serial::Damaged => Reason::SerialDamaged { shown },
                    _ => Reason::SerialMalformed { shown },
                };
                self.fault(reason, Field::Serial);
                return Cow::Borrowed("");
            }
        };
        self.filled(serial)
    }

    /// `--serial-width`.
    fn filled<'t>(&self, serial: Cow<'t, str>) -> Cow<'t, str> {
        match self.reading.options.serial_width.map(usize::from) {
            Some(width) if serial.len() < width && serial.bytes().all(|b| b.is_ascii_digit()) => {
                Cow::Owned(format!("{serial:0>width$}"))
            }
            _ => serial,
        }
    }

    /// True when the columns seem swapped or shifted: what stands for the serial may be a seed, and what stands
    /// for the seed can't be one.
    pub(super) fn is_shifted(&self, cells: &[Cell<'_>], serial: &str) -> bool {
        let seed = self.cell(cells, Field::Seed);
        let letters = seed.bytes().any(|b| b.is_ascii_alphabetic());
        let seedlike = letters && seed.bytes().filter(u8::is_ascii_alphanumeric).count() >= 16;
        // A seed cut in two by a stray separator leaves its other half where the seed should be.
        let cut = !seed.is_empty() && could_be_piece(serial);
        (could_be_seed(serial) || cut) && !seedlike
    }

    fn read_kind_and_hash(&mut self, cells: &[Cell<'_>]) -> (Option<OtpKind>, Option<Hash>) {
        let columns = &self.reading.layout.columns;
        let (mut kinds, mut hashes) = (Said::default(), Said::default());
        let text = self.cell(cells, Field::Kind);
        kinds.say(params::kind(&text));
        // `TOTP-SHA256`.
        hashes.say(params::hash(&text).filter(|_| text.len() > 4));
        let more = columns.seconds.iter().filter(|second| second.field == Field::Hash);
        let mut either = Clean::Same("");
        for n in columns.hash_or_kind.into_iter().chain(more.map(|second| second.column)) {
            either = cells.get(n).filter(|_| !self.without_value(Field::Hash)).map_or(either, |c| clean(*c));
            let named = params::kind(&either);
            kinds.say(named);
            hashes.say(match named {
                None if !either.is_empty() => self.read_hash(&either),
                _ => params::hash(&either),
            });
        }
        let stated = self.cell(cells, Field::Hash);
        if !stated.is_empty() && columns.get(Field::Hash).is_some() {
            hashes.say(self.read_hash(&stated));
        }
        for (field, differ) in [(Field::Kind, kinds.differ), (Field::Hash, hashes.differ)] {
            if differ {
                self.disagree(field);
            }
        }
        let unknown = (!text.is_empty()).then_some(OtpKind::Other);
        let kind = kinds.value.or(unknown).or(self.reading.layout.kind);
        if hashes.value.is_none() && stated.is_empty() {
            self.hash_left_out(kind, &either);
        }
        (kind, hashes.value.or(self.reading.options.hash))
    }

    /// Where other rows state their hash, one that does not is a gap and no SHA-1; the headerless dialects define
    /// what stands for nothing.
    fn hash_left_out(&mut self, kind: Option<OtpKind>, shown_instead: &str) {
        let defined = matches!(self.reading.layout.dialect, Dialect::Oath | Dialect::MultiOtp);
        let totp = kind.is_none_or(|kind| kind == OtpKind::Totp);
        let told = self.pending.iter().any(|(_, reason, _)| matches!(reason, Reason::HashUnsupported { .. }));
        let open = self.reading.spelling.states_hash && self.reading.options.hash.is_none();
        if open && totp && !defined && !told && !self.without_value(Field::Hash) {
            self.fault(Reason::HashUnsupported { shown: shown_value(shown_instead) }, Field::Hash);
        }
    }

    fn read_hash(&mut self, text: &str) -> Option<Hash> {
        let hash = params::hash(text);
        if hash.is_none() {
            self.fault(Reason::HashUnsupported { shown: shown_value(text) }, Field::Hash);
        }
        hash
    }

    /// In the place of a period HOTP has its counter, and OCRA has nothing.
    fn read_period(&mut self, cells: &[Cell<'_>], kind: Option<OtpKind>) -> Option<u32> {
        if matches!(kind, Some(OtpKind::Hotp | OtpKind::Other)) {
            return None;
        }
        let layout = self.reading.layout;
        let text = self.cell(cells, Field::Period);
        let open = self.reading.options.period_secs.or(layout.period_secs);
        let period = if text.is_empty() { open } else { params::period(&text) };
        let stated = layout.columns.get(Field::Period).is_some();
        if period.is_none() && stated && !self.without_value(Field::Period) {
            self.fault(Reason::PeriodUnsupported { shown: shown_value(&text) }, Field::Period);
        }
        period
    }

    /// HOTP's counter: in a column of its own, or where the headerless dialects have the period of a TOTP.
    fn read_counter(&mut self, cells: &[Cell<'_>], kind: Option<OtpKind>) -> Option<u64> {
        let layout = self.reading.layout;
        let headerless = matches!(layout.dialect, Dialect::Oath | Dialect::MultiOtp);
        let field = match layout.columns.get(Field::Counter) {
            Some(_) => Field::Counter,
            None if headerless => Field::Period,
            None => return None,
        };
        let text = self.cell(cells, field);
        if kind != Some(OtpKind::Hotp) || text.is_empty() {
            return None;
        }
        let counter = text.parse().ok();
        if counter.is_none() {
            let reason =
                Reason::ValueMalformed { field: Field::Counter.word().into(), shown: shown_value(&text) };
            self.fault(reason, field);
        }
        counter
    }

    /// In the place of digits OCRA has its suite; no other kind is used anyway.
    fn read_digits(&mut self, cells: &[Cell<'_>], kind: Option<OtpKind>) -> Option<u8> {
        if kind == Some(OtpKind::Other) {
            return None;
        }
        let text = self.cell(cells, Field::Digits);
        if text.is_empty() {
            return self.reading.options.digits;
        }
        let digits = params::digits(&text);
        if digits.is_none() {
            self.fault(Reason::DigitsUnsupported { shown: shown_value(&text) }, Field::Digits);
        }
        digits
    }

    fn read_person<'c>(&mut self, text: &'c str) -> Option<Cow<'c, str>> {
        let dialect = self.reading.layout.dialect;
        let upn = person::read(text, dialect == Dialect::Microsoft)?;
        if !person::is_name(&upn) && hides_seed(&upn) {
            self.fault(Reason::UpnMalformed { shown: shown_value(&upn) }, Field::Upn);
            return None;
        }
        // The oath dialect's user is a login of another system, not a user principal name, unless it looks so.
        (dialect != Dialect::Oath || upn.contains('@')).then_some(upn)
    }
}

/// What several cells say of one thing.
struct Said<T> {
    /// The last that says something.
    value: Option<T>,
    differ: bool,
}

impl<T> Default for Said<T> {
    fn default() -> Self {
        Self { value: None, differ: false }
    }
}

impl<T: PartialEq> Said<T> {
    fn say(&mut self, value: Option<T>) {
        if value.is_some() {
            self.differ |= self.value.is_some() && self.value != value;
            self.value = value;
        }
    }
}

/// A cell in the form in which two of one field are compared.
fn meant(field: Field, text: &str) -> String {
    let read = match field {
        Field::Period => params::period(text).map(|secs| secs.to_string()),
        Field::Digits => params::digits(text).map(|digits| digits.to_string()),
        Field::Hash => params::hash(text).map(|hash| hash.word().to_owned()),
        Field::Upn => Some(person::read(text, false).map_or_else(String::new, Cow::into_owned)),
        Field::Serial => match serial::read(text) {
            Serial::Rewritten(serial) => Some(serial),
            Serial::Missing => Some(String::new()),
            _ => None,
        },
        _ => None,
    };
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    plain(read.as_deref().unwrap_or(text))
}

enum Decoded {
    Empty,
    Bad,
    Bytes(usize),
}

fn decode(
    text: &str,
    encoding: SeedEncoding,
    out: &mut [u8; ROOM],
    pending: &mut Vec<(Severity, Reason, Option<Field>)>,
) -> Decoded {
    if text.is_empty() {
        return Decoded::Empty;
    }
    match seed::decode(text, encoding, out) {
        Ok(spelled) => {
            pending.extend(spelled.remarks().map(|(severity, reason)| (severity, reason, Some(Field::Seed))));
            Decoded::Bytes(spelled.len)
        }
        Err(reason) => {
            pending.push((Severity::Error, reason, Some(Field::Seed)));
            Decoded::Bad
        }
    }
}
