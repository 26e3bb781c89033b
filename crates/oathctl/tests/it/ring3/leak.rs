//! H24: one run of everything, with the real program, and a search of all it said, wrote and kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};

use oathctl_sim::secret::SeedBytes;
use oathctl_sim::totp::{Codes, Hash};
use oathctl_sim::world::PersonSpec;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use super::life::struck_at;
use super::practice::{HEADER, Practice, upn};
use super::process::Ended;
use super::relay::Relay;
use super::wire::control;
use crate::search::Search;

/// The files that hold secrets by their nature.
const ALLOWED: &[&str] = &["tokens.csv", "damaged.csv", "secret.txt", "wrong.txt"];
const WRONG_SECRET: &str = "wrong~q9Zr2Kx7Lm4Tp8Vb";
const ROWS: usize = 12;
/// As many as `demo` has; with the same seed of the tenant they are its very devices.
const BOX: usize = 80;

type Heard = Vec<(String, Vec<u8>)>;

struct Scene {
    practice: Practice,
    relay: Relay,
    boxed: Vec<Value>,
    heard: Heard,
}

impl Scene {
    fn new() -> Self {
        let person = |n| PersonSpec { upn: upn(n), phone: true, ..PersonSpec::default() };
        let mut practice = Practice::of((0..BOX).map(person).collect(), 1, &[("latency_ms", "10")]);
        let answer = control(&practice.ready.authority, "/devices", &json!({"generate": BOX, "prefix": "P"}));
        let boxed = answer["devices"].as_array().unwrap().clone();
        let relay = Relay::to(practice.ready.authority.strip_prefix("http://").unwrap());
        practice.env.insert("AZURE_AUTHORITY_HOST".into(), format!("http://{}", relay.address));
        practice.env.insert("OATHCTL_GRAPH_URL".into(), format!("http://{}/beta", relay.address));
        let scene = Self { practice, relay, boxed, heard: Vec::new() };
        scene.write_files();
        scene
    }

    fn write_files(&self) {
        let row = |n: usize, person: &str, seed: &str, period: u32| {
            let serial = self.boxed[n]["serial"].as_str().unwrap();
            format!("{person},{serial},{seed},{period},Examplar,XT-1\r\n")
        };
        let seed = |n: usize| self.boxed[n]["seed"].as_str().unwrap();
        let good: String = (0..ROWS).map(|n| row(n, &upn(n), seed(n), 30)).collect();
        self.practice.write("tokens.csv", &(HEADER.to_owned() + &good));
        let (stray, cut) = (seed(20).replacen(&seed(20)[20..21], "0", 1), &seed(21)[..19]);
        let grouped = seed(22).to_lowercase();
        let damaged = [
            row(20, &upn(20), &stray, 30),
            row(21, &upn(21), cut, 30),
            row(22, "nobody@practice.example", &grouped, 30),
            row(23, &upn(23), seed(23), 45),
            row(24, seed(24), &upn(24), 30),
            row(25, &upn(25), seed(25), 30),
            format!("{},{},extra,{}\r\n", upn(26), seed(26), seed(26)),
        ];
        self.practice.write("damaged.csv", &(HEADER.to_owned() + &damaged.concat()));
        self.practice.write("wrong.txt", WRONG_SECRET);
    }

    /// Runs a command line with `input` on standard input, and keeps what it said.
    fn run(&mut self, line: &str, input: &str) -> Ended {
        let ended = self.practice.start_with(line, input).end();
        self.keep(line, ended)
    }

    fn keep(&mut self, line: &str, ended: Ended) -> Ended {
        self.heard
            .push((format!("what `{line}` said"), [ended.out.as_bytes(), ended.err.as_bytes()].concat()));
        ended
    }

    /// Runs it, and at a look of the tenant reads what the system shows of its arguments and environment.
    fn run_watched(&mut self, line: &str, look: u64) -> Ended {
        let (tell, told) = mpsc::channel::<Pid>();
        let shown = Arc::new(Mutex::new(Heard::new()));
        let kept = Arc::clone(&shown);
        self.practice.looks.at(look, move || {
            let process = PathBuf::from(format!("/proc/{}", told.recv().unwrap().as_raw_nonzero()));
            let read =
                |name: &str| Some((format!("/proc/PID/{name}"), std::fs::read(process.join(name)).ok()?));
            kept.lock().unwrap().extend(["cmdline", "environ"].into_iter().filter_map(read));
        });
        let process = self.practice.start(line);
        tell.send(process.pid()).unwrap();
        let ended = process.end();
        assert!(!self.practice.looks.disarm(), "it was looked at while it ran: {}", ended.all());
        self.heard.append(&mut shown.lock().unwrap());
        self.keep(line, ended)
    }

    /// Everything on the disk but the files that hold secrets by their nature.
    fn keep_disk(&mut self, when: &str) {
        let files = files(self.practice.folder.path());
        let others = files.into_iter().filter(|path| !ALLOWED.iter().any(|name| path.ends_with(name)));
        let read = |path: PathBuf| (format!("{} {when}", path.display()), std::fs::read(&path).unwrap());
        self.heard.extend(others.map(read));
    }

