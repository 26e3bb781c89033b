//! What opens a locked seed file, as the command line names it: passphrases, key files, the user's own gpg.
//!
//! Owns: [`Keys`] (the flags) and the key ring made of them ([`Ring`]). Does not own: what a key opens
//! (`oathctl-files`). Nothing of this is recorded: `apply` and `resume` take the flags anew.

mod gpg;
mod ring;
mod source;

use clap::Args;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;

pub use ring::Ring;
pub use source::{long_enough, passphrase_of, public_file};

/// The passphrase itself, in the environment.
pub const VARIABLE: &str = "OATHCTL_FILE_PASSPHRASE";
/// A file with it.
pub const FILE_VARIABLE: &str = "OATHCTL_FILE_PASSPHRASE_FILE";

/// What opens the file. Never recorded.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What opens the file")]
pub struct Keys {
    /// Passphrase of a locked file: the first line of this one, `-` for standard input; several times for several
    /// [environment: OATHCTL_FILE_PASSPHRASE_FILE, or the passphrase itself: OATHCTL_FILE_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Vec<String>,
    /// The same from an open file descriptor
    #[arg(long, value_name = "N")]
    pub passphrase_fd: Option<u32>,
    /// Pre-shared key, PGP secret key, age identity or RSA private key; several times for several
    #[arg(long, value_name = "FILE")]
    pub key_file: Vec<String>,
    /// Let your own gpg decrypt PGP (agent, smart card)
    #[arg(long)]
    pub gpg: bool,
}

impl Keys {
    /// The files of these flags, as files that are read.
    pub fn places(&self, places: Places) -> Places {
        let passphrases = self.passphrase_file.iter().map(|file| ("the passphrase file", file));
        let keys = self.key_file.iter().map(|file| ("the key file", file));
        passphrases.chain(keys).fold(places, |places, (what, file)| places.read(what, Some(file)))
    }

    /// Reads all that was named. `others` are names of other inputs, of which one may be standard input.
    pub fn ring<'d>(&self, desk: &'d Desk, others: &[&str]) -> Result<Ring<'d>, Failure> {
        let from_stdin = |name: &&str| *name == "-";
        let passphrases = self.passphrase_file.iter().map(String::as_str);
        if others.iter().copied().chain(passphrases).filter(from_stdin).count() > 1 {
            return Err(Failure::usage("Only one thing can come by standard input.")
                .advice("Name a file for the others, or say `--passphrase-fd N`."));
        }
        let known = source::passphrases(desk, self)?;
        let files =
            self.key_file.iter().map(|path| source::key_file(desk, path)).collect::<Result<_, _>>()?;
        Ok(Ring::new(desk, known, files, self.gpg))
    }
}
