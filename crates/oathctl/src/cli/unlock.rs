//! What opens the vault, as every command that needs it is told.
//!
//! Owns: [`Unlock`]: flags first, then the environment, then a prompt. A way that was named and fails is told; no
//! other is tried. Does not own: seed files' own passphrases ([`crate::keys`]).
//!
//! A command that needs the vault flattens [`Unlock`] into its arguments, adds its files to its places, and calls
//! [`Unlock::open`] when everything that can be refused without the vault has been.

use std::sync::Arc;

use clap::Args;
use oathctl_store::vault::{Opener, Vault, VaultError};
use oathctl_store::{AuditDeed, DeedKind, Store};
use zeroize::Zeroizing;

use crate::cli::audit;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::keys;
use crate::places::Places;

/// A file with the vault's passphrase.
pub const PASSPHRASE_FILE: &str = "OATHCTL_VAULT_PASSPHRASE_FILE";
/// The vault's key file.
pub const KEY_FILE: &str = "OATHCTL_VAULT_KEY_FILE";
/// An age identity that opens the vault.
pub const IDENTITY_FILE: &str = "OATHCTL_VAULT_IDENTITY_FILE";

/// Questions for a passphrase.
const QUESTIONS: usize = 3;

/// What opens the vault. Never recorded.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What opens the vault")]
pub struct Unlock {
    /// The vault's passphrase: the first line of this file [environment: OATHCTL_VAULT_PASSPHRASE_FILE]
    #[arg(long, value_name = "FILE")]
    vault_passphrase_file: Option<String>,
    /// A key file of the vault [environment: OATHCTL_VAULT_KEY_FILE]
    #[arg(long, value_name = "FILE", conflicts_with = "vault_passphrase_file")]
    vault_key_file: Option<String>,
    /// An age identity the vault was made for [environment: OATHCTL_VAULT_IDENTITY_FILE]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["vault_passphrase_file", "vault_key_file"])]
    vault_identity: Option<String>,
}

impl Unlock {
    /// Its files, as files that are read.
    pub fn places(&self, places: Places) -> Places {
        places
            .read("the vault's passphrase file", self.vault_passphrase_file.as_deref())
            .read("the vault's key file", self.vault_key_file.as_deref())
            .read("the vault's identity", self.vault_identity.as_deref())
    }

    /// A flag names something.
    pub fn is_named(&self) -> bool {
        [&self.vault_passphrase_file, &self.vault_key_file, &self.vault_identity]
            .iter()
            .any(|flag| flag.is_some())
    }

    /// Opens the vault of a store.
    pub async fn open(&self, desk: &Desk, store: &Store) -> Result<Vault, Failure> {
        if !Vault::exists(store).await? {
            return Err(VaultError::None.into());
        }
        let vault = match self.named(desk)? {
            Some(opener) => Vault::open(store, &opener, Arc::clone(&desk.entropy)).await?,
            None => asked(desk, store).await?,
        };
        let actor = audit::actor(desk);
        let opener = format!("unlocker {}", vault.opened_by());
        let deed = AuditDeed {
            said: Some(&opener),
            ..AuditDeed::new(DeedKind::VaultOpened, &actor, desk.clock.utc())
        };
        store.audit().append(&deed).await?;
        Ok(vault)
    }

    /// What was named by a flag or a variable.
    fn named(&self, desk: &Desk) -> Result<Option<Opener>, Failure> {
        let flags = [&self.vault_passphrase_file, &self.vault_key_file, &self.vault_identity];
        let variables = [PASSPHRASE_FILE, KEY_FILE, IDENTITY_FILE].map(|name| desk.variable(name));
        let by_flag = flags.iter().position(|flag| flag.is_some());
        let Some(kind) = by_flag.or_else(|| variables.iter().position(Option::is_some)) else {
            return Ok(None);
        };
        if by_flag.is_none() && variables.iter().flatten().count() > 1 {
            return Err(Failure::usage(format!(
                "More than one of {PASSPHRASE_FILE}, {KEY_FILE} and {IDENTITY_FILE} is set."
            ))
            .advice("Unset all but one, or say it by a flag."));
        }
        let path = flags[kind].as_deref().or(variables[kind]).unwrap_or_default();
        match kind {
            0 => Ok(Some(Opener::Passphrase(Zeroizing::new(
                keys::passphrase_of(desk, path)?.expose().to_owned(),
            )))),
            1 => Ok(Some(Opener::KeyFile(text(desk, "The vault's key file", path)?))),
            _ => Ok(Some(Opener::Age(text(desk, "The vault's identity", path)?))),
        }
    }
}

async fn asked(desk: &Desk, store: &Store) -> Result<Vault, Failure> {
    if !desk.ui.terminals().can_ask() {
        return Err(Failure::usage("Nothing was named that opens the vault, and nobody is there to ask.").advice(
            format!(
                "Say `--vault-passphrase-file FILE`, `--vault-key-file FILE` or `--vault-identity FILE` (or set \
                 {PASSPHRASE_FILE}, {KEY_FILE} or {IDENTITY_FILE}), or run the command on a terminal."
            ),
        ));
    }
    let mut left = QUESTIONS;
    loop {
        left -= 1;
        let typed = (desk.ask_secret)(
            "The vault's passphrase (not shown; OATHCTL_VAULT_PASSPHRASE_FILE names a file with it): ",
        );
        let typed = typed.map_err(|_| Failure::gate("No passphrase was typed; nothing was changed."))?;
        match Vault::open(store, &Opener::Passphrase(typed), Arc::clone(&desk.entropy)).await {
            Err(VaultError::Refused) if left > 0 => desk.ui.show("That doesn't open it. Once more."),
            done => return Ok(done?),
        }
    }
}

/// A small secret text.
pub fn text(desk: &Desk, what: &str, path: &str) -> Result<Zeroizing<String>, Failure> {
    desk.fs.read_text(path).map_err(|error| Failure::unreadable(what, path, &error))
}
