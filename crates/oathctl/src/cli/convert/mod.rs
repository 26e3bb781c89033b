//! `oathctl convert`: any readable file of seeds into one of another format.
//!
//! Owns: its arguments, the order of its steps, its exit code. [`sealing`] settles how the new file is encrypted,
//! [`told`] what is said at the end, [`document`] what scripts get. Does not own: writing a format (`oathctl-files`).

mod document;
pub(super) mod sealing;
mod told;

use std::collections::BTreeSet;

use clap::Args;
use oathctl_core::check::Purpose;
use oathctl_core::fault::{Fault, Severity};
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_core::table::{RowId, Verdict};
use oathctl_files::{Random, Target, Written, convertible, seal, write};

use self::document::Summary;
use self::sealing::Lock;
use super::planning::Reading;
use super::runs::print;
use crate::asking::Asking;
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::host::SystemRandom;
use crate::input::{self, How, Loaded};
use crate::keys::Keys;
use crate::places::Places;
use crate::tell::{self, faults};
use crate::words;

/// Write the tokens of any readable file into a file of another format.
#[derive(Debug, Args)]
#[command(
    after_help = "The new file is encrypted unless you say `--plaintext`, and no file is ever overwritten.\n\
    Rows the format can't hold are left out and told (exit 3); `--strict` then writes nothing (exit 6).\n\nExamples:\n  \
    oathctl convert tokens.xlsx tokens.xml --out-passphrase-file new.txt\n  \
    oathctl convert tokens.pskc.xml --key-file psk.hex tokens.csv.age --recipient age1…\n  \
    oathctl convert tokens.csv.asc tokens.json.asc --gpg --recipient colleague.asc\n  \
    oathctl convert tokens.csv - --to otpauth --plaintext | qrencode-all"
)]
pub struct Convert {
    /// The file to read; `-` for standard input
    #[arg(value_name = "IN")]
    input: String,
    /// The file to write; `-` for standard output
    #[arg(value_name = "OUT")]
    out: String,
    /// The format to write [default: by the ending of OUT: .csv, .json, .xml, .txt]
    #[arg(long, value_name = "FORMAT", value_parser = target, help = TO)]
    to: Option<Target>,
    /// People for the tokens: a CSV of serial,upn
    #[arg(long, value_name = "CSV")]
    users: Option<String>,
    /// Write nothing when any row would be left out
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    sealing: sealing::Flags,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
}

pub(super) const TO: &str = "Format to write: ms-csv, graph-json, pskc, otpauth, oath-csv [default: by the ending of OUT, as \
    .csv, .json, .xml, .txt]";

pub(super) fn target(word: &str) -> Result<Target, String> {
    Target::parse(word).ok_or_else(|| format!("write one of {}", all_targets()))
}

pub(super) fn all_targets() -> String {
    Target::ALL.map(Target::word).join(", ")
}

impl Convert {
    pub(super) fn places(&self) -> Places {
        let places = self.sealing.places(self.keys.places(Places::default()));
        places
            .read("the file to read", Some(&self.input))
            .read("the list of `--users`", self.users.as_deref())
            .write("OUT", Some(self.out.as_str()).filter(|out| *out != "-"))
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let target = self.target()?;
        self.is_possible(desk)?;
        let lock = self.sealing.lock(desk, target, &self.inputs())?;
        let how = How {
            purpose: Purpose::Convert,
            ..How::new(&self.reading, &self.keys).asking(Asking::Uncertain)
        };
        let loaded = input::load(desk, &self.input, self.users.as_deref(), how)?;
        let random: &dyn Random = &SystemRandom;
        let written = is_certain(desk, &loaded).and_then(|()| {
            let pskc = lock.pskc().map(|lock| (lock, random));
            write(convertible(&loaded.table), target, pskc).map_err(|reason| failed(&reason))
        });
        let done = match &written {
            Ok(written) => self.keep(desk, &Made::of(target, &lock, &loaded, written), &loaded),
            Err(failure) => Err(failure.clone()),
        };
        if desk.output() != Output::Text {
            let written = written.as_ref().ok();
            let summary = Summary { out: &self.out, target, lock: &lock, loaded: &loaded, written };
            print(desk, &summary.document(&done));
        }
        done
    }

    /// Puts it where it belongs, unless that is refused.
    fn keep(&self, desk: &Desk, made: &Made<'_>, loaded: &Loaded) -> Result<Exit, Failure> {
        tell_faults(desk, loaded, made.written);
        if made.written.tokens == 0 {
            return Err(refused("No row can be written."));
        }
        if self.strict && made.left_out > 0 {
            let rows = tell::rows(made.left_out);
            return Err(refused(&format!("{rows} would be left out, and `--strict` was said.")));
        }
        match made.lock.whole() {
            None => self.deliver(desk, made, &made.written.bytes),
            Some(sealing) => {
                let sealed = seal(&made.written.bytes, &sealing, &SystemRandom, Some(desk.clock.utc()));
                self.deliver(desk, made, &sealed.map_err(|reason| failed(&reason))?)
            }
        }
    }

