//! The main job as it should go, as it goes with refused rows, and as it goes on after Ctrl-C.

use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::host::{OnNotice, Setting};
use crate::tenant::{Tenant, csv, row, run_in};
use crate::transcript::holds;

#[test]
fn demo() {
    let folder = TempDir::new().unwrap();
    let mut setting = Setting::default();
    // H5: whatever the environment says, the demo stays on loopback.
    setting.env.insert("OATHCTL_GRAPH_URL".into(), "https://graph.microsoft.com/beta".into());
    setting.env.insert("AZURE_TENANT_ID".into(), "contoso.com".into());
    setting.env.insert("OATHCTL_STATE_DIR".into(), folder.path().join("mine").to_str().unwrap().into());
    let ran = run_in(folder.path(), "oathctl demo", setting, |_| {});
    assert_eq!(ran.code, 0, "{}", ran.err);
    holds("demo", &[&ran]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "the demo leaves nothing behind: {left:?}");
}

#[test]
fn activate_does_the_job_and_does_it_only_once() {
    let tenant = Tenant::new();
    let people: Vec<String> = (1..7).map(|n| tenant.upn(n)).collect();
    tenant.write("tokens.csv", &csv(&people));
    let first = tenant.run("oathctl activate tokens.csv --yes");
    let again = tenant.run("oathctl activate tokens.csv --yes");
    holds("activate", &[&first, &again]);
    assert_eq!((first.code, again.code), (0, 0));
    assert_eq!(tenant.active(), 6);
}

#[test]
fn refused_rows_leave_the_others_alone() {
    let tenant = Tenant::new();
    let mut text = csv(&[tenant.upn(1), tenant.upn(2)]);
    text.push_str(&row(2, &tenant.upn(13)));
    text.push_str(&row(3, "nobody@practice.example"));
    text.push_str(&row(4, &tenant.upn(23)));
    text.push_str(&row(5, &tenant.upn(31)));
    text.push_str(&row(6, &tenant.upn(43)));
    text.push_str("x@practice.example,S00007,NOT-BASE32-0189,45,Vendor,T-1\n");
    tenant.write("tokens.csv", &text);
    let ran = tenant.run("oathctl activate tokens.csv --yes --report run.json --failed failed.csv");
    holds("activate_failures", &[&ran]);
    assert_eq!(ran.code, 3);
    assert_eq!(tenant.active(), 2);
    let report: Value = serde_json::from_str(&tenant.read("run.json")).unwrap();
    let reasons: Vec<&str> =
        report["rows"].as_array().unwrap().iter().filter_map(|row| row["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [
            "person_guest",
            "person_unknown",
            "person_disabled",
            "admin_target",
            "no_room",
            "seed_bad_character"
        ]
    );
    // `--only` takes the rows back: nothing else is looked at.
    assert!(tenant.read("failed.csv").starts_with("serial,upn,line,reason,advice\r\nS00002,"));
    let only =
        tenant.run("oathctl activate tokens.csv --only failed.csv --include-admins --yes --output json");
    let report: Value = serde_json::from_str(&only.out).unwrap();
    assert_eq!(report["totals"]["activated"], 1, "{}", only.err);
    assert_eq!(report["totals"]["skipped"], 2);
    assert_eq!(report["rows"][0]["reason"], "not_selected");
}

#[test]
fn people_from_a_list_by_serial() {
    let tenant = Tenant::new();
    let blank = [String::new(), String::new()];
    tenant.write("tokens.csv", &csv(&blank));
    tenant.write("people.csv", &format!("serial,upn\nS00001,{}\nS00009,{}\n", tenant.upn(1), tenant.upn(2)));
    let ran = tenant.run("oathctl activate tokens.csv --users people.csv --yes");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("serial_not_in_file"), "{}", ran.err);
    let state = tenant.state();
    assert_eq!(state[0].2, None);
    assert_eq!(state[1].2.as_deref(), Some(tenant.upn(1).as_str()));
}

#[test]
fn exclude_is_honoured() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    tenant.write("never.txt", &format!("{}\n", tenant.upn(2)));
    let ran = tenant.run("oathctl activate tokens.csv --exclude never.txt --yes --output json");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["rows"][1]["reason"], "excluded");
    assert_eq!(tenant.active(), 1);
}

#[test]
fn from_standard_input_and_as_events() {
    let tenant = Tenant::new();
    let text = csv(&[tenant.upn(1)]);
    let ran =
        tenant.run_with("oathctl activate - --yes --output ndjson", |setting| setting.stdin = text, |_| {});
    assert_eq!(ran.code, 0, "{}", ran.err);
    let events: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events.last().unwrap()["event"], "run_closed");
}

#[test]
fn ctrl_c_drains_and_resume_goes_on() {
    // Slow enough for the interruption to fall into the first call.
    let tenant = Tenant::with(&[("latency_ms", "250")]);
    let people: Vec<String> = (44..57).map(|n| tenant.upn(n)).collect();
    tenant.write("tokens.csv", &csv(&people));
    let notice = Arc::new(Notify::new());
    let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
    let first = tenant.run_with(
        "oathctl activate tokens.csv --yes -v",
        |setting| setting.interrupts = interrupts,
        |err| err.when("call 1: 5 × create", &notice),
    );
    assert_eq!(first.code, 130, "{}", first.err);
    assert_eq!((tenant.state().len(), tenant.active()), (5, 0));
    tenant.set("latency_ms", "0");
    let second = tenant.run("oathctl resume --yes");
    let third = tenant.run("oathctl resume");
    holds("ctrl_c_resume", &[&first, &second, &third]);
    assert_eq!((second.code, third.code), (0, 0));
    assert_eq!(tenant.active(), people.len());
}
