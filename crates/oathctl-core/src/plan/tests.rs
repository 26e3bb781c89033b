//! The planner on small tenants: rows and a snapshot in, a plan out.

mod everyday;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::gate::{GateRule, gate};
use crate::place::Source;
use crate::plan::{PlanSource, make};
use crate::snapshot::Snapshot;
use crate::table::{RowDraft, Table, TableBuilder};
use crate::tenant::*;
use crate::token::{GroupId, Hash, Mark, serial_key};

/// A tenant made of sentences.
struct World {
    snapshot: Snapshot,
    rows: Vec<(String, Option<String>)>,
    options: PlanOptions,
    limits: Limits,
    made: BTreeMap<RowId, DeviceId>,
    wishes: Wishes,
    marks: BTreeMap<String, Mark>,
    seedless: bool,
}

fn world() -> World {
    let capabilities = Capabilities {
        backend: Backend::Graph,
        create_batch: 20,
        batch: 20,
        create_assigns: true,
        page: 1000,
        hashes: vec![Hash::Sha1, Hash::Sha256],
        periods_secs: vec![30, 60],
        digits: vec![6],
        deactivate: true,
    };
    let identity = Identity {
        tenant: TenantId::new("00000000-0000-4000-8000-000000000001"),
        name: "Practice".into(),
        domains: vec!["example.test".into()],
        host: "127.0.0.1".into(),
        practice: true,
        signed_in_as: None,
    };
    let policy = MethodPolicy { enabled: true, include: vec![Target::Everybody], exclude: vec![] };
    let snapshot = Snapshot {
        identity,
        capabilities,
        devices: vec![],
        partial: false,
        users: BTreeMap::new(),
        policy: Known::Yes(policy),
        members: BTreeMap::new(),
        admins: Known::Yes(BTreeSet::new()),
        methods: BTreeMap::new(),
    };
    World {
        snapshot,
        rows: vec![],
        options: PlanOptions::default(),
        limits: Limits::default(),
        made: BTreeMap::new(),
        wishes: Wishes::default(),
        marks: BTreeMap::new(),
        seedless: false,
    }
}

fn id(name: &str) -> UserId {
    UserId::new(format!("id-{name}"))
}

impl World {
    fn person(mut self, name: &str) -> Self {
        self.add(name, Some(true), Some(false));
        self
    }

    fn add(&mut self, name: &str, enabled: Option<bool>, guest: Option<bool>) {
        let upn = format!("{name}@example.test");
        let user = User { id: id(name), upn: upn.clone(), name: name.into(), enabled, guest };
        self.snapshot.users.insert(upn, Some(user));
    }

    fn methods(mut self, name: &str, methods: Methods) -> Self {
        self.snapshot.methods.insert(id(name), Known::Yes(methods));
        self
    }

    fn device(mut self, serial: &str, holder: Option<&str>, active: bool) -> Self {
        let status = match (holder, active) {
            (Some(_), true) => DeviceStatus::Activated,
            (Some(_), false) => DeviceStatus::Assigned,
            (None, _) => DeviceStatus::Available,
        };
        self.snapshot.devices.push(Device {
            id: DeviceId::new(format!("dev-{serial}")),
            serial: serial.into(),
            manufacturer: String::new(),
            model: String::new(),
            hash: Some(Hash::Sha1),
            period_secs: Some(30),
            status,
            holder: holder.map(|name| Holder { id: id(name), name: Some(name.into()) }),
            last_used: None,
            name: None,
            seen_at: None,
            etag: None,
        });
        self
    }

    fn row(mut self, serial: &str, person: Option<&str>) -> Self {
        self.rows.push((serial.into(), person.map(|name| format!("{name}@example.test"))));
        self
    }

    fn table(&self) -> Table {
        let mut builder = TableBuilder::default();
        let source = builder.source(Source::default());
        for (n, (serial, upn)) in self.rows.iter().enumerate() {
            let draft = RowDraft {
                line: n as u64 + 2,
                serial,
                upn: upn.as_deref(),
                hash: Some(Hash::Sha1),
                digits: Some(6),
                period_secs: Some(30),
                ..RowDraft::default()
            };
            builder.push(source, draft, (!self.seedless).then_some(&[n as u8 + 1; 20]));
        }
        builder.finish()
    }

