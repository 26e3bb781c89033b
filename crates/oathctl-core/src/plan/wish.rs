//! What is asked of a token where it is not the ordinary way of a whole file: the everyday verbs.
//!
//! Owns: [`Wish`], [`Asked`], [`Wishes`] and where each ends ([`Goal`]). Does not own: the steps they need
//! ([`super::everyday`]), nor whose token it is (the rows of the table say so).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UpTo;
use crate::table::RowId;

/// Where a row is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// In the tenant.
    Imported,
    /// With its person.
    Assigned,
    /// Active.
    #[default]
    Activated,
    /// With its person, and not active.
    Inactive,
    /// In the tenant, with nobody.
    Released,
    /// Not in the tenant.
    Deleted,
    /// In the tenant, under another name.
    Renamed,
}

impl From<UpTo> for Goal {
    fn from(up_to: UpTo) -> Self {
        match up_to {
            UpTo::Imported => Self::Imported,
            UpTo::Assigned => Self::Assigned,
            UpTo::Activated => Self::Activated,
        }
    }
}

/// One of the everyday verbs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Wish {
    /// To its person, as far as the options say: what a file asks of all its rows.
    #[default]
    Give,
    /// What the tenant holds under this serial is deleted and made anew from our seed, for whoever holds it.
    Reseed,
    /// Inactive; it stays its person's.
    Deactivate,
    /// Back to stock.
    Release,
    /// Out of the tenant.
    Delete,
    /// Another display name.
    Rename {
        /// The new one.
        name: String,
    },
}

/// What is asked of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The verb.
    #[serde(flatten)]
    pub wish: Wish,
    /// Nothing happens to it before this row, which stands before it, has reached what was asked; and nothing at all
    /// if that one fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RowId>,
    /// Its holder's sign-in sessions are ended as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoke: bool,
    /// It has to be taken away at once: whose last method it is does not count (a lost token is nobody's method).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
    /// It isn't given out again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Whoever holds it is known to have left, so that it is nobody's last method.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

impl Asked {
    /// One verb, without conditions.
    pub fn plain(wish: Wish) -> Self {
        Self { wish, ..Self::default() }
    }

    /// What a file asks of its rows.
    pub fn is_ordinary(&self) -> bool {
        *self == Self::default()
    }

    /// Where the row ends. `person`: it has one; a token without can only be imported.
    pub(super) fn goal(&self, up_to: UpTo, person: bool) -> Goal {
        match self.wish {
            Wish::Give | Wish::Reseed if person => up_to.into(),
            Wish::Give | Wish::Reseed => Goal::Imported,
            Wish::Deactivate => Goal::Inactive,
            Wish::Release => Goal::Released,
            Wish::Delete => Goal::Deleted,
            Wish::Rename { .. } => Goal::Renamed,
        }
    }
}

/// What is asked, by row; rows that are not named go the ordinary way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes(BTreeMap<RowId, Asked>);

impl Wishes {
    /// Asks something of a row.
    pub fn ask(&mut self, row: RowId, asked: Asked) {
        if !asked.is_ordinary() {
            self.0.insert(row, asked);
        }
    }

    /// What is asked of a row.
    pub fn of(&self, row: RowId) -> Asked {
        self.0.get(&row).cloned().unwrap_or_default()
    }

    /// True when every row goes the ordinary way.
    pub fn is_ordinary(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(RowId, Asked)> for Wishes {
    fn from_iter<I: IntoIterator<Item = (RowId, Asked)>>(asked: I) -> Self {
        let mut wishes = Self::default();
        asked.into_iter().for_each(|(row, asked)| wishes.ask(row, asked));
        wishes
    }
}
