//! What must hold after every run, whatever went wrong on the way.

use oathctl_core::report::{Outcome, RowReport};
use oathctl_sim::Sim;
use oathctl_sim::world::Status;

use super::tenant::upn;

/// The tenant is exactly as wanted: one token a row, active, with its person, its clock learned within a step, and
/// the true device signs its user in.
pub fn assert_all_active(sim: &Sim, rows: &[RowReport], context: &str) {
    for (n, row) in rows.iter().enumerate() {
        let serial = row.serial.as_deref().unwrap_or_default();
        assert!(
            matches!(row.outcome, Outcome::Activated | Outcome::AlreadyActive),
            "{context}: row {n} ({serial}) ended {:?}: {:?} {:?}",
            row.outcome,
            row.detail,
            row.remote
        );
        assert_true(sim, row, &upn(n), context);
    }
    sim.with(|parts, _| {
        let alive = parts.world.tokens.iter().filter(|token| token.exists()).count();
        assert_eq!(alive, rows.len(), "{context}: no token too many");
        assert_eq!(parts.world.pending_effects(), 0, "{context}: nothing still under way");
    });
    for (n, row) in rows.iter().enumerate() {
        assert_signs_in(sim, row.serial.as_deref().unwrap_or_default(), &upn(n), context);
    }
}

/// What the report says of a row is what the tenant holds.
pub fn assert_true(sim: &Sim, row: &RowReport, person: &str, context: &str) {
    let serial = row.serial.as_deref().unwrap_or_default();
    sim.with(|parts, _| {
        let world = &parts.world;
        let alive: Vec<_> = world
            .tokens
            .by_serial(serial)
            .iter()
            .map(|ix| world.tokens.get(*ix))
            .filter(|t| t.exists())
            .collect();
        let active = matches!(row.outcome, Outcome::Activated | Outcome::AlreadyActive);
        if !active {
            return;
        }
        assert_eq!(alive.len(), 1, "{context}: {serial} is there once");
        let token = alive[0];
        assert_eq!(token.status(), Status::Activated, "{context}: {serial}");
        let holder = token.holder().map(|ix| world.people.get(ix).upn.clone());
        assert_eq!(holder.as_deref(), Some(person), "{context}: {serial} is with its person");
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
