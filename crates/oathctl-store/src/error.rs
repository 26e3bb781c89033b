//! What can go wrong with the store, in few words that the binary turns into sentences.
//!
//! Owns: [`StoreError`] and the reading of SQLite's, PostgreSQL's and the operating system's codes. Never carries a
//! value out of the database: messages of parsers stay here.

use std::io;

use oathctl_core::journal::JournalError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

/// Why the store could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space left where the store lies, or a quota reached.
    #[error("no space left for the store")]
    DiskFull,
    /// What is there is not what was written.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// Which part.
        what: String,
    },
    /// A newer oathctl wrote it; nothing was touched.
    #[error("the store has format {format}, written by oathctl {written_by}; this one knows up to {known}")]
    NewerFormat {
        /// The store's format.
        format: i64,
        /// The newest format known here.
        known: i64,
        /// The version of oathctl that wrote it.
        written_by: String,
    },
    /// Another process holds the database for longer than we wait.
    #[error("another process holds the store")]
    Locked,
    /// A run of this tenant is under way.
    #[error("a run of this tenant is under way ({holder})")]
    Busy {
        /// Who, as that process put it: `pid 4711`.
        holder: String,
    },
    /// The operating system or the database refused.
    #[error("{what}: {detail}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Its words.
        detail: String,
    },
    /// The server can't be reached, or went away in the middle. What was being written is there or is not; the next
    /// call connects anew.
    #[error("the database server is away: {detail}")]
    Away {
        /// The system's or the server's words.
        detail: String,
    },
    /// The server is not the one it is said to be, or has no TLS where it must.
    #[error("the database server can't be verified: {detail}")]
    Unverified {
        /// What TLS says of it.
        detail: String,
    },
    /// The server lets nobody in who says this, or does not let him do this.
    #[error("the database server refuses: {detail}")]
    Denied {
        /// The server's words.
        detail: String,
    },
    /// The right to apply in a tenant was lost with the session that held it.
    #[error("the right to apply in this tenant was lost: the session that held it went away")]
    LockLost,
    /// There is something where a backup is to be made or restored.
    #[error("{what} is not empty")]
    NotEmpty {
        /// What.
        what: &'static str,
    },
    /// The location can't be one. It is not repeated: it may hold a password.
    #[error("not a store: {why}")]
    BadLocation {
        /// Why.
        why: &'static str,
    },
    /// No run has this id.
    #[error("no run `{given}`")]
    NoSuchRun {
        /// What was asked for.
        given: String,
    },
    /// More than one run begins like this.
    #[error("{matches} runs begin with `{given}`")]
    AmbiguousRun {
        /// What was asked for.
        given: String,
        /// How many fit.
        matches: u64,
    },
    /// The store was opened without an audit key, so nothing that needs a record can be written.
    #[error("no audit key was given, and nothing is written without a record")]
    NoAudit,
    /// The audit is not as it was written; going on would hide what happened.
    #[error("the audit was altered: {what}")]
    AuditBroken {
        /// Which part.
        what: &'static str,
    },
    /// A record that does not follow from what is there.
    #[error("out of order: {what}")]
    OutOfOrder {
        /// What does not fit.
        what: &'static str,
    },
}

impl StoreError {
    /// Puts an operating system's refusal under what was tried.
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { what, detail: error.to_string() },
        }
    }

    /// An error of a session with a server: there, what fails below the database is the connection.
    pub(crate) fn of_postgres(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Unverified { detail: error.to_string() } // what rustls finds wrong comes as this
            }
            sqlx::Error::Io(error) => Self::Away { detail: error.to_string() },
            sqlx::Error::Tls(error) => Self::Unverified { detail: error.to_string() },
            sqlx::Error::PoolTimedOut => Self::Away { detail: "no session within the time".to_owned() },
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Away { detail: "the session was closed".to_owned() }
            }
            sqlx::Error::Protocol(detail) => Self::Away { detail },
            other => other.into(),
        }
    }

    /// Something that was read and makes no sense.
    pub(crate) fn damaged(what: &str) -> Self {
        Self::Damaged { what: what.to_owned() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(found) if found.is_unique_violation() => {
                Self::OutOfOrder { what: "it is recorded already" }
            }
            sqlx::Error::Database(found) => match found.try_downcast_ref::<PgDatabaseError>() {
                Some(found) => from_postgres(found.code(), found.message()),
                None => from_sqlite(found.code().as_deref(), found.message()),
            },
            sqlx::Error::Io(error) => Self::io("the database")(error),
            sqlx::Error::PoolTimedOut => Self::Locked,
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::RowNotFound
            | sqlx::Error::TypeNotFound { .. } => Self::damaged("a value has another type than was written"),
            other => Self::Io { what: "the database", detail: other.to_string() },
        }
    }
}