    fn inputs(&self) -> Vec<&str> {
        [Some(self.input.as_str()), self.users.as_deref()].into_iter().flatten().collect()
    }

    fn target(&self) -> Result<Target, Failure> {
        self.to.or_else(|| Target::from_name(&self.out)).ok_or_else(|| {
            Failure::usage(format!("The name {} doesn't tell which format is wanted.", quoted(&self.out)))
                .advice(format!("Say `--to FORMAT`, with one of {}.", all_targets()))
        })
    }

    /// Before anything is read or asked for.
    fn is_possible(&self, desk: &Desk) -> Result<(), Failure> {
        if self.out == "-" {
            return if desk.ui.terminals().stdout {
                Err(Failure::usage("Seeds aren't shown on a terminal.")
                    .advice("Name a file, or lead standard output into another program."))
            } else if desk.output() != Output::Text {
                Err(Failure::usage("Standard output can't take the tokens and a JSON document at once.")
                    .advice("Name a file for OUT, or leave out `--output`."))
            } else {
                Ok(())
            };
        }
        if desk.fs.path(&self.out).symlink_metadata().is_ok() {
            return Err(exists(&self.out));
        }
        Ok(())
    }

    fn deliver(&self, desk: &Desk, made: &Made<'_>, bytes: &[u8]) -> Result<Exit, Failure> {
        if self.out == "-" {
            desk.ui.data_bytes(bytes);
        } else {
            desk.fs.write_new_private(&self.out, bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => exists(&self.out),
                _ => Failure::unwritable("The new file", &self.out, &error),
            })?;
        }
        told::lines(made, &self.out).iter().for_each(|line| desk.ui.say(line));
        Ok(if made.left_out > 0 { Exit::Rows } else { Exit::Ok })
    }
}

/// What was made of what.
struct Made<'a> {
    target: Target,
    lock: &'a Lock,
    rows: u64,
    written: &'a Written,
    left_out: u64,
}

impl<'a> Made<'a> {
    fn of(target: Target, lock: &'a Lock, loaded: &Loaded, written: &'a Written) -> Self {
        let left_out = left_out(loaded, written);
        Self { target, lock, rows: loaded.input.rows, written, left_out }
    }
}

/// A guess would be written down as a fact (H13).
fn is_certain(desk: &Desk, loaded: &Loaded) -> Result<(), Failure> {
    let table = &loaded.table;
    if table.is_rejected() || table.is_empty() {
        faults::on_stderr(desk, table.faults().iter().chain(&loaded.beside));
        let what = if table.is_rejected() { "The file is refused." } else { "The file has no row." };
        return Err(refused(what));
    }
    let guessed = table.decisions().iter().find(|it| it.what == "seed_encoding" && !it.certain);
    guessed.map_or(Ok(()), |guess| {
        Err(refused(&format!("How the seeds are spelled is only likely ({}).", guess.chosen))
            .advice("Say it with `--secret-encoding hex` or `--secret-encoding base32`; the vendor knows."))
    })
}

/// Errors of rows that were not written, and every warning.
fn tell_faults(desk: &Desk, loaded: &Loaded, written: &Written) {
    let left_out: BTreeSet<_> = written.left_out.iter().map(|fault| fault.row).collect();
    let is_out = |row: RowId| left_out.contains(&Some(row));
    let in_it: BTreeSet<RowId> =
        convertible(&loaded.table).map(|row| row.id()).filter(|row| !is_out(*row)).collect();
    let stands = |fault: &&Fault| {
        fault.severity != Severity::Error || fault.row.is_none_or(|row| !in_it.contains(&row))
    };
    let all = loaded.table.faults().iter().chain(&loaded.beside).filter(stands);
    faults::on_stderr(desk, all.chain(&written.left_out));
}

/// Rows that are not in the new file; those said twice are.
fn left_out(loaded: &Loaded, written: &Written) -> u64 {
    let twice = loaded.table.rows().filter(|row| row.verdict() == Verdict::Duplicate).count();
    loaded.input.rows - written.tokens - u64::try_from(twice).unwrap_or(0)
}

pub(super) fn refused(what: &str) -> Failure {
    Failure::new(Exit::Input, format!("{what} Nothing was written."))
}

pub(super) fn exists(path: &str) -> Failure {
    Failure::usage(format!("There is a file {} already, and none is overwritten.", quoted(path)))
        .advice("Name another one, or remove that one first. Nothing was written.")
}

pub(super) fn failed(reason: &Reason) -> Failure {
    let what = format!("{} Nothing was written.", words::message(reason));
    match reason {
        Reason::OwnFault { .. } => Failure::own(what),
        _ => Failure::usage(what).advice(words::advice(reason)),
    }
}
