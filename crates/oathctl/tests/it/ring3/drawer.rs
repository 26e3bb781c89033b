//! A helpdesk with a drawer of true devices, a vault with their seeds, and what it knows must be true of them.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_sim::device::Device;
use oathctl_sim::rng::Rng;
use oathctl_sim::world::PersonSpec;
use serde_json::Value;

use super::practice::{HEADER, Practice, devices, row, upn};
use super::process::Ended;
use super::server::Served;

pub const PEOPLE: usize = 4;
pub const TOKENS: usize = 7;

/// Where a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The tenant doesn't know it.
    Out,
    /// Nobody's.
    Stock,
    /// Somebody's, active or not.
    With(usize, bool),
}

/// The tenant, its store, and what must be true.
pub struct Drawer {
    pub practice: Practice,
    pub served: Option<Served>,
    pub devices: Vec<Device>,
    pub tokens: Vec<At>,
    pub lost: BTreeSet<usize>,
    /// Serials of seeds that no token of the tenant needs.
    pub extras: Vec<String>,
    /// How many extra files there were.
    pub files: usize,
    /// Unlockers beside the desk's.
    pub unlockers: Vec<String>,
}

impl Drawer {
    /// A vault with all the seeds; the tenant knows none of the tokens.
    pub fn new(seed: u64, served: Option<Served>) -> Self {
        let person = |n| PersonSpec { upn: upn(n), phone: true, ..PersonSpec::default() };
        let switches = [("latency_ms", "15")];
        let mut practice = Practice::of((0..PEOPLE).map(person).collect(), seed, &switches);
        let mut csv = HEADER.to_owned();
        for device in devices(seed, TOKENS) {
            csv.push_str(&row(&device, ""));
            practice.sim.with(|parts, _| parts.devices.add(device));
        }
        practice.write("tokens.csv", &csv);
        practice.env.insert("OATHCTL_VAULT_KEY_FILE".into(), "desk.key".into());
        if let Some(served) = &served {
            served.holds(&mut practice);
        }
        let drawer = Self {
            practice,
            served,
            devices: devices(seed, TOKENS),
            tokens: vec![At::Out; TOKENS],
            lost: BTreeSet::new(),
            extras: Vec::new(),
            files: 0,
            unlockers: Vec::new(),
        };
        drawer.ok("vault init --new-key-file desk.key");
        drawer.ok("vault import tokens.csv");
        drawer
    }

    pub fn run(&self, line: &str) -> Ended {
        self.practice.start(line).end()
    }

    /// Runs a command that must end well.
    pub fn ok(&self, line: &str) -> Ended {
        let ended = self.run(line);
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.all());
        ended
    }

    pub fn serial(&self, n: usize) -> &str {
        &self.devices[n].serial
    }

    /// A file of new seeds that no tenant has; their serials.
    pub fn extra_file(&mut self, name: &str) -> Vec<String> {
        self.files += 1;
        let more = devices(9_000 + self.files as u64, 3);
        let serials: Vec<String> = (0..more.len()).map(|n| format!("X{:03}-{n}", self.files)).collect();
        let rows = more.into_iter().zip(&serials);
        let rows = rows.map(|(device, serial)| row(&Device { serial: serial.clone(), ..device }, ""));
        self.practice.write(name, &(HEADER.to_owned() + &rows.collect::<String>()));
        serials
    }

    /// What the tenant shows of our tokens now.
    pub fn seen(&self) -> Vec<At> {
        let person = |upn: &str| (0..PEOPLE).find(|n| self::upn(*n) == upn).unwrap();
        self.practice.sim.with(|parts, _| {
            let world = &parts.world;
            let alive: Vec<_> = world.tokens.iter().filter(|token| token.exists()).collect();
            let of = |device: &Device| {
                let same: Vec<_> = alive.iter().filter(|token| token.serial == device.serial).collect();
                assert!(same.len() <= 1, "{} is there once", device.serial);
                let Some(token) = same.first() else { return At::Out };
                let holder = token.holder().map(|ix| person(&world.people.get(ix).upn));
                holder.map_or(At::Stock, |who| At::With(who, token.status().graph_name() == "activated"))
            };
            self.devices.iter().map(of).collect()
        })
    }

    /// What must hold at every moment, also right after a kill: the store is whole, the audit too, every seed opens.
    pub fn assert_sound(&self, context: &str) -> u64 {
        for line in ["store check", "audit verify"] {
            let ended = self.run(line);
            assert_eq!(ended.code, Some(0), "{context}: {line}: {}", ended.all());
        }
        self.assert_each_call_once(context);
        let verified = self.run("vault verify");
        assert_eq!(verified.code, Some(0), "{context}: {}", verified.all());
        let told = verified.all();
        let opened = told.split(" opened, each as its index says").next().unwrap_or_default();
        let number = opened.split_whitespace().rev().nth(1).and_then(|word| word.parse().ok());
        assert!(number.is_some(), "{context}: {told}");
        number.unwrap()
    }

    /// A call has one intent, then at most one outcome; a run has one opening and at most one end.
    fn assert_each_call_once(&self, context: &str) {
        let listed: Value = serde_json::from_str(&self.ok("audit list --output json").out).unwrap();
        let mut seen: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for record in listed["records"].as_array().unwrap() {
            let (kind, record) = (record["kind"].as_str().unwrap(), &record["record"]);
            let of = match kind {
                "call_intended" | "call_observed" => record["call"].to_string(),
                "run_opened" | "run_closed" => "itself".to_owned(),
                _ => continue,
            };
            let run = record["run"].as_str().unwrap().to_owned();
            seen.entry((run, of)).or_default().push(kind.to_owned());
        }
        for (of, kinds) in seen {
            let right = match kinds.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [only] => only.ends_with("intended") || only == "run_opened",
                ["call_intended", "call_observed"] | ["run_opened", "run_closed"] => true,
                _ => false,
            };
            assert!(right, "{context}: {of:?}: {kinds:?}");
        }
    }

    /// A report says of our tokens what the tenant shows.
    pub fn assert_told(&self, name: &str, context: &str) {
        let report = self.practice.report(name);
        let seen = self.seen();
        for row in report["rows"].as_array().unwrap() {
            let at = self.devices.iter().position(|device| row["serial"] == device.serial.as_str());
            let Some(at) = at.map(|n| seen[n]) else { continue };
            let right = match row["outcome"].as_str().unwrap() {
                "activated" | "already_active" => matches!(at, At::With(_, true)),
                "assigned" => matches!(at, At::With(_, false)),
                "imported" => at == At::Stock,
                "deleted" => at == At::Out,
                _ => true,
            };
            assert!(right, "{context}: told {row}, but it is {at:?}");
        }
    }

    /// Whoever has an active token signs in with the true device.
    pub fn assert_signs_in(&self, context: &str) {
        for (n, at) in self.tokens.iter().enumerate() {
            let At::With(who, true) = at else { continue };
            self.practice.sim.with(|parts, now| {
                let later = now + 120_000;
                let shown = parts.devices.get(self.serial(n)).and_then(|device| device.press(later)).unwrap();
                let signed = parts.world.sign_in(&upn(*who), &shown.code, later);
                assert!(signed.is_ok(), "{context}: {} signs {who} in: {signed:?}", self.serial(n));
            });
        }
    }

    /// Something of these, by the dice.
    pub fn any(dice: &mut Rng, of: &[usize]) -> Option<usize> {
        (!of.is_empty()).then(|| of[usize::try_from(dice.below(of.len() as u64)).unwrap()])
    }
}
