//! `oathctl vault forget`: seeds that nobody is to have any more.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_store::{DeedKind, Store};

use super::{confirmed, token_of};
use crate::cli::audit;
use crate::cli::unlock::Unlock;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;

/// Forget seeds for good.
#[derive(Debug, Args)]
pub(super) struct Forget {
    /// Serials of the tokens; `MAKER:SERIAL` where makers share one
    #[arg(required = true)]
    serials: Vec<String>,
    #[command(flatten)]
    unlock: Unlock,
}

impl Forget {
    pub(super) fn places(&self) -> Places {
        self.unlock.places(Places::default())
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let mut tokens = Vec::new();
        for serial in &self.serials {
            tokens.push(token_of(store, serial).await?.token);
        }
        tokens.sort_unstable();
        tokens.dedup();
        let mut vault = self.unlock.open(desk, store).await?;
        confirmed(
            desk,
            &format!(
                "{} forgotten. Codes can't be computed any more, and no such token can be given to a tenant again without the \
                 vendor's file.",
                if tokens.len() == 1 {
                    "One seed is".to_owned()
                } else {
                    format!("{} seeds are", tokens.len())
                }
            ),
        )?;
        let serials: Vec<&str> = self.serials.iter().map(String::as_str).collect();
        audit::note(desk, store, DeedKind::SeedsForgotten, &serials, tokens.len()).await?;
        vault.forget(&tokens, desk.clock.utc()).await?;
        desk.ui.say(
            "Forgotten: nobody can recover them from the live store; whoever has an older copy and an unlocker of that time can.",
        );
        Ok(Exit::Ok)
    }
}
