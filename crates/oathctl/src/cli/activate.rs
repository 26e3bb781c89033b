//! `oathctl activate`: the main job.

use std::collections::BTreeMap;

use clap::Args;
use oathctl_core::plan::PlanInput;
use oathctl_core::report::Exit;

use super::check::tell_refused;
use super::keep::Keeper;
use super::planning::{Planning, Reading};
use super::unlock::Unlock;
use crate::asking::Asking;
use crate::desk::Desk;
use crate::everyday::{self, About, People, Request, Verb};
use crate::failure::Failure;
use crate::input::{self, How, Loaded};
use crate::keys::Keys;
use crate::places::Places;
use crate::settings::Settings;
use crate::walk::{Attempt, Delivery, Order, Recorded, Walk};

/// Read, check, plan, ask, import, assign, activate, read back, report.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl activate tokens.csv\n  \
    oathctl activate tokens.csv --users people.csv --report run.json --failed failed.csv\n  \
    oathctl activate tokens.csv --only failed.csv\n  \
    oathctl activate tokens.csv --keep --vault-passphrase-file words.txt\n  \
    oathctl activate --users people.csv\n  \
    oathctl activate tokens.csv --up-to assigned --yes --output json")]
pub struct Activate {
    /// The vendor's file; `-` for standard input. Without it: the vault's tokens that have a person and aren't active,
    /// or, with `--users`, those of that list
    file: Option<String>,
    #[command(flatten)]
    planning: Planning,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
    /// Keep the seeds in the vault, before anything is sent
    #[arg(long, help_heading = "What is left")]
    keep: bool,
    #[command(flatten)]
    unlock: Unlock,
    /// Write the report here, as JSON
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    report: Option<String>,
    /// Write the rows that failed here, as CSV for `--only`
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    failed: Option<String>,
}

impl Activate {
    pub(super) fn places(&self) -> Places {
        self.unlock
            .places(self.keys.places(self.planning.places()))
            .read("the vendor's file", self.file.as_deref())
            .write("--report", self.report.as_deref())
            .write("--failed", self.failed.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { file, planning, reading, keys, keep, unlock, report, failed } = self;
        let to = Delivery { report, failed };
        let Some(file) = file else { return from_vault(desk, &planning, keep, &unlock, &to) };
        let how = How::new(&reading, &keys).asking(Asking::Uncertain);
        if unlock.is_named() && !keep {
            return Err(Failure::usage("What opens the vault was named, and nothing is to be kept in it.")
                .advice("Add `--keep`, or leave the vault's flag away. Nothing was sent."));
        }
        let keep = keep.then_some(&unlock);
        activate(desk, &file, Wishes { planning: &planning, how, keep }, &to)
    }
}

/// Without a file: what the vault holds is enough.
fn from_vault(
    desk: &Desk,
    planning: &Planning,
    keep: bool,
    unlock: &Unlock,
    to: &Delivery,
) -> Result<Exit, Failure> {
    if keep || planning.only.is_some() {
        return Err(Failure::usage("`--keep` and `--only` are about a vendor's file, and none was named.")
            .advice("Name the file, or leave the flag away. Nothing was sent."));
    }
    let attempt = Attempt::new(desk, to);
    let request = || {
        let (verb, about, input) = match &planning.users {
            Some(list) => {
                let (tokens, input) = everyday::read_list(desk, "--users", list, People::Needed)?;
                (Verb::Assign, About::Tokens(tokens), input)
            }
            None => (Verb::Activate, About::Waiting, PlanInput::default()),
        };
        let exclude = input::excluded(desk, planning.exclude.as_deref())?;
        Ok(Request {
            verb,
            about,
            options: planning.options(None, exclude, None),
            limits: planning.limits(),
            strict: planning.strict,
            first_only: planning.users.is_some() && !planning.additional,
            input,
        })
    };
    let done = request().and_then(|request| everyday::carry(&attempt, request, unlock, to));
    attempt.ends(done)
}

/// How the main job is to be done.
pub(super) struct Wishes<'a> {
    pub(super) planning: &'a Planning,
    pub(super) how: How<'a>,
    /// The seeds are kept in the vault that this opens.
    pub(super) keep: Option<&'a Unlock>,
}

/// The main job on one file; `demo` walks the same way.
pub(super) fn activate(desk: &Desk, file: &str, wishes: Wishes<'_>, to: &Delivery) -> Result<Exit, Failure> {
    let attempt = Attempt::new(desk, to);
    let done = try_activate(&attempt, file, wishes, to);
    attempt.ends(done)
}

fn try_activate(
    attempt: &Attempt<'_>,
    file: &str,
    wishes: Wishes<'_>,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let desk = attempt.desk;
    let Wishes { planning, how, keep } = wishes;
    let (loaded, settings, recorded) = prepare(attempt, "activate", file, planning, how)?;
    desk.block_on(async {
        let walk = Walk::begin(desk, settings, attempt).await?;
        let (_lock, store) = walk.open_store().await?;
        let keeper = Keeper::of(desk, &store, keep).await?;
        let supersedes = walk.replaces(&store, &loaded, None).await?;
        let known = walk.known(&store, &loaded, &recorded, &[]).await?;
        let (snapshot, plan) = walk.plan(&loaded, &recorded.plan, recorded.limits, known).await?;
        walk.is_strict(&plan, &recorded)?;
        walk.are_first(&snapshot, &plan, planning)?;
        walk.consent(&snapshot, &plan, desk.global.yes).await?;
        let mut kept = keeper.keep(desk, &store, &loaded.table).await?;
        let order = Order {
            loaded: &loaded,
            seeds: &loaded.table,
            snapshot: &snapshot,
            plan,
            digest: None,
            resumes: None,
            supersedes,
            carried: BTreeMap::new(),
            recorded,
        };
        let done = walk.carry_out_of(&store, order, to, kept.vault()).await;
        kept.tell(desk, file);
        done
    })
}

/// Everything that needs no tenant: the file with its people, the choice of rows, the settings. A file that is not let
/// in ends here.
pub(super) fn prepare(
    attempt: &Attempt<'_>,
    command: &str,
    file: &str,
    planning: &Planning,
    how: How<'_>,
) -> Result<(Loaded, Settings, Recorded), Failure> {
    let desk = attempt.desk;
    let loaded = input::load(desk, file, planning.users.as_deref(), how)?;
    let mut recorded = Recorded {
        command: command.into(),
        version: String::new(),
        verb: None,
        reading: loaded.reading.clone(),
        users: planning.users.clone(),
        strict: planning.strict,
        yes: desk.global.yes,
        plan: planning.options(None, Vec::new(), None),
        limits: planning.limits(),
    };
    attempt.read(&loaded, &recorded);
    let settings = desk.settings()?;
    attempt.may_write()?;
    let (only, exclude) = (planning.only.as_deref(), planning.exclude.as_deref());
    let chosen = input::selection(desk, &loaded.table, only, exclude)?;
    recorded.plan = planning.options(chosen.only, chosen.exclude, settings.custom_endpoint.clone());
    attempt.read(&loaded, &recorded);
    admit(attempt, &loaded, planning.strict)?;
    Ok((loaded, settings, recorded))
}

/// Lets the file in, or tells scripts what `check` would print.
pub(super) fn admit(attempt: &Attempt<'_>, loaded: &Loaded, strict: bool) -> Result<(), Failure> {
    input::admit(attempt.desk, loaded, strict).inspect_err(|_| {
        tell_refused(attempt.desk, loaded);
        attempt.is_told();
    })
}
