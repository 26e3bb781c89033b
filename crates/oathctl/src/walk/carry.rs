//! The run itself: engine, journal, then report, failed rows, summary.
//!
//! Owns: [`Order`], [`Delivery`], carrying a plan out. Does not own: what happens in between
//! ([`oathctl_core::engine`]).

use std::collections::BTreeMap;

use async_trait::async_trait;
use oathctl_core::engine::{self, Finished, Job, Ports, resume::Carried};
use oathctl_core::journal::{
    Actor, CallId, Intent, Journal, JournalError, RowState, RunEnd, RunHead, StepKind,
};
use oathctl_core::plan::Plan;
use oathctl_core::report::{Exit, InputReport, RUN_SCHEMA, RunReport, Totals};
use oathctl_core::seed::SeedSource;
use oathctl_core::snapshot::Snapshot;
use oathctl_core::table::RowId;
use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, RunId};
use oathctl_store::Store;
use oathctl_store::vault::Vault;

use super::{Recorded, Walk};
use crate::desk::Desk;
use crate::everyday;
use crate::failure::{Failure, quoted};
use crate::input::Loaded;
use crate::os;
use crate::report;
use crate::words::Way;

/// What is to be carried out.
pub struct Order<'a> {
    /// The rows and their seeds.
    pub loaded: &'a Loaded,
    /// Their seeds, by row: the table itself, or a vault.
    pub seeds: &'a dyn SeedSource,
    /// What was consented to.
    pub plan: Plan,
    /// The digest that was shown, where it isn't the plan's own.
    pub digest: Option<String>,
    /// The tenant as the plan saw it.
    pub snapshot: &'a Snapshot,
    /// The run this one goes on with.
    pub resumes: Option<RunId>,
    /// An unfinished run that this one replaces.
    pub supersedes: Option<RunId>,
    /// What an earlier run left behind.
    pub carried: BTreeMap<RowId, Carried>,
    /// What is recorded of the command line.
    pub recorded: Recorded,
}

/// Where results go beside standard output.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// The report, as JSON.
    pub report: Option<String>,
    /// The rows to try again, as CSV.
    pub failed: Option<String>,
}

impl Delivery {
    /// The folders of both are there: told before anything is sent, not after.
    pub fn is_possible(&self, desk: &Desk) -> Result<(), Failure> {
        for path in [&self.report, &self.failed].into_iter().flatten() {
            let whole = desk.fs.path(path);
            let folder_is_there = whole.parent().is_none_or(|folder| folder.is_dir());
            if whole.is_dir() || !folder_is_there {
                let why = if whole.is_dir() { "it is a folder" } else { "its folder isn't there" };
                return Err(
                    Failure::usage(format!("The file {} can't be written.", quoted(path))).because(why)
                );
            }
        }
        Ok(())
    }
}

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

