//! `oathctl vault import`: the seeds of a file.
//!
//! Owns: which rows are kept, what is told of the others and of the original file.

use clap::Args;
use oathctl_core::check::Purpose;
use oathctl_core::fault::Severity;
use oathctl_core::report::Exit;
use oathctl_core::table::{RowView, Table, Verdict};
use oathctl_store::vault::{Imported, NewSeed, Parameters};
use oathctl_store::{DeedKind, Store, TokenFacts};

use super::count;
use crate::cli::Reading;
use crate::cli::audit;
use crate::cli::unlock::Unlock;
use crate::desk::Desk;
use crate::everyday;
use crate::failure::{Failure, quoted};
use crate::input::{self, How};
use crate::keys::Keys;
use crate::places::Places;
use crate::tell::faults;
use crate::words::en::foreign::clean;

/// Keep the seeds of a file.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The vendor's file, in any format and wrapping that `oathctl check` reads
    file: String,
    /// Keep nothing if anything is wrong with the file
    #[arg(long)]
    strict: bool,
    /// The delivery these tokens came with, for the inventory
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    batch: String,
    /// Where they lie, for the inventory
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
    location: String,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    unlock: Unlock,
}

/// What helps where a file and the vault disagree.
pub(in crate::cli) const CONTRADICTION: &str = "One of the two has another device's seed, or an older one. Find out which: `oathctl check FILE --codes` holds codes \
     of the device against the file. If the file is right, forget the vault's (`oathctl vault forget SERIAL`) and import \
     it again; a token that is in the tenant is then made anew with `oathctl tokens reseed SERIAL`.";

/// So many contradictions are named.
const NAMED: usize = 10;

impl Import {
    pub(super) fn places(&self) -> Places {
        self.unlock.places(self.keys.places(Places::default())).read("the vendor's file", Some(&self.file))
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let how = How { purpose: Purpose::Convert, ..How::new(&self.reading, &self.keys) };
        let loaded = input::load(desk, &self.file, None, how)?;
        faults::on_stderr(desk, loaded.table.faults().iter());
        let errors = loaded.table.faults().iter().filter(|fault| fault.severity == Severity::Error).count();
        if loaded.table.is_rejected() || (self.strict && errors > 0) {
            return Err(Failure::new(Exit::Input, "The file is refused. Nothing was kept."));
        }
        let (seeds, left_out) = seeds_of(&loaded.table);
        let mut vault = self.unlock.open(desk, store).await?;
        audit::note(desk, store, DeedKind::SeedsImported, &[], seeds.len()).await?;
        let done = vault.import(&seeds, desk.clock.utc()).await?;
        tell(desk, &done, &seeds, left_out);
        make_known(desk, store, &seeds, &done, (&self.batch, &self.location)).await?;
        afterwards(desk, &self.file, &done);
        let whole = left_out == 0 && done.conflicts.is_empty() && done.refused.is_empty();
        Ok(if whole { Exit::Ok } else { Exit::Rows })
    }
}

/// Whatever the vault holds of a file is a token that the inventory knows, in stock until a tenant shows it.
pub(in crate::cli) async fn make_known(
    desk: &Desk,
    store: &Store,
    seeds: &[NewSeed<'_>],
    done: &Imported,
    (batch, location): (&str, &str),
) -> Result<(), Failure> {
    let held = done.added.iter().chain(&done.known).chain(&done.sealed).filter_map(|(n, _)| seeds.get(*n));
    let facts: Vec<TokenFacts> = held
        .map(|seed| TokenFacts {
            serial: seed.serial.to_owned(),
            maker: seed.maker.to_owned(),
            model: seed.model.to_owned(),
            hash: Some(seed.parameters.hash),
            digits: Some(seed.parameters.digits),
            period_secs: Some(seed.parameters.period_secs),
            batch: batch.to_owned(),
            location: location.to_owned(),
        })
        .collect();
    store.inventory().keep(&facts, &everyday::who(desk), desk.clock.utc()).await?;
    Ok(())
}

/// What can be kept of a file, and how many rows can't.
pub(in crate::cli) fn seeds_of(table: &Table) -> (Vec<NewSeed<'_>>, usize) {
    let rows: Vec<RowView<'_>> = table.rows().filter(|row| row.verdict() == Verdict::Usable).collect();
    let seeds: Vec<NewSeed<'_>> = rows.iter().filter_map(seed_of).collect();
    let left_out = left_out(table) + (rows.len() - seeds.len());
    (seeds, left_out)
}

fn seed_of<'t>(row: &RowView<'t>) -> Option<NewSeed<'t>> {
    let parameters = Parameters {
        kind: row.kind(),
        hash: row.hash()?,
        digits: row.digits()?,
        period_secs: row.period_secs().unwrap_or(0),
    };
    let (serial, maker, model) = (row.serial(), row.manufacturer(), row.model());
    // The door: into the vault.
    Some(NewSeed { serial, maker, model, parameters, seed: row.expose_seed() })
}

fn left_out(table: &Table) -> usize {
    table.rows().filter(|row| row.verdict() == Verdict::Faulty).count()
}

pub(in crate::cli) fn tell(desk: &Desk, done: &Imported, seeds: &[NewSeed<'_>], left_out: usize) {
    for n in done.conflicts.iter().take(NAMED) {
        desk.ui.wrong(&format!(
            "error: {}: the vault holds another seed or other parameters under this serial; nothing was changed",
            clean(seeds[*n].serial)
        ));
    }
    if done.conflicts.len() > NAMED {
        desk.ui.wrong(&format!("… and {} more like that", done.conflicts.len() - NAMED));
    }
    if !done.conflicts.is_empty() {
        desk.ui.wrong(&format!("    what to do: {CONTRADICTION}"));
    }
    let mut parts = vec![format!("{} kept and read back", count(done.added.len(), "seed"))];
    for (n, what) in [
        (done.known.len(), "were there already"),
        (done.sealed.len(), "lie sealed, so that this unlocker can't compare them"),
        (done.conflicts.len(), "contradict the vault"),
        (done.refused.len() + left_out, "left out"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    desk.ui.say(&format!("{}.", parts.join(", ")));
}

/// What to do with the original.
pub(in crate::cli) fn afterwards(desk: &Desk, file: &str, done: &Imported) {
    if file == "-" || done.added.len() + done.known.len() + done.sealed.len() == 0 {
        return;
    }
    desk.ui.say(&format!(
        "The seeds are still in {} as well. Once a backup of the vault was tried, take that file off this machine; a deleted \
         file can often be brought back, so an encrypted disk or the vendor's own encryption is the better place for it.",
        quoted(file)
    ));
}
