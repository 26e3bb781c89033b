//! Words for errors of the store and of the journal.

use oathctl_core::journal::JournalError;
use oathctl_core::report::Exit;
use oathctl_store::StoreError;

use super::Failure;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => disk_full(),
            StoreError::Damaged { what } => Self::own("The store is damaged.").called("store_damaged").because(what).advice(
                "Put it aside and restore the latest copy; `--store` or `--state-dir` names another place.",
            ),
            StoreError::NewerFormat { format, known, written_by } => {
                Self::own(format!("The store has format {format}; this oathctl knows up to {known}."))
                    .because(format!("it was written by oathctl {written_by}"))
                    .advice("Use that version or a newer one. Nothing was changed.")
            }
            StoreError::Locked => Self::own("Another process holds the store.")
                .advice("Wait until it has ended, and run the command again."),
            StoreError::Busy { holder } => {
                Self::gate(format!("A run of this tenant is under way ({holder})."))
                    .called("run_under_way")
                    .advice("Wait for its end, or stop it with Ctrl-C; then run the command again.")
            }
            StoreError::Io { what, detail } => {
                Self::own("The store can't be used.").because(format!("{what}: {detail}")).advice(
                    "See that the state folder (`--state-dir`) lies on a local disk and can be written to.",
                )
            }
            StoreError::Away { detail } => Self::own("The store's server is away.").because(detail).advice(
                "See that it runs and can be reached; then run the command again (`oathctl resume` if a run was \
                 under way). Nothing is written twice.",
            ),
            StoreError::Unverified { detail } => {
                Self::own("The store's server could not be verified.").because(detail).advice(
                    "Beyond loopback the store speaks verified TLS only. `sslrootcert=FILE` in `--store` names the \
                     certificate of a root that the system does not know.",
                )
            }
            StoreError::Denied { detail } => Self::own("The store's server refuses.").because(detail).advice(
                "See user, database and rights. The password comes from OATHCTL_STORE_PASSWORD_FILE or PGPASSFILE.",
            ),
            StoreError::LockLost => Self::gate("The right to apply in this tenant was lost.")
                .because("the session with the store's server that held it went away")
                .advice("Nothing more was sent. `oathctl resume` goes on."),
            StoreError::NotEmpty { what } => Self::usage("There is something already.")
                .because(format!("{what} is not empty"))
                .advice("Name another place. Nothing was changed."),
            StoreError::BadLocation { why } => Self::usage("The setting of the store can't be used.")
                .because(why)
                .advice("`--store sqlite:PATH` names a database file, `--store postgres://USER@HOST/DATABASE` a server."),
            StoreError::NoSuchRun { given } => {
                Self::usage(format!("There is no run `{given}`.")).advice("`oathctl runs list` shows them.")
            }
            StoreError::AmbiguousRun { given, matches } => {
                Self::usage(format!("{matches} runs begin with `{given}`."))
                    .advice("Type more of the one you mean; `oathctl runs list` shows them.")
            }
            StoreError::NoAudit => Self::own("The audit can't be written, and nothing is done without it.")
                .because("the store was opened without an audit key"),
            StoreError::AuditBroken { what } => Self::own("The audit was altered, and nothing is done on top of it.")
                .called("audit_broken")
                .because(what)
                .advice(
                    "`oathctl audit verify` says where. Keep a copy of the store for whoever looks into it; restore the latest \
                     backup, or put `audit.key` aside: then a new chain begins and the old one stays as it is.",
                ),
            StoreError::OutOfOrder { what } => Self::own("The journal contradicts this run.").because(what),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::DiskFull => disk_full(),
            JournalError::Failed(detail) => Self::new(Exit::Own, "The journal can't be written.")
                .called("journal")
                .because(detail)
                .advice("Nothing more was sent. Put the cause right; then `oathctl resume` goes on."),
        }
    }
}

fn disk_full() -> Failure {
    Failure::own("No space is left where the store lies, so what had to be recorded can't be written.").called("disk_full").advice(
        "Nothing more was sent. Make room, or name another place with `--state-dir`; then run the command again \
         (`oathctl resume` if a run was under way).",
    )
}
