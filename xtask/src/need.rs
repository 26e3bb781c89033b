//! What must be on the machine, checked before a long build rather than after it, and named when missing.

use std::env;
use std::process::{Command, Stdio};

use crate::{Done, cargo};

/// A C compiler: SQLite and ring are built from C.
pub fn c_compiler() -> Done {
    let named = env::var("CC").ok();
    let found = named.iter().map(String::as_str).chain(["cc", "gcc", "clang"]).any(answers);
    if found || cfg!(windows) {
        return Ok(());
    }
    Err("no C compiler found (tried $CC, cc, gcc, clang). SQLite and ring are built from C: install one, \
         for example the package gcc or build-essential."
        .into())
}

/// Cargo's own companions, which a minimal toolchain leaves out.
pub fn formatter_and_linter() -> Done {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !cargo::has(subcommand) {
            return Err(format!("`cargo {subcommand}` is missing: rustup component add {component}."));
        }
    }
    Ok(())
}

/// Other people's programs, for the tests that let them read what we write; what is missing is named, and the suite
/// passes without it. Gives the settings those tests look for.
pub fn peers() -> Vec<(&'static str, String)> {
    if !answers("gpg") {
        println!("gpg is missing: what we encrypt for PGP keys is not tried with it (package gnupg).");
    }
    match python_pskc() {
        Ok(python) => vec![("OATHCTL_PSKC_PYTHON", python)],
        Err(why) => {
            println!("python-pskc is missing: the PSKC we write is not tried with it ({why}).");
            Vec::new()
        }
    }
}

/// A Python that has python-pskc: the one on the path, else one of our own below `target`, made once.
fn python_pskc() -> Result<String, String> {
    let has_it = |python: &str| ends_well(python, &["-c", "import pskc, cryptography"]);
    if has_it("python3") {
        return Ok("python3".into());
    }
    let folder = cargo::root().join("target/python-pskc");
    let python = folder.join("bin/python").display().to_string();
    if has_it(&python) {
        return Ok(python);
    }
    let folder = folder.display().to_string();
    if !ends_well("python3", &["-m", "venv", &folder]) {
        return Err("python3 with venv is needed to install it".into());
    }
    let install =
        ["-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "20", "python-pskc==1.4"];
    match ends_well(&python, &install) && has_it(&python) {
        true => Ok(python),
        false => Err("pip install python-pskc==1.4 failed".into()),
    }
}

fn ends_well(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn answers(program: &str) -> bool {
    ends_well(program, &["--version"])
}
