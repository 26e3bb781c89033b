//! From the files a user names to a checked table: the first steps of the walk.
//!
//! Owns: opening, hashing, giving people to tokens, the order of these steps; whether the file is let in
//! ([`admit`]). Does not own: reading (`oathctl-files`), judging ([`oathctl_core::check`]), what opens a locked file
//! ([`crate::keys`]), questions ([`crate::asking`]).

mod again;
mod selection;

use std::io::Read;

use oathctl_core::check::{CheckOptions, Purpose, check};
use oathctl_core::fault::{Fault, Severity};
use oathctl_core::place::Place;
use oathctl_core::plan::PlanInput;
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_core::table::{RowId, Table, TableBuilder};
use oathctl_core::token::serial_key;
use oathctl_files::{Assignments, Input, MOST_BYTES, read, read_users_csv};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::asking::{self, Asking};
use crate::cli::Reading;
use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};
use crate::keys::{Keys, Ring};
use crate::tell;

pub use again::{same_again, spared};
pub use selection::{excluded, list, selection};

/// A file that was read and checked.
pub struct Loaded {
    /// Its rows, with decisions and faults.
    pub table: Table,
    /// What is recorded of it.
    pub input: PlanInput,
    /// What is wrong with the list of people without being a fault of a row.
    pub beside: Vec<Fault>,
    /// How it was read, with what was answered when asked.
    pub reading: Reading,
    /// The same rows read as hex, where their spelling can't be decided and codes are to decide it.
    pub as_hex: Option<Table>,
}

/// How an input is to be read.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// What the file doesn't say.
    pub reading: &'a Reading,
    /// What opens it.
    pub keys: &'a Keys,
    /// What may be asked.
    pub asking: Asking,
    /// What the rows are for.
    pub purpose: Purpose,
    /// Codes will be held against it.
    pub for_codes: bool,
}

impl<'a> How<'a> {
    /// For a tenant; asks what can't be decided.
    pub fn new(reading: &'a Reading, keys: &'a Keys) -> Self {
        Self { reading, keys, asking: Asking::Undecided, purpose: Purpose::Entra, for_codes: false }
    }

    /// Keeps what codes may need to decide the spelling.
    pub fn for_codes(self) -> Self {
        Self { for_codes: true, ..self }
    }

    /// Asks this much.
    pub fn asking(self, asking: Asking) -> Self {
        Self { asking, ..self }
    }
}

/// Reads `file` (`-`: standard input), gives it the people of `users`, checks everything. A file that can't be opened
/// gives a table that is rejected, with its reason.
pub fn load(desk: &Desk, file: &str, users: Option<&str>, how: How<'_>) -> Result<Loaded, Failure> {
    let inputs: Vec<&str> = [Some(file), users].into_iter().flatten().collect();
    let mut ring = how.keys.ring(desk, &inputs)?;
    // A flag that can't be used is told before anything is opened.
    how.reading.options(desk)?;
    let input = open(desk, file);
    let sha256 = input.as_ref().map(|input| sha256(&input.bytes)).unwrap_or_default();
    let (users_sha256, people) = match users {
        Some(list) => people_of(desk, list).map(|(sha256, people)| (Some(sha256), Some(people)))?,
        None => (None, None),
    };
    let Judged { table, beside, reading, as_hex } = match input {
        Ok(input) => settled(desk, input, people.as_ref(), how, &mut ring)?,
        Err(reason) => {
            let mut table = unreadable(file, reason);
            let beside = people.map(|people| give(&people, &mut table)).unwrap_or_default();
            check(&mut table, &CheckOptions::default());
            Judged { table, beside, reading: how.reading.clone(), as_hex: None }
        }
    };
    let rows = u64::try_from(table.len()).unwrap_or(u64::MAX);
    let path = (file != "-").then(|| file.to_owned());
    let input = PlanInput { path, sha256, users_sha256, rows };
    Ok(Loaded { table, input, beside, reading, as_hex })
}

/// Reads, and reads again with every answer, until nothing is open that may be asked.
fn settled(
    desk: &Desk,
    input: Input,
    people: Option<&Assignments>,
    how: How<'_>,
    ring: &mut Ring<'_>,
) -> Result<Judged, Failure> {
    let may_ask = how.asking != Asking::Nothing && desk.ui.terminals().can_ask();
    let again = (may_ask || how.for_codes).then(|| Zeroizing::clone(&input.bytes));
    let name = input.name.clone();
    let mut reading = how.reading.clone();
    let mut answered: Vec<&'static str> = Vec::new();
    let mut next = Some(input);
    let mut once = |reading: &Reading, answered: &[&str]| {
        let once_more = || Input { name: name.clone(), bytes: again.clone().unwrap_or_default() };
        let mut table = read(next.take().unwrap_or_else(once_more), &reading.options(desk)?, ring);
        let beside = people.map(|people| give(people, &mut table)).unwrap_or_default();
        let allow_test_seeds = reading.allow_test_seeds;
        check(&mut table, &CheckOptions { purpose: how.purpose, allow_test_seeds });
        answered.iter().for_each(|what| table.was_answered(what));
        Ok::<_, Failure>((table, beside))
    };
    loop {
        let (table, beside) = once(&reading, &answered)?;
        let answer = asking::ask(desk, &table, &reading, how.asking);
        let Some(answer) = answer.filter(|answer| !answered.contains(&answer.what)) else {
            let hex = Reading { secret_encoding: Some("hex".into()), ..reading.clone() };
            let as_hex = (how.for_codes && asking::is_spelling_open(&table)).then(|| once(&hex, &answered));
            let as_hex = as_hex.transpose()?.map(|(table, _)| table);
            return Ok(Judged { table, beside, reading, as_hex });
        };
        answered.push(answer.what);
        reading = answer.reading;
    }
}

