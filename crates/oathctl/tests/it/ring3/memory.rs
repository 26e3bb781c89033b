//! H22, H21: the memory of a run that has done its work and has not ended yet, read from outside.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::practice::{Practice, devices};
use super::process::Process;
use super::relay::Relay;
use crate::search::base32;

const ROWS: usize = 45;
/// So much of a secret counts as a copy.
const COPY: usize = 16;

/// A stretch of memory that can be written to: what it is, from where, its bytes.
struct Stretch {
    what: String,
    bytes: Vec<u8>,
}

/// Reads what a process holds; the kernel may refuse.
fn memory(process: &Process) -> io::Result<Vec<Stretch>> {
    let pid = process.pid().as_raw_nonzero();
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut stretches = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let what = match words.nth(3) {
            None => "memory of no name (heap of threads, stacks)".to_owned(),
            Some(name) if name.starts_with('/') => "data of the program and its libraries".to_owned(),
            Some(name) => name.to_owned(),
        };
        let ends = range.split_once('-').and_then(|(from, to)| Some((address(from)?, address(to)?)));
        let Some((from, to)) = ends.filter(|_| rights.starts_with("rw")) else { continue };
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        memory.read_exact_at(&mut bytes, from)?;
        stretches.push(Stretch { what, bytes });
    }
    Ok(stretches)
}

fn address(hex: &str) -> Option<u64> {
    u64::from_str_radix(hex, 16).ok()
}

/// Copies of these beginnings, by where they lie. Only bytes that begin one are looked at twice.
fn copies<'a>(stretches: &'a [Stretch], secrets: &[Vec<u8>]) -> BTreeMap<&'a str, usize> {
    let mut begins = [false; 256];
    secrets.iter().for_each(|secret| begins[usize::from(secret[0])] = true);
    let secrets: std::collections::HashSet<&[u8]> = secrets.iter().map(|secret| &secret[..COPY]).collect();
    let mut found = BTreeMap::new();
    for Stretch { what, bytes } in stretches {
        let hits = bytes
            .windows(COPY)
            .filter(|part| begins[usize::from(part[0])] && secrets.contains(*part))
            .count();
        if hits > 0 {
            *found.entry(what.as_str()).or_default() += hits;
        }
    }
    found
}

#[test]
fn h22_ring3_copies_left_in_memory_after_a_run_are_stated() {
    let mut practice = Practice::new(51, ROWS, &[]);
    let relay = Relay::to(practice.ready.authority.strip_prefix("http://").unwrap());
    practice.env.insert("AZURE_AUTHORITY_HOST".into(), format!("http://{}", relay.address));
    practice.env.insert("OATHCTL_GRAPH_URL".into(), format!("http://{}/beta", relay.address));
    let process = practice.start_at_report("activate tokens.csv --yes");
    let stretches = match memory(&process) {
        Ok(stretches) => stretches,
        Err(error) => return println!("skipped: the kernel doesn't let its memory be read: {error}"),
    };
    let devices = devices(51, ROWS);
    let text = |text: &str| text.as_bytes().to_vec();
    let kinds: [(&str, Vec<Vec<u8>>); 5] = [
        ("tenant id (to see that the search works)", vec![text(&practice.ready.tenant_id)]),
        ("seeds as bytes", devices.iter().map(|it| it.seed.open().clone()).collect()),
        ("seeds as Base32", devices.iter().map(|it| text(&base32(it.seed.open()))).collect()),
        ("the client secret", vec![text(practice.ready.client_secret.split('~').next_back().unwrap())]),
        (
            "access tokens",
            relay.access_tokens().iter().map(|it| text(it.rsplit('.').next().unwrap())).collect(),
        ),
    ];
    let total: usize = stretches.iter().map(|it| it.bytes.len()).sum();
    println!("{ROWS} tokens, {total} bytes of memory that can be written to:");
    for (what, secrets) in &kinds {
        let found = copies(&stretches, secrets);
        println!(
            "  {what}: {} looked for, {} copies: {found:?}",
            secrets.len(),
            found.values().sum::<usize>()
        );
    }
    assert!(!copies(&stretches, &kinds[0].1).is_empty(), "the search finds what must be there");
    // A reader comes; the run ends as if nothing had been.
    let report = std::fs::read_to_string(practice.path("report.json")).unwrap();
    assert!(report.contains("oathctl.run/1"));
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{}", ended.all());
}

#[test]
fn h21_ring3_no_core_dumps() {
    let practice = Practice::new(52, 5, &[]);
    let process = practice.start_at_report("activate tokens.csv --yes");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.pid().as_raw_nonzero())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}
