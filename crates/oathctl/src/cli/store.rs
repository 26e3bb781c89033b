//! `oathctl store`: put everything that outlives a run aside, put it back, look it over.
//!
//! Owns: these three commands, and what is said of a backup's worth and danger (H27). Does not own: copying
//! (`oathctl-store`).

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;
use oathctl_core::time::Utc;
use oathctl_store::{Backup, Checked, DeedKind, Store as Opened};
use serde_json::{Value, json};

use crate::cli::{Output, audit};
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::places::Places;
use crate::settings::Settings;
use crate::tell::counted;

/// The name under which a document of these commands goes.
const SCHEMA: &str = "oathctl.store/1";

/// Put the store aside, put it back, look it over.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl store backup /media/backup/2026-11-22 --keys /media/safe/2026-11-22.vault-keys\n  \
    oathctl store restore /media/backup/2026-11-22 --keys /media/safe/2026-11-22.vault-keys --state-dir trial\n  \
    oathctl store check")]
pub struct Store {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write a copy of one moment; the vault's keys into a file apart
    Backup(BackupTo),
    /// Put a backup into a store that is empty
    Restore(RestoreFrom),
    /// Read everything and compare what belongs together
    Check,
}

#[derive(Debug, Args)]
struct BackupTo {
    /// A folder that isn't there yet, or is empty
    folder: String,
    /// The file for the vault's keys, best on another disk [default: FOLDER.vault-keys]
    #[arg(long, value_name = "FILE")]
    keys: Option<String>,
    /// The vault's keys into the same folder
    #[arg(long, conflicts_with = "keys")]
    together: bool,
}

#[derive(Debug, Args)]
struct RestoreFrom {
    /// The folder of a backup
    folder: String,
    /// The file with the vault's keys [default: the one in FOLDER, else FOLDER.vault-keys]
    #[arg(long, value_name = "FILE")]
    keys: Option<String>,
}

impl Store {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            What::Backup(to) => Places::default().write("--keys", to.keys.as_deref()),
            What::Restore(from) => Places::default().read("the backup's keys", from.keys.as_deref()),
            What::Check => Places::default(),
        }
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            let done = match &self.what {
                What::Backup(to) => to.run(desk, &store).await,
                What::Restore(from) => from.run(desk, &settings, &store).await,
                What::Check => check(desk, &store).await,
            };
            store.close().await;
            done
        })
    }
}

impl BackupTo {
    async fn run(&self, desk: &Desk, store: &Opened) -> Result<Exit, Failure> {
        let folder = desk.fs.path(&self.folder);
        let keys = self.keys.clone().unwrap_or_else(|| beside(&self.folder));
        audit::note(desk, store, DeedKind::BackedUp, &[], 0).await?;
        let done = if self.together {
            store.backup(&folder).await?
        } else {
            store.backup_apart(&folder, &desk.fs.path(&keys)).await?
        };
        let apart = (done.has_vault && !self.together).then_some(keys.as_str());
        if desk.output() != Output::Text {
            print(desk, &document("backup", &self.folder, apart, &done));
            return Ok(Exit::Ok);
        }
        desk.ui.say(&format!("{} written to {}.", held(&done), quoted(&self.folder)));
        warn(desk, &self.folder, apart, &done);
        Ok(Exit::Ok)
    }
}

/// What a backup is, for whoever finds it and for whoever needs it.
fn warn(desk: &Desk, folder: &str, apart: Option<&str>, done: &Backup) {
    if let Some(keys) = apart {
        desk.ui.say(&format!(
            "The vault's keys are in {}: put that file on another disk. Either of the two alone gives nobody a seed.",
            quoted(keys)
        ));
    }
    if done.has_vault {
        desk.ui.say(
            "Whoever has both and an unlocker of today has every seed in it, also those that are forgotten later. Nobody opens the \
             seeds without an unlocker, you neither: what opens the vault is not in the backup.",
        );
    }
    desk.ui.say("It has no protection of its own: serials, names and runs can be read by whoever has it.");
    let keys = apart.map(|keys| format!(" --keys {}", shell(keys))).unwrap_or_default();
    let verify = if done.has_vault { ", then: oathctl vault verify --state-dir TRIAL" } else { "" };
    desk.ui
        .say(&format!("To try it: oathctl store restore {}{keys} --state-dir TRIAL{verify}", shell(folder)));
}

