//! The store as its callers meet it: real files, a real server, real locks, real kills.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod audit;
mod backup;
mod both;
mod desk;
mod fixture;
mod inventory;
mod inventory_cut;
mod journal;
mod kill;
mod lock;
mod open;
mod people;
mod refusals;
mod runs;
mod secrets;
mod server;
mod size;
mod tls;
mod together;
mod torn;
mod vault_kill;
