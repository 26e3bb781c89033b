//! `plan`, `apply`, `runs`, `pair`.

use serde_json::Value;

use crate::tenant::{Tenant, csv, row, seed};
use crate::transcript::holds;

#[test]
fn plan_then_apply() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    let planned = tenant.run("oathctl plan tokens.csv --out plan.json");
    assert!(tenant.state().is_empty(), "a plan writes nothing");
    let applied = tenant.run("oathctl apply plan.json --yes");
    let again = tenant.run("oathctl apply plan.json --yes");
    holds("plan_apply", &[&planned, &applied, &again]);
    assert_eq!((planned.code, applied.code, again.code), (0, 0, 0));
    assert_eq!(tenant.active(), 2);
}

#[test]
fn h24_a_plan_and_a_report_have_no_seed() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    tenant.run("oathctl plan tokens.csv --out plan.json");
    tenant.run("oathctl apply plan.json --yes --report run.json");
    for name in ["plan.json", "run.json"] {
        assert!(!tenant.read(name).contains(&crate::tenant::seed(0)[..8]), "{name}");
    }
}

#[test]
fn a_file_changed_between_plan_and_apply() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    tenant.run("oathctl plan tokens.csv --out plan.json");
    tenant.write("tokens.csv", &csv(&[tenant.upn(2)]));
    let ran = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("not the one that was planned for"), "{}", ran.err);
    assert!(tenant.state().is_empty());
}

#[test]
fn a_plan_that_was_tampered_with() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    tenant.run("oathctl plan tokens.csv --out plan.json");
    let text = tenant.read("plan.json").replace("\"include_admins\": false", "\"include_admins\": true");
    tenant.write("plan.json", &text);
    let ran = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("digest"), "{}", ran.err);
}

#[test]
fn h15_a_plan_of_yesterday_needs_a_word() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let yesterday = |setting: &mut crate::host::Setting| setting.begins_ms -= 25 * 3_600_000;
    assert_eq!(tenant.run_with("oathctl plan tokens.csv --out plan.json", yesterday, |_| {}).code, 0);
    let ran = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(ran.code, 7);
    assert!(ran.err.contains("--stale-ok"), "{}", ran.err);
    assert_eq!(tenant.run("oathctl apply plan.json --yes --stale-ok").code, 0);
}

#[test]
fn a_plan_that_no_longer_holds_shows_the_difference() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    tenant.run("oathctl plan tokens.csv --out plan.json");
    // Meanwhile somebody gives the first token to somebody else.
    tenant.write("other.csv", &format!("{}{}", csv(&[]), row(0, &tenant.upn(9))));
    assert_eq!(tenant.run("oathctl activate other.csv --yes").code, 0);
    let ran = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("S00000"), "{}", ran.err);
    assert_eq!(tenant.active(), 1);
}

#[test]
fn runs_are_listed_and_shown() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    assert_eq!(tenant.run("oathctl activate tokens.csv --yes").code, 0);
    let list = tenant.run("oathctl runs list");
    let shown = tenant.run("oathctl runs show 20261122");
    holds("runs", &[&list, &shown]);
    let json = tenant.run("oathctl runs list --output json");
    let value: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["runs"][0]["complete"], true);
    let none = tenant.run("oathctl runs show 1999");
    assert_eq!(none.code, 2);
}

#[test]
fn h04_pairs_are_made_by_position_and_never_shift() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[String::new(), String::new()]));
    tenant.write("people.txt", "anna@practice.example\nbert@practice.example\n");
    let asked = tenant.run("oathctl pair tokens.csv people.txt -o pairs.csv");
    assert_eq!(asked.code, 7);
    let made = tenant.run("oathctl pair tokens.csv people.txt -o pairs.csv --yes");
    tenant.write("people.txt", "anna@practice.example\n\nbert@practice.example\n");
    let refused = tenant.run("oathctl pair tokens.csv people.txt -o pairs.csv --yes");
    holds("pair", &[&made, &refused]);
    assert_eq!((made.code, refused.code), (0, 6));
    assert_eq!(
        tenant.read("pairs.csv"),
        "serial,upn\nS00000,anna@practice.example\nS00001,bert@practice.example\n"
    );
}

