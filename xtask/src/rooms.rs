//! The rules of the rooms, as data: who may depend on whom, and who may name what. `arrows` and `sources` hold them.

use crate::Done;

/// One crate and what it may reach.
pub struct Room {
    pub name: &'static str,
    /// Our crates that its shipped code may use.
    pub uses: &'static [&'static str],
    /// Our crates that its tests may use besides.
    pub tests_use: &'static [&'static str],
    /// What may not even be reached through others.
    pub never: &'static [&'static str],
}

const CORE: &str = "oathctl-core";

/// Every package of the workspace has its line here.
pub const ROOMS: &[Room] = &[
    Room {
        name: CORE,
        uses: &[],
        tests_use: &[],
        never: &["tokio", "reqwest", "hyper", "rustls", "sqlx", "axum", "clap", "rand"],
    },
    Room {
        name: "oathctl-files",
        uses: &[CORE],
        tests_use: &[],
        never: &["tokio", "reqwest", "hyper", "rustls", "sqlx", "axum", "clap"],
    },
    Room { name: "oathctl-entra", uses: &[CORE], tests_use: &[], never: &["sqlx", "axum", "clap"] },
    Room {
        name: "oathctl-store",
        uses: &[CORE],
        tests_use: &[],
        never: &["reqwest", "hyper", "axum", "clap"],
    },
    Room {
        name: "oathctl-sim",
        uses: &[CORE],
        tests_use: &["oathctl-entra"],
        never: &["reqwest", "rustls", "sqlx", "clap"],
    },
    Room {
        name: "oathctl",
        uses: &[CORE, "oathctl-files", "oathctl-entra", "oathctl-store", "oathctl-sim"],
        tests_use: &[],
        never: &[],
    },
    Room { name: "xtask", uses: &[], tests_use: &[], never: &["tokio"] },
];

/// A library and the rooms whose manifests may ask for it.
pub const HOMES: &[(&str, &[&str])] = &[
    ("reqwest", &["oathctl-entra"]),
    ("oauth2", &["oathctl-entra"]),
    ("sqlx", &["oathctl-store"]),
    ("axum", &["oathctl-sim", "oathctl"]),
    ("clap", &["oathctl"]),
    ("totp-rs", &["oathctl-sim"]),
];

/// In how many source files of a room a word may stand (test code and comments aside).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Nowhere,
    InOneFile,
    /// Only in the one file where that other word stands.
    Beside(&'static str),
}

/// Room, word, where it may stand.
pub const NAMINGS: &[(&str, &str, Naming)] = &[
    (CORE, "tokio", Naming::Nowhere),
    ("oathctl-files", "tokio", Naming::Nowhere),
    ("oathctl-entra", "reqwest", Naming::InOneFile),
    ("oathctl-entra", "tokio", Naming::Beside("reqwest")),
];

/// Prints the violations of a chore's rules; any fails it.
pub fn report(chore: &str, violations: &[String]) -> Done {
    if violations.is_empty() {
        println!("{chore}: every rule holds.");
        return Ok(());
    }
    let list: String = violations.iter().map(|violation| format!("\n  - {violation}")).collect();
    Err(format!("{chore}: {} broken:{list}", if violations.len() == 1 { "one rule is" } else { "rules are" }))
}
