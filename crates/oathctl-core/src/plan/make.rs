//! Planning: a pure function from rows and a snapshot to a plan.
//!
//! Owns: [`make`] and the order in which a row is judged. Does not own: the rules about people
//! ([`super::person`]), the steps for what the tenant shows ([`super::steps`], [`super::everyday`]), reading,
//! writing, time.

use std::collections::{BTreeMap, BTreeSet};

use super::everyday::{self, Case};
use super::person::People;
use super::steps::{Anew, Course, course};
use super::unbegun::Faults;
use super::wish::{Asked, Goal, Wish, Wishes};
use super::{Limits, PLAN_SCHEMA, Plan, PlanInput, PlanOptions, PlanRow, PlanTotals, PlannedEnd, Seen};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::report::{Outcome, Proof};
use crate::snapshot::Snapshot;
use crate::table::{RowId, RowView, Table};
use crate::tenant::{Device, DeviceStatus, User};
use crate::time::Utc;
use crate::token::{DeviceId, Mark, UserId, serial_key};

/// The rows to plan for and what is known of their file.
pub struct PlanSource<'a> {
    /// The rows, checked.
    pub table: &'a Table,
    /// Their file.
    pub input: PlanInput,
    /// Devices known to be created from these very rows, by acknowledged calls: their seeds are the rows' (H10).
    pub made: BTreeMap<RowId, DeviceId>,
    /// What is asked of rows that do not go the ordinary way.
    pub wishes: Wishes,
    /// Tokens that must not move, by [`serial_key`] (H15).
    pub marks: BTreeMap<String, Mark>,
    /// Rows whose seed is held somewhere else than in the table (the vault).
    pub held: BTreeSet<RowId>,
}

impl<'a> PlanSource<'a> {
    /// A file whose rows go the ordinary way.
    pub fn of_file(table: &'a Table, input: PlanInput) -> Self {
        let (wishes, made) = (Wishes::default(), BTreeMap::new());
        Self { table, input, made, wishes, marks: BTreeMap::new(), held: BTreeSet::new() }
    }
}

/// Makes the plan. Pure: the same values give the same plan.
pub fn make(
    source: PlanSource<'_>,
    snapshot: &Snapshot,
    options: &PlanOptions,
    limits: Limits,
    made_at: Utc,
) -> Plan {
    let mut planner = Planner::new(&source, snapshot, options);
    let rows: Vec<PlanRow> = source.table.rows().map(|row| planner.row(&row)).collect();
    let totals = planner.totals(&rows);
    let Snapshot { identity, capabilities, .. } = snapshot;
    let plan = Plan {
        schema: PLAN_SCHEMA.into(),
        tenant: identity.tenant.clone(),
        tenant_name: identity.name.clone(),
        host: identity.host.clone(),
        practice: identity.practice,
        backend: capabilities.backend,
        made_at,
        options: options.clone(),
        input: source.input,
        limits,
        totals,
        rows,
        digest: String::new(),
    };
    plan.sealed()
}

/// One row, and what it is judged by.
struct Judged<'a> {
    row: &'a RowView<'a>,
    asked: &'a Asked,
    person: Option<&'a User>,
    devices: &'a [&'a Device],
    goal: Goal,
}

fn needs_seed(steps: &[StepKind]) -> bool {
    steps.iter().any(|step| matches!(step, StepKind::Create | StepKind::Activate))
}

struct Planner<'a> {
    snapshot: &'a Snapshot,
    options: &'a PlanOptions,
    source: &'a PlanSource<'a>,
    faults: Faults<'a>,
    by_serial: BTreeMap<String, Vec<&'a Device>>,
    people: People<'a>,
}

impl<'a> Planner<'a> {
    fn new(source: &'a PlanSource<'a>, snapshot: &'a Snapshot, options: &'a PlanOptions) -> Self {
        let table = source.table;
        let faults = Faults::of(table);
        let mut by_serial: BTreeMap<String, Vec<&Device>> = BTreeMap::new();
        for device in &snapshot.devices {
            by_serial.entry(serial_key(&device.serial)).or_default().push(device);
        }
        Self { snapshot, options, source, faults, by_serial, people: People::new(table, snapshot, options) }
    }

