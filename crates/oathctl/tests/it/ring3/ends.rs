//! Ctrl-C, SIGTERM, two runs at once, a lock that outlives nobody.

use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

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
    let practice = Practice::new(32, ROWS, &[("latency_ms", "20")]);
    let process = practice.start("activate tokens.csv --yes -v --report report.json");
    assert!(process.said("call 2: 5 × activate"));
    // From here on a request takes ten minutes; draining would wait half of one for it.
    practice.set("latency_ms", "600000");
    let (tell, arrived) = mpsc::channel();
    practice.looks.at(1, move || tell.send(()).unwrap());
    arrived.recv().unwrap();
    process.signal(Signal::INT);
    assert!(process.said("Once more aborts"));
    process.signal(Signal::INT);
    let aborted = process.end_within(Duration::from_secs(25));
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
fn ring3_killed_before_its_report() {
    let practice = Practice::new(34, ROWS, &[]);
    let process = practice.start_at_report("activate tokens.csv --yes");
    process.signal(Signal::KILL);
    assert_eq!(process.end().signal, Some(9));
    // The work was done and the journal has it all.
    let nothing = practice.start("resume --yes").end();
    assert_eq!(nothing.code, Some(0), "{}", nothing.all());
    assert!(nothing.err.contains("nothing to go on with"), "{}", nothing.err);
    let listed = practice.start("runs list --output json").end();
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let run = listed["runs"][0]["run"].as_str().unwrap();
    let shown = practice.start(&format!("runs show {run} --output json")).end();
    assert_exact(&practice, ROWS, &serde_json::from_str(&shown.out).unwrap(), "as the journal tells it");
}

#[test]
fn h23_ring3_what_it_writes_is_for_its_user_alone() {
    let practice = Practice::new(35, 5, &[]);
    practice.set("permissions", "Policy.Read.All,User.Read.All,Directory.Read.All");
    let flags = "--yes --report report.json --failed failed.csv --log-file log.txt";
    let ended = practice.start(&format!("activate tokens.csv {flags}")).end();
    assert_eq!(ended.code, Some(4), "{}", ended.all());
    let planned = practice.start("plan tokens.csv --out plan.json").end();
    assert_eq!(planned.code, Some(0), "{}", planned.all());
    for name in
        ["state", "state/oathctl.db", "state/locks", "report.json", "failed.csv", "plan.json", "log.txt"]
    {
        let mode = practice.path(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
    }
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
