//! `oathctl vault init`.
//!
//! Owns: who may open the new vault, and that each of them is tried before any seed goes in (H26).

use std::sync::Arc;

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_files::Passphrase;
use oathctl_store::Store;
use oathctl_store::vault::{NewUnlocker, Opener, Owner, Vault, VaultError, new_key_file};
use zeroize::Zeroizing;

use crate::cli::unlock::text;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::keys;
use crate::os;
use crate::places::Places;

/// Make an empty vault.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The new passphrase: the first line of this file; on a terminal it is asked for
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<String>,
    /// Make a key file that opens it, here; keep it on another disk
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<String>,
    /// An age recipient who can open it too: its identity belongs in a safe; several times for several
    #[arg(long, value_name = "RECIPIENT")]
    recovery: Vec<String>,
    /// The identity of the recovery, to try it now
    #[arg(long, value_name = "FILE", requires = "recovery")]
    recovery_identity: Option<String>,
    /// Only the recovery opens seeds of tokens that were handed out
    #[arg(long, requires = "recovery")]
    seal: bool,
}

/// An unlocker and how it is tried.
struct Planned {
    new: NewUnlocker,
    tried_with: Option<Opener>,
}

impl Init {
    pub(super) fn places(&self) -> Places {
        Places::default()
            .read("the passphrase file", self.new_passphrase_file.as_deref())
            .read("the recovery's identity", self.recovery_identity.as_deref())
            .write("--new-key-file", self.new_key_file.as_deref())
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        if Vault::exists(store).await? {
            return Err(VaultError::Exists.into());
        }
        let planned = self.planned(desk)?;
        if planned.is_empty() {
            return Err(Failure::usage(
                "Nothing was named that is to open the vault, and nobody is there to ask.",
            )
            .advice("Say `--new-passphrase-file FILE`, `--new-key-file FILE` or `--recovery RECIPIENT`."));
        }
        let (new, tried): (Vec<NewUnlocker>, Vec<Option<Opener>>) =
            planned.into_iter().map(|it| (it.new, it.tried_with)).unzip();
        let vault = Vault::init(store, &new, desk.clock.utc(), Arc::clone(&desk.entropy)).await?;
        for (unlocker, opener) in new.iter().zip(&tried) {
            match opener {
                Some(opener) if vault.tries(opener).await? => {
                    desk.ui.say(&format!("Tried: {} opens it.", unlocker.name));
                }
                Some(_) => return Err(untried(&unlocker.name)),
                None => desk.ui.wrong(&format!(
                    "warning: {} was not tried; `--recovery-identity FILE` does so. Try it before you need it.",
                    unlocker.name
                )),
            }
        }
        if new.len() == 1 {
            desk.ui.wrong("warning: only one thing opens this vault. If it is lost, every seed in it is; add another: oathctl vault unlocker add");
        }
        desk.ui.say("The vault is made and empty. To fill it: oathctl vault import FILE");
        Ok(Exit::Ok)
    }

    fn planned(&self, desk: &Desk) -> Result<Vec<Planned>, Failure> {
        let mut planned = Vec::new();
        let unlocker =
            |name: &str, owner, opens_sealed| NewUnlocker { name: name.to_owned(), owner, opens_sealed };
        let is_asked = self.new_passphrase_file.is_none() && self.new_key_file.is_none();
        if let Some(words) = passphrase(desk, self.new_passphrase_file.as_deref(), is_asked)? {
            let new = unlocker("passphrase", Owner::Passphrase(words.clone()), !self.seal);
            planned.push(Planned { new, tried_with: Some(Opener::Passphrase(words)) });
        }
        if let Some(path) = &self.new_key_file {
            let content = made_key_file(desk, path)?;
            let new = unlocker("key-file", Owner::KeyFile(content), !self.seal);
            let opener = Opener::KeyFile(text(desk, "The key file", path)?);
            planned.push(Planned { new, tried_with: Some(opener) });
        }
        let identity = self.recovery_identity.as_deref();
        let identity = identity.map(|path| text(desk, "The recovery's identity", path)).transpose()?;
        for (n, recipient) in self.recovery.iter().enumerate() {
            let name = if n == 0 { "recovery".to_owned() } else { format!("recovery {}", n + 1) };
            let opener = identity.as_ref().filter(|_| n == 0).map(|text| Opener::Age(text.clone()));
            planned.push(Planned {
                new: unlocker(&name, Owner::Age(recipient.clone()), true),
                tried_with: opener,
            });
        }
        Ok(planned)
    }
}

/// A new passphrase: from a file, or typed twice.
pub(super) fn passphrase(
    desk: &Desk,
    file: Option<&str>,
    is_asked: bool,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let passphrase = match file {
        Some(path) => keys::passphrase_of(desk, path)?,
        None if is_asked && desk.ui.terminals().can_ask() => typed_twice(desk)?,
        None => return Ok(None),
    };
    let passphrase = keys::long_enough(passphrase)?;
    Ok(Some(Zeroizing::new(passphrase.expose().to_owned())))
}

fn typed_twice(desk: &Desk) -> Result<Passphrase, Failure> {
    let ask = |question: &str| {
        (desk.ask_secret)(question).map_err(|_| Failure::gate("No passphrase was typed; nothing was made."))
    };
    let (first, second) = (ask("A new passphrase for the vault: ")?, ask("The same once more: ")?);
    if *first == *second {
        Ok(Passphrase::new(first.as_str().to_owned()))
    } else {
        Err(Failure::gate("The two differ; nothing was made."))
    }
}

/// Writes a new key file where there is none, and reads it back.
pub(super) fn made_key_file(desk: &Desk, path: &str) -> Result<Zeroizing<String>, Failure> {
    use std::io::Write;
    let content = new_key_file(&*desk.entropy);
    let written = os::create_new_private(&desk.fs.path(path))
        .and_then(|mut file| file.write_all(content.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| Failure::unwritable("The key file", path, &error))?;
    desk.ui.say(&format!(
        "The key file is {}. Move it to a place that isn't copied together with the vault: beside it, it protects nothing.",
        quoted(path)
    ));
    Ok(content)
}

fn untried(name: &str) -> Failure {
    Failure::own(format!("The vault was made, but {name} doesn't open it."))
        .advice("Put nothing into it; remove the vault's files and make it again.")
}
