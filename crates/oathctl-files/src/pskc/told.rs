//! What is told once a file and not once a row.
//!
//! Owns: [`Told`]: defaults taken, values astray, check values over open seeds, keys that are no tokens. Does not own: faults of
//! rows.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;

use super::Reading;
use crate::xml::{self, Element};

/// What was found so far; lines are those of the first row concerned.
#[derive(Default)]
pub(super) struct Told {
    /// Ids of keys that are PINs of other keys.
    pub(super) pins: BTreeSet<String>,
    pub(super) seeds: bool,
    pub(super) period_defaulted: Option<u64>,
    pub(super) digits_defaulted: Option<u64>,
    pub(super) hash_defaulted: Option<u64>,
    pub(super) mac_over_plain: Option<u64>,
    /// Fields whose values stood where no rule has them.
    pub(super) misplaced: BTreeMap<&'static str, u64>,
    pub(super) by_flag: BTreeSet<&'static str>,
}

impl Told {
    pub(super) fn misplaced(&mut self, field: &'static str, element: Option<&Element<'_>>) {
        if let Some(element) = element {
            self.misplaced.entry(field).or_insert(element.line);
        }
    }
}

impl Reading<'_, '_, '_> {
    /// Tells it all, when the container is read.
    pub(super) fn tell(&mut self) {
        let told = std::mem::take(&mut self.told);
        let defaulted = [
            (told.period_defaulted, "period", "30", Severity::Warning),
            (told.digits_defaulted, "digits", "6", Severity::Note),
            (told.hash_defaulted, "hash", "sha1", Severity::Note),
        ];
        for (line, field, value, severity) in defaulted {
            let reason = Reason::ParameterDefaulted { field: field.into(), value: value.into() };
            self.once(line, severity, reason);
            // The check itself says so of the hash, which it may also leave open.
            if line.is_some() && field != "hash" {
                self.session.builder.decision(field, value, "definition", true);
            }
        }
        for (field, line) in told.misplaced {
            self.once(Some(line), Severity::Note, Reason::ValueMisplaced { field: field.into() });
        }
        self.once(told.mac_over_plain, Severity::Note, Reason::MacOverPlaintext);
        let options = self.session.options;
        for flag in told.by_flag {
            let value = match flag {
                "period" => options.period_secs.map(|secs| secs.to_string()),
                "digits" => options.digits.map(|digits| digits.to_string()),
                _ => options.hash.map(|hash| hash.word().to_owned()),
            };
            self.session.builder.decision(flag, &value.unwrap_or_default(), "stated_by_flag", true);
        }
        if told.seeds {
            let (encoding, why) = match options.secret_encoding {
                Some(encoding) => (encoding.word(), "stated_by_flag"),
                None => ("base64", "definition"),
            };
            self.session.builder.decision("seed_encoding", encoding, why, true);
        }
    }

    fn once(&mut self, line: Option<u64>, severity: Severity, reason: Reason) {
        if let Some(line) = line {
            let place = xml::place(self.origin, line, None);
            self.session.builder.fault(severity, reason, place, None);
        }
    }
}