    fn plan(&self) -> Plan {
        let table = self.table();
        let input = PlanInput { rows: table.len() as u64, ..PlanInput::default() };
        let source = PlanSource {
            made: self.made.clone(),
            wishes: self.wishes.clone(),
            marks: self.marks.clone(),
            ..PlanSource::of_file(&table, input)
        };
        make(source, &self.snapshot, &self.options, self.limits, Utc::from_unix_secs(1_790_000_000))
    }

    fn steps(&self) -> Vec<StepKind> {
        self.plan().rows[0].steps.clone()
    }

    /// How the first row ends without a step.
    fn end(&self) -> (Outcome, String) {
        let end = self.plan().rows[0].end.clone().expect("the first row needs no step");
        (end.outcome, end.why.map(|why| why.word().to_owned()).unwrap_or_default())
    }

    fn refused(&self) -> String {
        let (outcome, why) = self.end();
        assert_eq!(outcome, Outcome::Failed);
        why
    }
}

use StepKind::{Activate, Assign, Create, Delete, Unassign};

#[test]
fn a_new_token_is_created_assigned_activated() {
    let world = world().person("ada").row("S1", Some("ada"));
    assert_eq!(world.steps(), [Create, Assign, Activate]);
}

#[test]
fn a_row_without_a_person_is_imported() {
    assert_eq!(world().row("S1", None).steps(), [Create]);
    assert_eq!(world().device("s1", None, false).row("S1", None).end().0, Outcome::Imported);
}

#[test]
fn up_to_stops_early() {
    let mut world = world().person("ada").row("S1", Some("ada"));
    world.options.up_to = UpTo::Assigned;
    assert_eq!(world.steps(), [Create, Assign]);
    world.options.up_to = UpTo::Imported;
    assert_eq!(world.steps(), [Create]);
}

#[test]
fn h10_what_is_already_right_is_left_alone() {
    let world = world().person("ada").device("S1", Some("ada"), true).row("s1", Some("ada"));
    let plan = world.plan();
    let end = plan.rows[0].end.clone().unwrap();
    assert_eq!(
        (end.outcome, end.proof, end.seed_origin),
        (Outcome::AlreadyActive, Proof::ReadBack, Some(SeedOrigin::Adopted))
    );
    assert_eq!(plan.totals.already, 1);
}

#[test]
fn h10_use_since_is_a_proof() {
    let mut world = world().person("ada").device("S1", Some("ada"), true).row("S1", Some("ada"));
    world.snapshot.devices[0].last_used = Some(Utc::from_unix_secs(1));
    assert_eq!(world.plan().rows[0].end.clone().unwrap().proof, Proof::SignIn);
}

#[test]
fn h10_other_parameters_are_never_taken_over() {
    let mut world = world().person("ada").device("S1", None, false).row("S1", Some("ada"));
    world.snapshot.devices[0].period_secs = Some(60);
    assert_eq!(world.refused(), "parameters_differ");
    world.options.recreate = true;
    assert_eq!(world.steps(), [Delete, Create, Assign, Activate]);
}

#[test]
fn h10_what_was_made_from_the_row_is_not_made_anew() {
    let mut world = world().person("ada").device("S1", Some("ada"), true).row("S1", Some("ada"));
    world.options.recreate = true;
    assert_eq!(world.steps(), [Unassign, Delete, Create, Assign, Activate]);
    world.made.insert(RowId(0), DeviceId::new("dev-S2"));
    assert_eq!(world.steps(), [Unassign, Delete, Create, Assign, Activate]);
    world.made.insert(RowId(0), DeviceId::new("dev-S1"));
    assert_eq!(world.end(), (Outcome::AlreadyActive, String::new()));
    assert_eq!(world.plan().rows[0].end.as_ref().unwrap().seed_origin, Some(SeedOrigin::Created));
    world.snapshot.devices[0].status = DeviceStatus::Assigned;
    assert_eq!(world.steps(), [Activate]);
}

