//! Which files a command reads and which it writes: none may be both, and none be written twice.
//!
//! Owns: [`Places`]. Does not own: reading, writing. A vendor's seed file exists once; an output over it would be a
//! loss nobody can mend, so this is settled before anything is opened or sent.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, quoted};
use crate::host::Fs;

/// The flag of the log, which is written to before anything else is.
const LOG: &str = "--log-file";

/// The files of a command, by what they are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    reads: Vec<Named>,
    writes: Vec<Named>,
}

#[derive(Clone, Debug)]
struct Named {
    what: &'static str,
    typed: String,
}

impl Places {
    /// Adds what is read; `-` is standard input.
    pub fn read(mut self, what: &'static str, typed: Option<&str>) -> Self {
        let named = typed.filter(|typed| *typed != "-").map(|typed| Named { what, typed: typed.to_owned() });
        self.reads.extend(named);
        self
    }

    /// Adds what is written.
    pub fn write(mut self, flag: &'static str, typed: Option<&str>) -> Self {
        self.writes.extend(typed.map(|typed| Named { what: flag, typed: typed.to_owned() }));
        self
    }

    /// Refuses an output that is an input or another output.
    pub fn apart(&self, fs: &Fs) -> Result<(), Failure> {
        for (at, output) in self.writes.iter().enumerate() {
            let Some(place) = identity(&fs.path(&output.typed)) else { continue };
            let is_here = |other: &&Named| identity(&fs.path(&other.typed)).as_ref() == Some(&place);
            if let Some(input) = self.reads.iter().find(is_here) {
                return Err(overwrites(output, input.what));
            }
            if let Some(twin) = self.writes.iter().take(at).find(is_here) {
                return Err(Failure::usage(format!(
                    "`{}` and `{}` name the same file {}.",
                    twin.what,
                    output.what,
                    quoted(&output.typed)
                ))
                .advice("Name two files. Nothing was written and nothing was sent."));
            }
        }
        Ok(())
    }

    /// Refuses when this file, which turned out to be read or kept too, is one of the outputs; true beside the
    /// refusal when that output is the log.
    pub fn spares(&self, fs: &Fs, what: &'static str, path: &Path) -> Result<(), (Failure, bool)> {
        let Some(place) = identity(path) else { return Ok(()) };
        let hit =
            self.writes.iter().find(|output| identity(&fs.path(&output.typed)).as_ref() == Some(&place));
        hit.map_or(Ok(()), |output| Err((overwrites(output, what), output.what == LOG)))
    }
}

fn overwrites(output: &Named, what: &str) -> Failure {
    Failure::usage(format!("`{}` would write over {what}, {}.", output.what, quoted(&output.typed)))
        .advice("Name another file for it. Nothing was written and nothing was sent.")
}

/// The one path of a file, through links and dots; of a file that isn't there yet, its folder's with its name.
/// `None` for what no writing spoils (a pipe, `/dev/null`) and for places that can't be looked at.
fn identity(path: &Path) -> Option<PathBuf> {
    if let Ok(whole) = path.canonicalize() {
        return whole.metadata().is_ok_and(|about| about.is_file()).then_some(whole);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}
