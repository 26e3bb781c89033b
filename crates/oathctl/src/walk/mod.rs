//! The walk of the main job through the layers, as `activate`, `apply` and `resume` share it: sign in, lock, read the
//! tenant, plan, gate, ask, carry out, report.
//!
//! Owns: [`Walk`]: the order. [`consent`] owns gate and confirmation, [`carry`] the run itself. Does not own: any rule.

mod attempt;
mod carry;
mod consent;
mod holders;
mod holds;
mod made;
mod recorded;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::{Either, select};
use oathctl_core::event::What;
use oathctl_core::fault::Severity;
use oathctl_core::pace::Kind;
use oathctl_core::plan::{self, Limits, Plan, PlanOptions, PlanSource, Wishes};
use oathctl_core::report::Exit;
use oathctl_core::snapshot::{self, Snapshot};
use oathctl_core::stop::Stop;
use oathctl_core::table::RowId;
use oathctl_core::tenant::Identity;
use oathctl_core::token::{DeviceId, Mark, RunId};
use oathctl_store::{DeedKind, RunLock, Store};

use crate::cli::{Planning, audit};
use crate::desk::{Desk, Heeding};
use crate::everyday;
use crate::failure::Failure;
use crate::input::Loaded;
use crate::settings::Settings;
use crate::watch::Watch;
use crate::wiring::{self, Connection};
use crate::words::en::foreign::clean;

pub use attempt::Attempt;
pub use carry::{Delivery, Order};
pub use holds::still_fresh;
pub use recorded::Recorded;

/// What is known beside the rows when a plan is made.
#[derive(Default)]
pub struct Beside {
    /// See [`Walk::made`].
    pub made: BTreeMap<RowId, DeviceId>,
    /// What is asked of rows that don't go the ordinary way.
    pub wishes: Wishes,
    /// Tokens that must not move (H15).
    pub marks: BTreeMap<String, Mark>,
    /// Rows whose seed the vault holds.
    pub held: BTreeSet<RowId>,
}

/// How often it is looked whether the tenant holds a reading up.
const LOOK_EVERY_MS: u64 = 250;

/// A connection with everything a run needs beside it.
pub struct Walk<'a> {
    pub desk: &'a Desk,
    pub settings: Settings,
    pub connection: Connection,
    pub watch: Arc<Watch>,
    pub identity: Identity,
    attempt: &'a Attempt<'a>,
    _heeding: Heeding,
}

impl<'a> Walk<'a> {
    /// Signs in. From here on Ctrl-C is heeded.
    pub async fn begin(
        desk: &'a Desk,
        settings: Settings,
        attempt: &'a Attempt<'a>,
    ) -> Result<Self, Failure> {
        attempt.goes_to(settings.is_practice());
        let stop = Stop::new();
        let heeding = desk.heed_interrupts(&stop);
        let connection = wiring::connect(desk, &settings, &stop, &attempt.counters)
            .await
            .map_err(|failure| at_hosts(failure, &settings))?;
        attempt.connected(&connection.server_clock);
        let watch = Arc::clone(&attempt.watch);
        desk.ui.detail("Signing in.");
        let identity =
            connection.tenant.identity().await.map_err(|error| at_hosts(error.into(), &settings))?;
        attempt.signed_in(&identity);
        Ok(Self { desk, settings, connection, watch, identity, attempt, _heeding: heeding })
    }

    /// Takes the right to apply in this tenant, and opens the journal.
    pub async fn open_store(&self) -> Result<(RunLock, Store), Failure> {
        let mut lock = RunLock::take(&self.settings.state_dir, &self.identity.tenant)?;
        let store = self.settings.open_store(self.desk).await?;
        lock.hold_in(&store, &self.identity.tenant).await?;
        self.note_inspection(&store).await?;
        Ok((lock, store))
    }

    /// H20: who lets seeds go where somebody reads along is written down before anything goes.
    async fn note_inspection(&self, store: &Store) -> Result<(), Failure> {
        if self.connection.trust.inspected().is_none() || !self.settings.allow_inspected_tls {
            return Ok(());
        }
        audit::note(self.desk, store, DeedKind::InspectedTlsAllowed, &[], 0).await
    }

    /// What this store knows beside the rows of a file: what it made from them itself, and which tokens must not move.
    pub async fn known(
        &self,
        store: &Store,
        loaded: &Loaded,
        recorded: &Recorded,
        but: &[RunId],
    ) -> Result<Beside, Failure> {
        let made = self.made(store, loaded, recorded, but).await?;
        let marks = everyday::marks(store, &self.identity.tenant).await?;
        Ok(Beside { made, marks, ..Beside::default() })
    }

    /// Reads the tenant and plans; writes nothing. `beside`: see [`Walk::known`].
    pub async fn plan(
        &self,
        loaded: &Loaded,
        options: &PlanOptions,
        limits: Limits,
        beside: Beside,
    ) -> Result<(Snapshot, Plan), Failure> {
        self.tell_faults(loaded);
        self.desk.ui.say("Reading the tenant.");
        let (read, identity) = (self.connection.tenant.reads(), self.identity.clone());
        let snapshot = self.reading(snapshot::take(read, identity, &loaded.table, options)).await?;
        self.has_read(&snapshot);
        let plan = self.plan_from(loaded, &snapshot, options, limits, beside);
        Ok((snapshot, plan))
    }

    /// Reads what an everyday request is about.
    pub async fn read_concerned(&self, loaded: &Loaded, options: &PlanOptions) -> Result<Snapshot, Failure> {
        self.tell_faults(loaded);
        self.desk.ui.detail("Reading the tenant.");
        let (read, identity) = (self.connection.tenant.reads(), self.identity.clone());
        let snapshot = self.reading(snapshot::take_everyday(read, identity, &loaded.table, options)).await?;
        self.has_read(&snapshot);
        Ok(snapshot)
    }

