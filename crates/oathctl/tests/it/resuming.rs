//! `resume` in less friendly circumstances.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;

use crate::host::{OnNotice, Setting};
use crate::schema::fits;
use crate::tenant::{Tenant, csv};

/// A tenant with a run that was stopped while its first call was under way.
fn stopped() -> (Tenant, usize) {
    let tenant = Tenant::with(&[("latency_ms", "250")]);
    let people: Vec<String> = (44..52).map(|n| tenant.upn(n)).collect();
    tenant.write("tokens.csv", &csv(&people));
    let notice = Arc::new(Notify::new());
    let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
    let ran = tenant.run_with(
        "oathctl activate tokens.csv --yes -v",
        |setting| setting.interrupts = interrupts,
        |err| err.when("call 1: ", &notice),
    );
    assert_eq!(ran.code, 130, "{}", ran.err);
    tenant.set("latency_ms", "0");
    (tenant, people.len())
}

#[test]
fn a_recorded_run_says_that_it_came_to_no_end() {
    let (tenant, _) = stopped();
    let shown = |line: &str| {
        let ran = tenant.run(&format!("{line} --output json"));
        fits(&tenant, "run/1", &ran.out);
        serde_json::from_str::<Value>(&ran.out).unwrap()["stopped"].clone()
    };
    let stopped = shown("oathctl runs show 2026");
    assert_eq!(stopped["reason"], "interrupted");
    assert!(stopped["advice"].as_str().unwrap().contains("oathctl resume 2026"), "{stopped}");
    tenant.run("oathctl resume --yes");
    let list: Value = serde_json::from_str(&tenant.run("oathctl runs list --output json").out).unwrap();
    let last = list["runs"][0]["run"].as_str().unwrap();
    assert_eq!(shown(&format!("oathctl runs show {last}")), Value::Null);
}

#[test]
fn the_file_was_moved_and_another_lies_in_its_place() {
    let (tenant, rows) = stopped();
    std::fs::rename(tenant.folder.path().join("tokens.csv"), tenant.folder.path().join("moved.csv")).unwrap();
    let gone = tenant.run("oathctl resume --yes");
    assert_eq!(gone.code, 7, "{}", gone.err);
    tenant.write("tokens.csv", &csv(&[tenant.upn(90)]));
    let other = tenant.run("oathctl resume --yes");
    assert_eq!(other.code, 7, "{}", other.err);
    assert!(other.err.contains("--file"), "{}", other.err);
    let right = tenant.run("oathctl resume --yes --file moved.csv");
    assert_eq!(right.code, 0, "{}", right.err);
    assert_eq!(tenant.active(), rows);
}

#[test]
fn the_yes_of_the_run_holds_where_nobody_can_be_asked() {
    let (tenant, rows) = stopped();
    let at_a_terminal = |setting: &mut Setting| {
        setting.terminal = true;
        setting.stdin = "no\n".into();
    };
    let asked = tenant.run_with("oathctl resume", at_a_terminal, |_| {});
    assert_eq!(asked.code, 7, "{}", asked.err);
    let ran = tenant.run("oathctl resume");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(tenant.active(), rows);
}

#[test]
fn h15_a_run_of_yesterday_needs_a_word() {
    let (tenant, _) = stopped();
    let tomorrow = |setting: &mut Setting| setting.begins_ms += 25 * 3_600_000;
    let ran = tenant.run_with("oathctl resume --yes", tomorrow, |_| {});
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("--stale-ok"), "{}", ran.err);
}

#[test]
fn h15_what_somebody_changed_meanwhile_is_left_alone() {
    let (tenant, rows) = stopped();
    tenant.write("other.csv", &csv(&[tenant.upn(92)]));
    // The first token is somebody else's now.
    let moved = tenant.run("oathctl activate other.csv --yes --reassign --last-method-ok --up-to assigned");
    assert_eq!(moved.code, 0, "{}{}", moved.out, moved.err);
    let list = tenant.run("oathctl runs list");
    let first = list.out.lines().last().unwrap().split(' ').next().unwrap().to_owned();
    let ran = tenant.run(&format!("oathctl resume {first} --yes"));
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("changed_since_plan"), "{}", ran.out);
    assert_eq!(tenant.state()[0].2.as_deref(), Some(tenant.upn(92).as_str()));
    assert_eq!(tenant.active(), rows - 1);
}

#[test]
fn without_any_run_there_is_nothing_to_go_on_with() {
    let tenant = Tenant::new();
    let ran = tenant.run("oathctl resume");
    assert_eq!(ran.code, 0);
    assert_eq!(tenant.run("oathctl resume nonsense").code, 2);
}
