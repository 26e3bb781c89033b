//! Where in an input something stands.
//!
//! Owns: [`Place`], [`Source`], [`Field`]. Does not own: the rows themselves ([`crate::table`]).

use serde::{Deserialize, Serialize};

/// What a cell is about. Also names the columns of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The token's serial.
    Serial,
    /// The token's seed.
    Seed,
    /// The person's user principal name.
    Upn,
    /// Seconds per step.
    Period,
    /// The hash under the code.
    Hash,
    /// Digits of a code.
    Digits,
    /// `totp`, `hotp` …
    Kind,
    /// HOTP's moving factor.
    Counter,
    /// Who made the token.
    Manufacturer,
    /// Which model it is.
    Model,
}

impl Field {
    /// All fields, in the order of Microsoft's CSV, then the optional ones.
    pub const ALL: [Field; 10] = [
        Field::Upn,
        Field::Serial,
        Field::Seed,
        Field::Period,
        Field::Manufacturer,
        Field::Model,
        Field::Hash,
        Field::Digits,
        Field::Kind,
        Field::Counter,
    ];

    /// The stable word for JSON and flags.
    pub const fn word(self) -> &'static str {
        match self {
            Field::Serial => "serial",
            Field::Seed => "seed",
            Field::Upn => "upn",
            Field::Period => "period",
            Field::Hash => "hash",
            Field::Digits => "digits",
            Field::Kind => "kind",
            Field::Counter => "counter",
            Field::Manufacturer => "manufacturer",
            Field::Model => "model",
        }
    }
}

/// One place of an input. Unknown parts are `None`; lines and columns count from 1 and lines are physical lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file as it was named.
    pub file: Option<String>,
    /// The member of an archive.
    pub member: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The physical line (or the row of a sheet).
    pub line: Option<u64>,
    /// The column, as a number.
    pub column: Option<u32>,
    /// The path inside an XML or JSON document, as in `/KeyContainer/KeyPackage[3]/Key[1]`.
    #[serde(default)]
    pub path: Option<String>,
}

/// One readable piece of an input and which column holds what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file as it was named.
    pub file: Option<String>,
    /// The member of an archive.
    pub member: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Column numbers (from 1) by field.
    pub columns: Vec<(Field, u32)>,
}

impl Source {
    /// The piece as a whole.
    pub fn whole(&self) -> Place {
        Place {
            file: self.file.clone(),
            member: self.member.clone(),
            sheet: self.sheet.clone(),
            ..Place::default()
        }
    }

    /// The place of `field` on `line`; without a field, the line itself. Line zero: what is in no file has no line.
    pub fn place(&self, line: u64, field: Option<Field>) -> Place {
        let column = field.and_then(|f| self.columns.iter().find(|(name, _)| *name == f)).map(|(_, n)| *n);
        Place {
            file: self.file.clone(),
            member: self.member.clone(),
            sheet: self.sheet.clone(),
            line: Some(line).filter(|line| *line > 0),
            column,
            path: None,
        }
    }
}
