//! What outlives a run: the journal, the vault, the inventory, the audit.
//!
//! Owns: the database, a SQLite file or a schema on a PostgreSQL server, and its formats ([`Store`]), the journal on it (`impl Journal for Store`), the list of
//! runs ([`RunSummary`]), refused codes across runs, and the lock that lets one run of a tenant apply at a time
//! ([`RunLock`]). Does not own: when anything happens (times come with the records), where the store lies (the
//! caller says so), words for people, and any tenant. Outside the vault there is no place for a
//! seed or a code.
//!
//! To add a table: a new file under `migrations/`, a line in `schema`, a module with named query functions that
//! carry their own tests on both databases, and its lines in `docs/store.md`. Backup and copies take it with them.

mod audit;
mod backup;
#[cfg(test)]
#[path = "../tests/it/both.rs"]
mod both;
mod db;
mod error;
mod inventory;
mod journal;
mod location;
mod lock;
mod os;
mod people;
mod refusals;
mod runs;
mod schema;
mod store;
pub mod vault;
mod wire;

pub use audit::{
    Audit, AuditBroken, AuditDeed, AuditFilter, AuditFormat, AuditRecord, ChainVerified, Checkpoint,
    DeedKind, Fault, Verified,
};
pub use backup::{Backup, Checked};
pub use error::StoreError;
pub use inventory::{
    Change, ChangeKind, Deed, Drift, Event, EventKind, Filter, HeldBy, Inventory, Low, Mark, Marked, Marking,
    ModelFacts, Noted, Placed, Placement, Sort, StockLine, Thresholds, Token, TokenFacts, TokenName,
    TokenStatus,
};
pub use location::{ServerLocation, StoreLocation};
pub use lock::RunLock;
pub use people::{People, Person};
pub use runs::{Made, RunSummary};
pub use store::Store;
