//! Everything a command touches outside itself: clocks, randomness, environment, folders, the three streams,
//! signals. A transcript gives its own; the program gives [`Host::real`].
//!
//! Owns: [`Host`] and its parts. Does not own: what is done with them. Nothing a user can say sets the clock.

mod fs;
mod real;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use oathctl_core::time::{Clock, Entropy};
use zeroize::Zeroizing;

pub use fs::Fs;
pub use real::SystemRandom;

/// The world as one command sees it.
pub struct Host {
    /// Our clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness for run ids and for the vault's keys.
    pub entropy: Arc<dyn Entropy>,
    /// The environment.
    pub env: Environment,
    /// Folders and files.
    pub fs: Fs,
    /// Input.
    pub stdin: Box<dyn Read + Send>,
    /// Data.
    pub stdout: Box<dyn Write + Send>,
    /// Everything else.
    pub stderr: Box<dyn Write + Send>,
    /// Which of the three are terminals.
    pub is_terminal: Terminals,
    /// Draws a moving bar on the real terminal's standard error; false in transcripts.
    pub moving_bar: bool,
    /// Asks for a secret on the terminal, without showing it.
    pub ask_secret: AskSecret,
    /// Ctrl-C and the word to end.
    pub interrupts: Arc<dyn Interrupts>,
}

/// Variables and their values, wiped when done with: some are secrets.
pub type Environment = BTreeMap<String, Zeroizing<String>>;

/// Asks for a secret on the terminal: gets the question, gives what was typed.
pub type AskSecret = Arc<dyn Fn(&str) -> io::Result<Zeroizing<String>> + Send + Sync>;

/// Which streams are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminals {
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

impl Terminals {
    /// Somebody can be asked.
    pub fn can_ask(self) -> bool {
        self.stdin && self.stderr
    }
}

/// Requests to end, from outside.
pub trait Interrupts: Send + Sync + 'static {
    /// Completes at the next request.
    fn next(&self) -> BoxFuture<'static, ()>;
}

/// The folders a program may use.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// What relative paths are relative to.
    pub working: PathBuf,
    /// For what lasts; `None` when the system names none.
    pub data: Option<PathBuf>,
    /// For configuration.
    pub config: Option<PathBuf>,
    /// For what goes away.
    pub temp: PathBuf,
}
