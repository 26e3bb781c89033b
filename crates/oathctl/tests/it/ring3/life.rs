//! A run from the first process to the last: started, killed, resumed as an admin would, until it ends.

use std::sync::mpsc;

use oathctl_sim::rng::Rng;
use rustix::process::Signal;
use serde_json::Value;

use super::practice::Practice;
use super::process::{Ended, Process, send};

/// A process that came to its end, and how many before it were killed.
pub struct Life {
    pub ended: Ended,
    pub kills: usize,
    /// The last report.
    pub report: Value,
}

/// Goes on until a process ends by itself. Each look of `dooms` ends one with `kill -9`; `between` happens then.
pub fn live(practice: &Practice, dooms: &[u64], context: &str, between: impl Fn(&Practice)) -> Life {
    let mut kills = 0;
    loop {
        let line = if has_run(practice) { "resume" } else { "activate tokens.csv" };
        let line = format!("{line} --yes -v --report report.json");
        let ended = match dooms.get(kills) {
            Some(look) => killed_at(practice, *look, &line),
            None => practice.start(&line).end(),
        };
        if ended.signal != Some(9) {
            assert_eq!(ended.code, Some(0), "{context}, after {kills} kills: {}", ended.all());
            return Life { ended, kills, report: practice.report("report.json") };
        }
        assert_eq!(
            (ended.out.as_str(), practice.path("report.json").exists()),
            ("", false),
            "nothing told yet"
        );
        kills += 1;
        between(practice);
        practice.later();
    }
}

/// Runs a command line and sends it a signal at the tenant's `nth` look.
pub fn struck_at(practice: &Practice, nth: u64, signal: Signal, line: &str) -> Process {
    let (tell, told) = mpsc::channel();
    practice.looks.at(nth, move || send(told.recv().unwrap(), signal));
    let process = practice.start(line);
    tell.send(process.pid()).unwrap();
    process
}

fn killed_at(practice: &Practice, nth: u64, line: &str) -> Ended {
    let ended = struck_at(practice, nth, Signal::KILL, line).end();
    practice.looks.disarm();
    ended
}

/// Whether there is a run to go on with: what `runs list` shows.
fn has_run(practice: &Practice) -> bool {
    if !practice.path("state/oathctl.db").exists() {
        return false;
    }
    let ended = practice.start("runs list --output json").end();
    assert_eq!(ended.code, Some(0), "{}", ended.all());
    let listed: Value = serde_json::from_str(&ended.out).unwrap();
    !listed["runs"].as_array().unwrap().is_empty()
}

/// One or two kills: the first process dies somewhere from its last reads before the journal opens to its last read-back.
pub fn dooms(seed: u64) -> Vec<u64> {
    let mut dice = Rng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (first, again) = (16 + dice.below(26), dice.below(2));
    std::iter::once(first).chain((0..again).map(|_| 5 + dice.below(25))).collect()
}
