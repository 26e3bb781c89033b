//! Words for errors of the vault.

use oathctl_core::report::Exit;
use oathctl_store::vault::VaultError;

use super::Failure;
use crate::words::en::foreign::clean;

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let usage = |text: &str| Self::usage(text);
        match error {
            VaultError::None => usage("This store has no vault.").called("no_vault").advice("Make one: oathctl vault init"),
            VaultError::Exists => usage("This store has a vault already. Nothing was changed.")
                .called("vault_exists")
                .advice("`oathctl vault unlocker list` shows who opens it."),
            VaultError::Newer { format, known } => {
                Self::own(format!("The vault has format {format}; this oathctl knows up to {known}."))
                    .called("vault_newer")
                    .advice("Use the oathctl that wrote it, or a newer one. Nothing was changed.")
            }
            VaultError::Tampered { what } => Self::own("The vault was altered, or it is damaged.")
                .called("vault_tampered")
                .because(what)
                .advice("Put it aside, restore the latest backup, and find out who or what changed it."),
            VaultError::Older { half } => Self::own(format!("The vault's {half} is older than its other half."))
                .called("vault_older")
                .because("an older copy of one of them was brought back")
                .advice("Bring back both halves of one time: the database and its `.vault-keys` file."),
            VaultError::NoKeys => usage("There are seeds, and the file with their keys is not there.")
                .called("vault_keys_missing")
                .advice("Name it with `--keys FILE`; `oathctl store backup` had put it apart. Nothing was written."),
            VaultError::Refused => Self::new(Exit::SignIn, "The vault doesn't open: the passphrase or key is wrong.")
                .called("vault_refused")
                .advice("If it is surely right, the vault's key file was altered: restore a backup."),
            VaultError::NoUnlocker { kind } => {
                Self::usage(format!("Nothing of this kind ({}) opens this vault.", kind.replace('_', " ")))
                    .called("vault_refused")
                    .advice("`oathctl vault unlocker list` shows what does.")
            }
            VaultError::UnknownUnlocker { given } => {
                Self::usage(format!("The vault has no unlocker `{}`, or more than one.", clean(&given)))
                    .advice("`oathctl vault unlocker list` shows their names and ids.")
            }
            VaultError::LastUnlocker => {
                Self::gate("Nobody could open all of the vault any more; nothing was changed.")
                    .called("last_unlocker")
                    .advice("Add another unlocker first: oathctl vault unlocker add NAME")
            }
            VaultError::OutOfBounds => Self::own("The vault's key file asks for work nobody asks for.")
                .called("vault_tampered")
                .because("the parameters of its passphrase are outside what is ever written")
                .advice("It was altered: restore a backup."),
            VaultError::Sealed => Self::gate("The seed is sealed, and this unlocker opens the stock only.")
                .called("vault_sealed")
                .advice("Open the vault with an unlocker that opens the sealed compartment (recovery)."),
            VaultError::NotHeld => usage("The vault holds no seed of this token.")
                .called("seed_not_held")
                .advice("`oathctl vault list` shows which it holds; `oathctl vault import FILE` adds more."),
            VaultError::Changed => Self::own("Another process changed the vault's keys meanwhile.")
                .advice("Run the command again."),
            VaultError::Unusable { what } => Self::usage(format!("What was given can't be used as {what}.")).advice(
                "A key file has two lines and begins with OATHCTL-VAULT-KEY-1; a recipient begins with age1, an identity \
                 with AGE-SECRET-KEY-1.",
            ),
            VaultError::Store(error) => error.into(),
        }
    }
}
