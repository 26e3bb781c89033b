//! `oathctl sim` as a command: what it says, what it takes, how it ends.

use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::host::{Kept, OnNotice, Setting};
use crate::tenant::{Ran, csv, run_in};

/// Serves until it has said how to come in.
fn sim(folder: &TempDir, line: &str) -> Ran {
    let notice = Arc::new(Notify::new());
    let setting = Setting { interrupts: Arc::new(OnNotice(Arc::clone(&notice))), ..Setting::default() };
    run_in(folder.path(), line, setting, |err: &Kept| err.when("oathctl activate tokens.csv", &notice))
}

#[test]
fn the_first_line_says_how_to_come_in() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tokens.csv"), csv(&["anna@practice.example".into()])).unwrap();
    std::fs::write(
        folder.path().join("people.txt"),
        "anna@practice.example,Anna,phone\nbert@practice.example,guest\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("switches.txt"), "# slow\nlatency_ms=5\n").unwrap();
    let ran = sim(
        &folder,
        "oathctl sim --users people.txt --devices tokens.csv --options switches.txt --set etags=on",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ready: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!(ready["schema"], "oathctl.sim/1");
    assert!(ready["graph_url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ran.err.lines().all(|line| line.starts_with("[PRACTICE TENANT]")), "{}", ran.err);
}

#[test]
fn h05_it_listens_on_loopback_only() {
    let folder = TempDir::new().unwrap();
    let ran = run_in(folder.path(), "oathctl sim --listen 0.0.0.0:0", Setting::default(), |_| {});
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn switches_are_listed_with_their_certainty_and_checked() {
    let folder = TempDir::new().unwrap();
    let run = |line: &str| run_in(folder.path(), line, Setting::default(), |_| {});
    let list = run("oathctl sim --list-options");
    assert!(list.out.contains("bulk_max_items=20") && list.out.contains("fact: unknown"), "{}", list.out);
    for line in
        ["oathctl sim --set nonsense=1", "oathctl sim --set throttle", "oathctl sim --set throttle=perhaps"]
    {
        assert_eq!(run(line).code, 2, "{line}");
    }
}