/// Reads an (extended) result code; its low byte is the primary one: <https://www.sqlite.org/rescode.html>.
fn from_sqlite(code: Option<&str>, message: &str) -> StoreError {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const CORRUPT: i32 = 11;
    const FULL: i32 = 13;
    const NOTADB: i32 = 26;
    // Growing the shared index failed; SQLite forgets the system's code, and space is what lacks in practice.
    const IOERR_SHMSIZE: i32 = 10 | (19 << 8);

    let code = code.and_then(|text| text.parse::<i32>().ok()).unwrap_or(0);
    match (code, code & 0xff) {
        (IOERR_SHMSIZE, _) | (_, FULL) => StoreError::DiskFull,
        (_, BUSY | LOCKED) => StoreError::Locked,
        (_, CORRUPT | NOTADB) => StoreError::damaged(message),
        _ => StoreError::Io { what: "the database", detail: format!("{message} (code {code})") },
    }
}

/// Reads an SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn from_postgres(code: &str, message: &str) -> StoreError {
    let detail = || message.to_owned();
    match code {
        "53100" => StoreError::DiskFull,
        "55P03" | "40P01" | "40001" => StoreError::Locked,
        "57P01" | "57P02" | "57P03" | "57P05" => StoreError::Away { detail: detail() },
        "53300" | "3D000" | "42501" | "25006" => StoreError::Denied { detail: detail() },
        "XX001" | "XX002" => StoreError::damaged(message),
        _ if code.starts_with("08") => StoreError::Away { detail: detail() },
        _ if code.starts_with("28") => StoreError::Denied { detail: detail() },
        _ => StoreError::Io { what: "the database", detail: format!("{message} (SQLSTATE {code})") },
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            _ => Self::damaged("its migrations are not the ones this version knows"),
        }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            other => Self::Failed(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_become_kinds() {
        assert_eq!(from_sqlite(Some("13"), "database or disk is full"), StoreError::DiskFull);
        assert_eq!(from_sqlite(Some("4874"), "disk I/O error"), StoreError::DiskFull);
        assert_eq!(from_sqlite(Some("517"), "database is locked"), StoreError::Locked);
        assert_eq!(from_sqlite(Some("779"), "malformed"), StoreError::damaged("malformed"));
        assert!(matches!(from_sqlite(Some("266"), "disk I/O error"), StoreError::Io { .. }));
        assert!(matches!(from_sqlite(None, "?"), StoreError::Io { .. }));
    }

    #[test]
    fn postgresql_codes_become_kinds() {
        assert_eq!(from_postgres("53100", "could not extend file"), StoreError::DiskFull);
        assert_eq!(from_postgres("55P03", "canceling statement due to lock timeout"), StoreError::Locked);
        assert!(matches!(from_postgres("57P01", "terminating connection"), StoreError::Away { .. }));
        assert!(matches!(from_postgres("08006", "?"), StoreError::Away { .. }));
        assert!(matches!(
            from_postgres("28P01", "password authentication failed"),
            StoreError::Denied { .. }
        ));
        assert_eq!(from_postgres("XX001", "invalid page"), StoreError::damaged("invalid page"));
        assert!(matches!(from_postgres("42P01", "?"), StoreError::Io { .. }));
    }

    #[test]
    fn below_a_server_is_its_connection() {
        let reset = || sqlx::Error::Io(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(matches!(StoreError::of_postgres(reset()), StoreError::Away { .. }));
        assert!(matches!(StoreError::from(reset()), StoreError::Io { .. }));
        assert!(matches!(StoreError::of_postgres(sqlx::Error::PoolTimedOut), StoreError::Away { .. }));
        assert!(matches!(
            StoreError::of_postgres(sqlx::Error::Tls("x".into())),
            StoreError::Unverified { .. }
        ));
    }

    #[test]
    fn a_full_disk_stays_one_on_its_way_to_the_engine() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(StoreError::from(sqlx::Error::Io(full)), StoreError::DiskFull);
        assert_eq!(JournalError::from(StoreError::DiskFull), JournalError::DiskFull);
        assert!(matches!(JournalError::from(StoreError::Locked), JournalError::Failed(_)));
    }
}
