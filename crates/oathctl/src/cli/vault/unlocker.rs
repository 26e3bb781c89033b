//! `oathctl vault unlocker`: who may open the vault.

use clap::{Args, Subcommand};
use oathctl_core::report::Exit;
use oathctl_store::vault::{NewUnlocker, Owner, UnlockerInfo, Vault};
use oathctl_store::{DeedKind, Store};
use serde_json::{Value, json};

use super::{confirmed, init};
use crate::cli::Output;
use crate::cli::audit;
use crate::cli::unlock::Unlock;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;
use crate::words::en::foreign::clean;

/// Who may open the vault.
#[derive(Debug, Args)]
pub(super) struct Unlockers {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them; unchecked until the vault is opened
    List,
    /// Add one
    Add(Box<Add>),
    /// Remove one and make all keys anew
    Remove {
        /// Its name or id
        unlocker: String,
        #[command(flatten)]
        unlock: Unlock,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// A name for it
    name: String,
    /// A passphrase: the first line of this file; on a terminal it is asked for
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<String>,
    /// Make a key file, here
    #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase_file")]
    new_key_file: Option<String>,
    /// An age recipient
    #[arg(long, value_name = "RECIPIENT", conflicts_with_all = ["new_passphrase_file", "new_key_file"])]
    recipient: Option<String>,
    /// It opens the stock only, no seeds of tokens that were handed out
    #[arg(long)]
    stock_only: bool,
    #[command(flatten)]
    unlock: Unlock,
}

impl Unlockers {
    pub(super) fn places(&self) -> Places {
        match &self.what {
            What::List => Places::default(),
            What::Add(add) => add
                .unlock
                .places(Places::default())
                .read("the passphrase file", add.new_passphrase_file.as_deref())
                .write("--new-key-file", add.new_key_file.as_deref()),
            What::Remove { unlock, .. } => unlock.places(Places::default()),
        }
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        match self.what {
            What::List => list(desk, &Vault::unlockers_of(store).await?),
            What::Add(add) => add.run(desk, store).await?,
            What::Remove { unlocker, unlock } => {
                let mut vault = unlock.open(desk, store).await?;
                show(desk, &vault.unlockers());
                confirmed(desk, &format!("`{}` is removed, and all keys are made anew.", clean(&unlocker)))?;
                audit::note(desk, store, DeedKind::VaultChanged, &[], 1).await?;
                vault.remove_unlocker(&unlocker, desk.clock.utc()).await?;
                desk.ui.say("Removed. What its owner copied before, he can still open.");
            }
        }
        Ok(Exit::Ok)
    }
}

impl Add {
    async fn run(self, desk: &Desk, store: &Store) -> Result<(), Failure> {
        let mut vault = self.unlock.open(desk, store).await?;
        let is_asked = self.new_key_file.is_none() && self.recipient.is_none();
        let words = init::passphrase(desk, self.new_passphrase_file.as_deref(), is_asked)?;
        let owner = match (words, &self.new_key_file, self.recipient) {
            (Some(words), ..) => Owner::Passphrase(words),
            (None, Some(path), _) => Owner::KeyFile(init::made_key_file(desk, path)?),
            (None, None, Some(recipient)) => Owner::Age(recipient),
            (None, None, None) => {
                return Err(Failure::usage(
                    "Nothing was named for the new unlocker, and nobody is there to ask.",
                )
                .advice(
                    "Say `--new-passphrase-file FILE`, `--new-key-file FILE` or `--recipient RECIPIENT`.",
                ));
            }
        };
        let new = NewUnlocker { name: self.name, owner, opens_sealed: !self.stock_only };
        audit::note(desk, store, DeedKind::VaultChanged, &[], 1).await?;
        vault.add_unlocker(&new, desk.clock.utc()).await?;
        desk.ui.say(&format!("`{}` opens the vault now.", clean(&new.name)));
        Ok(())
    }
}

fn list(desk: &Desk, unlockers: &[UnlockerInfo]) {
    if desk.output() == Output::Text {
        return unlockers.iter().for_each(|it| desk.ui.data(&format!("{}\n", line(it))));
    }
    let values: Vec<Value> = unlockers
        .iter()
        .map(|it| {
            json!({
                "id": it.id, "name": it.name, "kind": it.kind, "recipient": it.recipient, "added_at": it.added_at,
                "opens_sealed": it.opens_sealed,
            })
        })
        .collect();
    desk.ui.data(&format!("{}\n", json!({"unlockers": values})));
}

/// On standard error, before something is asked.
pub(super) fn show(desk: &Desk, unlockers: &[UnlockerInfo]) {
    unlockers.iter().for_each(|it| desk.ui.show(&format!("  {}", line(it))));
}

fn line(it: &UnlockerInfo) -> String {
    let whose = it.recipient.as_deref().map(|text| format!(" {}", clean(text))).unwrap_or_default();
    let opens = if it.opens_sealed { "stock and sealed" } else { "stock only" };
    format!(
        "{}  {}  {}{whose}  {opens}  since {}",
        it.id,
        clean(&it.name),
        it.kind.replace('_', " "),
        it.added_at
    )
}
