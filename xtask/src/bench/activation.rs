//! The main job, measured from outside: the release program on a fresh practice tenant over HTTP on loopback, every
//! request taking 100 ms, no quota. A run in which not every token ends active with its person is no measurement.

use std::path::Path;

use super::figure::{Figure, Findings, Found, median, thousands};
use super::{program, tenant};
use run::{Job, Measured};

mod run;

const THOUSAND: usize = 1_000;
const LONGEST_S: f64 = 5.0;
const MOST_MB: f64 = 150.0;
/// HTTP requests for a thousand tokens, without and with preflight.
const MOST_REQUESTS: [u64; 2] = [150, 220];

/// 1,000 tokens, three runs each without and with preflight.
pub fn thousand() -> Found {
    let program = program::built()?;
    let mut findings = Findings { note: Some(tenant::note()), ..Findings::default() };
    for preflight in [false, true] {
        let job = Job { tokens: THOUSAND, preflight };
        let runs = repeat(&program, job, 3)?;
        let most = MOST_REQUESTS[usize::from(preflight)];
        findings.figures.push(requests(job, &runs, most));
        findings
            .figures
            .push(wall(job, &runs).promised(&format!("≤ {LONGEST_S:.0} s"), middle(&runs) <= LONGEST_S));
        findings.figures.push(memory(job, &runs));
    }
    Ok(findings)
}

/// 10,000 tokens, once each, beside 1,000 measured in the same breath.
pub fn ten_thousand() -> Found {
    let program = program::built()?;
    let mut findings = Findings { note: Some(tenant::note()), ..Findings::default() };
    for preflight in [false, true] {
        let small = repeat(&program, Job { tokens: THOUSAND, preflight }, 1)?;
        let job = Job { tokens: 10 * THOUSAND, preflight };
        let runs = repeat(&program, job, 1)?;
        let most = 10 * MOST_REQUESTS[usize::from(preflight)];
        let longest = 10.0 * middle(&small);
        let promise = format!("≤ 10 × the {:.2} s that 1,000 took just before", middle(&small));
        findings.figures.push(requests(job, &runs, most));
        findings.figures.push(wall(job, &runs).promised(&promise, middle(&runs) <= longest));
        findings.figures.push(memory(job, &runs));
    }
    Ok(findings)
}

fn repeat(program: &Path, job: Job, times: usize) -> Result<Vec<Measured>, String> {
    (0..times)
        .map(|_| {
            let measured = run::once(program, job)?;
            let Measured { wall_s, requests, .. } = measured;
            eprintln!("  {}: {wall_s:.2} s, {requests} requests", title(job));
            Ok(measured)
        })
        .collect()
}

fn requests(job: Job, runs: &[Measured], most: u64) -> Figure {
    let counted = runs.iter().map(|run| run.requests).max().unwrap_or(u64::MAX);
    let reported = runs.iter().map(|run| run.reported).max().unwrap_or_default();
    let told =
        format!("{} counted by the tenant; the report says {}", thousands(counted), thousands(reported));
    let promise = format!("≤ {}", thousands(most));
    figure(job, "HTTP requests", &told).promised(&promise, counted <= most)
}

fn wall(job: Job, runs: &[Measured]) -> Figure {
    let times = runs.iter().map(|run| run.wall_s);
    let (fastest, slowest) = (times.clone().fold(f64::INFINITY, f64::min), times.fold(0.0, f64::max));
    let told = match runs.len() {
        1 => format!("{slowest:.2} s"),
        _ => format!("{:.2} s (of three: {fastest:.2} to {slowest:.2} s)", middle(runs)),
    };
    figure(job, "wall time, start of the program to its end", &told)
}

fn memory(job: Job, runs: &[Measured]) -> Figure {
    let mb = runs.iter().filter_map(|run| run.peak_kb).max().map(|kb| kb as f64 * 1024.0 / 1e6);
    let told = mb.map_or("this system does not say".to_owned(), |mb| format!("{mb:.0} MB"));
    let holds = mb.is_some_and(|mb| mb <= MOST_MB);
    let figure = figure(job, "peak memory of the program", &told);
    // At a thousand nothing is promised.
    if job.tokens == THOUSAND { figure } else { figure.promised(&format!("≤ {MOST_MB:.0} MB"), holds) }
}

fn middle(runs: &[Measured]) -> f64 {
    median(&runs.iter().map(|run| run.wall_s).collect::<Vec<_>>()).unwrap_or(f64::INFINITY)
}

fn title(job: Job) -> String {
    let preflight = if job.preflight { "with preflight" } else { "without preflight" };
    format!("{} tokens {preflight}", thousands(job.tokens as u64))
}

fn figure(job: Job, what: &str, told: &str) -> Figure {
    Figure::plain(&format!("{}: {what}", title(job)), told, &job.command_line())
}
