//! Ctrl-C, SIGTERM, two runs at once, a lock that outlives nobody.

use rustix::process::Signal;

use super::exact::assert_exact;
use super::life::struck_at;
use super::practice::Practice;

const ROWS: usize = 45;
/// The look at which the first wave's activation takes effect; the other forty rows are still to come.
const FIRST_WAVE_DONE: u64 = 28;

/// Drains, reports, says how to go on; and `resume` does.
fn drained_by(signal: Signal) {
    let practice = Practice::new(31, ROWS, &[("latency_ms", "30")]);
    let line = "activate tokens.csv --yes --report report.json";
    let stopped = struck_at(&practice, FIRST_WAVE_DONE, signal, line).end();
    assert_eq!(stopped.code, Some(130), "{}", stopped.all());
    let report = practice.report("report.json");
    let rows = report["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &report["exit_code"]), (ROWS, &130.into()));
    let run = report["run"].as_str().unwrap();
    assert!(stopped.err.contains(&format!("To go on: oathctl resume {run}")), "{}", stopped.err);
    let active = rows.iter().filter(|row| row["outcome"] == "activated").count();
    let left = rows.iter().filter(|row| row["reason"] == "run_stopped").count();
    assert!(left > 0, "something was left to do: {}", report["totals"]);
    assert_eq!(active, practice.active(), "what it called active is, and nothing else");
    practice.later();
    let resumed = practice.start(&format!("resume {run} --yes --report report.json")).end();
    assert_eq!(resumed.code, Some(0), "{}", resumed.all());
    assert_exact(&practice, ROWS, &practice.report("report.json"), "after a drained run");
}

#[test]
fn ring3_ctrl_c_drains_and_resume_goes_on() {
    drained_by(Signal::INT);
}

#[test]
fn ring3_sigterm_drains_and_resume_goes_on() {
    drained_by(Signal::TERM);
}

#[test]
fn ring3_a_second_ctrl_c_aborts_and_resume_goes_on() {
    // So slow that nothing sent after the first wave is answered before the end.
    let practice = Practice::new(32, ROWS, &[("latency_ms", "20")]);
    let slow = practice.sim.clone();
    let process = struck_at(&practice, 31, Signal::INT, "activate tokens.csv --yes --report report.json");
    // The request of look 31 is under way; what comes now takes minutes.
    assert!(process.said("Once more aborts"));
    slow.with(|parts, _| parts.world.set_option("latency_ms", "600000").unwrap());
    process.signal(Signal::INT);
    let aborted = process.end();
    assert_eq!(aborted.code, Some(130), "{}", aborted.all());
    let report = practice.report("report.json");
    assert_eq!(report["rows"].as_array().unwrap().len(), ROWS);
    assert!(aborted.err.contains("To go on: oathctl resume"), "{}", aborted.err);
    practice.set("latency_ms", "20");
    practice.later();
    let resumed = practice.start("resume --yes --report report.json").end();
    assert_eq!(resumed.code, Some(0), "{}", resumed.all());
    assert_exact(&practice, ROWS, &practice.report("report.json"), "after an aborted run");
}

#[test]
fn ring3_two_runs_at_once_and_a_lock_that_dies_with_its_holder() {
    let practice = Practice::new(33, ROWS, &[("latency_ms", "30")]);
    let first = struck_at(&practice, FIRST_WAVE_DONE, Signal::STOP, "activate tokens.csv --yes -v");
    assert!(first.said("call 2: 5 × activate"));
    for line in ["activate tokens.csv --yes", "resume --yes"] {
        let second = practice.start(line).end();
        assert_eq!(second.code, Some(7), "{line}: {}", second.all());
        let pid = format!("pid {}", first.pid().as_raw_nonzero());
        assert!(second.err.contains(&pid), "{line} names the first ({pid}): {}", second.err);
    }
    assert!(!practice.looks.disarm(), "the first was stopped");
    first.signal(Signal::KILL);
    assert_eq!(first.end().signal, Some(9));
    practice.later();
    let resumed = practice.start("resume --yes --report report.json").end();
    assert_eq!(resumed.code, Some(0), "{}", resumed.all());
    assert_exact(&practice, ROWS, &practice.report("report.json"), "after the holder of the lock died");
}
