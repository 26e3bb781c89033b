//! `oathctl vault`: keep seeds encrypted, so that nobody needs the vendor's file again.
//!
//! Owns: the list of its commands and what small ones among them do. Does not own: the vault itself (`oathctl-store`), what opens
//! it ([`crate::cli::unlock`]).

mod export;
mod forget;
pub(super) mod import;
mod init;
mod list;
mod unlocker;

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;
use oathctl_store::vault::{Listed, Vault as Opened, VaultError};
use oathctl_store::{DeedKind, Store};

use crate::cli::audit;
use crate::cli::unlock::Unlock;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;
use crate::words::en::foreign::clean;

/// Keep seeds, encrypted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl vault init --recovery age1… --recovery-identity recovery.txt\n  \
    oathctl vault import tokens.csv\n  \
    oathctl vault list\n  \
    oathctl vault export tokens.csv.age --recipient age1…\n  \
    oathctl vault verify")]
pub struct Vault {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an empty vault and try every way to open it
    Init(init::Init),
    /// Keep the seeds of a file, and read them back
    Import(Box<import::Import>),
    /// Write seeds into an encrypted file
    Export(Box<export::Export>),
    /// List the tokens whose seeds are kept; needs no passphrase
    List,
    /// Open every seed and compare it with its index
    Verify(Unlock),
    /// Make all keys anew, for the same unlockers
    Rekey(Unlock),
    /// Who may open it
    Unlocker(unlocker::Unlockers),
    /// Forget seeds for good
    Forget(forget::Forget),
}

impl Vault {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            What::Init(it) => it.places(),
            What::Import(it) => it.places(),
            What::Export(it) => it.places(),
            What::Unlocker(it) => it.places(),
            What::Forget(it) => it.places(),
            What::Verify(unlock) | What::Rekey(unlock) => unlock.places(Places::default()),
            What::List => Places::default(),
        }
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        // What can't be read or was refused is told before the store is made.
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            let done = match self.what {
                What::Init(it) => it.run(desk, &store).await,
                What::Import(it) => it.run(desk, &store).await,
                What::Export(it) => it.run(desk, &store).await,
                What::List => list::run(desk, &store).await,
                What::Verify(unlock) => verify(desk, &store, &unlock).await,
                What::Rekey(unlock) => rekey(desk, &store, &unlock).await,
                What::Unlocker(it) => it.run(desk, &store).await,
                What::Forget(it) => it.run(desk, &store).await,
            };
            store.close().await;
            done
        })
    }
}

async fn verify(desk: &Desk, store: &Store, unlock: &Unlock) -> Result<Exit, Failure> {
    let vault = unlock.open(desk, store).await?;
    let found = vault.verify().await?;
    let sealed = match found.sealed {
        0 => String::new(),
        n => format!(", {n} sealed for another unlocker"),
    };
    let forgotten =
        if found.forgotten == 0 { String::new() } else { format!(", {} forgotten", found.forgotten) };
    desk.ui
        .say(&format!("{} opened, each as its index says{sealed}{forgotten}.", count(found.opened, "seed")));
    Ok(Exit::Ok)
}

async fn rekey(desk: &Desk, store: &Store, unlock: &Unlock) -> Result<Exit, Failure> {
    let mut vault = unlock.open(desk, store).await?;
    unlocker::show(desk, &vault.unlockers());
    confirmed(desk, "All keys are made anew, for these unlockers and nobody else.")?;
    audit::note(desk, store, DeedKind::VaultChanged, &[], 0).await?;
    vault.rekey(desk.clock.utc()).await?;
    desk.ui
        .say("Every key is new. Copies of the vault that were made before open with the old unlockers only.");
    Ok(Exit::Ok)
}

/// The token that `SERIAL` or `MAKER:SERIAL` means.
pub(super) async fn token_of(store: &Store, given: &str) -> Result<Listed, Failure> {
    let mut found = Opened::find(store, given).await?;
    if let (true, Some((maker, serial))) = (found.is_empty(), given.split_once(':')) {
        found = Opened::find(store, serial).await?;
        found.retain(|token| token.maker.eq_ignore_ascii_case(maker.trim()));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(VaultError::NotHeld.into()),
        n => Err(Failure::usage(format!("{n} tokens of different makers have this serial.")).advice(
            format!("Name the maker too, as in `{}:{}`.", clean(&found[0].maker), clean(&found[0].serial)),
        )),
    }
}

/// `1 seed`, `2 seeds`.
fn count(n: impl TryInto<u64>, noun: &str) -> String {
    match n.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

/// Asks once, on a terminal; `--yes` answers.
fn confirmed(desk: &Desk, what: &str) -> Result<(), Failure> {
    desk.ui.show(what);
    desk.confirmed()
}
