//! `cargo xtask soak`: the tests that are too long for the suite. They are `#[ignore]`d and have `soak` in their name;
//! `OATHCTL_SOAK_MINUTES` tells each of them how long it may take.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::{Done, cargo, postgres};

const MINUTES: &str = "OATHCTL_SOAK_MINUTES";

/// Runs every soak test for so many minutes (a decimal number above zero). Running none is a failure.
pub fn run(minutes: &str) -> Done {
    if !minutes.parse::<f64>().is_ok_and(|m| m.is_finite() && m > 0.0) {
        return Err(format!("--minutes takes a number above zero, not {minutes:?}."));
    }
    println!("soak: ignored tests with `soak` in their name, {minutes} min each.");
    let server = postgres::start()?; // stopped when this function ends
    let told = [(MINUTES, minutes), (postgres::VARIABLE, server.address.as_str())];
    if cargo::has("nextest") { nextest(&told) } else { plain(&told) }
}

fn nextest(told: &[(&str, &str)]) -> Done {
    let select = ["--workspace", "--run-ignored", "only", "-E", "test(soak)"];
    let run = ["nextest", "run", "--no-fail-fast", "--no-tests", "fail"];
    cargo::run_with(&[&run[..], &select[..]].concat(), told)
}

/// `cargo test` is content with nothing to run, so its closing lines are counted.
fn plain(told: &[(&str, &str)]) -> Done {
    let args = ["test", "--workspace", "--no-fail-fast", "--", "--ignored", "soak"];
    println!("$ cargo {}", args.join(" "));
    let mut command = cargo::command(&args);
    let mut child = command
        .envs(told.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| format!("cargo test could not be started: {why}."))?;
    let mut passed = 0;
    for line in
        child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok)
    {
        println!("{line}");
        passed += passed_in(&line);
    }
    let status = child.wait().map_err(|why| format!("cargo test was lost: {why}."))?;
    match (status.success(), passed) {
        (true, 1..) => {
            println!("soak: {passed} passed.");
            Ok(())
        }
        (true, 0) => Err("there is no soak test: nothing was run.".into()),
        (false, _) => Err("a soak test failed; the lines above name it.".into()),
    }
}

/// The number of tests that a closing line of the test harness counts as passed; 0 for any other line.
fn passed_in(line: &str) -> u32 {
    let counts = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
    let number = counts.and_then(|(_, counts)| counts.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_line_is_counted_and_no_other() {
        assert_eq!(passed_in("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured"), 12);
        assert_eq!(passed_in("test result: FAILED. 3 passed; 1 failed; 0 ignored"), 3);
        assert_eq!(passed_in("test soak_ring_2 ... ok"), 0);
    }

    #[test]
    fn nonsense_minutes_are_refused() {
        for nonsense in ["0", "-1", "soon", "inf", "NaN", ""] {
            assert!(run(nonsense).is_err(), "{nonsense:?}");
        }
    }
}
