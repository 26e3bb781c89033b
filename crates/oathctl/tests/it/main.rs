//! The command line in process, against the practice tenant on loopback: transcripts, exit codes, bad input.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod asking;
mod audit;
mod bad_input;
mod codes;
mod colour;
mod consent;
mod convert;
mod everyday;
mod files;
mod full_disk;
mod host;
mod keep;
mod keys;
mod leaks;
mod locked;
mod offline;
mod places;
mod plans;
mod refused;
mod remade;
mod resuming;
mod ring3;
mod schema;
mod search;
mod sim;
mod store;
mod tenant;
mod transcript;
mod unreachable;
mod vault;
mod vault_bad;
mod vault_export;
mod working;