    fn row(&mut self, row: &RowView<'_>) -> PlanRow {
        let asked = self.source.wishes.of(row.id());
        let named = self.snapshot.person(row);
        let devices = self.by_serial.get(&serial_key(row.serial())).cloned().unwrap_or_default();
        let seen = devices.first().map_or(Seen::Absent, |device| seen(device));
        let person = named.or_else(|| self.concerned(&asked, &devices));
        let goal = self.goal(row, &asked, person.is_some());
        let judged = Judged { row, asked: &asked, person, devices: &devices, goal };
        let (steps, end) = match self.judge(&judged) {
            Course::Steps(steps) => (steps, None),
            Course::End(end) => (Vec::new(), Some(end)),
        };
        if !steps.is_empty() {
            self.people.takes(person, &steps);
        }
        let params = row.params().filter(|_| needs_seed(&steps));
        PlanRow {
            params,
            row: row.id(),
            serial: row.serial().to_owned(),
            upn: row.upn().or_else(|| person.map(|user| user.upn.as_str())).map(str::to_owned),
            user: person.map(|user| user.id.clone()).or_else(|| holder_of(&asked, &devices)),
            source: row.place(None),
            seen,
            steps,
            goal,
            end,
            asked,
        }
    }

    /// Whom a verb without a person is about: whoever holds the token.
    fn concerned(&self, asked: &Asked, devices: &[&Device]) -> Option<&'a User> {
        let holder = holder_of(asked, devices)?;
        self.snapshot.users.get(&holder.as_str().to_lowercase())?.as_ref()
    }

    /// A row without a person can only be imported.
    fn goal(&self, row: &RowView<'_>, asked: &Asked, found: bool) -> Goal {
        let has_person = row.upn().is_some() || row.user_id().is_some() || found;
        asked.goal(self.options.up_to, has_person)
    }

    fn judge(&self, judged: &Judged<'_>) -> Course {
        let Judged { row, asked, devices, .. } = *judged;
        if let Some(end) = self.faults.left_out(row, self.options) {
            return Course::End(end);
        }
        if devices.len() > 1 {
            let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
            return Course::failed(Reason::SerialTwiceInTenant { devices: count });
        }
        let course = match asked.wish {
            Wish::Give | Wish::Reseed => self.give(judged),
            Wish::Deactivate | Wish::Release | Wish::Delete | Wish::Rename { .. } => self.everyday(judged),
        };
        match &course {
            Course::Steps(steps) => self.forbids(row, steps, devices).map_or(course, Course::failed),
            Course::End(_) => course,
        }
    }

    /// The verbs that take away, delete or rename.
    fn everyday(&self, judged: &Judged<'_>) -> Course {
        let Judged { row, asked, devices, .. } = *judged;
        let names_one = row.upn().is_some() || row.user_id().is_some();
        let person = self.snapshot.person(row);
        if names_one && person.is_none() {
            return Course::failed(Reason::PersonUnknown);
        }
        let (options, snapshot) = (self.options, self.snapshot);
        let case = Case { asked, person, seed_held: self.holds_seed(row), options, snapshot };
        everyday::course(&case, devices.first().copied())
    }

    /// What stands against writes of any kind: marks (H15), administrators whose token it is (H6), no seed (H17).
    fn forbids(&self, row: &RowView<'_>, steps: &[StepKind], devices: &[&Device]) -> Option<Reason> {
        let moves = |step: &StepKind| {
            matches!(step, StepKind::Create | StepKind::Assign | StepKind::Activate | StepKind::Rename)
        };
        if let Some(mark) = self.source.marks.get(&serial_key(row.serial()))
            && steps.iter().any(moves)
        {
            return Some(Reason::Marked { mark: mark.word().into() });
        }
        let takes = |step: &StepKind| matches!(step, StepKind::Unassign | StepKind::Deactivate);
        let holder = devices.first().and_then(|device| device.holder.as_ref());
        if let Some(holder) = holder
            && steps.iter().any(takes)
            && self.people.is_kept_from(&holder.id)
        {
            return Some(Reason::AdminTarget);
        }
        (needs_seed(steps) && !self.holds_seed(row)).then_some(Reason::SeedNotHeld)
    }

    fn holds_seed(&self, row: &RowView<'_>) -> bool {
        row.seed_len() > 0 || self.source.held.contains(&row.id())
    }

    /// To its person, as far as asked; with `Reseed` made anew on the way.
    fn give(&self, judged: &Judged<'_>) -> Course {
        let Judged { row, asked, person, devices, goal } = *judged;
        if let Some(reason) = self.unfit(row) {
            return Course::failed(reason);
        }
        let wants_person = goal != Goal::Imported;
        if wants_person && person.is_none() {
            return Course::failed(Reason::PersonUnknown);
        }
        let device = devices.first().copied();
        let is_ours = device.is_some_and(|device| self.source.made.get(&row.id()) == Some(&device.id));
        let anew = match asked.wish {
            Wish::Reseed => Anew::Asked,
            _ if self.options.recreate => Anew::Unproven,
            _ => Anew::Never,
        };
        let course = course(row, person, device, (anew, is_ours), goal, self.options, self.snapshot);
        let Course::Steps(steps) = &course else { return course };
        let person = person.filter(|_| wants_person);
        match person.and_then(|user| self.people.refuses(user, steps, device)) {
            Some(reason) => Course::failed(reason),
            None => course,
        }
    }

    /// What the back end cannot take.
    fn unfit(&self, row: &RowView<'_>) -> Option<Reason> {
        let capabilities = &self.snapshot.capabilities;
        let Some(params) = row.params() else {
            return Some(Reason::OwnFault { what: "row without parameters".into() });
        };
        if !capabilities.hashes.contains(&params.hash) {
            return Some(Reason::HashUnsupported { shown: params.hash.word().into() });
        }
        if !capabilities.periods_secs.contains(&params.period_secs) {
            return Some(Reason::PeriodUnsupported { shown: params.period_secs.to_string() });
        }
        if !capabilities.digits.contains(&params.digits) {
            return Some(Reason::DigitsUnsupported { shown: params.digits.to_string() });
        }
        None
    }

    fn totals(&self, rows: &[PlanRow]) -> PlanTotals {
        let mut totals = PlanTotals {
            rows: count(rows.len()),
            tenant_devices: if self.snapshot.partial { 0 } else { count(self.snapshot.devices.len()) },
            devices_partial: self.snapshot.partial,
            ..PlanTotals::default()
        };
        count_rows(&mut totals, rows);
        self.people.count(&mut totals, rows);
        totals
    }
}

