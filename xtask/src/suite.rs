//! `cargo xtask test`: builds what the tests need, runs them with cargo-nextest or `cargo test`, names what is missing.

use std::time::Instant;

use crate::{Done, cargo, need};

/// How much of the suite.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Unit, integration and documentation tests of every crate.
    Everything,
    /// Tests inside the crates' sources: no second process, no HTTP, no disk.
    InSources,
}

/// Runs the suite; the runner's own closing lines come out as they are.
pub fn run(extent: Extent) -> Done {
    let begun = Instant::now();
    need::c_compiler()?;
    let mut peers = Vec::new();
    if extent == Extent::Everything {
        peers = need::peers();
        cargo::run(&["build", "--package", "oathctl", "--bin", "oathctl"])?;
    }
    let peers: Vec<(&str, &str)> = peers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let runner = if cargo::has("nextest") { nextest(extent, &peers) } else { plain(extent, &peers) }?;
    println!("xtask test: all passed, run by {runner}, {} s.", begun.elapsed().as_secs());
    Ok(())
}

fn nextest(extent: Extent, peers: &[(&str, &str)]) -> Result<&'static str, String> {
    let arguments = [&["nextest", "run", "--workspace", "--no-fail-fast"], narrowing(extent)].concat();
    cargo::run_with(&arguments, peers)?;
    if extent == Extent::Everything {
        cargo::run(&["test", "--doc", "--workspace", "--quiet"])?; // nextest leaves these out
    }
    Ok("cargo-nextest")
}

fn plain(extent: Extent, peers: &[(&str, &str)]) -> Result<&'static str, String> {
    println!("cargo-nextest is not installed; `cargo test` does the same, slower.");
    println!("To install it: cargo install --locked cargo-nextest");
    let arguments = [&["test", "--workspace", "--no-fail-fast"], narrowing(extent)].concat();
    cargo::run_with(&arguments, peers)?;
    Ok("cargo test")
}

fn narrowing(extent: Extent) -> &'static [&'static str] {
    match extent {
        Extent::Everything => &[],
        Extent::InSources => &["--lib", "--bins"],
    }
}
