//! Prints what the pacer reaches against tenants that limit, in virtual time:
//! `cargo run --release -p oathctl-core --example pace_figures`.
//!
//! *rate*: operations accepted from the first refusal on, in per cent of what the limit permits in that time. A
//! window that has begun counts by the part of it that is over, so more than 100 % means that its worth was
//! spent early. *refused*: per cent of all operations sent so far.
#![expect(clippy::print_stdout, reason = "printing the table is its job")]

use oathctl_core::{pace, time};

#[path = "../src/pace/simulation.rs"]
mod simulation;

use simulation::{Case, Limit, run};

fn main() {
    for ops in [1_000, 10_000] {
        let free = run(&Case { end_ops: ops, ..Case::new(Limit::None, 60_000) });
        println!(
            "no limit, 100 ms a call: {ops} operations in {} ms, {} calls",
            free.end_ms,
            free.calls.len()
        );
    }
    let window = |ops, ms, phase| Limit::Window { ops, ms, phase };
    let bucket = |ops, ms| Limit::Bucket { ops, ms };
    let minutes = [60, 120, 300];
    head(minutes);
    row("bucket 100 per 10 s", bucket(100, 10_000), minutes);
    for phase in [0, 2_500, 5_000, 7_500, 9_500] {
        row(&format!("window 100 per 10 s, {phase} ms gone"), window(100, 10_000, phase), minutes);
    }
    row("sliding 100 per 10 s", Limit::Sliding { ops: 100, ms: 10_000 }, minutes);
    row("bucket 30 per 10 s", bucket(30, 10_000), minutes);
    row("window 30 per 10 s", window(30, 10_000, 0), minutes);
    row("bucket 1000 per 10 s", bucket(1000, 10_000), minutes);
    row("window 1000 per 10 s", window(1000, 10_000, 0), minutes);
    let longer = [600, 1_800, 3_600];
    head(longer);
    row("bucket 200 per 300 s", bucket(200, 300_000), longer);
    row("window 200 per 300 s", window(200, 300_000, 0), longer);
}

fn head(horizons_s: [u64; 3]) {
    let [a, b, c] = horizons_s.map(|s| format!("{s} s"));
    println!("\n{:<36}{a:>18}{b:>18}{c:>18}{:>8}", "tenant: rate / refused after", "early");
}

fn row(name: &str, limit: Limit, horizons_s: [u64; 3]) {
    let outcome = run(&Case::new(limit, (horizons_s[2] + 60) * 1000));
    let [a, b, c] = horizons_s.map(|s| {
        let (rate, refused) = (outcome.rate_percent(limit, s * 1000), outcome.refused_percent(s * 1000));
        format!("{rate:.1} % / {refused:.1} %")
    });
    println!("{name:<36}{a:>18}{b:>18}{c:>18}{:>8}", outcome.too_early);
}
