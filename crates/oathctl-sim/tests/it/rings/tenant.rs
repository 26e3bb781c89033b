//! A practice tenant with people and devices, and the input that belongs to it.

use std::sync::Arc;

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::place::Source;
use oathctl_core::table::{RowDraft, Table, TableBuilder};
use oathctl_core::token::Hash;
use oathctl_sim::device::{Device, generate};
use oathctl_sim::rng::Rng;
use oathctl_sim::time::TokioTime;
use oathctl_sim::world::PersonSpec;
use oathctl_sim::{Options, Setup, Sim};

/// 2026-03-02T08:00:07Z: somewhere inside a step.
pub const BASE_MS: i64 = 1_772_438_407_000;

pub fn upn(n: usize) -> String {
    format!("person{n:05}@practice.example")
}

/// A tenant of `count` people, each with one device in hand.
pub fn tenant(seed: u64, count: usize, options: &[(&str, &str)]) -> Sim {
    let mut switches = Options::default();
    for (key, value) in options {
        switches.set(key, value).unwrap();
    }
    let person = |n| PersonSpec { upn: upn(n), phone: true, ..PersonSpec::default() };
    let setup = Setup { seed, people: 0, given: Some((0..count).map(person).collect()), options: switches };
    let sim = Sim::new(setup, Arc::new(TokioTime::starting_at(BASE_MS)));
    sim.with(|parts, _| {
        for device in devices(seed, count) {
            parts.devices.add(device);
        }
    });
    sim
}

pub fn devices(seed: u64, count: usize) -> Vec<Device> {
    generate(&mut Rng::new(seed ^ 0xD0_0D), count, "RING")
}

/// The vendor's file for these devices, one for each person.
pub fn input(seed: u64, count: usize) -> Table {
    rows(devices(seed, count).into_iter().enumerate().map(|(n, device)| (device, Some(upn(n)))).collect())
}

/// A file of these devices and people.
pub fn rows(given: Vec<(Device, Option<String>)>) -> Table {
    let mut builder = TableBuilder::with_capacity(given.len());
    let source = builder.source(Source { file: Some("ring.csv".into()), ..Source::default() });
    for (n, (device, person)) in given.into_iter().enumerate() {
        let draft = RowDraft {
            line: n as u64 + 2,
            serial: &device.serial,
            upn: person.as_deref(),
            hash: Some(Hash::Sha1),
            digits: Some(6),
            period_secs: Some(device.period_s),
            manufacturer: "Examplar",
            model: "XT-1",
            ..RowDraft::default()
        };
        builder.push(source, draft, Some(device.seed.open()));
    }
    let mut table = builder.finish();
    check(&mut table, &CheckOptions::default());
    assert!(!table.is_rejected(), "the ring's own input is clean: {:?}", table.faults());
    table
}
