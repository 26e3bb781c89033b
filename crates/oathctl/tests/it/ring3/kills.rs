//! Twenty real `kill -9` in a tenant that stumbles, each followed by `resume` until the end; as many as asked by soak.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::exact::assert_exact;
use super::life::{dooms, live};
use super::practice::Practice;

const ROWS: usize = 45;

const SWITCHES: &[(&str, &str)] =
    &[("latency_ms", "30"), ("p_503", "0.02"), ("p_reset_after", "0.01"), ("access_token_lifetime_s", "20")];

/// What soak adds in every other seed: runs that take longer than the suite has time for.
const HARSH: &[(&str, &str)] = &[
    ("p_lost", "0.03"),
    ("p_duplicate", "0.02"),
    ("p_stale", "0.2"),
    ("stale_s", "1"),
    ("assign_visibility_delay_ms", "700"),
    ("status_lag_ms", "400"),
];
/// Soak's seeds begin here.
const SOAK: u64 = 10_000;

/// One seed; the number of kills.
fn trial(seed: u64) -> usize {
    let fault_seed = seed.to_string();
    let harsh = if seed > SOAK && seed % 2 == 1 { HARSH } else { &[] };
    let faults = [("fault_seed", fault_seed.as_str())];
    let switches: Vec<_> = SWITCHES.iter().chain(harsh).chain(&faults).copied().collect();
    let practice = Practice::new(seed, ROWS, &switches);
    let context =
        format!("seed {seed} (OATHCTL_RING_SEED={seed} cargo nextest run -p oathctl ring3_one_seed)");
    let life = live(&practice, &dooms(seed), &context, |_| ());
    assert!(life.kills > 0, "{context}: it was killed: {}", life.ended.all());
    assert_exact(&practice, ROWS, &life.report, &context);
    life.kills
}

/// A number from the environment: which seed, how many minutes.
#[expect(clippy::disallowed_methods, reason = "how a person or xtask tells a test what to do")]
pub fn asked(name: &str) -> Option<f64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn ring3_one_seed() {
    let seed = asked("OATHCTL_RING_SEED").unwrap_or(0.0) as u64;
    println!("seed {seed}: {} kills", trial(seed));
}

/// Tests of four seeds each, so that they run beside each other.
macro_rules! seeds {
    ($($name:ident: $first:literal;)+) => {
        $(#[test]
        fn $name() {
            let kills: usize = ($first..$first + 4).map(trial).sum();
            assert!(kills >= 4);
        })+
    };
}

seeds! {
    h15_ring3_seeds_from_1: 1;
    h15_ring3_seeds_from_5: 5;
    h15_ring3_seeds_from_9: 9;
    h15_ring3_seeds_from_13: 13;
    h15_ring3_seeds_from_17: 17;
}

/// Killed as soon as it says that it makes a call: between the journal and the wire, or close behind.
fn killed_on_word_of(calls: std::ops::RangeInclusive<u64>) {
    for call in calls {
        let practice = Practice::new(60 + call, ROWS, &[("latency_ms", "30")]);
        let process = practice.start("activate tokens.csv --yes -v");
        assert!(process.said(&format!("call {call}:")));
        process.signal(Signal::KILL);
        assert_eq!(process.end().signal, Some(9));
        practice.later();
        let context = format!("killed on word of call {call}");
        let life = live(&practice, &[], &context, |_| ());
        assert_exact(&practice, ROWS, &life.report, &context);
    }
}

#[test]
fn ring3_killed_between_journal_and_wire_early() {
    killed_on_word_of(1..=3);
}

#[test]
fn ring3_killed_between_journal_and_wire_late() {
    killed_on_word_of(4..=6);
}

#[test]
#[ignore = "takes the minutes it is given; run by `cargo xtask soak`"]
#[expect(clippy::disallowed_methods, reason = "a soak is measured by the wall clock")]
fn ring3_soak() {
    let until = Instant::now() + Duration::from_secs_f64(60.0 * asked("OATHCTL_SOAK_MINUTES").unwrap_or(1.0));
    let (mut seeds, mut kills, mut failures) = (0, 0, Vec::new());
    while Instant::now() < until {
        seeds += 1;
        match std::thread::spawn(move || trial(SOAK + seeds)).join() {
            Ok(killed) => kills += killed,
            Err(panic) => {
                failures.push(panic.downcast::<String>().map_or_else(|_| format!("seed {seeds}"), |it| *it))
            }
        }
    }
    println!("ring 3: {seeds} seeds, {kills} kills");
    assert!(failures.is_empty(), "{} failures: {failures:#?}", failures.len());
}