#[test]
fn h04_a_bare_list_of_serials_is_paired_too() {
    let tenant = Tenant::new();
    tenant.write("people.txt", "anna@practice.example\nbert@practice.example\n");
    let pairs = "serial,upn\nS00000,anna@practice.example\nS00001,bert@practice.example\n";
    for list in
        ["S00000\nS00001\n", "model,Serial Number\nT-1,S00000\nT-1,S00001\n", "serial\n\"S00000\"\nS00001"]
    {
        tenant.write("serials.txt", list);
        let ran = tenant.run("oathctl pair serials.txt people.txt -o pairs.csv --yes");
        assert_eq!((ran.code, tenant.read("pairs.csv").as_str()), (0, pairs), "{list:?}: {}", ran.err);
    }
    tenant.write("pairs.csv", "");
    // A lost line, a number a spreadsheet spoilt, what may be seeds: nobody gets the neighbour's token.
    for (list, word) in [
        ("S00000\n", "counts_differ"),
        ("S00000\n\nS00001\n", "counts_differ"),
        ("S00000\nS00000\n", "serial_conflict"),
        (&format!("{}\n{}\n", seed(0), seed(1)), "serials.txt"),
        ("ABCDEFGHIJKLMNOP\nQRSTUVWXYZ234567\n", "serials.txt"),
    ] {
        tenant.write("serials.txt", list);
        let ran = tenant.run("oathctl pair serials.txt people.txt -o pairs.csv --yes");
        assert_eq!((ran.code, tenant.read("pairs.csv").as_str()), (6, ""), "{list:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{list:?}: {}", ran.err);
    }
    tenant.write("serials.txt", "serial\n1.23462E+12\nS00001\n");
    let ran = tenant.run("oathctl pair serials.txt people.txt -o pairs.csv --yes");
    assert!(ran.err.contains("serial_missing"), "{}", ran.err);
    assert_eq!(tenant.read("pairs.csv"), "serial,upn\nS00001,bert@practice.example\n");
    // Who holds one already is seen when the pairs are used.
    tenant.write("held.csv", &csv(&[tenant.upn(1)]));
    assert_eq!(tenant.run("oathctl activate held.csv --yes").code, 0);
    tenant.write("serials.txt", "S00005\n");
    tenant.write("people.txt", &tenant.upn(1));
    assert_eq!(tenant.run("oathctl pair serials.txt people.txt -o pairs.csv --yes").code, 0);
    tenant.write("box.csv", &format!("{}{}", csv(&[]), row(5, "")));
    let ran = tenant.run("oathctl plan box.csv --users pairs.csv --out plan.json");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("--additional"), "{}", ran.err);
}

#[test]
fn h05_a_plan_for_another_tenant() {
    let (tenant, other) = (Tenant::new(), Tenant::of_seed(2, &[]));
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    assert_eq!(tenant.run("oathctl plan tokens.csv --out plan.json").code, 0);
    let elsewhere = |setting: &mut crate::host::Setting| setting.env = other.env();
    let ran = tenant.run_with("oathctl apply plan.json --yes", elsewhere, |_| {});
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("another tenant"), "{}", ran.err);
    assert!(other.state().is_empty());
}

#[test]
fn up_to_says_how_far() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    for (goal, status) in [("imported", "available"), ("assigned", "assigned"), ("activated", "activated")] {
        let ran = tenant.run(&format!("oathctl activate tokens.csv --yes --up-to {goal}"));
        assert_eq!(ran.code, 0, "{goal}: {}{}", ran.out, ran.err);
        assert_eq!(tenant.state()[0].1, status, "{goal}");
    }
}
