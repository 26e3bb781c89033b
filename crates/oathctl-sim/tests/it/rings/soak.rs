//! As many seeds of both rings as the minutes allow; run by `cargo xtask soak`.

use std::time::{Duration, Instant};

use super::harsh::{alone, asked};
use super::{ring1, ring2};

/// More seeds than any number of minutes has taken so far.
const MOST: u64 = 1_000_000;

#[test]
#[ignore = "takes the minutes it is given; run by `cargo xtask soak`"]
#[expect(clippy::disallowed_methods, reason = "a soak is measured by the wall clock")]
fn rings_soak() {
    let minutes = asked("OATHCTL_SOAK_MINUTES").unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let mut failures = Vec::new();
    let mut seeds = 0;
    while Instant::now() < until && seeds < MOST {
        seeds += 1;
        failures.extend(alone("ring1", 10_000 + seeds, ring1::trial).err());
        failures.extend(alone("ring2", 10_000 + seeds, ring2::trial).err());
    }
    println!("rings 1 and 2: {seeds} seeds each");
    assert!(failures.is_empty(), "{} failures: {failures:#?}", failures.len());
}
