//! `oathctl man`: the man pages, for packagers.

use clap::Args;
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;

/// Write the man pages into a folder.
#[derive(Debug, Args)]
pub struct Man {
    /// The folder; it must be there
    folder: String,
}

impl Man {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let folder = desk.fs.path(&self.folder);
        let mut whole = super::whole();
        whole.build();
        clap_mangen::generate_to(whole, &folder)
            .map_err(|error| Failure::unwritable("The man pages in", &self.folder, &error))?;
        Ok(Exit::Ok)
    }
}
