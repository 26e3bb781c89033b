//! The switches of the practice tenant: one table with name, values, default, certainty and meaning, which drives
//! `--list-options`, `--set KEY=VALUE` and `/_sim/options`.

mod table;
mod values;

pub use table::Options;
pub use values::*;

/// How sure the fact behind a default is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Microsoft documents it.
    Documented,
    /// Seen in other people's code or reports.
    Observed,
    /// Concluded, not seen.
    Inferred,
    /// Nobody outside knows.
    Unknown,
    /// No claim about Microsoft: a fault or a convenience of the practice tenant.
    Practice,
}

impl Certainty {
    /// The word shown in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
            Self::Practice => "practice",
        }
    }
}

/// One line of the table.
pub struct OptionSpec {
    /// The key, as in `--set KEY=VALUE`.
    pub name: &'static str,
    /// What may stand behind the equals sign.
    pub values: &'static str,
    /// How certain the default is as a statement about the real service.
    pub certainty: Certainty,
    /// What it does.
    pub meaning: &'static str,
    get: fn(&Options) -> String,
    set: fn(&mut Options, &str) -> bool,
}

/// Why a switch could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No switch of this name.
    #[error("no option `{0}`")]
    NoSuch(String),
    /// The value is not among those allowed.
    #[error("option `{name}` takes {values}")]
    BadValue {
        /// The switch.
        name: &'static str,
        /// What it would take.
        values: &'static str,
    },
}

impl Options {
    /// Sets one switch from text.
    ///
    /// # Errors
    /// The name is unknown, or the value is not one of its values; nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), OptionError> {
        let spec = Self::table()
            .iter()
            .find(|spec| spec.name == key)
            .ok_or_else(|| OptionError::NoSuch(key.to_owned()))?;
        if (spec.set)(self, value.trim()) {
            Ok(())
        } else {
            Err(OptionError::BadValue { name: spec.name, values: spec.values })
        }
    }

    /// The present value of a switch, as text; `None` if there is no such switch.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        Self::table().iter().find(|spec| spec.name == key).map(|spec| (spec.get)(self))
    }
}

impl OptionSpec {
    /// The value of this switch in `options`, as text.
    #[must_use]
    pub fn value_in(&self, options: &Options) -> String {
        (self.get)(options)
    }

    /// The default value, as text.
    #[must_use]
    pub fn default_value(&self) -> String {
        (self.get)(&Options::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_can_be_set_again_as_it_is_shown() {
        let mut options = Options::default();
        for spec in Options::table() {
            let shown = spec.default_value();
            options.set(spec.name, &shown).unwrap();
            assert_eq!(spec.value_in(&options), shown, "{}", spec.name);
            assert!(!spec.meaning.is_empty() && !spec.values.is_empty(), "{}", spec.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Options::table().iter().map(|spec| spec.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Options::table().len());
    }

    #[test]
    fn a_wrong_name_or_value_changes_nothing() {
        let mut options = Options::default();
        assert_eq!(options.set("no_such", "1"), Err(OptionError::NoSuch("no_such".into())));
        assert!(options.set("bulk_max_items", "0").is_err());
        assert!(options.set("p_503", "1.5").is_err());
        assert!(options.set("bulk_failure", "PER ITEM").is_err());
        assert_eq!(options.get("bulk_max_items").unwrap(), "20");
        options.set("bulk_failure", "stop_at_first").unwrap();
        assert_eq!(options.bulk_failure, BulkFailure::StopAtFirst);
    }
}
