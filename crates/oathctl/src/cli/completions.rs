//! `oathctl completions`: for the shell.

use clap::Args;
use clap_complete::Shell;
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::Failure;

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  oathctl completions bash > ~/.local/share/bash-completion/completions/oathctl"
)]
pub struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::whole(), "oathctl", &mut script);
        desk.ui.data(&String::from_utf8_lossy(&script));
        Ok(Exit::Ok)
    }
}
