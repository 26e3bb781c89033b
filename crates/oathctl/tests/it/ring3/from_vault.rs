//! Killed in the middle of a file's run, and the file is gone: the run is gone on with by the vault's seeds.

use rustix::process::Signal;

use super::exact::assert_exact;
use super::practice::Practice;

const ROWS: usize = 45;

#[test]
fn h15_ring3_killed_and_the_file_is_gone() {
    let practice = Practice::new(81, ROWS, &[("latency_ms", "30")]);
    for line in ["vault init --new-key-file desk.key", "vault import tokens.csv --vault-key-file desk.key"] {
        let ended = practice.start(line).end();
        assert_eq!(ended.code, Some(0), "{}", ended.all());
    }
    let process = practice.start("activate tokens.csv --yes -v");
    assert!(process.said("call 3:"));
    process.signal(Signal::KILL);
    assert_eq!(process.end().signal, Some(9));
    std::fs::remove_file(practice.path("tokens.csv")).unwrap();
    practice.later();
    let ended = practice.start("resume --yes --vault-key-file desk.key --report run.json").end();
    assert_eq!(ended.code, Some(0), "{}", ended.all());
    assert!(ended.err.contains("isn't there any more"), "{}", ended.all());
    assert_exact(&practice, ROWS, &practice.report("run.json"), "killed, and the file is gone");
}
