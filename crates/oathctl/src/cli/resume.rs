//! `oathctl resume`: go on with a run that was cut off.

use clap::Args;
use oathctl_core::engine::resume;
use oathctl_core::journal::RunRecord;
use oathctl_core::plan::Plan;
use oathctl_core::report::Exit;
use oathctl_core::token::RunId;
use oathctl_store::vault::{Vault, VaultError};
use oathctl_store::{RunSummary, Store, StoreError};

use super::runs::{as_report, print};
use crate::cli::{Output, Unlock};
use crate::desk::Desk;
use crate::everyday;
use crate::failure::{Failure, quoted};
use crate::input;
use crate::keys::Keys;
use crate::places::Places;
use crate::report::exit_of;
use crate::walk::{Attempt, Delivery, Order, Recorded, Walk, still_fresh};

/// Go on with a run that was cut off, with all its options.
#[derive(Debug, Args)]
#[command(
    after_help = "The run's own options hold again. Its `--yes` does where there is no terminal to ask on; on one, \
    the question is asked anew. The vendor's file is read again; where it is gone, the vault has the seeds of the rows \
    that are left.\n\nExamples:\n  \
    oathctl resume\n  \
    oathctl resume 20261122T1405 --file /media/usb/tokens.csv\n  \
    oathctl resume --from-vault --vault-key-file desk.key"
)]
pub struct Resume {
    /// The run, or the beginning of its id; without it the latest unfinished one
    run: Option<String>,
    /// The vendor's file, where it isn't at its old place
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// The seeds of unfinished rows come from the vault, not from the vendor's file
    #[arg(long, conflicts_with = "file")]
    from_vault: bool,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    unlock: Unlock,
    /// Also a run older than 24 hours
    #[arg(long)]
    stale_ok: bool,
    /// Write the report here, as JSON
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    report: Option<String>,
    /// Write the rows that failed here, as CSV for `--only`
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    failed: Option<String>,
}

impl Resume {
    pub(super) fn places(&self) -> Places {
        self.unlock
            .places(self.keys.places(Places::default()))
            .read("the vendor's file", self.file.as_deref())
            .write("--report", self.report.as_deref())
            .write("--failed", self.failed.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let to = Delivery { report: self.report.clone(), failed: self.failed.clone() };
        let attempt = Attempt::new(desk, &to);
        let done = to.is_possible(desk).and_then(|()| self.find_and_go_on(&attempt, &to));
        attempt.ends(done)
    }

    fn find_and_go_on(&self, attempt: &Attempt<'_>, to: &Delivery) -> Result<Exit, Failure> {
        let desk = attempt.desk;
        let settings = desk.settings()?;
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            let record = match find(&store, self.run.as_deref()).await? {
                Found::Unfinished(record) => *record,
                Found::Nothing { last } => {
                    if let Some(last) = &last {
                        tell_last(desk, &store, &last.run).await?;
                    }
                    return Ok(nothing_to_do(desk, last.as_deref()));
                }
            };
            let has_vault = Vault::exists(&store).await?;
            store.close().await;
            self.go_on(attempt, settings, (record, has_vault), to).await
        })
    }

    async fn go_on(
        &self,
        attempt: &Attempt<'_>,
        settings: crate::settings::Settings,
        (record, has_vault): (RunRecord, bool),
        to: &Delivery,
    ) -> Result<Exit, Failure> {
        let (desk, head) = (attempt.desk, &record.head);
        let recorded: Recorded = serde_json::from_value(head.options.clone())
            .map_err(|_| Failure::own("The options of that run can't be read from the journal."))?;
        input::spared(desk, &head.plan.input, &recorded, self.file.as_deref())?;
        attempt.may_write()?;
        still_fresh(desk, head.started_at, "run", self.stale_ok)?;
        if recorded.verb.is_some() || self.takes_vault(desk, &head.plan, has_vault)? {
            return self.go_on_by_plan(attempt, settings, &record, recorded, to).await;
        }
        let loaded = input::same_again(desk, &head.plan.input, &recorded, self.file.as_deref(), &self.keys)?;
        attempt.read(&loaded, &recorded);
        let walk = Walk::begin(desk, settings, attempt).await?;
        walk.is_for(&head.plan)?;
        let (_lock, store) = walk.open_store().await?;
        let chain = under_lock(&store, &head.run).await?;
        let head = chain.last().map_or(head, |record| &record.head);
        desk.ui.say(&format!("Going on with run {} of {}.", head.run, head.started_at));
        // What these runs themselves have made is told by their own calls.
        let own: Vec<RunId> = chain.iter().map(|record| record.head.run.clone()).collect();
        let known = walk.known(&store, &loaded, &recorded, &own).await?;
        let (snapshot, fresh) = walk.plan(&loaded, &head.plan.options, head.plan.limits, known).await?;
        let (plan, carried) = resume::adopt(&chain, fresh);
        let yes = desk.global.yes || (recorded.yes && !desk.ui.terminals().can_ask());
        walk.consent(&snapshot, &plan, yes).await?;
        let order = Order {
            loaded: &loaded,
            seeds: &loaded.table,
            snapshot: &snapshot,
            plan,
            digest: None,
            resumes: Some(head.run.clone()),
            supersedes: None,
            carried,
            recorded: Recorded { command: "resume".into(), ..recorded },
        };
        walk.carry_out(&store, order, to).await
    }
}

