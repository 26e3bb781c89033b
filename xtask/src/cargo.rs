//! How a chore calls cargo: from the workspace root, with an environment that does not disturb the build.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Done;

/// What `cargo run` sets for us and a build script must not see: some (ring's is one) build anew when it changes.
const OURS_ONLY: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "OUT_DIR"];

/// The workspace root: the folder above this package's.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A cargo command, not yet started.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    for (name, _) in env::vars_os() {
        let is_ours =
            name.to_str().is_some_and(|name| OURS_ONLY.iter().any(|prefix| name.starts_with(prefix)));
        if is_ours {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs cargo on this terminal. An error names the command.
pub fn run(args: &[&str]) -> Done {
    run_with(args, &[])
}

/// The same with further environment variables.
pub fn run_with(args: &[&str], env: &[(&str, &str)]) -> Done {
    let settings: String = env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    println!("$ {settings}cargo {}", args.join(" "));
    let status = command(args).envs(env.iter().copied()).status().map_err(|e| cannot_start(args, &e))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` ended with {status}.", args.join(" "))) }
}

/// What cargo printed on stdout; its stderr goes through.
pub fn output(args: &[&str]) -> Result<String, String> {
    let out =
        command(args).stderr(std::process::Stdio::inherit()).output().map_err(|e| cannot_start(args, &e))?;
    if !out.status.success() {
        return Err(format!("`cargo {}` ended with {}.", args.join(" "), out.status));
    }
    String::from_utf8(out.stdout)
        .map_err(|_| format!("`cargo {}` printed what is not UTF-8.", args.join(" ")))
}

/// Whether cargo knows a subcommand, found by asking for its version.
pub fn has(subcommand: &str) -> bool {
    command(&[subcommand, "--version"]).output().is_ok_and(|out| out.status.success())
}

fn cannot_start(args: &[&str], why: &std::io::Error) -> String {
    format!("`cargo {}` could not be started: {why}.", args.join(" "))
}