impl Walk<'_> {
    /// Carries the plan out and delivers the results.
    pub async fn carry_out(&self, store: &Store, order: Order<'_>, to: &Delivery) -> Result<Exit, Failure> {
        self.carry_out_of(store, order, to, None).await
    }

    /// The same with seeds of this open vault, which seals those of tokens that are somebody's now (H28).
    pub async fn carry_out_of(
        &self,
        store: &Store,
        order: Order<'_>,
        to: &Delivery,
        vault: Option<&mut Vault>,
    ) -> Result<Exit, Failure> {
        let desk = self.desk;
        let head = self.head(&order);
        desk.ui.detail(&format!("Run {}.", head.run));
        let job = Job {
            head: &head,
            table: &order.loaded.table,
            seeds: order.seeds,
            carried: order.carried,
            etags: order.snapshot.etags(&head.plan),
            refused_before: self.refused_before(store, &head.plan).await?,
        };
        let journal = Replacing { store, old: order.supersedes };
        let ports = Ports {
            read: self.connection.tenant.reads(),
            write: self.connection.tenant.writes(),
            journal: &journal,
            clock: &*desk.clock,
            server_clock: &self.connection.server_clock,
            permits: &self.connection.permits,
            events: &*self.watch,
            stop: &self.connection.stop,
        };
        let finished = engine::apply(&job, ports).await;
        let is_journaled = store.find_run(head.run.as_str()).await.is_ok();
        let done = self.report(&head, &finished, order.digest);
        if is_journaled {
            everyday::note_run(desk, store, &done, &order.loaded.table).await;
        }
        if let Some(vault) = vault {
            everyday::hand_out(desk, store, vault, &done.rows).await;
        }
        store.close().await;
        let told = order.recorded.verb.as_ref().and_then(|_| everyday::said_after(&head.plan, &done.rows));
        let end = report::End {
            stopped: finished.stopped.as_ref(),
            can_resume: is_journaled && !finished.complete,
            told: told.as_deref(),
        };
        report::deliver(desk, &self.identity, &done, end, to)
    }

    fn head(&self, order: &Order<'_>) -> RunHead {
        let now = self.desk.clock.utc();
        RunHead {
            run: RunId::make(now, &*self.desk.entropy),
            resumes: order.resumes.clone(),
            tenant: order.plan.tenant.clone(),
            started_at: now,
            actor: Actor {
                os_user: self.desk.variable(os::USER_VARIABLE).map(str::to_owned),
                signed_in_as: self.identity.signed_in_as.clone(),
            },
            options: Recorded { version: Recorded::VERSION.into(), ..order.recorded.clone() }.to_value(),
            plan: order.plan.clone(),
        }
    }

    /// Codes refused within the last day, by device (H9).
    async fn refused_before(&self, store: &Store, plan: &Plan) -> Result<BTreeMap<DeviceId, u32>, Failure> {
        let device = |row: &oathctl_core::plan::PlanRow| match &row.seen {
            oathctl_core::plan::Seen::Present { device, .. } => Some(device.clone()),
            oathctl_core::plan::Seen::Absent => None,
        };
        let devices: Vec<DeviceId> = plan.pending().filter_map(device).collect();
        let since = self.desk.clock.utc().plus_ms(-DAY_MS);
        let counted = store.refusals_since(&plan.tenant, &devices, since).await?;
        Ok(counted.into_iter().map(|(device, n)| (device, u32::try_from(n).unwrap_or(u32::MAX))).collect())
    }

    fn report(&self, head: &RunHead, finished: &Finished, digest: Option<String>) -> RunReport {
        let (mono, utc) = (self.desk.clock.mono(), self.desk.clock.utc());
        let way = Way::of_verb(head.options.get("verb").and_then(serde_json::Value::as_str));
        let mut requests = self.connection.counters.report();
        requests.repeated += finished.repeated;
        RunReport {
            schema: RUN_SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            run: Some(head.run.clone()),
            actor: head.actor.clone(),
            tenant: Some(head.tenant.clone()),
            practice: head.plan.practice,
            backend: head.plan.backend,
            started_at: head.started_at,
            finished_at: utc,
            exit_code: finished.exit.code(),
            options: head.options.clone(),
            plan_digest: Some(digest.unwrap_or_else(|| head.plan.digest.clone())),
            input: InputReport {
                path: head.plan.input.path.clone(),
                sha256: Some(head.plan.input.sha256.clone()),
            },
            clock_offset_ms: self.connection.server_clock.offset_ms(mono, utc),
            requests,
            totals: Totals::of(&finished.rows),
            stopped: finished.stopped.as_ref().map(report::stop_of),
            rows: finished.rows.iter().cloned().map(|row| report::with_words(row, way)).collect(),
        }
    }
}

/// The store as a journal that, on opening a run, marks the unfinished one it replaces: nobody can go on with that
/// one any more.
struct Replacing<'a> {
    store: &'a Store,
    old: Option<RunId>,
}

#[async_trait]
impl Journal for Replacing<'_> {
    async fn open(&self, head: &RunHead) -> Result<(), JournalError> {
        Journal::open(self.store, head).await?;
        match &self.old {
            Some(old) => Ok(self.store.supersede(old, &head.run).await?),
            None => Ok(()),
        }
    }

    async fn intend(
        &self,
        run: &RunId,
        call: CallId,
        step: StepKind,
        at: Utc,
        intents: &[Intent],
    ) -> Result<(), JournalError> {
        self.store.intend(run, call, step, at, intents).await
    }

    async fn observed(&self, run: &RunId, call: CallId, states: &[RowState]) -> Result<(), JournalError> {
        self.store.observed(run, call, states).await
    }

    async fn close(&self, run: &RunId, end: &RunEnd) -> Result<(), JournalError> {
        Journal::close(self.store, run, end).await
    }
}
