//! The store as its callers meet it: real files, real locks, real kills.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod fixture;
mod journal;
mod kill;
mod lock;
mod open;
mod refusals;
mod runs;
mod secrets;
mod size;
mod together;
mod torn;
