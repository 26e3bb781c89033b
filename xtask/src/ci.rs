//! `cargo xtask ci`: everything that must hold before a change lands, in the order in which it fails cheapest.

use std::time::Instant;

use crate::{Done, cargo, deps, need, soak, suite};

/// A heading and what to do under it.
type Step = (&'static str, fn() -> Done);

const STEPS: &[Step] = &[
    ("formatting", || cargo::run(&["fmt", "--all", "--check"])),
    ("lints", || cargo::run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    ("dependencies", deps::run),
    ("tests", || suite::run(suite::Extent::Everything)),
    ("a short soak", || soak::run("1")),
    ("the demo", || cargo::run(&["run", "--release", "--", "demo"])),
];

/// Runs the steps one after the other and stops at the first that fails.
pub fn run() -> Done {
    need::c_compiler()?;
    need::formatter_and_linter()?;
    for (nth, (heading, step)) in STEPS.iter().enumerate() {
        println!("\n=== {} of {}: {heading}", nth + 1, STEPS.len());
        let begun = Instant::now();
        step().map_err(|why| format!("ci stopped at {heading}: {why}"))?;
        println!("=== {heading}: passed in {} s", begun.elapsed().as_secs());
    }
    println!("\nci: all {} steps passed.", STEPS.len());
    Ok(())
}
