//! One `otpauth://TYPE/LABEL?PARAMETERS`
//! (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
//!
//! Owns: splitting and decoding it. Seeds are Base32, a step is 30 seconds where none is stated. Does not own: what of
//! the label is the serial ([`crate::formats::label`]).

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::token::OtpKind;
use zeroize::Zeroizing;

use super::percent::decode;
use crate::cells::params;
use crate::cells::shown::shown;
use crate::formats::label;
use crate::formats::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;

/// Seconds per step where a link states none, by the definition of the link.
const PERIOD: u32 = 30;

/// Parameters of one link that are looked at.
const MOST_PARAMETERS: usize = 50;

/// Reads what stands after `otpauth://`.
pub(super) fn read(row: &mut Row, rest: &str, encoding: SeedEncoding, session: &mut Session<'_>) {
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (head, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, name) = head.split_once('/').unwrap_or((head, ""));
    let parameters = Parameters::of(query);
    if let Some(name) = parameters.doubled() {
        row.doubled("parameter", name, (name == "secret").then_some(Field::Seed));
    }
    kind_of(row, &decode(kind), &parameters);
    match parameters.get("serial").or(parameters.get("serialnumber")) {
        Some(serial) => {
            row.manufacturer(parameters.get("issuer").unwrap_or(""));
            row.serial(serial);
        }
        None => label::apply(row, &decode(name), parameters.get("issuer")),
    }
    for (name, value) in &parameters.0 {
        match name.as_str() {
            // A `+` is a blank in a query, and blanks only group a seed.
            "secret" => row.seed(&Zeroizing::new(value.replace('+', " ")), encoding),
            "algorithm" => row.hash(value),
            "digits" => row.digits(value),
            "period" => row.period(value),
            "counter" => row.counter(value),
            _ => {}
        }
    }
    row.period_by_definition(PERIOD, session);
}

fn kind_of(row: &mut Row, kind: &str, parameters: &Parameters) {
    let steam = |text: &str| text.eq_ignore_ascii_case("steam");
    if steam(kind) || parameters.get("encoder").is_some_and(steam) {
        return row.fault(Reason::CodeFormUnsupported { shown: "steam".into() }, None);
    }
    row.kind = params::kind(kind).filter(|kind| *kind != OtpKind::Other);
    if row.kind.is_none() {
        row.fault(Reason::NotTotp { kind: shown(kind) }, Some(Field::Kind));
    }
}

/// Names in lower case, values decoded and wiped.
struct Parameters(Vec<(String, Zeroizing<String>)>);

impl Parameters {
    fn of(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).take(MOST_PARAMETERS);
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name).to_ascii_lowercase(), decode(value))
        });
        Self(pairs.collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A name that stands twice with different values.
    fn doubled(&self) -> Option<&str> {
        let differs = |n: usize, name: &str, value: &str| {
            self.0.iter().take(n).any(|(before, other)| before == name && other.as_str() != value)
        };
        let mut names = self.0.iter().enumerate();
        names.find(|(n, (name, value))| differs(*n, name, value)).map(|(_, (name, _))| name.as_str())
    }
}
