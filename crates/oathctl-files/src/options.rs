//! What the caller states that a file does not say.
//!
//! Owns: [`ReadOptions`], [`ColumnMap`], [`SeedEncoding`]. Does not own: the command line that fills them.

use oathctl_core::place::Field;
use oathctl_core::time::Utc;
use oathctl_core::token::Hash;

use crate::delimited::{Separator, headings};

/// How a seed is spelled in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeedEncoding {
    /// RFC 4648 §6, any case, padding optional.
    Base32,
    /// RFC 4648 §8, any case.
    Hex,
    /// RFC 4648 §4 or §5 (`-` and `_` for `+` and `/`), padding optional.
    Base64,
}

impl SeedEncoding {
    /// `base32`, `hex`, `base64`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Base32 => "base32",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }

    /// Reads the words of [`Self::word`], in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "base32" | "b32" => Some(Self::Base32),
            "hex" | "base16" => Some(Self::Hex),
            "base64" | "b64" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// What the caller states. A cell of the file that says something else wins; these fill what it leaves open,
/// but for `secret_encoding`, `columns` and `separator`, which stand above the file.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The hash of rows that state none (`--hash`).
    pub hash: Option<Hash>,
    /// Seconds per step of rows that state none (`--period`).
    pub period_secs: Option<u32>,
    /// Digits of rows that state none (`--digits`).
    pub digits: Option<u8>,
    /// How the seeds are spelled (`--secret-encoding`).
    pub secret_encoding: Option<SeedEncoding>,
    /// Which column holds what (`--columns`).
    pub columns: Option<ColumnMap>,
    /// Serials of digits alone are filled with zeros to this length (`--serial-width`).
    pub serial_width: Option<u8>,
    /// What stands between cells (`--separator`).
    pub separator: Option<Separator>,
    /// Seeds whose announced check value is missing are taken all the same (`--allow-unauthenticated`).
    pub allow_unauthenticated: bool,
    /// Keys whose policy says something unknown are taken all the same (`--allow-unknown-policy`).
    pub allow_unknown_policy: bool,
    /// Seeds of authenticator apps are taken too (`--allow-soft`).
    pub allow_soft: bool,
    /// Now, for dates in a file; `None` leaves them unjudged.
    pub now: Option<Utc>,
}

/// One column, by number or by heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// From 1.
    Number(u32),
    /// As the header spells it; case, blanks and punctuation do not matter.
    Heading(String),
}

/// `--columns`: which column holds what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// In the order stated.
    pub entries: Vec<(Field, ColumnRef)>,
}

/// Why a column map could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnMapError {
    /// No `=`, or nothing on one side of it.
    #[error("not field=column: {0}")]
    Malformed(String),
    /// No field has this name.
    #[error("no such field: {0}")]
    UnknownField(String),
    /// A field stands twice.
    #[error("stated twice: {0}")]
    Twice(String),
    /// Columns count from 1.
    #[error("columns count from 1: {0}")]
    Zero(String),
}

impl ColumnMap {
    /// Reads `serial=1,seed=3,upn=User name`. Fields go by their words or by any heading known for them.
    ///
    /// # Errors
    /// The first part that is not `field=column`.
    pub fn parse(text: &str) -> Result<Self, ColumnMapError> {
        let mut map = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (field, column) = Self::parse_part(part)?;
            if map.get(field).is_some() {
                return Err(ColumnMapError::Twice(field.word().into()));
            }
            map.entries.push((field, column));
        }
        Ok(map)
    }

    fn parse_part(part: &str) -> Result<(Field, ColumnRef), ColumnMapError> {
        let malformed = || ColumnMapError::Malformed(part.to_owned());
        let (name, column) = part.split_once('=').ok_or_else(malformed)?;
        let (name, column) = (name.trim(), column.trim());
        if name.is_empty() || column.is_empty() {
            return Err(malformed());
        }
        let field = Field::ALL.into_iter().find(|field| field.word().eq_ignore_ascii_case(name));
        let field = field
            .or_else(|| headings::field_of(name))
            .ok_or_else(|| ColumnMapError::UnknownField(name.to_owned()))?;
        match column.parse::<u32>() {
            Ok(0) => Err(ColumnMapError::Zero(part.to_owned())),
            Ok(number) => Ok((field, ColumnRef::Number(number))),
            Err(_) => Ok((field, ColumnRef::Heading(column.to_owned()))),
        }
    }

    /// The column stated for `field`.
    pub fn get(&self, field: Field) -> Option<&ColumnRef> {
        self.entries.iter().find(|(name, _)| *name == field).map(|(_, column)| column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_by_number_and_by_heading() {
        let map = ColumnMap::parse("serial=1, secret key=3,upn=User name").unwrap();
        assert_eq!(map.get(Field::Serial), Some(&ColumnRef::Number(1)));
        assert_eq!(map.get(Field::Seed), Some(&ColumnRef::Number(3)));
        assert_eq!(map.get(Field::Upn), Some(&ColumnRef::Heading("User name".into())));
        assert_eq!(map.get(Field::Hash), None);
    }

    #[test]
    fn what_a_map_may_not_say() {
        let error = |text| ColumnMap::parse(text).unwrap_err();
        assert_eq!(error("serial"), ColumnMapError::Malformed("serial".into()));
        assert_eq!(error("shoe=1"), ColumnMapError::UnknownField("shoe".into()));
        assert_eq!(error("serial=0"), ColumnMapError::Zero("serial=0".into()));
        assert_eq!(error("serial=1,sn=2"), ColumnMapError::Twice("serial".into()));
    }
}
