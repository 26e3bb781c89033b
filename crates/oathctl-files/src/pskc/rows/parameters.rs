//! Hash, digits, period and counter of a key.
//!
//! Owns: reading them, and what the format's profiles say where a file is silent: 30 seconds, six digits. A hash
//! nobody states stays open ([`oathctl_core::check`] settles it for short seeds and asks for long ones).

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::token::{Hash, OtpKind};

use super::super::Reading;
use super::super::number;
use super::super::value::Value;
use super::Key;
use crate::cells::params;
use crate::cells::shown::shown;
use crate::xml::Element;

/// Seconds of a step where a file states none (the TOTP profile's default).
const PERIOD_SECS: u32 = 30;
/// Digits where a file states none.
const DIGITS: u8 = 6;
/// Seeds shorter than this have SHA-1 by the profile; others fit SHA-256 as well.
const SHA1_BELOW: usize = 32;

/// What was found.
pub(super) struct Parameters {
    pub(super) hash: Option<Hash>,
    pub(super) digits: Option<u8>,
    pub(super) period_secs: Option<u32>,
    pub(super) counter: Option<u64>,
}

impl<'t> Reading<'_, '_, 't> {
    pub(super) fn parameters(&mut self, key: &mut Key<'_, 't>, seed_len: Option<usize>) -> Parameters {
        let digits = self.digits(key);
        let hash = self.hash(key, seed_len);
        let totp = key.kind == OtpKind::Totp;
        let period_secs = if totp { self.period(key) } else { None };
        let counter = if key.kind == OtpKind::Hotp { self.counter(key) } else { None };
        if totp {
            self.shifts(key);
        }
        Parameters { hash, digits, period_secs, counter }
    }

    fn hash(&mut self, key: &mut Key<'_, 't>, seed_len: Option<usize>) -> Option<Hash> {
        if !key.is_otp() {
            return None;
        }
        let suite = self.parameter(key, "Suite", "hash");
        let text = suite.map_or("", |suite| match suite.text() {
            // privacyIDEA writes the hash into an attribute.
            "" => suite.attribute("hashalgo").unwrap_or(""),
            text => text,
        });
        if !text.is_empty() {
            let hash = params::hash(text);
            if hash.is_none() {
                key.error(Reason::HashUnsupported { shown: shown(text) });
            }
            return hash;
        }
        let stated = self.session.options.hash;
        if stated.is_some() {
            self.told.by_flag.insert("hash");
        } else if seed_len.is_some_and(|length| length < SHA1_BELOW) {
            self.told.hash_defaulted.get_or_insert(key.line);
        }
        stated
    }

    fn digits(&mut self, key: &mut Key<'_, 't>) -> Option<u8> {
        let format = self.parameter(key, "ResponseFormat", "digits");
        if let Some(format) = format.filter(|_| key.is_otp()) {
            let encoding =
                format.any_attribute(&["Encoding", "Format", "format", "encoding"]).unwrap_or("DECIMAL");
            if !encoding.trim().eq_ignore_ascii_case("decimal") {
                key.error(Reason::CodeFormUnsupported { shown: shown(encoding) });
            }
            let check = format.any_attribute(&["CheckDigits", "CheckDigit"]);
            if let Some(check) = check.map(str::trim).filter(|check| matches!(*check, "true" | "1")) {
                key.error(Reason::CodeFormUnsupported { shown: format!("CheckDigits {check}") });
            }
        }
        let stated = format.and_then(|format| format.any_attribute(&["Length", "length"])).map(str::trim);
        if let Some(text) = stated.filter(|text| !text.is_empty()) {
            let digits = text.parse().ok().filter(|digits| (1..=64).contains(digits));
            if digits.is_none() && key.is_otp() {
                key.error(Reason::DigitsUnsupported { shown: shown(text) });
            }
            return digits;
        }
        if !key.is_otp() {
            return None;
        }
        let by_flag = self.session.options.digits;
        if by_flag.is_some() {
            self.told.by_flag.insert("digits");
        } else {
            self.told.digits_defaulted.get_or_insert(key.line);
        }
        by_flag.or(Some(DIGITS))
    }

    fn period(&mut self, key: &mut Key<'_, 't>) -> Option<u32> {
        match self.number(key, "TimeInterval", "period") {
            Err(()) => None,
            Ok(Some(number)) => {
                let period = u32::try_from(number).ok().filter(|secs| *secs > 0);
                if period.is_none() {
                    key.error(Reason::PeriodUnsupported { shown: number.to_string() });
                }
                period
            }
            Ok(None) => {
                let by_flag = self.session.options.period_secs;
                if by_flag.is_some() {
                    self.told.by_flag.insert("period");
                } else {
                    self.told.period_defaulted.get_or_insert(key.line);
                }
                by_flag.or(Some(PERIOD_SECS))
            }
        }
    }

    fn counter(&mut self, key: &mut Key<'_, 't>) -> Option<u64> {
        let number = self.number(key, "Counter", "counter").ok()??;
        let counter = u64::try_from(number).ok();
        if counter.is_none() {
            key.error(Reason::ValueMalformed { field: "counter".into(), shown: number.to_string() });
        }
        counter
    }

    /// Nothing of this can be told to Entra; a step more or less is what it allows anyway.
    fn shifts(&mut self, key: &mut Key<'_, 't>) {
        if let Ok(Some(start)) = self.number(key, "Time", "time")
            && start != 0
        {
            key.faults.push((Severity::Warning, Reason::ClockShifted { shown: format!("Time {start}") }));
        }
        if let Ok(Some(drift)) = self.number(key, "TimeDrift", "time drift")
            && drift.abs() > 1
        {
            key.faults.push((Severity::Warning, Reason::ClockShifted { shown: format!("{drift} steps") }));
        }
    }

    /// An element that says how codes are made: where RFC 6030 and drafts put it, else where files of nobody's rule do.
    fn parameter<'e>(
        &mut self,
        key: &mut Key<'e, 't>,
        name: &str,
        field: &'static str,
    ) -> Option<&'e Element<'t>> {
        let by_rule = [["AlgorithmParameters", name], ["Usage", name]];
        let mut found: Vec<_> = by_rule.iter().flat_map(|path| key.item.all_at(path)).collect();
        if found.is_empty() {
            found = [&[name][..], &["Data", name]].iter().flat_map(|path| key.item.all_at(path)).collect();
            self.told.misplaced(field, found.first().copied());
        }
        if found.len() > 1 && key.is_otp() {
            key.malformed(field, "<two values>");
        }
        found.first().copied()
    }

    /// An integer; `Err` when it is told already that it can't be read.
    fn number(
        &mut self,
        key: &mut Key<'_, 't>,
        element: &str,
        field: &'static str,
    ) -> Result<Option<i128>, ()> {
        let astray = key.item.sites(element).into_iter().find(|site| site.is_astray);
        self.told.misplaced(field, astray.map(|site| site.element));
        let malformed = |shown: String| Reason::ValueMalformed { field: field.into(), shown };
        let number = match key.item.read(element, false) {
            Value::Absent | Value::Plain { text: "", .. } => return Ok(None),
            Value::Plain { text, .. } => number::of_text(text).ok_or_else(|| malformed(shown(text))),
            Value::Unreadable(reason) => Err(reason),
            Value::Sealed(sealed) => {
                let Some(bytes) = self.opened(key, &sealed) else { return Err(()) };
                number::of_bytes(&bytes).ok_or_else(|| malformed(format!("<{} bytes>", bytes.len())))
            }
        };
        number.map(Some).map_err(|reason| key.error(reason))
    }
}
