//! The program as it is built for release: where it is, how fast it starts, how large it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::figure::{Figure, Findings, Found, median};
use crate::cargo;

const STARTS: usize = 50;
const LONGEST_START_MS: f64 = 10.0;
const LARGEST_MB: f64 = 30.0;

/// Builds it if need be, and says where it lies: cargo is asked, for the target folder may be anywhere.
pub fn built() -> Result<PathBuf, String> {
    let args = ["build", "--release", "--package", "oathctl", "--bin", "oathctl"];
    eprintln!("$ cargo {}", args.join(" "));
    let told = cargo::output(&[&args[..], &["--message-format", "json-render-diagnostics"]].concat())?;
    executable(&told).ok_or_else(|| "cargo did not say where it put oathctl.".into())
}

/// From cargo's messages, one JSON value a line.
fn executable(messages: &str) -> Option<PathBuf> {
    let read = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = read.filter(|message| message["target"]["name"] == "oathctl");
    ours.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

/// `oathctl --version`, and the file's size.
pub fn figures() -> Found {
    let program = built()?;
    Ok(Findings { figures: vec![start(&program)?, size(&program)?], ..Findings::default() })
}

fn start(program: &Path) -> Result<Figure, String> {
    one_start(program)?; // the first one reads the file from disk
    let times = (0..STARTS).map(|_| one_start(program)).collect::<Result<Vec<f64>, String>>()?;
    let best = times.iter().copied().fold(f64::INFINITY, f64::min);
    let middle = median(&times).unwrap_or(f64::INFINITY);
    let told = format!("median {middle:.1} ms, best {best:.1} ms of {STARTS} starts");
    let figure = Figure::plain("start and end of the program", &told, "oathctl --version");
    Ok(figure.promised(&format!("≤ {LONGEST_START_MS:.0} ms (median)"), middle <= LONGEST_START_MS))
}

/// In milliseconds.
fn one_start(program: &Path) -> Result<f64, String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let status = command.status().map_err(|why| format!("oathctl could not be started: {why}."))?;
    let taken = begun.elapsed();
    if status.success() {
        Ok(taken.as_secs_f64() * 1e3)
    } else {
        Err(format!("`oathctl --version` ended with {status}."))
    }
}

fn size(program: &Path) -> Result<Figure, String> {
    let bytes = fs::metadata(program).map_err(|why| format!("the program can't be looked at: {why}."))?.len();
    let mb = bytes as f64 / 1e6;
    let figure =
        Figure::plain("size of the program", &format!("{mb:.1} MB"), "cargo build --release -p oathctl");
    Ok(figure.promised(&format!("≤ {LARGEST_MB:.0} MB"), mb <= LARGEST_MB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_names_the_program() {
        let messages = "\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"oathctl\",\"kind\":[\"lib\"]},\"executable\":null}\n\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"oathctl\",\"kind\":[\"bin\"]},\"executable\":\"/t/release/oathctl\"}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/release/oathctl")));
        assert_eq!(executable("{\"reason\":\"build-finished\"}"), None);
    }
}
