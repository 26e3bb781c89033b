//! One run: a fresh tenant, a fresh state folder, the program from start to end, and what must be true afterwards.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::super::child;
use super::super::folder::Folder;
use super::super::tenant::Tenant;

const CONFIG: &str = "config.toml";
const ERRORS: &str = "stderr.txt";
const REPORT: &str = "r.json";

/// What is to be done.
#[derive(Clone, Copy)]
pub struct Job {
    /// How many tokens, one a person.
    pub tokens: usize,
    /// Whether people's other methods are read first.
    pub preflight: bool,
}

/// What it took.
pub struct Measured {
    /// Seconds from start to end of the program.
    pub wall_s: f64,
    /// HTTP requests by the tenant's count, sign-in included.
    pub requests: u64,
    /// HTTP requests by the program's own report.
    pub reported: u64,
    /// Most resident memory, in kB.
    pub peak_kb: Option<u64>,
}

impl Job {
    fn args(self) -> Vec<&'static str> {
        let preflight: &[&str] = if self.preflight { &[] } else { &["--no-preflight"] };
        [&["activate", "tokens.csv", "--yes"], preflight, &["--report", REPORT]].concat()
    }

    /// As one would type it.
    pub fn command_line(self) -> String {
        format!("oathctl {}", self.args().join(" "))
    }
}

/// Runs the job once. An error says what did not end as it must.
pub fn once(program: &Path, job: Job) -> Result<Measured, String> {
    let folder = Folder::beside(program)?;
    let tenant = Tenant::start(program, &folder, job.tokens)?;
    let csv = tenant.box_of_tokens(job.tokens)?;
    folder.write("tokens.csv", &csv)?;
    let before = tenant.requests()?;
    let ran = child::run(&mut command(program, job, &folder, &tenant)?)?;
    let requests = tenant.requests()? - before;
    if !ran.status.success() {
        return Err(format!("`{}` ended with {}: {}", job.command_line(), ran.status, last_words(&folder)));
    }
    let report: Value =
        serde_json::from_str(&folder.read(REPORT)?).map_err(|why| format!("{REPORT}: {why}."))?;
    all_activated(&report, job.tokens)?;
    match tenant.rightly_active(&csv)? {
        right if right == job.tokens => {}
        right => {
            return Err(format!(
                "the tenant holds {right} active tokens with their people, not {}.",
                job.tokens
            ));
        }
    }
    let reported = report["requests"]["total"].as_u64().ok_or("the report counts no requests.")?;
    Ok(Measured { wall_s: ran.wall_s, requests, reported, peak_kb: ran.peak_kb })
}

/// Nothing of the person who started this counts: neither settings nor state.
fn command(program: &Path, job: Job, folder: &Folder, tenant: &Tenant) -> Result<Command, String> {
    folder.write(CONFIG, "")?;
    let errors = folder.path().join(ERRORS);
    let errors = std::fs::File::create(errors).map_err(|why| format!("{ERRORS} can't be written: {why}."))?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AZURE_") || name.starts_with("OATHCTL_")) {
            command.env_remove(&name);
        }
    }
    command.args(job.args()).current_dir(folder.path()).envs(tenant.environment());
    command
        .env("OATHCTL_CONFIG", folder.path().join(CONFIG))
        .env("OATHCTL_STATE_DIR", folder.path().join("state"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    Ok(command)
}

/// Every row, not only the totals.
fn all_activated(report: &Value, tokens: usize) -> Result<(), String> {
    let rows = report["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let activated = rows.iter().filter(|row| row["outcome"] == "activated").count();
    if rows.len() == tokens && activated == tokens {
        return Ok(());
    }
    let other = rows.iter().find(|row| row["outcome"] != "activated");
    let other = other.map_or(String::new(), |row| format!(", one is {} ({})", row["outcome"], row["reason"]));
    Err(format!("the report says {activated} of {} rows activated, of {tokens} tokens{other}.", rows.len()))
}

/// The end of what the program said.
fn last_words(folder: &Folder) -> String {
    let said = folder.read(ERRORS).unwrap_or_default();
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(6)..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_report_of_nothing_but_activated_rows_passes() {
        let row = |outcome: &str| json!({"outcome": outcome, "reason": null});
        let all = json!({"rows": [row("activated"), row("activated")]});
        assert_eq!(all_activated(&all, 2), Ok(()));
        assert!(all_activated(&all, 3).is_err());
        let mixed = json!({"rows": [row("activated"), row("unknown")]});
        assert!(all_activated(&mixed, 2).unwrap_err().contains("one is \"unknown\""));
        assert!(all_activated(&json!({}), 0).is_ok());
    }

    #[test]
    fn the_command_line_says_what_is_measured() {
        let line = |preflight| Job { tokens: 1, preflight }.command_line();
        assert_eq!(line(true), "oathctl activate tokens.csv --yes --report r.json");
        assert_eq!(line(false), "oathctl activate tokens.csv --yes --no-preflight --report r.json");
    }
}