#[test]
fn h02_a_token_made_anew_may_be_the_last_method() {
    let mut world = world()
        .person("ada")
        .device("S1", Some("ada"), true)
        .row("S1", Some("ada"))
        .methods("ada", Methods { hardware: 1, ..Methods::default() });
    world.options.recreate = true;
    assert_eq!(world.refused(), "last_method");
    world.options.last_method_ok = true;
    assert_eq!(world.steps(), [Unassign, Delete, Create, Assign, Activate]);
    assert_eq!(world.plan().totals.only_method, 1);
    world.options.last_method_ok = false;
    world.snapshot.devices[0].status = DeviceStatus::Assigned;
    assert_eq!(
        world.steps(),
        [Unassign, Delete, Create, Assign, Activate],
        "not active: nobody's method yet"
    );
}

#[test]
fn a_token_of_somebody_else_needs_reassign() {
    let mut world =
        world().person("ada").person("bob").device("S1", Some("bob"), false).row("S1", Some("ada"));
    assert_eq!(world.refused(), "held_by_other");
    world.options.reassign = true;
    assert_eq!(world.steps(), [Unassign, Assign, Activate]);
    assert_eq!((world.plan().totals.reassign, world.plan().totals.unassign), (1, 0));
}

#[test]
fn h02_nobody_loses_the_last_method() {
    let mut world =
        world().person("ada").person("bob").device("S1", Some("bob"), true).row("S1", Some("ada"));
    world.options.reassign = true;
    let world = world.methods("bob", Methods { hardware: 1, ..Methods::default() });
    assert_eq!(world.refused(), "last_method");
    let world = world.methods("bob", Methods { hardware: 1, other_mfa: 1, phone: 1, ..Methods::default() });
    assert_eq!(world.steps(), [Unassign, Assign, Activate]);
}

#[test]
fn people_who_may_not_have_one() {
    let mut world = world().row("S1", Some("eve"));
    assert_eq!(world.refused(), "person_unknown");
    world.add("eve", Some(true), Some(true));
    assert_eq!(world.refused(), "person_guest");
    world.add("eve", Some(false), Some(false));
    assert_eq!(world.refused(), "person_disabled");
    world.add("eve", None, None);
    assert_eq!(world.steps(), [Create, Assign, Activate], "what cannot be read refuses nobody");
}

#[test]
fn h06_administrators_need_a_word() {
    let mut world = world().person("root").row("S1", Some("root"));
    world.snapshot.admins = Known::Yes([id("root")].into());
    assert_eq!(world.refused(), "admin_target");
    world.options.include_admins = true;
    assert_eq!(world.steps(), [Create, Assign, Activate]);
    assert_eq!(world.plan().totals.admins, 1);
    world.snapshot.admins = Known::Unknown(Remote::default());
    assert!(world.plan().totals.admins_unknown);
}

#[test]
fn h14_people_outside_the_policy() {
    let mut world = world().person("ada").row("S1", Some("ada"));
    let group = GroupId::new("workers");
    let include = vec![Target::Group(group.clone())];
    world.snapshot.policy = Known::Yes(MethodPolicy { enabled: true, include, exclude: vec![] });
    assert_eq!(world.steps().len(), 3, "a group that cannot be read refuses nobody");
    world.snapshot.members.insert(group.clone(), Known::Yes(BTreeSet::new()));
    assert_eq!(world.refused(), "policy_excluded");
    world.options.ignore_policy = true;
    assert_eq!(world.steps().len(), 3);
    world.options.ignore_policy = false;
    world.snapshot.members.insert(group, Known::Yes([id("ada")].into()));
    assert_eq!(world.steps().len(), 3);
}

#[test]
fn five_are_enough_for_one_person() {
    let mut world = world()
        .person("ada")
        .methods("ada", Methods { hardware: 3, authenticators: 1, ..Methods::default() });
    for n in 0..2 {
        world = world.row(&format!("S{n}"), Some("ada"));
    }
    let plan = world.plan();
    assert_eq!(plan.rows[0].steps.len(), 3, "the fifth fits");
    assert_eq!(plan.rows[1].end.clone().unwrap().why, Some(Reason::NoRoom { held: 5 }));
}

