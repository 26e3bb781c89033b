//! `cargo xtask test`: builds what the tests need, runs them with cargo-nextest or `cargo test`, names what is missing.

use std::process::Command;
use std::time::Instant;

use crate::{Done, cargo, need, postgres};

/// How much of the suite.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Unit, integration and documentation tests of every crate.
    Everything,
    /// Tests inside the crates' sources: no second process of ours, no HTTP.
    InSources,
}

/// Runs the suite, the store's part of it on SQLite and on a PostgreSQL started for it; the runner's own closing lines
/// come out as they are.
pub fn run(extent: Extent) -> Done {
    let begun = Instant::now();
    need::c_compiler()?;
    let (mut extras, mut server) = (Vec::new(), None);
    if extent == Extent::Everything {
        server = Some(postgres::start()?); // stopped when this function ends, however it does
        extras = need::peers();
        cargo::run(&["build", "--package", "oathctl", "--bin", "oathctl"])?;
    }
    let address = server.as_ref().map(|server: &postgres::Server| server.address.clone());
    extras.extend(address.map(|address| (postgres::VARIABLE, address)));
    let extras: Vec<(&str, &str)> = extras.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let runner = if cargo::has("nextest") { nextest(extent, &extras) } else { plain(extent, &extras) }?;
    println!("xtask test: all passed, run by {runner}, {} s.", begun.elapsed().as_secs());
    Ok(())
}

/// Runs any command with the server of the tests beside it, for trying a single test or a benchmark.
pub fn beside_postgres(program: &str, args: &[&str]) -> Done {
    let server = postgres::start()?;
    let mut command = Command::new(program);
    let status = command.args(args).env(postgres::VARIABLE, &server.address).status();
    let status = status.map_err(|why| format!("{program} could not be started: {why}."))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}.")) }
}

fn nextest(extent: Extent, extras: &[(&str, &str)]) -> Result<&'static str, String> {
    let arguments = [&["nextest", "run", "--workspace", "--no-fail-fast"], narrowing(extent)].concat();
    cargo::run_with(&arguments, extras)?;
    if extent == Extent::Everything {
        cargo::run(&["test", "--doc", "--workspace", "--quiet"])?; // nextest leaves these out
    }
    Ok("cargo-nextest")
}

fn plain(extent: Extent, extras: &[(&str, &str)]) -> Result<&'static str, String> {
    println!("cargo-nextest is not installed; `cargo test` does the same, slower.");
    println!("To install it: cargo install --locked cargo-nextest");
    let arguments = [&["test", "--workspace", "--no-fail-fast"], narrowing(extent)].concat();
    cargo::run_with(&arguments, extras)?;
    Ok("cargo test")
}

fn narrowing(extent: Extent) -> &'static [&'static str] {
    match extent {
        Extent::Everything => &[],
        Extent::InSources => &["--lib", "--bins"],
    }
}
