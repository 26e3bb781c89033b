//! Prints what the pacer reaches against tenants that limit, in virtual time:
//! `cargo run --release -p oathctl-core --example pace_figures`.
#![expect(clippy::print_stdout, reason = "printing the table is its job")]

use oathctl_core::{pace, time};

#[path = "../src/pace/simulation.rs"]
mod simulation;

use simulation::{Case, Limit, run};

fn main() {
    let free = run(&Case { end_ops: 1000, ..Case::new(Limit::None, 60_000) });
    println!("no limit, 1000 operations: {} ms, {} calls\n", free.end_ms, free.calls.len());
    println!("{:<44}{:>16}{:>16}{:>16}{:>7}", "tenant", "60 s", "120 s", "300 s", "early");
    println!("{:<44}{:>16}{:>16}{:>16}", "", "rate / refused", "rate / refused", "rate / refused");
    let window = |ops, ms, phase| Limit::Window { ops, ms, phase };
    row("bucket 100 per 10 s", Limit::Bucket { ops: 100, ms: 10_000 });
    for phase in [0, 2_500, 5_000, 7_500, 9_500] {
        row(&format!("window 100 per 10 s, {phase} ms gone"), window(100, 10_000, phase));
    }
    row("sliding 100 per 10 s", Limit::Sliding { ops: 100, ms: 10_000 });
    row("bucket 30 per 10 s", Limit::Bucket { ops: 30, ms: 10_000 });
    row("window 30 per 10 s", window(30, 10_000, 0));
    row("bucket 1000 per 10 s", Limit::Bucket { ops: 1000, ms: 10_000 });
    row("window 1000 per 10 s", window(1000, 10_000, 0));
    row("bucket 200 per 300 s", Limit::Bucket { ops: 200, ms: 300_000 });
    row("window 200 per 300 s", window(200, 300_000, 0));
}

fn row(name: &str, limit: Limit) {
    let outcome = run(&Case::new(limit, 400_000));
    let cell =
        |ms| format!("{:.1} % / {:.1} %", outcome.rate_percent(limit, ms), outcome.refused_percent(ms));
    println!(
        "{name:<44}{:>16}{:>16}{:>16}{:>7}",
        cell(60_000),
        cell(120_000),
        cell(300_000),
        outcome.too_early
    );
}
