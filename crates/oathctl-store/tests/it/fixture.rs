//! Runs, calls and rows as the engine would write them; nothing here is random.

use oathctl_core::journal::{
    Actor, CallId, CallResult, Intent, Journal, RowState, RunEnd, RunHead, StepKind,
};
use oathctl_core::place::Place;
use oathctl_core::plan::{
    Asked, Goal, Limits, PLAN_SCHEMA, Plan, PlanInput, PlanOptions, PlanRow, PlanTotals, Seen,
};
use oathctl_core::report::{Outcome, Proof, RowReport, SeedOrigin};
use oathctl_core::table::RowId;
use oathctl_core::tenant::{Backend, Remote};
use oathctl_core::time::{ServerTime, Utc};
use oathctl_core::token::{DeviceId, RunId, TenantId, UserId};
use oathctl_store::Store;

pub const T0: Utc = Utc::from_unix_secs(1_790_000_000);

pub fn tenant() -> TenantId {
    TenantId::new("11111111-2222-4333-8444-555555555555")
}

fn guid(kind: u32, n: u32) -> String {
    format!("{n:08x}-{kind:04x}-4000-8000-{:012x}", u64::from(n) * 7919)
}

pub fn device(n: u32) -> DeviceId {
    DeviceId::new(guid(0xd, n))
}

pub fn user(n: u32) -> UserId {
    UserId::new(guid(0xe, n))
}

fn place(n: u32) -> Place {
    Place { file: Some("box-17.csv".into()), line: Some(u64::from(n) + 2), ..Place::default() }
}

fn plan_row(n: u32) -> PlanRow {
    PlanRow {
        row: RowId(n),
        serial: format!("23087{n:08}"),
        upn: Some(format!("user{n:05}@contoso.example")),
        user: Some(user(n)),
        source: place(n),
        seen: Seen::Absent,
        steps: vec![StepKind::Create, StepKind::Activate],
        goal: Goal::Activated,
        asked: Asked::default(),
        end: None,
        params: None,
    }
}

pub fn plan(rows: u32, sha256: &str) -> Plan {
    let input = PlanInput {
        path: Some("box-17.csv".into()),
        sha256: sha256.into(),
        rows: rows.into(),
        ..Default::default()
    };
    let plan = Plan {
        schema: PLAN_SCHEMA.into(),
        tenant: tenant(),
        tenant_name: "Contoso".into(),
        host: "127.0.0.1:8443".into(),
        practice: true,
        backend: Backend::Graph,
        made_at: T0,
        options: PlanOptions { reassign: true, only: Some(vec!["A".into()]), ..PlanOptions::default() },
        input,
        limits: Limits { max_reassign: Some(3), max_delete: None },
        totals: PlanTotals { rows: rows.into(), create: rows.into(), ..PlanTotals::default() },
        rows: (0..rows).map(plan_row).collect(),
        digest: String::new(),
    };
    plan.sealed()
}

pub fn head(run: &str, rows: u32) -> RunHead {
    RunHead {
        run: RunId::new(run),
        resumes: None,
        tenant: tenant(),
        started_at: T0.plus_ms(1),
        actor: Actor { os_user: Some("op".into()), signed_in_as: None },
        options: serde_json::json!({ "up_to": "activated", "pace": 1.5, "exclude": null, "z": [1, "a"] }),
        plan: plan(rows, "ab12"),
    }
}

pub fn intents(rows: std::ops::Range<u32>, step: StepKind) -> Vec<Intent> {
    let known = |n| (step != StepKind::Create).then(|| device(n));
    rows.map(|n| Intent { row: RowId(n), device: known(n), user: Some(user(n)) }).collect()
}

pub fn states(rows: std::ops::Range<u32>) -> Vec<RowState> {
    let state = |n| RowState {
        row: RowId(n),
        result: CallResult::Done,
        device: Some(device(n)),
        at: Some(ServerTime(T0.plus_ms(i64::from(n)))),
        status: Some(204),
        held: false,
    };
    rows.map(state).collect()
}

pub fn report(n: u32, outcome: Outcome) -> RowReport {
    RowReport {
        serial: Some(format!("23087{n:08}")),
        upn: Some(format!("user{n:05}@contoso.example")),
        source: place(n),
        outcome,
        changed: true,
        proof: Proof::ReadBack,
        seed_origin: Some(SeedOrigin::Created),
        drift_s: Some(-3),
        reason: None,
        detail: None,
        message: None,
        advice: None,
        device_id: Some(device(n)),
        user_id: Some(user(n)),
        attempts: 1,
        remote: None,
    }
}

pub fn end(rows: u32, exit_code: u8, complete: bool) -> RunEnd {
    let rows = (0..rows).map(|n| report(n, Outcome::Activated)).collect();
    RunEnd { finished_at: T0.plus_ms(90_000), exit_code, complete, rows }
}

pub fn remote_words() -> Remote {
    Remote {
        status: Some(400),
        code: Some("badRequest".into()),
        message: Some("The verification code entered is not what Microsoft expected".into()),
        request_id: Some("6f1e-77".into()),
    }
}

/// One call of twenty rows, there and back.
pub async fn call(store: &Store, run: &RunId, call: u64, step: StepKind, rows: std::ops::Range<u32>) {
    store.intend(run, CallId(call), step, T0.plus_ms(10), &intents(rows.clone(), step)).await.unwrap();
    store.observed(run, CallId(call), &states(rows)).await.unwrap();
}