impl Resume {
    /// Seeds come from the vault: that was said, or the file of the run is gone and there is a vault.
    fn takes_vault(&self, desk: &Desk, planned: &Plan, has_vault: bool) -> Result<bool, Failure> {
        if self.from_vault && !has_vault {
            return Err(VaultError::None.into());
        }
        if self.from_vault || self.file.is_some() || !has_vault {
            return Ok(self.from_vault);
        }
        let is_there = |path: &str| desk.fs.path(path).exists();
        match planned.input.path.as_deref() {
            Some(path) if is_there(path) => return Ok(false),
            Some(path) => desk.ui.show(&format!(
                "The file {} isn't there any more; the seeds come from the vault.",
                quoted(path)
            )),
            None => desk.ui.show("The file came by standard input then; the seeds come from the vault."),
        }
        Ok(true)
    }

    /// A run of `tokens …`, or of a file that isn't read again: its own plan has its rows, and the vault the seeds.
    async fn go_on_by_plan(
        &self,
        attempt: &Attempt<'_>,
        settings: crate::settings::Settings,
        record: &RunRecord,
        recorded: Recorded,
        to: &Delivery,
    ) -> Result<Exit, Failure> {
        let walk = Walk::begin(attempt.desk, settings, attempt).await?;
        walk.is_for(&record.head.plan)?;
        let (_lock, store) = walk.open_store().await?;
        let chain = under_lock(&store, &record.head.run).await?;
        let RunRecord { head, .. } = record;
        attempt.desk.ui.say(&format!("Going on with run {} of {}.", head.run, head.started_at));
        everyday::go_on(attempt, &walk, &store, chain, recorded, &self.unlock, to).await
    }
}

/// The run and those it went on with, read once more under the lock: it may have come to its end meanwhile.
async fn under_lock(store: &Store, run: &RunId) -> Result<Vec<RunRecord>, Failure> {
    let record = store.run(run).await?.filter(is_unfinished);
    let record = record.ok_or_else(|| {
        Failure::gate(format!("Run {run} was ended or taken over by another one just now."))
    })?;
    chain(store, record).await
}

enum Found {
    Unfinished(Box<RunRecord>),
    Nothing { last: Option<Box<RunSummary>> },
}

async fn find(store: &Store, given: Option<&str>) -> Result<Found, Failure> {
    let id = match given {
        Some(given) => Some(store.find_run(given).await?),
        None => store.latest_unfinished(None, None).await?.map(|run| run.run),
    };
    let Some(id) = id else { return Ok(Found::Nothing { last: store.latest(None).await?.map(Box::new) }) };
    let record = store.run(&id).await?.ok_or(StoreError::NoSuchRun { given: id.to_string() })?;
    if is_unfinished(&record) {
        return Ok(Found::Unfinished(Box::new(record)));
    }
    if let Some(by) = &record.superseded_by {
        return Err(Failure::gate(format!("Run {id} was taken over by run {by}."))
            .advice(format!("To go on: oathctl resume {by}")));
    }
    let last = store.runs().await?.into_iter().find(|run| run.run == id);
    Ok(Found::Nothing { last: last.map(Box::new) })
}

/// A run and those it went on with, oldest first.
async fn chain(store: &Store, last: RunRecord) -> Result<Vec<RunRecord>, Failure> {
    let mut chain = vec![last];
    while let Some(earlier) = chain.last().and_then(|record| record.head.resumes.clone()) {
        let Some(record) = store.run(&earlier).await? else { break };
        chain.push(record);
    }
    chain.reverse();
    Ok(chain)
}

fn is_unfinished(record: &RunRecord) -> bool {
    record.superseded_by.is_none() && !record.end.as_ref().is_some_and(|end| end.complete)
}

/// For scripts, the report of the last run.
async fn tell_last(desk: &Desk, store: &Store, run: &RunId) -> Result<(), Failure> {
    if desk.output() == Output::Json
        && let Some(record) = store.run(run).await?
    {
        print(desk, &serde_json::to_value(as_report(record)).unwrap_or_default());
    }
    Ok(())
}

fn nothing_to_do(desk: &Desk, last: Option<&RunSummary>) -> Exit {
    match last {
        None => {
            desk.ui.show("There is nothing to go on with: no run has been made with this store.");
            Exit::Ok
        }
        Some(run) => {
            let code = run.exit_code.unwrap_or(0);
            desk.ui.show(&format!(
                "There is nothing to go on with: run {} came to its end, with exit code {code}.",
                run.run
            ));
            exit_of(code)
        }
    }
}