#[test]
fn h01_who_will_depend_on_the_token_is_counted() {
    let phone_only = Methods { other_mfa: 1, phone: 1, ..Methods::default() };
    let app = Methods { authenticators: 1, ..Methods::default() };
    let mut world = world()
        .person("none")
        .methods("none", Methods::default())
        .person("phone")
        .methods("phone", phone_only)
        .person("app")
        .methods("app", app)
        .person("hidden");
    for (n, name) in ["none", "phone", "app", "hidden"].into_iter().enumerate() {
        world = world.row(&format!("S{n}"), Some(name));
    }
    let totals = world.plan().totals;
    assert_eq!((totals.only_method, totals.first_prompt, totals.methods_unknown), (1, 1, 1));
    world.options.require_other_method = true;
    assert_eq!(world.refused(), "no_other_method");
    world.options.up_to = UpTo::Assigned;
    assert_eq!(world.plan().totals.only_method, 0, "assigned is not active");
}

#[test]
fn h05_a_file_for_another_tenant_is_refused() {
    let mut world =
        world().row("S1", Some("ada")).row("S2", Some("bob")).person("cat").row("S3", Some("cat"));
    world.rows[0].1 = Some("ada@elsewhere.test".into());
    world.rows[1].1 = Some("bob@elsewhere.test".into());
    let refusals = gate(&world.plan());
    assert_eq!(refusals.len(), 1);
    assert_eq!((refusals[0].rule, refusals[0].planned, refusals[0].allowed), (GateRule::OtherDomains, 2, 1));
    world.options.other_domains_ok = true;
    assert!(gate(&world.plan()).is_empty());
}

#[test]
fn the_gate_names_both_numbers_and_the_flag() {
    let mut world = world();
    for n in 0..12 {
        let (serial, new, old) = (format!("S{n}"), format!("new{n}"), format!("old{n}"));
        world = world.person(&new).device(&serial, Some(&old), false).row(&serial, Some(&new));
    }
    world.options.reassign = true;
    let refusals = gate(&world.plan());
    assert_eq!(refusals.len(), 1);
    assert_eq!((refusals[0].planned, refusals[0].allowed, refusals[0].flag), (12, 10, "--max-reassign"));
    world.limits.max_reassign = Some(12);
    assert!(gate(&world.plan()).is_empty());
}

#[test]
fn only_and_exclude_leave_rows_out() {
    let mut world = world().person("ada").row("S1", Some("ada")).row("S2", Some("ada"));
    world.options.only = Some(vec!["S2".into()]);
    assert_eq!(world.end(), (Outcome::Skipped, "not_selected".into()));
    world.options.only = None;
    world.options.exclude = vec!["ada@example.test".into()];
    assert_eq!(world.end(), (Outcome::Skipped, "excluded".into()));
}

#[test]
fn two_devices_with_one_serial_are_nobodys_guess() {
    let world =
        world().person("ada").device("S1", None, false).device("s1", None, false).row("S1", Some("ada"));
    assert_eq!(world.refused(), "serial_twice_in_tenant");
}

#[test]
fn a_plan_knows_when_it_was_tampered_with() {
    let mut plan = world().person("ada").row("S1", Some("ada")).plan();
    assert!(plan.is_intact());
    plan.rows[0].serial = "S2".into();
    assert!(!plan.is_intact());
}

#[test]
fn a_plan_survives_its_file() {
    let plan = world().person("ada").row("S1", Some("ada")).device("S1", None, false).plan();
    let text = serde_json::to_string(&plan).unwrap();
    let back: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(back, plan);
    assert!(back.is_intact());
}

#[test]
fn h15_done_steps_drop_out_and_anything_else_is_a_difference() {
    let agreed = world().person("ada").person("bob").row("S1", Some("ada"));
    let plan = agreed.plan();
    let created = world().person("ada").device("S1", Some("ada"), false).row("S1", Some("ada"));
    assert_eq!(differences(&plan, &created.plan()), [], "created and assigned meanwhile");
    let active = world().person("ada").device("S1", Some("ada"), true).row("S1", Some("ada"));
    assert_eq!(differences(&plan, &active.plan()), [], "done altogether");
    let taken = world().person("ada").device("S1", Some("bob"), false).row("S1", Some("ada"));
    let found = differences(&plan, &taken.plan());
    assert_eq!((found.len(), found[0].why.as_ref().map(Reason::word)), (1, Some("held_by_other")));
    assert_eq!(differences(&active.plan(), &plan).len(), 1, "something to do that nobody agreed to");
}