    /// Every secret there was, by name, and every code sent or shown about now.
    fn search(&self) -> Search {
        let after = |text: &str| text.split('~').next_back().unwrap().as_bytes().to_vec();
        let mut secrets = vec![
            ("the client secret".to_owned(), after(&self.practice.ready.client_secret)),
            ("the wrong client secret".to_owned(), after(WRONG_SECRET)),
        ];
        secrets.extend(self.seeds().map(|(n, seed)| (format!("seed {n}"), seed)));
        let access_tokens = self.relay.access_tokens();
        assert!(!access_tokens.is_empty(), "access tokens were seen on the wire");
        // Its claims name the tenant and the app, which are no secrets; its signature is.
        let signature = |it: &String| it.rsplit('.').next().unwrap().as_bytes().to_vec();
        secrets.extend(access_tokens.iter().map(|it| ("an access token".to_owned(), signature(it))));
        let sent = self.relay.codes();
        assert!(sent.len() >= ROWS, "codes were seen on the wire: {}", sent.len());
        Search::new(&secrets, sent.into_iter().chain(self.shown()))
    }

    fn seeds(&self) -> impl Iterator<Item = (usize, Vec<u8>)> {
        let bytes = |text: &str| decoded(text);
        self.boxed.iter().enumerate().map(move |(n, device)| (n, bytes(device["seed"].as_str().unwrap())))
    }

    /// Codes that the devices of `demo` show by the wall clock, a step before and after.
    fn shown(&self) -> Vec<String> {
        let now = self.practice.sim.with(|_, now| now) / 30_000;
        let steps = now - 4..=now + 1;
        let codes = |seed: Vec<u8>| Codes::new(&SeedBytes::new(seed), Hash::Sha1, 6, 30);
        let shown =
            |seed| steps.clone().map(move |step| (step, codes(Vec::clone(&seed)))).collect::<Vec<_>>();
        self.seeds()
            .flat_map(|(_, seed)| shown(seed))
            .map(|(step, codes)| codes.at(step).open().clone())
            .collect()
    }
}

fn decoded(base32: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |c: u8| alphabet.iter().position(|it| *it == c).unwrap();
    let bits: Vec<u8> =
        base32.bytes().flat_map(|c| (0..5).rev().map(move |k| (value(c) >> k & 1) as u8)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect()
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Files, plan, apply, a kill, resume, failures, both machine-readable forms, the log, the demo.
fn everything(scene: &mut Scene) {
    let mut done = BTreeSet::new();
    let mut expect = |ended: Ended, code: i32| {
        assert_eq!(ended.code, Some(code), "{}", ended.all());
        done.insert(code);
    };
    let say = "-vv --log-file log.txt";
    expect(scene.run(&format!("check tokens.csv --rows {say}"), ""), 0);
    expect(scene.run("check damaged.csv --rows --output json", ""), 6);
    expect(scene.run(&format!("check damaged.csv --rows {say}"), ""), 6);
    let wrong = scene.practice.path("wrong.txt").to_str().unwrap().to_owned();
    let right = scene.practice.env.insert("AZURE_CLIENT_SECRET_FILE".into(), wrong).unwrap();
    expect(scene.run(&format!("activate tokens.csv --yes {say}"), ""), 4);
    scene.practice.env.insert("AZURE_CLIENT_SECRET_FILE".into(), right);
    expect(scene.run(&format!("plan tokens.csv --out plan.json {say}"), ""), 0);

    // Killed while the first activation is under way; what lies on the disk then is looked at too.
    let line = format!("apply plan.json --yes {say}");
    let killed = struck_at(&scene.practice, 28, Signal::KILL, &line).end();
    assert_eq!(killed.signal, Some(9), "{}", killed.all());
    scene.keep(&line, killed);
    scene.keep_disk("after the kill");
    scene.practice.later();
    let line = format!("resume --yes --report resumed.json --failed failed.csv {say}");
    expect(scene.run_watched(&line, 24), 0);
    let again =
        scene.run("activate damaged.csv --yes --report bad.json --failed bad.csv --output ndjson -vv", "");
    expect(again, 3);
    let from_stdin = std::fs::read_to_string(scene.practice.path("tokens.csv")).unwrap();
    expect(scene.run("activate - --yes --output json -vv", &from_stdin), 0);
    expect(scene.run("runs list --output json", ""), 0);
    let run = scene.practice.report("resumed.json")["run"].as_str().unwrap().to_owned();
    expect(scene.run(&format!("runs show {run} --output json"), ""), 0);
    expect(scene.run(&format!("runs show {run} {say}"), ""), 0);
    expect(scene.run(&format!("demo {say}"), ""), 0);
    assert!(done.len() >= 3, "it went well and ill: {done:?}");
}

#[test]
fn h24_ring3_nothing_secret_is_said_written_or_kept() {
    let mut scene = Scene::new();
    everything(&mut scene);
    scene.keep_disk("at the end");
    assert!(files(&scene.practice.path("tmp")).is_empty(), "nothing stays in the folder for temporary files");
    let search = scene.search();
    // The search works on what these very files hold.
    let there = |name: &str| search.find(&std::fs::read(scene.practice.path(name)).unwrap());
    assert!(ALLOWED.iter().all(|name| !there(name).is_empty()), "secrets are where they belong");
    assert!(there("damaged.csv").contains("seed 20 as Base32"), "damaged seeds are found too");
    let leaks: Vec<String> = scene
        .heard
        .iter()
        .flat_map(|(place, bytes)| {
            search.find(bytes).into_iter().map(move |what| format!("{what} in {place}"))
        })
        .collect();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
    let places: Vec<&str> = scene.heard.iter().map(|(place, _)| place.as_str()).collect();
    for name in ["oathctl.db-wal", "log.txt", "plan.json", "resumed.json", "failed.csv"] {
        assert!(
            places.iter().any(|place| place.contains(name)),
            "{name} was among what was searched: {places:#?}"
        );
    }
    if cfg!(target_os = "linux") {
        assert!(
            places.contains(&"/proc/PID/cmdline") && places.contains(&"/proc/PID/environ"),
            "{places:#?}"
        );
    }
}
