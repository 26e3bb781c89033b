//! Kills at random moments over all commands, on both databases: what must hold, holds after each, and what was begun is
//! brought to its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant, SystemTime};

use oathctl_sim::rng::Rng;
use rustix::process::{Pid, Signal};

use super::deeds::{Also, Deed, KINDS, Kind, deed};
use super::drawer::Drawer;
use super::kills::asked;
use super::looks::Count;
use super::process::{Ended, Process, send};
use super::server::Served;

/// Deeds in which the kills asked for must be had.
const MOST_DEEDS: usize = 90;

struct Storm {
    drawer: Drawer,
    dice: Rng,
    seed: u64,
    /// How many moments a command of this kind had, the last time it was left alone.
    moments: BTreeMap<(Kind, bool), u64>,
    kills: usize,
    log: Vec<String>,
}

/// Counts what is seen to change in a folder, until it is told to stop: the moments of a store that is a file.
fn watched(folder: &Path, count: &Arc<Count>, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let (folder, count, stop) = (folder.to_owned(), Arc::clone(count), Arc::clone(stop));
    let look = move || -> Vec<(std::ffi::OsString, u64, Option<SystemTime>)> {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        let seen = entries.filter_map(|it| {
            let found = it.metadata().ok()?;
            Some((it.file_name(), found.len(), found.modified().ok()))
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort();
        seen
    };
    std::thread::spawn(move || {
        let mut before = look();
        while !stop.load(Ordering::SeqCst) {
            let now = look();
            if now != before {
                count.step();
                before = now;
            }
            std::thread::yield_now();
        }
    })
}

impl Storm {
    fn new(seed: u64, served: Option<Served>) -> Self {
        let dice = Rng::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let drawer = Drawer::new(seed, served);
        Self { drawer, dice, seed, moments: BTreeMap::new(), kills: 0, log: Vec::new() }
    }

    fn context(&self) -> String {
        let on = if self.drawer.served.is_some() { "postgres" } else { "sqlite" };
        let again = format!(
            "OATHCTL_RING_SEED={} cargo nextest run --workspace -E 'test(h29_storm_one_seed_on_{on})'",
            self.seed
        );
        format!("storm {} on {on} after {} kills ({again}): {:#?}", self.seed, self.kills, self.log)
    }

    /// Runs a command line and kills it at a moment of the tenant's, or of the store's; how it ended.
    fn strike(&mut self, kind: Kind, line: &str) -> Ended {
        let at_the_tenant = kind.is_run() && self.dice.below(2) == 0;
        let usual = match (at_the_tenant, self.drawer.served.is_some()) {
            (true, _) => 14,
            (false, true) => 120,
            (false, false) => 9,
        };
        let known = self.moments.get(&(kind, at_the_tenant)).copied().unwrap_or(usual);
        let nth = 1 + self.dice.below(known.max(1));
        let (count, watch) = self.moments_of(at_the_tenant);
        let (tell, told) = mpsc::channel::<Pid>();
        let before = count.taken();
        count.at(nth, move || send(told.recv().unwrap(), Signal::KILL));
        let process: Process = self.drawer.practice.start(line);
        tell.send(process.pid()).unwrap();
        let ended = process.end();
        count.disarm();
        if let Some((stop, thread)) = watch {
            stop.store(true, Ordering::SeqCst);
            thread.join().unwrap();
        }
        if ended.signal.is_none() {
            self.moments.insert((kind, at_the_tenant), count.taken() - before);
        }
        let place = if at_the_tenant { "look" } else { "moment of the store" };
        self.log.push(format!("{line} [{place} {nth}]: {:?} {:?}", ended.code, ended.signal));
        ended
    }

    #[expect(clippy::type_complexity, reason = "said once")]
    fn moments_of(
        &self,
        at_the_tenant: bool,
    ) -> (Arc<Count>, Option<(Arc<AtomicBool>, std::thread::JoinHandle<()>)>) {
        if at_the_tenant {
            return (Arc::clone(&self.drawer.practice.looks.count), None);
        }
        if let Some(served) = &self.drawer.served {
            return (Arc::clone(&served.relay.pieces), None);
        }
        let (count, stop) = (Arc::<Count>::default(), Arc::<AtomicBool>::default());
        let thread = watched(&self.drawer.practice.path("state"), &count, &stop);
        (count, Some((stop, thread)))
    }

    /// One deed, killed or not, brought to its end.
    fn step(&mut self) {
        let first = usize::try_from(self.dice.below(KINDS.len() as u64)).unwrap();
        let kinds = (0..KINDS.len()).map(|n| KINDS[(first + n) % KINDS.len()]);
        let mut found = None;
        for kind in kinds {
            found = deed(&mut self.drawer, kind, &mut self.dice);
            if found.is_some() {
                break;
            }
        }
        let mut deed = found.unwrap();
        let _ = std::fs::remove_file(self.drawer.practice.path("report.json"));
        let ended = self.strike(deed.kind, &deed.line);
        if ended.signal == Some(9) {
            self.kills += 1;
            self.drawer.assert_sound(&self.context());
            self.drawer.practice.later();
            deed = self.brought_to_its_end(deed);
        } else {
            assert_eq!(ended.code, Some(0), "{}: {}", self.context(), ended.all());
            if deed.kind.is_run() {
                self.drawer.assert_told("report.json", &self.context());
            }
        }
        self.took_effect(deed);
        self.drawer.practice.later();
    }

    /// As an admin would: goes on with what is unfinished; what had not begun is begun again.
    fn brought_to_its_end(&mut self, mut deed: Deed) -> Deed {
        if deed.kind.is_run() {
            let resumed = self.drawer.run("resume --yes --report resumed.json");
            self.log.push(format!("resume: {:?}", resumed.code));
            assert_eq!(resumed.code, Some(0), "{}: {}", self.context(), resumed.all());
            if self.drawer.practice.path("resumed.json").exists() {
                self.drawer.assert_told("resumed.json", &self.context());
                std::fs::remove_file(self.drawer.practice.path("resumed.json")).unwrap();
            }
            self.drawer.practice.later();
            let is_named = matches!(deed.kind, Kind::Rename | Kind::Reseed);
            if self.drawer.seen() == deed.tokens && !is_named {
                return deed;
            }
        }
        match &deed.also {
            Also::Copied(name) if self.drawer.practice.path(name).exists() => {
                // It appears under its name when it is whole.
                self.drawer.ok(&format!(
                    "store restore {name} --state-dir trial-{name} --store sqlite:trial-{name}/oathctl.db"
                ));
                return deed;
            }
            Also::Copied(name) => {
                // What was begun is left beside it, and never written over: another name.
                let again = format!("{name}b");
                deed.line = format!("store backup {again} --together");
                deed.also = Also::Copied(again);
            }
            Also::Opens(name) => {
                // The key file is never written over: another one, under another name.
                let again = format!("{name}b");
                deed.line = format!("vault unlocker add {again} --new-key-file {again}.key");
                deed.also = Also::Opens(again);
            }
            Also::Forgotten(_) | Also::OpensNoMore(_) => {
                // Gone already, or still there; either is sound.
                let again = self.drawer.run(&deed.line);
                self.log.push(format!("again: {:?}", again.code));
                assert!(matches!(again.code, Some(0 | 2 | 7)), "{}: {}", self.context(), again.all());
                return deed;
            }
            _ => {}
        }
        let again = self.drawer.run(&deed.line);
        self.log.push(format!("again: {:?}", again.code));
        assert_eq!(again.code, Some(0), "{}: {}", self.context(), again.all());
        deed
    }

    /// What must be true now, is.
    fn took_effect(&mut self, deed: Deed) {
        let context = self.context();
        let drawer = &mut self.drawer;
        drawer.tokens = deed.tokens;
        assert_eq!(drawer.seen(), drawer.tokens, "{context}");
        match deed.also {
            Also::Nothing | Also::Copied(_) => {}
            Also::Lost(n) => _ = drawer.lost.insert(n),
            Also::Found(n) => _ = drawer.lost.remove(&n),
            Also::Kept(serials) => drawer.extras.extend(serials),
            Also::Forgotten(serial) => drawer.extras.retain(|it| *it != serial),
            Also::Opens(name) => drawer.unlockers.push(name),
            Also::OpensNoMore(name) => drawer.unlockers.retain(|it| *it != name),
        }
    }

    /// At its end every seed opens that was kept, and every device lets its person in.
    fn calm(self) -> usize {
        let context = self.context();
        let opened = self.drawer.assert_sound(&context);
        let kept = super::drawer::TOKENS + self.drawer.extras.len();
        assert_eq!(opened, kept as u64, "{context}");
        self.drawer.assert_signs_in(&context);
        self.kills
    }
}

/// Goes on until there were so many kills.
fn storm(seed: u64, served: Option<Served>, kills: usize) {
    let mut storm = Storm::new(seed, served);
    for _ in 0..MOST_DEEDS {
        if storm.kills == kills {
            break;
        }
        storm.step();
    }
    assert_eq!(storm.kills, kills, "{}", storm.context());
    storm.calm();
}

/// Tests of five kills each, so that they run beside each other.
macro_rules! storms {
    ($($name:ident: $seed:expr, $kills:literal, $served:expr;)+) => {
        $(#[test]
        fn $name() {
            if let Some(served) = $served {
                storm($seed, served, $kills);
            }
        })+
    };
}

storms! {
    h29_storm_one_seed_on_sqlite: told_or(1), 5, Some(None);
    h29_storm_on_sqlite: 2, 5, Some(None);
    h29_storm_one_seed_on_postgres: told_or(3), 5, Served::fresh().map(Some);
    h29_storm_on_postgres: 4, 5, Served::fresh().map(Some);
}

/// The seed that is to be repeated, if one is.
fn told_or(usual: u64) -> u64 {
    asked("OATHCTL_RING_SEED").map_or(usual, |seed| seed as u64)
}

/// Both databases in turn; each storm has five kills.
#[test]
#[ignore = "takes the minutes it is given; run by `cargo xtask soak`"]
#[expect(clippy::disallowed_methods, reason = "a soak is measured by the wall clock")]
fn h29_soak_kills_over_all_commands() {
    let until = Instant::now() + Duration::from_secs_f64(60.0 * asked("OATHCTL_SOAK_MINUTES").unwrap_or(1.0));
    let (mut storms, mut failures) = (0, Vec::new());
    while Instant::now() < until {
        storms += 1;
        let served = (storms % 2 == 0).then(|| Served::fresh().expect("`cargo xtask soak` starts a server"));
        let run = std::thread::spawn(move || storm(1_000 + storms, served, 5));
        if let Err(panic) = run.join() {
            failures.push(panic.downcast::<String>().map_or_else(|_| format!("storm {storms}"), |it| *it));
        }
    }
    println!("{storms} storms of five kills each");
    assert!(failures.is_empty(), "{} failures: {failures:#?}", failures.len());
}
