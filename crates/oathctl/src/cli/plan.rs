//! `oathctl plan`: the first half of the main job, written down.

use clap::Args;
use oathctl_core::report::Exit;

use super::planning::{Planning, Reading};
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::input;
use crate::plan_file::PlanFile;
use crate::walk::{Recorded, Walk};

/// Make the plan of `activate` and write it down; change nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl plan tokens.csv --out plan.json\n  \
    oathctl apply plan.json")]
pub struct Plan {
    /// The vendor's file; `-` for standard input
    file: String,
    /// Where the plan is written
    #[arg(long, short, value_name = "PLAN")]
    out: String,
    #[command(flatten)]
    planning: Planning,
    #[command(flatten)]
    reading: Reading,
}

impl Plan {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { file, out, planning, reading } = self;
        let loaded = input::load(desk, &file, planning.users.as_deref(), &reading)?;
        let chosen =
            input::selection(desk, &loaded.table, planning.only.as_deref(), planning.exclude.as_deref())?;
        let settings = desk.settings()?;
        let options = planning.options(chosen.only, chosen.exclude, settings.custom_endpoint.clone());
        input::admit(desk, &loaded, planning.strict)?;
        let recorded = Recorded {
            command: "plan".into(),
            reading,
            users: planning.users.clone(),
            strict: planning.strict,
            plan: options.clone(),
            limits: planning.limits(),
        };
        desk.block_on(async {
            let walk = Walk::begin(desk, settings).await?;
            let (snapshot, plan) = walk.plan(&loaded, &options, planning.limits()).await?;
            walk.preview(&snapshot, &plan);
            let file = PlanFile::new(plan, recorded);
            file.write(desk, &out)?;
            desk.ui.say(&format!(
                "The plan is in {}; nothing was changed. Digest {}.",
                quoted(&out),
                file.digest()
            ));
            desk.ui.say(&format!("To carry it out: oathctl apply {out}"));
            Ok(Exit::Ok)
        })
    }
}