/// What came of reading.
struct Judged {
    table: Table,
    beside: Vec<Fault>,
    reading: Reading,
    as_hex: Option<Table>,
}

/// Lets a file in, or tells its faults: file faults always refuse it, any fault with `--strict`, a likely reading of
/// the seeds for anything that writes (H13).
pub fn admit(desk: &Desk, loaded: &Loaded, strict: bool) -> Result<(), Failure> {
    let Loaded { table, beside, .. } = loaded;
    let faults = || table.faults().iter().chain(beside);
    let errors = faults().filter(|fault| fault.severity == Severity::Error).count();
    tell::faults::on_stderr(desk, faults());
    let refused = |what: String| Failure::new(Exit::Input, format!("{what} Nothing was sent."));
    if table.is_rejected() {
        return Err(refused("The file is refused.".into()));
    }
    if table.is_empty() {
        return Err(refused("The file has no row.".into()));
    }
    let guessed = table.decisions().iter().find(|d| d.what == "seed_encoding" && !d.certain);
    if let Some(guess) = guessed {
        return Err(refused(format!(
            "How the seeds are spelled is only likely ({}), and a wrong reading would lock people out.",
            guess.chosen
        ))
        .advice("Say it with `--secret-encoding hex` or `--secret-encoding base32`; the vendor knows."));
    }
    if strict && errors > 0 {
        return Err(refused(format!(
            "The file has {}, and `--strict` refuses it for any.",
            tell::counted(errors, "fault")
        ))
        .called("strict"));
    }
    Ok(())
}

fn people_of(desk: &Desk, path: &str) -> Result<(String, Assignments), Failure> {
    let input = open(desk, path).map_err(|reason| refused_list("--users", path, &reason))?;
    let sha256 = sha256(&input.bytes);
    let people = read_users_csv(input);
    if people.is_rejected() {
        tell::faults::on_stderr(desk, people.faults.iter());
        return Err(Failure::new(Exit::Input, "The list of `--users` can't be used. Nothing was sent."));
    }
    Ok((sha256, people))
}

/// Gives people to the tokens; what is wrong with the list without being a fault of a row comes back.
fn give(people: &Assignments, table: &mut Table) -> Vec<Fault> {
    let mut beside = people.apply(table);
    for fault in &people.faults {
        match row_of(table, fault) {
            // The token would go on without the person who was meant: its row is left out.
            Some(row) => table.add_fault(Fault { row: Some(row), ..fault.clone() }),
            None => beside.push(fault.clone()),
        }
    }
    beside
}

/// The row an error of the list of people is about.
fn row_of(table: &Table, fault: &Fault) -> Option<RowId> {
    let serial = fault.serial.as_deref().filter(|serial| !serial.is_empty())?;
    let key = serial_key(serial);
    let is_error = fault.severity == Severity::Error;
    is_error.then(|| table.rows().find(|row| serial_key(row.serial()) == key).map(|row| row.id())).flatten()
}

/// Opens a file by the name a user typed; its bytes are wiped when done with.
pub fn open(desk: &Desk, file: &str) -> Result<Input, Reason> {
    if file == "-" {
        return desk.ui.with_stdin(|stdin| Input::read_from(None, stdin, 0, MOST_BYTES));
    }
    let (reader, size): (Box<dyn Read>, u64) = match desk.fs.open(file) {
        Ok((reader, size)) => (Box::new(reader), size),
        Err(error) => return Err(Reason::FileUnreadable { detail: io_words(&error) }),
    };
    Input::read_from(Some(file.to_owned()), reader, size, MOST_BYTES)
}

fn unreadable(file: &str, reason: Reason) -> Table {
    let mut builder = TableBuilder::default();
    let place = Place { file: (file != "-").then(|| file.to_owned()), ..Place::default() };
    builder.fault(Severity::Error, reason, place, None);
    builder.finish()
}

/// A list that can't be opened.
pub fn refused_list(flag: &str, path: &str, reason: &Reason) -> Failure {
    Failure::new(
        Exit::Input,
        format!("The list {} of `{flag}` can't be read. Nothing was sent.", quoted(path)),
    )
    .because(crate::words::message(reason))
}

/// Of the bytes as delivered, in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
