//! `cargo xtask fuzz`: runs libFuzzer on everything that reads files, one target after the other.
//!
//! The targets stand in `fuzz/targets.rs`, which the suite replays on `fixtures/` and `fuzz/corpus/` too. What a run
//! learns stays in `target/fuzz/corpus`; an input that breaks a target is for `fuzz/corpus/TARGET/`, with the mending.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Done, cargo};

/// More resident memory than this ends a run.
const MOST_MEGABYTES: &str = "300";
/// A single input that takes longer is a hang. OpenPGP's highest count makes 65 MB of hashing of one passphrase
/// (RFC 9580 §3.7.1.3): three of them take 12 s of a quiet core with the coverage counters in.
const MOST_SECONDS: &str = "60";

/// What cargo-fuzz asks of the compiler too; without an address sanitizer, whose shadow would count as memory, and of
/// which code without `unsafe` has little to gain.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// Fuzzes each of `names` (all, if none is given) for so many minutes.
pub fn run(minutes: &str, names: &[&str]) -> Done {
    let seconds =
        minutes.parse::<f64>().ok().map(|minutes| minutes * 60.0).filter(|s| s.is_finite() && *s >= 1.0);
    let seconds = seconds.ok_or_else(|| format!("--minutes takes a number above zero, not {minutes:?}."))?;
    let known = targets()?;
    if let Some(unknown) = names.iter().find(|name| !known.iter().any(|target| target == *name)) {
        return Err(format!("there is no target {unknown}; there are {}.", known.join(", ")));
    }
    let program = build()?;
    println!("{:<12} {:>12} {:>9} {:>10}  result", "target", "executions", "peak MiB", "slowest s");
    let chosen = known.iter().filter(|name| names.is_empty() || names.contains(&name.as_str()));
    let broken: Vec<String> =
        chosen.filter_map(|name| one(&program, name, seconds).transpose()).collect::<Result<_, _>>()?;
    if broken.is_empty() { Ok(()) } else { Err(format!("these targets broke: {}.", broken.join(", "))) }
}

/// The names in `fuzz/targets.rs`.
fn targets() -> Result<Vec<String>, String> {
    let path = cargo::root().join("fuzz/targets.rs");
    let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}.", path.display()))?;
    Ok(names_in(&text))
}

fn names_in(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("Target { name: \""));
    lines.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Builds for the host by its name, so that the flags stay off what runs while building.
fn build() -> Result<PathBuf, String> {
    let host = host()?;
    let folder = cargo::root().join("target/fuzz");
    let folder_text = folder.display().to_string();
    let arguments = ["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host];
    cargo::run_with(&arguments, &[("RUSTFLAGS", FLAGS), ("CARGO_TARGET_DIR", &folder_text)])?;
    Ok(folder.join(host).join("release/oathctl-fuzz"))
}

fn host() -> Result<String, String> {
    let out = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|why| format!("rustc could not be started: {why}."))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host.".into())
}

/// Runs one target; its name when it broke.
fn one(program: &Path, name: &str, seconds: f64) -> Result<Option<String>, String> {
    let root = cargo::root();
    let (grown, artifacts) = (root.join("target/fuzz/corpus").join(name), root.join("target/fuzz/artifacts"));
    for folder in [&grown, &artifacts] {
        fs::create_dir_all(folder).map_err(|why| format!("{}: {why}.", folder.display()))?;
    }
    let mut command = Command::new(program);
    command.env("OATHCTL_FUZZ_TARGET", name).arg(&grown);
    command.args(
        [root.join("fuzz/corpus").join(name), root.join("fixtures")].iter().filter(|folder| folder.exists()),
    );
    command.args([
        format!("-max_total_time={seconds:.0}"),
        format!("-rss_limit_mb={MOST_MEGABYTES}"),
        format!("-timeout={MOST_SECONDS}"),
        format!("-artifact_prefix={}/{name}-", artifacts.display()),
        "-max_len=16384".into(),
        "-print_final_stats=1".into(),
        "-verbosity=1".into(),
    ]);
    let out =
        command.output().map_err(|why| format!("{} could not be started: {why}.", program.display()))?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let figure = |name: &str| figure(&said, name).unwrap_or_else(|| "?".into());
    let result = if out.status.success() { "ok" } else { "BROKE" };
    println!(
        "{name:<12} {:>12} {:>9} {:>10}  {result}",
        figure("number_of_executed_units"),
        figure("peak_rss_mb"),
        figure("slowest_unit_time_sec"),
    );
    if out.status.success() {
        return Ok(None);
    }
    let last: Vec<&str> = said.lines().rev().take(40).collect();
    println!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    Ok(Some(name.to_owned()))
}

/// `stat::NAME:   7` as libFuzzer prints it at the end.
fn figure(said: &str, name: &str) -> Option<String> {
    let rest = said.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name))?;
    Some(rest.trim_start_matches(':').trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_found_in_their_table() {
        let names = targets().unwrap();
        assert!(names.len() >= 10 && names.iter().any(|name| name == "unwrap"), "{names:?}");
        assert_eq!(names_in("    Target { name: \"one\", begins: &[] },\nfn x() {}"), ["one"]);
    }

    #[test]
    fn figures_of_a_run() {
        let said = "Done\nstat::number_of_executed_units: 4711\nstat::peak_rss_mb:              88\n";
        assert_eq!(figure(said, "number_of_executed_units").as_deref(), Some("4711"));
        assert_eq!(figure(said, "peak_rss_mb").as_deref(), Some("88"));
        assert_eq!(figure(said, "slowest_unit_time_sec"), None);
    }

    #[test]
    fn nonsense_is_refused_before_a_build() {
        assert!(run("0", &[]).is_err());
        assert!(run("1", &["nothing"]).is_err());
    }
}