    /// Plans from what was read; asks nobody.
    pub fn plan_from(
        &self,
        loaded: &Loaded,
        snapshot: &Snapshot,
        options: &PlanOptions,
        limits: Limits,
        beside: Beside,
    ) -> Plan {
        let Beside { made, wishes, marks, held } = beside;
        let file = PlanSource::of_file(&loaded.table, loaded.input.clone());
        let source = PlanSource { made, wishes, marks, held, ..file };
        let plan = plan::make(source, snapshot, options, limits, self.desk.clock.utc());
        self.watch.tell(What::Planned { totals: plan.totals });
        self.attempt.planned(&plan);
        plan
    }

    fn has_read(&self, snapshot: &Snapshot) {
        let people = snapshot.users.values().flatten().count();
        let (mono, utc) = (self.desk.clock.mono(), self.desk.clock.utc());
        if let Some(offset_ms) = self.connection.server_clock.offset_ms(mono, utc) {
            self.watch.tell(What::Clock { offset_ms });
        }
        self.watch.tell(What::Snapshot { devices: count(snapshot.devices.len()), people: count(people) });
    }

    /// Waits for a reading; told where the tenant holds it up.
    pub async fn reading<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut told = None;
        loop {
            let soon = self.desk.clock.mono().plus_ms(LOOK_EVERY_MS);
            let tick = self.desk.clock.sleep_until(soon);
            if let Either::Left((done, _)) = select(work.as_mut(), tick).await {
                return done;
            }
            let until = self.connection.permits.held_until(Kind::Read);
            if let Some(until) = until.filter(|until| told != Some(*until)) {
                told = Some(until);
                let wait_ms = until.ms_since(self.desk.clock.mono());
                self.watch.tell(What::Waiting { what: "throttle".into(), wait_ms, rows: 0 });
            }
        }
    }

    /// An unfinished run of this very file, which a new one replaces; told. `verb`: of an everyday command, and then
    /// only a run of the same one is replaced.
    pub async fn replaces(
        &self,
        store: &Store,
        loaded: &Loaded,
        verb: Option<&str>,
    ) -> Result<Option<RunId>, Failure> {
        let (tenant, sha256) = (&self.identity.tenant, &loaded.input.sha256);
        let old = store.latest_unfinished(Some(tenant), Some(sha256)).await?;
        if let Some(old) = &old {
            let then = store.run(&old.run).await?.map(|record| record.head.options).unwrap_or_default();
            if then.get("verb").and_then(serde_json::Value::as_str) != verb {
                return Ok(None);
            }
        }
        let what = if loaded.input.path.is_some() || verb.is_none() {
            "this very file"
        } else {
            "this very request"
        };
        if let Some(old) = &old {
            self.desk.ui.show(&format!(
                "Run {} of {what} has not come to its end. `oathctl resume` would go on with it; this run \
                 replaces it by a new plan.",
                old.run
            ));
        }
        Ok(old.map(|old| old.run))
    }

    /// Holds the gate, shows the confirmation, asks.
    /// `yes` answers the question.
    pub async fn consent(&self, snapshot: &Snapshot, plan: &Plan, yes: bool) -> Result<(), Failure> {
        self.consent_in_words(snapshot, plan, yes, &None).await
    }

    /// The same with sentences in the place of numbers, where there are some.
    pub async fn consent_in_words(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        yes: bool,
        said: &Option<Vec<String>>,
    ) -> Result<(), Failure> {
        self.attempt.planned(plan);
        let shown = consent::Shown { snapshot, plan, said: said.as_deref() };
        consent::inspected(self)?;
        consent::gate(self, &shown)?;
        consent::confirm(self, &shown, yes).await?;
        self.watch.tell(What::Gated);
        Ok(())
    }

    /// `--strict` is about the plan too: a row that can't go on refuses the whole, told row by row.
    pub fn is_strict(&self, plan: &Plan, recorded: &Recorded) -> Result<(), Failure> {
        if recorded.strict { strict::refuse(plan) } else { Ok(()) }
    }

    /// H4: whoever holds another token already gets a second one only with `--additional`.
    pub fn are_first(&self, snapshot: &Snapshot, plan: &Plan, planning: &Planning) -> Result<(), Failure> {
        let is_asked = planning.users.is_some() && !planning.additional;
        if is_asked { self.is_first(snapshot, plan) } else { Ok(()) }
    }

    /// The same for whoever was asked already.
    pub fn is_first(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), Failure> {
        holders::refuse(snapshot, plan)
    }

    /// Shows the plan in numbers, and what the gate would say.
    pub fn preview(&self, snapshot: &Snapshot, plan: &Plan) {
        consent::preview(self, &consent::Shown { snapshot, plan, said: None });
    }

    fn tell_faults(&self, loaded: &Loaded) {
        let count_of =
            |severity| count(loaded.table.faults().iter().filter(|f| f.severity == severity).count());
        let (errors, warnings) = (count_of(Severity::Error), count_of(Severity::Warning));
        if errors + warnings > 0 {
            self.watch.tell(What::Faults { errors, warnings });
        }
    }
}

/// Which hosts could not be reached, with their ports.
fn at_hosts(failure: Failure, settings: &Settings) -> Failure {
    if failure.exit != Exit::Unreachable {
        return failure;
    }
    let hosts = [&settings.authority, &settings.graph_url].map(|url| clean(host_of(url)));
    failure.because(format!("sign-in is at {}, Graph at {}", hosts[0], hosts[1]))
}

/// Host and port of a URL; never a user or password that strayed in.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default()
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
