//! Where a store lies, as the setting says it.
//!
//! Owns: [`StoreLocation`] and its spelling. Does not own: the default (the binary knows the state folder).

use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Where a store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreLocation {
    /// A SQLite database file on a local disk.
    Sqlite(PathBuf),
}

impl StoreLocation {
    /// A SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into())
    }

    /// Reads `sqlite:PATH` (also `sqlite://PATH`).
    ///
    /// # Errors
    /// [`StoreError::NotYet`] for PostgreSQL, [`StoreError::BadLocation`] for anything else. Neither repeats the
    /// text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Err(StoreError::NotYet { kind: "PostgreSQL" });
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            return Err(StoreError::BadLocation { why: "it has to begin with `sqlite:`" });
        };
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(StoreError::BadLocation { why: "`sqlite:` needs the path of a file" }),
            path if path.starts_with(":memory:") => {
                Err(StoreError::BadLocation { why: "a journal in memory would not outlive its run" })
            }
            path => Ok(Self::sqlite(path)),
        }
    }

    /// The database file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Sqlite(path) => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_file() {
        assert_eq!(StoreLocation::parse("sqlite:a/b.db").unwrap(), StoreLocation::sqlite("a/b.db"));
        assert_eq!(StoreLocation::parse(" sqlite:///a/b.db\n").unwrap(), StoreLocation::sqlite("/a/b.db"));
        assert_eq!(StoreLocation::parse("sqlite:C:\\x.db").unwrap(), StoreLocation::sqlite("C:\\x.db"));
    }

    #[test]
    fn what_is_no_location_is_told_without_repeating_it() {
        for text in ["postgres://u:hunter2@h/db", "postgresql://u:hunter2@h/db"] {
            let error = StoreLocation::parse(text).unwrap_err();
            assert_eq!(error, StoreError::NotYet { kind: "PostgreSQL" });
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        for text in ["", "oathctl.db", "sqlite:", "sqlite://", "sqlite::memory:", "mysql://u:hunter2@h/db"] {
            let error = StoreLocation::parse(text).unwrap_err();
            assert!(matches!(error, StoreError::BadLocation { .. }), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
