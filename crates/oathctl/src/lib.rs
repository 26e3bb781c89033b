//! The command line: arguments, wiring, words people read.
//!
//! Owns: [`run`], what a command does with the crates below ([`cli`] is the table of contents), where settings come
//! from, who sees what. Does not own: rules. A command builds a request and shows an answer; what is right or
//! wrong is decided in `oathctl-core`.
//!
//! The way in: [`run`] → [`cli`] → a command's file → `walk` (the main job) → `wiring`.

mod asking;
pub mod cli;
mod desk;
mod everyday;
mod failure;
pub mod host;
mod input;
mod keys;
mod lent;
mod looks;
pub mod os;
mod places;
mod plan_file;
mod practice;
mod report;
mod schemas;
mod settings;
mod showcase;
mod tell;
mod ui;
mod walk;
mod watch;
mod wiring;
mod words;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use host::Host;
use oathctl_core::report::Exit;

/// Runs one command line in `host` and says how it ended (the table of exit codes is
/// [`oathctl_core::report::Exit`]).
pub fn run(args: impl IntoIterator<Item = OsString>, host: Host) -> ExitCode {
    ExitCode::from(run_code(args, host))
}

/// The same as [`run`], as a number; for tests. A panic ends with 1; the hook has told its place.
pub fn run_code(args: impl IntoIterator<Item = OsString>, host: Host) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let ran = catch_unwind(AssertUnwindSafe(|| cli::run(args, host)));
    ran.unwrap_or(Exit::Own).code()
}