/// Counts steps and ends anew; what is known of people stays.
pub(super) fn count_rows(totals: &mut PlanTotals, rows: &[PlanRow]) {
    (totals.create, totals.assign, totals.activate) = (0, 0, 0);
    (totals.reassign, totals.unassign, totals.delete) = (0, 0, 0);
    (totals.deactivate, totals.rename, totals.revoke_sessions) = (0, 0, 0);
    (totals.already, totals.failed, totals.skipped) = (0, 0, 0);
    for row in rows {
        add_steps(totals, &row.steps);
        match row.end.as_ref().map(|end| end.outcome) {
            Some(Outcome::Failed | Outcome::Unknown) => totals.failed += 1,
            Some(Outcome::Skipped) => totals.skipped += 1,
            Some(
                Outcome::Activated
                | Outcome::AlreadyActive
                | Outcome::Assigned
                | Outcome::Imported
                | Outcome::Deleted,
            ) => totals.already += 1,
            None => {}
        }
    }
}

fn add_steps(totals: &mut PlanTotals, steps: &[StepKind]) {
    for step in steps {
        match step {
            StepKind::Create => totals.create += 1,
            StepKind::Assign => totals.assign += 1,
            StepKind::Activate => totals.activate += 1,
            StepKind::Unassign => totals.unassign += 1,
            StepKind::Delete => totals.delete += 1,
            StepKind::Deactivate => totals.deactivate += 1,
            StepKind::Rename => totals.rename += 1,
            StepKind::RevokeSessions => totals.revoke_sessions += 1,
        }
    }
    // A token that is taken away only to be given to somebody else counts as a reassignment, not as both.
    let given = steps.contains(&StepKind::Assign) && !steps.contains(&StepKind::Delete);
    if steps.contains(&StepKind::Unassign) && given {
        totals.unassign -= 1;
        totals.reassign += 1;
    }
}

/// Whoever holds the token, for verbs that are about its holder; a new one is given to whom the row names.
fn holder_of(asked: &Asked, devices: &[&Device]) -> Option<UserId> {
    let about_holder = !matches!(asked.wish, Wish::Give | Wish::Rename { .. });
    let holder = devices.first().and_then(|device| device.holder.as_ref()).filter(|_| about_holder)?;
    Some(holder.id.clone())
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

pub(super) fn ended(outcome: Outcome, why: Option<Reason>) -> PlannedEnd {
    PlannedEnd { outcome, why, proof: Proof::None, seed_origin: None }
}

/// A device as a plan's row remembers it.
pub(crate) fn seen(device: &Device) -> Seen {
    // A status that lags behind an assignment is one state with it, not two.
    let status = match (&device.status, &device.holder) {
        (DeviceStatus::Available, Some(_)) => DeviceStatus::Assigned,
        (status, _) => status.clone(),
    };
    let holder = device.holder.as_ref().map(|holder| holder.id.clone());
    Seen::Present { device: device.id.clone(), status, holder }
}
