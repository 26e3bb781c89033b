//! What is known of a run that may never begin: gathered on the way, told as a report where the way ends early.
//!
//! Owns: [`Attempt`]. Does not own: why it ends ([`crate::failure`]), the report of a run that began
//! ([`super::carry`]).

use std::cell::RefCell;
use std::sync::Arc;

use oathctl_core::event::What;
use oathctl_core::journal::Actor;
use oathctl_core::offset::ServerClock;
use oathctl_core::plan::{Plan, unbegun};
use oathctl_core::report::{Exit, InputReport, RUN_SCHEMA, RowReport, RunReport, Totals};
use oathctl_core::tenant::{Backend, Identity};
use oathctl_core::time::Utc;
use oathctl_entra::counters::Counters;

use super::{Delivery, Recorded};
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input::Loaded;
use crate::os;
use crate::report;
use crate::watch::Watch;
use crate::words::Way;

/// A run that is asked for and has not begun yet.
pub struct Attempt<'a> {
    /// At which desk.
    pub desk: &'a Desk,
    asked: Delivery,
    started_at: Utc,
    /// What it has cost so far.
    pub counters: Arc<Counters>,
    /// Who watches it.
    pub watch: Arc<Watch>,
    known: RefCell<Known>,
}

#[derive(Default)]
struct Known {
    practice: bool,
    identity: Option<Identity>,
    server_clock: Option<Arc<ServerClock>>,
    input: Option<InputReport>,
    options: serde_json::Value,
    plan_digest: Option<String>,
    rows: Vec<RowReport>,
    /// Standard output has a document already.
    is_told: bool,
    /// Where files may go: nowhere before it is known that they are no inputs.
    to: Delivery,
}

impl<'a> Attempt<'a> {
    /// Nothing is known yet.
    pub fn new(desk: &'a Desk, to: &Delivery) -> Self {
        Self {
            desk,
            asked: to.clone(),
            started_at: desk.clock.utc(),
            counters: Arc::new(Counters::new()),
            watch: Watch::new(desk),
            known: RefCell::default(),
        }
    }

    /// No output is an input, and their folders are there: from here on files are written, too.
    pub fn may_write(&self) -> Result<(), Failure> {
        self.asked.is_possible(self.desk)?;
        self.known.borrow_mut().to = self.asked.clone();
        Ok(())
    }

    /// The file was read, and this was asked of it.
    pub fn read(&self, loaded: &Loaded, recorded: &Recorded) {
        let mut known = self.known.borrow_mut();
        known.input = Some(InputReport {
            path: loaded.input.path.clone(),
            sha256: Some(loaded.input.sha256.clone()).filter(|sha256| !sha256.is_empty()),
        });
        known.options = recorded.to_value();
        if self.is_wanted() {
            known.rows = unbegun::of_table(&loaded.table, &recorded.plan);
        }
    }

    /// Standard output has told already why (`oathctl.check/1`).
    pub fn is_told(&self) {
        self.known.borrow_mut().is_told = true;
    }

    /// It will go to this machine's practice tenant, or to a real one.
    pub fn goes_to(&self, practice: bool) {
        self.known.borrow_mut().practice = practice;
    }

    /// There is a connection, with the tenant's clock.
    pub fn connected(&self, server_clock: &Arc<ServerClock>) {
        self.known.borrow_mut().server_clock = Some(Arc::clone(server_clock));
    }

    /// The tenant said who it is.
    pub fn signed_in(&self, identity: &Identity) {
        self.known.borrow_mut().identity = Some(identity.clone());
    }

    /// There is a plan.
    pub fn planned(&self, plan: &Plan) {
        let mut known = self.known.borrow_mut();
        known.plan_digest = Some(plan.digest.clone());
        if self.is_wanted() {
            known.rows = unbegun::of_plan(plan);
        }
    }

    /// Where the command ends without a run, tells it for scripts; people are told by the failure itself.
    pub fn ends(self, done: Result<Exit, Failure>) -> Result<Exit, Failure> {
        done.inspect_err(|failure| {
            if self.desk.output() == Output::Ndjson {
                self.watch.tell(What::Stopped { why: failure.word().into(), reason: None });
            }
            if self.is_wanted() {
                let known = self.known.take();
                let (is_told, to) = (known.is_told, known.to.clone());
                report::deliver_unbegun(self.desk, &self.report(known, failure), is_told, &to);
            }
        })
    }

    /// Somebody will read the report.
    fn is_wanted(&self) -> bool {
        self.desk.output() == Output::Json || self.asked.report.is_some() || self.asked.failed.is_some()
    }

    fn report(&self, known: Known, failure: &Failure) -> RunReport {
        let Known { practice, identity, server_clock, input, options, plan_digest, rows, .. } = known;
        let way = Way::of_verb(options.get("verb").and_then(serde_json::Value::as_str));
        let (mono, utc) = (self.desk.clock.mono(), self.desk.clock.utc());
        let (tenant, signed_in_as) =
            identity.map(|it| (it.tenant, it.signed_in_as)).map_or((None, None), |(t, who)| (Some(t), who));
        RunReport {
            schema: RUN_SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            run: None,
            actor: Actor { os_user: self.desk.variable(os::USER_VARIABLE).map(str::to_owned), signed_in_as },
            tenant,
            practice,
            backend: Backend::Graph,
            started_at: self.started_at,
            finished_at: utc,
            exit_code: failure.exit.code(),
            options,
            plan_digest,
            input: input.unwrap_or(InputReport { path: None, sha256: None }),
            clock_offset_ms: server_clock.and_then(|clock| clock.offset_ms(mono, utc)),
            requests: self.counters.report(),
            totals: Totals::of(&rows),
            stopped: Some(failure.as_stop()),
            rows: rows.into_iter().map(|row| report::with_words(row, way)).collect(),
        }
    }
}
