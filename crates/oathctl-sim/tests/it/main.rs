//! The practice tenant through its HTTP face, in process, with time that moves only when told to.
#![expect(clippy::unwrap_used, reason = "tests")]

mod batch;
mod bulk;
mod control;
mod directory;
mod faults;
mod inventory;
mod lifecycle;
mod login;
mod port;
mod server;
mod support;
mod throttle;

mod rings;
