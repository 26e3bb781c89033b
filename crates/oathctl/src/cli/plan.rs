//! `oathctl plan`: the first half of the main job, written down.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_store::StoreLocation;

use super::activate::prepare;
use super::planning::{Planning, Reading};
use crate::asking::Asking;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::input::{How, Loaded};
use crate::keys::Keys;
use crate::places::Places;
use crate::plan_file::PlanFile;
use crate::walk::{Attempt, Beside, Delivery, Recorded, Walk};

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
    #[command(flatten)]
    keys: Keys,
}

impl Plan {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(self.planning.places())
            .read("the vendor's file", Some(&self.file))
            .write("--out", Some(&self.out))
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let attempt = Attempt::new(desk, &Delivery::default());
        let done = self.write(&attempt);
        attempt.ends(done)
    }

    fn write(self, attempt: &Attempt<'_>) -> Result<Exit, Failure> {
        let Self { file, out, planning, reading, keys } = self;
        let how = How::new(&reading, &keys).asking(Asking::Uncertain);
        let desk = attempt.desk;
        let (loaded, settings, recorded) = prepare(attempt, "plan", &file, &planning, how)?;
        // A plan is consented to when it is applied.
        let recorded = Recorded { yes: false, ..recorded };
        desk.block_on(async {
            let walk = Walk::begin(desk, settings, attempt).await?;
            let known = known(&walk, &loaded, &recorded).await?;
            let (snapshot, plan) = walk.plan(&loaded, &recorded.plan, recorded.limits, known).await?;
            walk.is_strict(&plan, &recorded)?;
            walk.are_first(&snapshot, &plan, &planning)?;
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

/// What this store knows. One that isn't there knows nothing, and a plan makes none.
async fn known(walk: &Walk<'_>, loaded: &Loaded, recorded: &Recorded) -> Result<Beside, Failure> {
    let is_there = match &walk.settings.store {
        StoreLocation::Sqlite(path) => path.exists(),
        _ => true,
    };
    if !is_there {
        return Ok(Beside::default());
    }
    let store = walk.settings.open_store(walk.desk).await?;
    let known = walk.known(&store, loaded, recorded, &[]).await;
    store.close().await;
    known
}
