//! `oathctl apply`: the second half of the main job.

use std::collections::BTreeMap;

use clap::Args;
use oathctl_core::report::Exit;

use super::activate::admit;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input;
use crate::keys::Keys;
use crate::places::Places;
use crate::plan_file::PlanFile;
use crate::walk::{Attempt, Delivery, Order, Recorded, Walk, still_fresh};

/// Carry out a plan that was written down, if it still holds.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl apply plan.json\n  \
    oathctl apply plan.json --file /media/usb/tokens.csv --yes")]
pub struct Apply {
    /// The plan
    plan: String,
    /// The vendor's file, where it isn't at its old place
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    keys: Keys,
    /// Also a plan older than 24 hours
    #[arg(long)]
    stale_ok: bool,
    /// Write the report here, as JSON
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    report: Option<String>,
    /// Write the rows that failed here, as CSV for `--only`
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    failed: Option<String>,
}

impl Apply {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(Places::default())
            .read("the plan", Some(&self.plan))
            .read("the vendor's file", self.file.as_deref())
            .write("--report", self.report.as_deref())
            .write("--failed", self.failed.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let to = Delivery { report: self.report.clone(), failed: self.failed.clone() };
        let attempt = Attempt::new(desk, &to);
        let done = self.carry_out(&attempt, &to);
        attempt.ends(done)
    }

    fn carry_out(&self, attempt: &Attempt<'_>, to: &Delivery) -> Result<Exit, Failure> {
        let desk = attempt.desk;
        let settings = desk.settings()?;
        let planned = PlanFile::read(desk, &self.plan)?;
        input::spared(desk, &planned.plan.input, &planned.recorded, self.file.as_deref())?;
        attempt.may_write()?;
        still_fresh(desk, planned.plan.made_at, "plan", self.stale_ok)?;
        let file = self.file.as_deref();
        let loaded = input::same_again(desk, &planned.plan.input, &planned.recorded, file, &self.keys)?;
        attempt.read(&loaded, &planned.recorded);
        admit(attempt, &loaded, planned.recorded.strict)?;
        let digest = planned.digest().to_owned();
        desk.block_on(async {
            let walk = Walk::begin(desk, settings, attempt).await?;
            walk.is_for(&planned.plan)?;
            let (_lock, store) = walk.open_store().await?;
            let old = &planned.plan;
            let known = walk.known(&store, &loaded, &planned.recorded, &[]).await?;
            let (snapshot, plan) = walk.plan(&loaded, &old.options, old.limits, known).await?;
            walk.still_holds(old, &plan)?;
            walk.is_strict(&plan, &planned.recorded)?;
            walk.consent(&snapshot, &plan, desk.global.yes).await?;
            let supersedes = walk.replaces(&store, &loaded, None).await?;
            let order = Order {
                loaded: &loaded,
                seeds: &loaded.table,
                snapshot: &snapshot,
                plan,
                digest: Some(digest),
                resumes: None,
                supersedes,
                carried: BTreeMap::new(),
                recorded: Recorded {
                    command: "apply".into(),
                    yes: desk.global.yes,
                    ..planned.recorded.clone()
                },
            };
            walk.carry_out(&store, order, to).await
        })
    }
}
