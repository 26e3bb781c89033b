//! Runs that can't come to their end by the tenant's doing: everything refused, a permission missing, nobody there.

use std::sync::{Arc, Mutex};

use super::exact::assert_exact;
use super::practice::{HEADER, Practice, devices, row, upn};

const ROWS: usize = 45;

#[test]
fn h16_ring3_a_file_of_other_seeds_stops_after_the_first_wave() {
    // Where a code a day off is accepted, one of another seed fits by chance, here and there (H9).
    let practice = Practice::new(41, ROWS, &[("latency_ms", "10"), ("activation_range", "narrow")]);
    // Somebody uploaded the same serials with the seeds of another box.
    let others = devices(42, ROWS).into_iter().enumerate().map(|(n, device)| row(&device, &upn(n)));
    practice.write("others.csv", &(HEADER.to_owned() + &others.collect::<String>()));
    let imported = practice.start("activate others.csv --yes --up-to assigned").end();
    assert_eq!(imported.code, Some(0), "{}", imported.all());
    practice.later();
    let stopped = practice.start("activate tokens.csv --yes --report report.json").end();
    assert_eq!(stopped.code, Some(7), "{}", stopped.all());
    assert_eq!(practice.active(), 0);
    let report = practice.report("report.json");
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), ROWS);
    let (tried, rest): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["attempts"] != 0);
    assert_eq!(tried.len(), 5, "only the first wave was tried: {}", report["totals"]);
    assert!(
        tried.iter().all(|row| row["outcome"] == "failed" && row["reason"] == "seed_differs"),
        "{tried:?}"
    );
    assert!(rest.iter().all(|row| row["outcome"] == "skipped" && row["reason"] == "run_stopped"), "{rest:?}");
    assert!(rest.iter().all(|row| row["changed"] == false), "the rest was not touched");
    assert!(stopped.err.contains("The run stopped because"), "{}", stopped.err);
    assert!(stopped.out.contains("skipped"), "the rest is told: {}", stopped.out);
    assert!(stopped.err.contains("oathctl resume"), "{}", stopped.err);
}

/// What is told when the app has only these permissions; nothing may have come of it.
fn refused_with(permissions: &str) -> String {
    let practice = Practice::new(43, ROWS, &[("permissions", permissions)]);
    let refused = practice.start("activate tokens.csv --yes").end();
    assert_eq!(refused.code, Some(4), "{}", refused.all());
    assert_eq!(practice.alive(), 0);
    refused.err
}

#[test]
fn ring3_a_missing_permission_is_named() {
    let reading = "Policy.Read.All,UserAuthenticationMethod.ReadWrite.All,User.Read.All,Directory.Read.All";
    let told = refused_with(reading);
    assert!(told.contains("Policy.ReadWrite.AuthenticationMethod"), "{told}");
}

#[test]
fn ring3_without_the_permission_to_assign_nothing_is_called_active() {
    let told = refused_with("Policy.ReadWrite.AuthenticationMethod,User.Read.All,Directory.Read.All");
    assert!(told.contains("permission is missing"), "{told}");
}

#[test]
fn ring3_a_tenant_that_goes_away_and_comes_back() {
    let mut practice = Practice::new(44, ROWS, &[("latency_ms", "20")]);
    let server = practice.take_server();
    let gone = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&gone);
    // Everything is created, forty tokens are still to be activated.
    practice.looks.at(35, move || *kept.lock().unwrap() = Some(server.hang_up()));
    let stopped = practice.start("activate tokens.csv --yes --max-wait 5s --report report.json").end();
    assert_eq!(stopped.code, Some(5), "{}", stopped.all());
    gone.lock().unwrap().take().unwrap().join().unwrap();
    let report = practice.report("report.json");
    assert_eq!(report["rows"].as_array().unwrap().len(), ROWS);
    assert!(stopped.err.contains("oathctl resume"), "{}", stopped.err);
    let told = report["rows"].as_array().unwrap().iter().filter(|row| row["outcome"] == "activated").count();
    assert_eq!(told, practice.active(), "what it called active is, and nothing else");

    practice.serve_again();
    practice.later();
    let resumed = practice.start("resume --yes --report report.json").end();
    assert_eq!(resumed.code, Some(0), "{}", resumed.all());
    assert_exact(&practice, ROWS, &practice.report("report.json"), "after the tenant came back");
}