impl RestoreFrom {
    async fn run(&self, desk: &Desk, settings: &Settings, store: &Opened) -> Result<Exit, Failure> {
        let folder = desk.fs.path(&self.folder);
        let keys = self.keys.clone().or_else(|| found_beside(desk, &self.folder));
        let database = format!("{}/oathctl.db", self.folder);
        for (what, path) in
            [("The backup", Some(&database)), ("The file with the vault's keys", keys.as_ref())]
        {
            let tried =
                path.map_or(Ok(()), |path| desk.fs.open(path).map(|_| ()).map_err(|error| (path, error)));
            tried.map_err(|(path, error)| Failure::unreadable(what, path, &error))?;
        }
        let apart = keys.as_deref().map(|keys| desk.fs.path(keys));
        let done = store.restore_with(&folder, apart.as_deref(), &settings.state_dir).await?;
        audit::note(desk, store, DeedKind::Restored, &[], 0).await?;
        if desk.output() != Output::Text {
            print(desk, &document("restore", &self.folder, keys.as_deref(), &done));
            return Ok(Exit::Ok);
        }
        desk.ui.say(&format!("{} restored from {}.", held(&done), quoted(&self.folder)));
        let moments =
            [("its latest run began", done.last_run), ("its vault was changed last", done.vault_changed)];
        let known: Vec<String> =
            moments.iter().filter_map(|(what, at)| at.map(|at| format!("{what} at {at}"))).collect();
        if !known.is_empty() {
            desk.ui.wrong(&format!(
                "warning: this is the past: {}. What was done since is not in it; runs of since can't be resumed.",
                known.join(", ")
            ));
        }
        if done.has_vault {
            desk.ui.wrong(
                "warning: seeds forgotten since are there again, and unlockers removed since open it again: forget and remove \
                 them anew. The unlockers: oathctl vault unlocker list",
            );
        }
        Ok(Exit::Ok)
    }
}

async fn check(desk: &Desk, store: &Opened) -> Result<Exit, Failure> {
    let found = store.check().await?;
    if desk.output() != Output::Text {
        print(desk, &checked(&found));
        return Ok(Exit::Ok);
    }
    desk.ui.say(&format!(
        "The store is whole: format {}, {}, {}.",
        found.format,
        many(found.runs, "run"),
        many(found.seeds, "seed")
    ));
    if let Some(generation) = found.vault_generation {
        desk.ui.say(&format!(
            "The vault's two halves are of one vault and one time (change {generation}). Whether every seed opens: oathctl \
             vault verify",
        ));
    }
    Ok(Exit::Ok)
}

fn document(did: &str, folder: &str, keys: Option<&str>, done: &Backup) -> Value {
    json!({
        "schema": SCHEMA, "did": did, "folder": folder, "keys": keys, "runs": done.runs, "seeds": done.seeds,
        "has_vault": done.has_vault, "last_run": time(done.last_run), "vault_changed": time(done.vault_changed),
        "format": null, "vault_generation": null,
    })
}

fn checked(found: &Checked) -> Value {
    json!({
        "schema": SCHEMA, "did": "check", "folder": null, "keys": null, "runs": found.runs, "seeds": found.seeds,
        "has_vault": found.vault_generation.is_some(), "last_run": null, "vault_changed": null,
        "format": found.format, "vault_generation": found.vault_generation,
    })
}

fn time(at: Option<Utc>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn print(desk: &Desk, document: &Value) {
    let text = match desk.output() {
        Output::Ndjson => document.to_string(),
        _ => serde_json::to_string_pretty(document).unwrap_or_default(),
    };
    desk.ui.data(&format!("{text}\n"));
}

/// `3 runs and 20 seeds`.
fn held(done: &Backup) -> String {
    let runs = many(done.runs, "run");
    if done.has_vault { format!("{runs} and {}", many(done.seeds, "seed")) } else { runs }
}

fn many(n: u64, thing: &str) -> String {
    counted(usize::try_from(n).unwrap_or(usize::MAX), thing)
}

/// `FOLDER.vault-keys`.
fn beside(folder: &str) -> String {
    format!("{}.vault-keys", folder.trim_end_matches(std::path::is_separator))
}

/// The keys that `backup` put beside the folder, where none are in it.
fn found_beside(desk: &Desk, folder: &str) -> Option<String> {
    let inside: PathBuf = desk.fs.path(folder).join("oathctl.vault-keys");
    let beside = beside(folder);
    let there = |path: &Path| path.symlink_metadata().is_ok();
    (!there(&inside) && there(&desk.fs.path(&beside))).then_some(beside)
}

/// A path as it can be pasted, where it needs no more than quotes.
fn shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:\\".contains(c);
    let shown = crate::words::en::foreign::clean(path);
    if shown.chars().all(plain) { shown } else { format!("\"{shown}\"") }
}
