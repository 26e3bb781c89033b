//! What must hold after every run, whatever went wrong on the way.

use oathctl_sim::Sim;
use oathctl_sim::world::Status;
use serde_json::Value;

use super::practice::{Practice, upn};

/// The report covers every row and is true; the tenant holds each token once, active, with its person, with a clock
/// learned within a step; the true device signs its person in.
pub fn assert_exact(practice: &Practice, rows: usize, report: &Value, context: &str) {
    let told = report["rows"].as_array().unwrap();
    assert_eq!(told.len(), rows, "{context}: every row is in the report");
    assert_eq!(report["exit_code"], 0, "{context}");
    let totals = &report["totals"];
    let active = totals["activated"].as_u64().unwrap() + totals["already_active"].as_u64().unwrap();
    assert_eq!(active, rows as u64, "{context}: {totals}");
    for (n, row) in told.iter().enumerate() {
        let (serial, outcome) = (row["serial"].as_str().unwrap(), row["outcome"].as_str().unwrap());
        assert!(matches!(outcome, "activated" | "already_active"), "{context}: row {n} ({serial}): {row}");
        assert_eq!(row["upn"], upn(n), "{context}: {serial}");
        assert_active(&practice.sim, row, &upn(n), context);
    }
    practice.sim.with(|parts, _| {
        let there = parts.world.tokens.iter().filter(|token| token.exists()).count();
        assert_eq!(there, rows, "{context}: no token too many");
        assert_eq!(parts.world.pending_effects(), 0, "{context}: nothing still under way");
    });
    for (n, row) in told.iter().enumerate() {
        assert_signs_in(&practice.sim, row["serial"].as_str().unwrap(), &upn(n), context);
    }
}

/// What a report calls active is active in the tenant, once, with its person, its clock learned within a step.
pub fn assert_active(sim: &Sim, row: &Value, person: &str, context: &str) {
    let serial = row["serial"].as_str().unwrap();
    sim.with(|parts, _| {
        let world = &parts.world;
        let all = world.tokens.by_serial(serial).iter().map(|ix| world.tokens.get(*ix));
        let alive: Vec<_> = all.filter(|token| token.exists()).collect();
        assert_eq!(alive.len(), 1, "{context}: {serial} is there once");
        let token = alive[0];
        assert_eq!(token.status(), Status::Activated, "{context}: {serial}");
        let holder = token.holder().map(|ix| world.people.get(ix).upn.clone());
        assert_eq!(holder.as_deref(), Some(person), "{context}: {serial} is with its person");
        assert_eq!(row["device_id"].as_str(), Some(token.id.to_string().as_str()), "{context}: {serial}");
        assert!(token.drift_steps.abs() <= 1, "{context}: {serial} learned {} steps", token.drift_steps);
    });
}

fn assert_signs_in(sim: &Sim, serial: &str, person: &str, context: &str) {
    sim.with(|parts, now| {
        // Two steps on, so that no code of the run can be the one shown now.
        let later = now + 120_000;
        let shown = parts.devices.get(serial).and_then(|device| device.press(later)).unwrap();
        let signed = parts.world.sign_in(person, &shown.code, later);
        assert!(signed.is_ok(), "{context}: {serial} signs {person} in: {signed:?}");
    });
}
