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

fn answers(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
