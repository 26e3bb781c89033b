//! `oathctl pair`: a box of tokens and a list of people, put together by position (H4).

use clap::Args;
use oathctl_core::fault::Fault;
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_core::table::Table;
use oathctl_files::{Pair as Pairing, pair, read_serials, write_pairs};

use super::planning::Reading;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::input::{self, How};
use crate::keys::Keys;
use crate::places::Places;
use crate::tell::faults;
use crate::words;
use crate::words::en::foreign::clean;

/// Put a box of tokens and a list of people together, shown before it is written.
#[derive(Debug, Args)]
#[command(
    after_help = "The first person gets the first token, and so on. No tenant is asked: whoever holds a token already \
    is refused when the pairs are used, by `plan` or `activate`, unless they are told `--additional`.\n\nExamples:\n  \
    oathctl pair tokens.csv people.txt -o pairs.csv\n  \
    oathctl pair serials.txt people.txt -o pairs.csv\n  \
    oathctl activate tokens.csv --users pairs.csv"
)]
pub struct Pair {
    /// The vendor's file; or serials alone, one a line or a CSV with a column of serials
    tokens: String,
    /// The people: one a line, or a CSV with a column of user principal names
    people: String,
    /// Where the pairs are written: serial,upn; no seeds
    #[arg(long, short, value_name = "CSV")]
    out: String,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
}

impl Pair {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(Places::default())
            .read("the vendor's file", Some(&self.tokens))
            .read("the list of people", Some(&self.people))
            .write("--out", Some(&self.out))
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        if self.tokens == "-" && self.people == "-" {
            return Err(Failure::usage("Only one of the two can come by standard input."));
        }
        let tokens = self.box_of_tokens(desk)?;
        let unopened = |reason| {
            Failure::new(Exit::Input, format!("The list {} can't be read.", quoted(&self.people)))
                .because(words::message(&reason))
        };
        let people = input::open(desk, &self.people).map_err(unopened)?;
        let result = pair(&tokens, people);
        faults::on_stderr(desk, result.faults.iter());
        if result.is_refused() || result.pairs.is_empty() {
            return Err(Failure::new(Exit::Input, "No pairs were made, and nothing was written.").advice(
                "Put right what is told above: one lost line gives everybody the neighbour's token.",
            ));
        }
        let text = write_pairs(&result.pairs).map_err(|reason| {
            Failure::new(Exit::Input, "The pairs can't be written.").because(words::message(&reason))
        })?;
        show(desk, &result.pairs);
        agreed(desk)?;
        desk.fs
            .write_private(&self.out, text.as_bytes())
            .map_err(|error| Failure::unwritable("The file of pairs", &self.out, &error))?;
        desk.ui.say(&format!("{} pairs are in {}.", result.pairs.len(), quoted(&self.out)));
        let file = if tokens.rows().any(|row| row.seed_len() > 0) { &self.tokens } else { "VENDOR-FILE" };
        desk.ui.say(&format!("To put them to work: oathctl activate {file} --users {}", self.out));
        Ok(Exit::Ok)
    }

    /// The vendor's file, or a bare list of serials.
    fn box_of_tokens(&self, desk: &Desk) -> Result<Table, Failure> {
        let loaded = input::load(desk, &self.tokens, None, How::new(&self.reading, &self.keys))?;
        // Standard input can't be read a second time.
        if self.tokens == "-" || !lacks_seeds(&loaded.table) {
            return Ok(loaded.table);
        }
        let serials = input::open(desk, &self.tokens).map(read_serials);
        Ok(serials.ok().filter(|list| !list.is_rejected()).unwrap_or(loaded.table))
    }
}

/// No column of it is known to hold seeds.
fn lacks_seeds(table: &Table) -> bool {
    let unknown = |fault: &Fault| match &fault.reason {
        Reason::HeadersUnknown { needed, .. } => needed.iter().any(|field| field == Field::Seed.word()),
        _ => false,
    };
    table.is_rejected() && table.faults().iter().any(unknown)
}

/// First, middle and last three.
fn show(desk: &Desk, pairs: &[Pairing]) {
    let n = pairs.len();
    let shown: Vec<usize> =
        if n <= 9 { (0..n).collect() } else { (0..3).chain(n / 2 - 1..n / 2 + 2).chain(n - 3..n).collect() };
    let mut last = None;
    for at in shown {
        if last.is_some_and(|last| last + 1 != at) {
            desk.ui.show("    …");
        }
        let pair = &pairs[at];
        desk.ui.show(&format!(
            "  {:>5}  {}  {}  (lines {} and {})",
            at + 1,
            clean(&pair.serial),
            clean(&pair.upn),
            pair.token_line,
            pair.person_line
        ));
        last = Some(at);
    }
    desk.ui.show(&format!(
        "  {n} pairs. Whether these people hold tokens already is seen by `plan` and `activate`."
    ));
}

fn agreed(desk: &Desk) -> Result<(), Failure> {
    if desk.global.yes {
        return Ok(());
    }
    if !desk.ui.terminals().can_ask() {
        return Err(Failure::gate(
            "Nobody is there to confirm, and `--yes` wasn't given; nothing was written.",
        ));
    }
    match desk.ui.ask("Write them? Type yes: ").as_deref().map(str::trim) {
        Some(yes) if yes.eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(Failure::gate("Not confirmed; nothing was written.")),
    }
}
