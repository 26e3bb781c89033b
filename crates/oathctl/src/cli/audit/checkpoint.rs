//! `oathctl audit checkpoint`: what the chain is now, kept elsewhere.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_store::Store;

use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::places::Places;

/// Add a checkpoint to the files that checkpoints go to. Never to standard output: it would be kept where it can be
/// changed.
#[derive(Debug, Args)]
pub(super) struct ToFiles {
    /// One more file, on something that is only ever added to
    #[arg(long, value_name = "FILE")]
    to: Vec<String>,
}

impl ToFiles {
    pub(super) fn places(&self) -> Places {
        self.to.iter().fold(Places::default(), |places, path| places.write("--to", Some(path)))
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let Some(checkpoint) = store.audit().checkpoint(desk.clock.utc()).await? else {
            desk.ui.say("Nothing has been written to the audit yet.");
            return Ok(Exit::Ok);
        };
        let audit = store.audit();
        let named = self.to.iter().map(|path| desk.fs.path(path));
        let mut failed = None;
        for file in audit.checkpoint_files().iter().cloned().chain(named) {
            let shown = file.display().to_string();
            match checkpoint.append_to(&file) {
                Ok(()) => desk.ui.say(&format!("{}: {} records.", quoted(&shown), checkpoint.records)),
                Err(error) => {
                    desk.ui.wrong(&format!("error: {}: {error}", quoted(&shown)));
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(Exit::Ok), |error| Err(error.into()))
    }
}
