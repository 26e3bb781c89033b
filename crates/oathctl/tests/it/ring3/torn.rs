//! The power goes while the journal is being written: the last record of the write-ahead log is torn.

use rustix::process::Signal;

use super::exact::{assert_active, assert_exact};
use super::life::{Life, live, struck_at};
use super::practice::{Practice, upn};

const ROWS: usize = 45;

/// Killed when a request arrives, so that it never takes effect; then so many bytes are cut off the log. What is lost is
/// the record of a call that was never made, or of an answer.
fn torn(look: u64, cut: u64) {
    torn_before(look, cut, None);
}

/// The same, with the number of tokens that may be there by then: that the struck request did not take effect.
fn torn_before(look: u64, cut: u64, alive: Option<usize>) {
    assert_eq!(look % 2, 1, "only an arrival");
    // Slow enough that a request that has just arrived dies with its sender, also on a machine with much else to do.
    let practice = Practice::new(look, ROWS, &[("latency_ms", "300")]);
    let context = format!("look {look}, {cut} bytes cut off");
    let Life { kills, report, .. } = live(&practice, &[look], &context, |practice| {
        assert!(
            alive.is_none_or(|alive| practice.alive() == alive),
            "{context}: {} tokens",
            practice.alive()
        );
        tear(practice, cut);
    });
    assert_eq!(kills, 1);
    assert_exact(&practice, ROWS, &report, &context);
}

fn tear(practice: &Practice, cut: u64) {
    let log = std::fs::File::options().write(true).open(practice.path("state/oathctl.db-wal")).unwrap();
    let length = log.metadata().unwrap().len();
    assert!(length > cut, "the log holds something: {length} bytes");
    log.set_len(length - cut).unwrap();
}

#[test]
fn ring3_a_torn_record_of_the_first_creation() {
    torn(23, 1);
}

#[test]
fn ring3_a_torn_answer_to_the_first_creation() {
    torn(25, 100);
}

#[test]
fn ring3_a_torn_record_of_the_first_activation() {
    torn(27, 4_000);
}

#[test]
fn ring3_a_torn_answer_to_the_first_activation() {
    torn(29, 2_000);
}

#[test]
fn ring3_a_torn_record_of_a_later_creation() {
    torn_before(31, 24, Some(25));
}

#[test]
fn ring3_a_torn_record_of_a_later_activation() {
    torn(39, 3_333);
}

/// A disk that lied: the record of a call is gone although the call took effect. Nobody can make that exact; what is
/// told must be true all the same, and nothing may be there twice.
#[test]
fn h15_ring3_a_call_the_journal_forgot() {
    let practice = Practice::new(24, ROWS, &[("latency_ms", "80")]);
    let killed = struck_at(&practice, 24, Signal::KILL, "activate tokens.csv --yes").end();
    assert_eq!(killed.signal, Some(9), "{}", killed.all());
    tear(&practice, 100);
    practice.later();
    let ended = practice.start("resume --yes --report report.json").end();
    let report = practice.report("report.json");
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), ROWS, "{}", ended.all());
    for (n, row) in rows.iter().enumerate() {
        match row["outcome"].as_str().unwrap() {
            "activated" | "already_active" => assert_active(&practice.sim, row, &upn(n), "a forgotten call"),
            _ => assert_eq!(row["reason"], "changed_since_plan", "{row}"),
        }
    }
    let serials = practice.sim.with(|parts, _| {
        let alive = parts.world.tokens.iter().filter(|token| token.exists());
        alive.map(|token| token.serial.clone()).collect::<std::collections::BTreeSet<_>>().len()
    });
    assert_eq!(serials, practice.alive(), "no serial twice");
}
