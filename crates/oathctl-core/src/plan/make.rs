//! Planning: a pure function from rows and a snapshot to a plan.
//!
//! Owns: [`make`] and the order in which a row is judged. Does not own: the rules about people
//! ([`super::person`]), the steps for what the tenant shows ([`super::steps`]), reading, writing, time.

use std::collections::BTreeMap;

use super::person::People;
use super::steps::{Course, course};
use super::unbegun::Faults;
use super::{Limits, PLAN_SCHEMA, Plan, PlanInput, PlanOptions, PlanRow, PlanTotals, PlannedEnd, Seen, UpTo};
use crate::journal::StepKind;
use crate::reason::Reason;
use crate::report::{Outcome, Proof};
use crate::snapshot::Snapshot;
use crate::table::{RowId, RowView, Table};
use crate::tenant::{Device, DeviceStatus, User};
use crate::time::Utc;
use crate::token::{DeviceId, serial_key};

/// The rows to plan for and what is known of their file.
pub struct PlanSource<'a> {
    /// The rows, checked.
    pub table: &'a Table,
    /// Their file.
    pub input: PlanInput,
    /// Devices known to be created from these very rows, by acknowledged calls: their seeds are the rows' (H10).
    pub made: BTreeMap<RowId, DeviceId>,
}

/// Makes the plan. Pure: the same values give the same plan.
pub fn make(
    source: PlanSource<'_>,
    snapshot: &Snapshot,
    options: &PlanOptions,
    limits: Limits,
    made_at: Utc,
) -> Plan {
    let mut planner = Planner::new(source.table, snapshot, options, &source.made);
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

struct Planner<'a> {
    snapshot: &'a Snapshot,
    options: &'a PlanOptions,
    made: &'a BTreeMap<RowId, DeviceId>,
    faults: Faults<'a>,
    by_serial: BTreeMap<String, Vec<&'a Device>>,
    people: People<'a>,
}

impl<'a> Planner<'a> {
    fn new(
        table: &'a Table,
        snapshot: &'a Snapshot,
        options: &'a PlanOptions,
        made: &'a BTreeMap<RowId, DeviceId>,
    ) -> Self {
        let faults = Faults::of(table);
        let mut by_serial: BTreeMap<String, Vec<&Device>> = BTreeMap::new();
        for device in &snapshot.devices {
            by_serial.entry(serial_key(&device.serial)).or_default().push(device);
        }
        Self { snapshot, options, made, faults, by_serial, people: People::new(table, snapshot, options) }
    }

    fn row(&mut self, row: &RowView<'_>) -> PlanRow {
        let person = self.snapshot.person(row);
        let devices = self.by_serial.get(&serial_key(row.serial())).cloned().unwrap_or_default();
        let seen = devices.first().map_or(Seen::Absent, |device| seen(device));
        let goal = self.goal(row);
        let (steps, end) = match self.judge(row, person, &devices, goal) {
            Course::Steps(steps) => (steps, None),
            Course::End(end) => (Vec::new(), Some(end)),
        };
        if !steps.is_empty() {
            self.people.takes(person, &steps);
        }
        PlanRow {
            row: row.id(),
            serial: row.serial().to_owned(),
            upn: row.upn().map(str::to_owned),
            user: person.map(|user| user.id.clone()),
            source: row.place(None),
            seen,
            steps,
            goal,
            end,
        }
    }

    /// A row without a person can only be imported.
    fn goal(&self, row: &RowView<'_>) -> UpTo {
        let has_person = row.upn().is_some() || row.user_id().is_some();
        if has_person { self.options.up_to } else { UpTo::Imported }
    }

    fn judge(&self, row: &RowView<'_>, person: Option<&User>, devices: &[&Device], goal: UpTo) -> Course {
        if let Some(end) = self.faults.left_out(row, self.options) {
            return Course::End(end);
        }
        if let Some(reason) = self.unfit(row) {
            return Course::failed(reason);
        }
        if devices.len() > 1 {
            let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
            return Course::failed(Reason::SerialTwiceInTenant { devices: count });
        }
        let wants_person = goal != UpTo::Imported;
        if wants_person && person.is_none() {
            return Course::failed(Reason::PersonUnknown);
        }
        let device = devices.first().copied();
        let is_ours = device.is_some_and(|device| self.made.get(&row.id()) == Some(&device.id));
        let course = course(row, person, device, is_ours, goal, self.options, self.snapshot);
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
            tenant_devices: count(self.snapshot.devices.len()),
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
    (totals.already, totals.failed, totals.skipped) = (0, 0, 0);
    for row in rows {
        add_steps(totals, &row.steps);
        match row.end.as_ref().map(|end| end.outcome) {
            Some(Outcome::Failed | Outcome::Unknown) => totals.failed += 1,
            Some(Outcome::Skipped) => totals.skipped += 1,
            Some(Outcome::Activated | Outcome::AlreadyActive | Outcome::Assigned | Outcome::Imported) => {
                totals.already += 1;
            }
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
            StepKind::Deactivate | StepKind::Rename => {}
        }
    }
    // A token that is taken away only to be given to somebody else counts as a reassignment, not as both.
    if steps.contains(&StepKind::Unassign) && !steps.contains(&StepKind::Delete) {
        totals.unassign -= 1;
        totals.reassign += 1;
    }
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
