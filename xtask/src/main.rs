//! The project's own chores: `cargo xtask CHORE`. This file is the table of them; each chore is a module.
//!
//! A chore runs other programs, prints what it ran, and ends with exit code 0 or 1 (2: it was called wrongly).
//! It owns no rule of the product; it holds the rules *about* the product: arrows, licences, bans.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore speaks to the person who started it")]

use std::process::ExitCode;

mod arrows;
mod bench;
mod cargo;
mod ci;
mod deps;
mod fuzz;
mod hazards;
mod metadata;
mod need;
mod postgres;
mod rooms;
mod soak;
mod sources;
mod spdx;
mod suite;

/// What a chore comes back with: nothing, or one sentence that says what is wrong.
type Done = Result<(), String>;

const USAGE: &str = "\
usage: cargo xtask CHORE

  test [--fast]       every test of the workspace; --fast: only those inside the crates' sources
  arrows              who may depend on whom, and who may name what
  deps                licences, bans and origins of every dependency
  hazards             which hazard of the threat model has which test
  soak [--minutes N]  the long fault tests, N minutes each (default 1)
  fuzz [--minutes N] [TARGET…]   every reader against libFuzzer, N minutes each (default 2)
  postgres COMMAND…   any command with the PostgreSQL that the tests use, named by OATHCTL_TEST_POSTGRES
  bench [NAME…]       every promised figure beside its command, and whether the promise holds
  ci                  formatting, lints, deps, test, a short soak, the demo
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => suite::run(suite::Extent::Everything),
        ["test", "--fast"] => suite::run(suite::Extent::InSources),
        ["arrows"] => arrows::run(),
        ["deps"] => deps::run(),
        ["hazards"] => hazards::run(),
        ["soak"] => soak::run("1"),
        ["soak", "--minutes", minutes] => soak::run(minutes),
        ["fuzz", "--minutes", minutes, names @ ..] => fuzz::run(minutes, names),
        ["fuzz", names @ ..] => fuzz::run("2", names),
        ["postgres", program, args @ ..] => suite::beside_postgres(program, args),
        ["bench", names @ ..] => bench::run(names),
        ["ci"] => ci::run(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("xtask: no such chore: {}\n\n{USAGE}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
