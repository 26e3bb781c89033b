//! Gate, confirmation, one run at a time.

use std::sync::Arc;

use oathctl_core::token::TenantId;
use oathctl_store::RunLock;
use tokio::sync::Notify;

use crate::host::OnNotice;
use crate::tenant::{Tenant, csv, row};
use crate::transcript::holds;

#[test]
fn no_terminal_and_no_yes() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv");
    holds("no_terminal", &[&ran]);
    assert_eq!(ran.code, 7);
    assert!(tenant.state().is_empty());
}

#[test]
fn on_a_terminal_only_yes_is_yes() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    for (typed, code) in [("no\n", 7), ("\n", 7), ("", 7), ("y\n", 7), ("yes\n", 0)] {
        let answer = |setting: &mut crate::host::Setting| {
            setting.terminal = true;
            setting.stdin = typed.to_owned();
        };
        let ran = tenant.run_with("oathctl activate tokens.csv", answer, |_| {});
        assert_eq!(ran.code, code, "typed {typed:?}: {}", ran.err);
    }
    assert_eq!(tenant.active(), 1);
}

#[test]
fn the_gate_names_both_numbers_and_the_flag() {
    let tenant = Tenant::wanted_elsewhere();
    let ran = tenant.run("oathctl activate moved.csv --reassign --last-method-ok --yes");
    holds("gate_refused", &[&ran]);
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("--max-reassign 12"), "{}", ran.err);
    let allowed =
        tenant.run("oathctl plan moved.csv --out plan.json --reassign --max-reassign 12 --last-method-ok");
    assert_eq!(allowed.code, 0, "{}{}", allowed.out, allowed.err);
    assert!(!allowed.err.contains("--max-reassign"), "{}", allowed.err);
    assert_eq!(tenant.state()[0].2.as_deref(), Some(tenant.upn(80).as_str()));
}

#[test]
fn h05_people_of_other_domains_are_refused() {
    let tenant = Tenant::new();
    let mut text = csv(&[]);
    for n in 0..3 {
        text.push_str(&row(n, &format!("person{n}@elsewhere.example")));
    }
    tenant.write("tokens.csv", &text);
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("--other-domains-ok"), "{}", ran.err);
}

#[test]
fn h01_people_without_another_method_are_counted() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(8), tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv");
    assert!(ran.err.contains("1  person gets the only method"), "{}", ran.err);
    assert!(ran.err.contains("--up-to assigned"), "{}", ran.err);
    let strict = tenant.run("oathctl activate tokens.csv --require-other-method --yes");
    assert_eq!(strict.code, 3);
    assert!(strict.out.contains("no_other_method"), "{}", strict.out);
}

#[test]
fn h04_a_second_token_by_a_list_needs_a_word() {
    let tenant = Tenant::new();
    tenant.write("first.csv", &csv(&[tenant.upn(1)]));
    assert_eq!(tenant.run("oathctl activate first.csv --yes").code, 0);
    tenant.write("box.csv", &format!("{}{}{}", csv(&[]), row(1, ""), row(2, "")));
    tenant.write("people.csv", &format!("serial,upn\nS00001,{}\nS00002,{}\n", tenant.upn(1), tenant.upn(2)));
    let ran = tenant.run("oathctl activate box.csv --users people.csv --yes");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("--additional") && ran.err.contains(&tenant.upn(1)), "{}", ran.err);
    assert!(!ran.err.contains(&tenant.upn(2)), "{}", ran.err);
    assert_eq!(tenant.active(), 1);
    let meant = tenant.run("oathctl activate box.csv --users people.csv --yes --additional");
    assert_eq!(meant.code, 0, "{}", meant.err);
    assert_eq!(tenant.active(), 3);
    // What the file itself has done is no second token.
    assert_eq!(tenant.run("oathctl activate box.csv --users people.csv --yes").code, 0);
}

#[test]
fn h08_a_clock_far_off_is_a_doubt_and_no_promise() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    for (late_s, is_doubt) in [(30, false), (300, true)] {
        let late = |setting: &mut crate::host::Setting| setting.begins_ms -= late_s * 1000;
        let ran = tenant.run_with("oathctl activate tokens.csv", late, |_| {});
        assert!(ran.err.contains("behind the tenant's"), "{}", ran.err);
        assert_eq!(ran.err.contains("try one device before handing out"), is_doubt, "{}", ran.err);
        assert!(!ran.err.contains("will work"), "{}", ran.err);
    }
}

#[test]
fn two_runs_at_once() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let id = TenantId::new(tenant.ready.tenant_id.clone());
    let lock = RunLock::take(&tenant.folder.path().join("state"), &id).unwrap();
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    holds("two_runs", &[&ran]);
    assert_eq!(ran.code, 7);
    drop(lock);
    assert_eq!(tenant.run("oathctl activate tokens.csv --yes").code, 0);
}

#[test]
fn an_unfinished_run_of_the_same_file_is_replaced() {
    let tenant = Tenant::with(&[("latency_ms", "250")]);
    let people: Vec<String> = (44..56).map(|n| tenant.upn(n)).collect();
    tenant.write("tokens.csv", &csv(&people));
    let notice = Arc::new(Notify::new());
    let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
    let stopped = tenant.run_with(
        "oathctl activate tokens.csv --yes -v",
        |setting| setting.interrupts = interrupts,
        |err| err.when("call 1: ", &notice),
    );
    assert_eq!(stopped.code, 130, "{}", stopped.err);
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    assert!(ran.err.contains("has not come to its end"), "{}", ran.err);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let nothing = tenant.run("oathctl resume");
    assert_eq!(nothing.code, 0, "{}", nothing.err);
    assert!(nothing.err.contains("nothing to go on with"), "{}", nothing.err);
}

#[test]
fn a_place_for_the_report_is_looked_for_before_anything_is_sent() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv --yes --report nowhere/run.json");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(tenant.state().is_empty());
}

/// Somebody at the keyboard who never answers.
struct Silent;

impl std::io::Read for Silent {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        loop {
            std::thread::park();
        }
    }
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let notice = Arc::new(Notify::new());
    let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
    let set = |setting: &mut crate::host::Setting| {
        setting.terminal = true;
        setting.interrupts = interrupts;
        setting.input = Some(Box::new(Silent));
    };
    let ran = tenant.run_with("oathctl activate tokens.csv", set, |err| err.when("Type yes", &notice));
    assert_eq!(ran.code, 130, "{}", ran.err);
    assert!(tenant.state().is_empty());
}

#[test]
fn h06_h14_what_could_not_be_read_is_told_as_unknown() {
    let few = "Policy.ReadWrite.AuthenticationMethod,UserAuthenticationMethod.ReadWrite.All,User.Read.All";
    let tenant = Tenant::with(&[("permissions", few)]);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("Who has a directory role could not be read"), "{}", ran.err);
    // H5: nor whose domains these are.
    assert!(ran.err.contains("domains could not be read"), "{}", ran.err);
}

#[test]
fn a_secret_that_is_asked_for_is_used() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let at_a_terminal = |setting: &mut crate::host::Setting| {
        setting.terminal = true;
        setting.env.remove("AZURE_CLIENT_SECRET");
    };
    // What is typed in these tests is nobody's secret.
    let ran = tenant.run_with("oathctl activate tokens.csv --yes", at_a_terminal, |_| {});
    assert_eq!(ran.code, 4, "{}", ran.err);
}
