//! `oathctl activate`: the main job.

use std::collections::BTreeMap;

use clap::Args;
use oathctl_core::report::Exit;

use super::check::tell_refused;
use super::planning::{Planning, Reading};
use crate::asking::Asking;
use crate::desk::Desk;
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
    oathctl activate tokens.csv --up-to assigned --yes --output json")]
pub struct Activate {
    /// The vendor's file; `-` for standard input
    file: String,
    #[command(flatten)]
    planning: Planning,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
    /// Write the report here, as JSON
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    report: Option<String>,
    /// Write the rows that failed here, as CSV for `--only`
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    failed: Option<String>,
}

impl Activate {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(self.planning.places())
            .read("the vendor's file", Some(&self.file))
            .write("--report", self.report.as_deref())
            .write("--failed", self.failed.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { file, planning, reading, keys, report, failed } = self;
        let how = How::new(&reading, &keys).asking(Asking::Uncertain);
        activate(desk, &file, &planning, how, &Delivery { report, failed })
    }
}

/// The main job on one file; `demo` walks the same way.
pub(super) fn activate(
    desk: &Desk,
    file: &str,
    planning: &Planning,
    how: How<'_>,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let attempt = Attempt::new(desk, to);
    let done = try_activate(&attempt, file, planning, how, to);
    attempt.ends(done)
}

fn try_activate(
    attempt: &Attempt<'_>,
    file: &str,
    planning: &Planning,
    how: How<'_>,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let desk = attempt.desk;
    let (loaded, settings, recorded) = prepare(attempt, "activate", file, planning, how)?;
    desk.block_on(async {
        let walk = Walk::begin(desk, settings, attempt).await?;
        let (_lock, store) = walk.open_store().await?;
        let supersedes = walk.replaces(&store, &loaded).await?;
        let made = walk.made(&store, &loaded, &recorded, &[]).await?;
        let (snapshot, plan) = walk.plan(&loaded, &recorded.plan, recorded.limits, made).await?;
        walk.is_strict(&plan, &recorded)?;
        walk.are_first(&snapshot, &plan, planning)?;
        walk.consent(&snapshot, &plan, desk.global.yes).await?;
        let order = Order {
            loaded: &loaded,
            snapshot: &snapshot,
            plan,
            digest: None,
            resumes: None,
            supersedes,
            carried: BTreeMap::new(),
            recorded,
        };
        walk.carry_out(&store, order, to).await
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
