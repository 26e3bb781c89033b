//! What the audit keeps of a run: its beginning with every row, each call before it leaves and when it came back, its end.
//!
//! Owns: the bodies of these records, small arrays as the journal's. People stand in them by pseudonym. Does not own: the
//! chain.

use std::collections::BTreeSet;

use oathctl_core::journal::{CallId, Intent, RowState, RunEnd, RunHead, StepKind};
use oathctl_core::report::Totals;
use oathctl_core::time::{ServerTime, Utc};
use oathctl_core::token::{RunId, UserId};
use serde_json::{Map, Value, json};

use crate::audit::Entry;
use crate::db::{Sql, Tx};
use crate::error::StoreError;
use crate::store::Store;
use crate::wire;

/// `{resumes, practice, plan, input, rows: [[row, serial, person], …]}`.
pub(super) async fn opened(store: &Store, tx: &mut Tx<'_>, head: &RunHead) -> Result<(), StoreError> {
    let plan = &head.plan;
    let entry = Entry {
        kind: "run_opened",
        at: Some(head.started_at),
        actor: Some(&head.actor),
        tenant: Some(&head.tenant),
        run: Some(&head.run),
        people: plan.rows.iter().filter_map(|row| row.user.as_ref()).map(UserId::as_str).collect(),
    };
    store
        .note(tx, entry, |named| {
            let person = |user: &Option<UserId>| user.as_ref().map_or(Value::Null, |id| named.of(id.as_str()));
            let rows = plan.rows.iter().map(|row| json!([row.row, row.serial, person(&row.user)]));
            let rows: Vec<Value> = rows.collect();
            let body = json!({
                "resumes": head.resumes, "practice": plan.practice, "plan": plan.digest, "input": plan.input.sha256,
                "rows": rows,
            });
            object(body)
        })
        .await
}

/// `{call, step, rows: [[row, device, person], …]}`.
pub(super) async fn intended(
    store: &Store,
    tx: &mut Tx<'_>,
    run: &RunId,
    call: CallId,
    step: StepKind,
    at: Utc,
    intents: &[Intent],
) -> Result<(), StoreError> {
    let people: BTreeSet<&str> =
        intents.iter().filter_map(|it| it.user.as_ref()).map(UserId::as_str).collect();
    let entry = Entry { at: Some(at), people, ..of_run("call_intended", run) };
    let step = wire::to_word(step)?;
    store
        .note(tx, entry, |named| {
            let person = |it: &Intent| it.user.as_ref().map_or(Value::Null, |id| named.of(id.as_str()));
            let rows: Vec<Value> = intents.iter().map(|it| json!([it.row, it.device, person(it)])).collect();
            object(json!({"call": call, "step": step, "rows": rows}))
        })
        .await
}

/// `{call, rows: [[row, result, device, status], …]}`, at the tenant's time where a reply has one.
pub(super) async fn observed(
    store: &Store,
    tx: &mut Tx<'_>,
    run: &RunId,
    call: CallId,
    states: &[RowState],
) -> Result<(), StoreError> {
    let at = states.iter().filter_map(|state| state.at).map(|ServerTime(at)| at).max();
    let entry = Entry { at, ..of_run("call_observed", run) };
    let rows: Vec<Value> = states.iter().map(|it| json!([it.row, it.result, it.device, it.status])).collect();
    store.note(tx, entry, |_| object(json!({"call": call, "rows": rows}))).await
}

/// `{exit_code, complete, totals}`.
pub(super) async fn closed(
    store: &Store,
    tx: &mut Tx<'_>,
    run: &RunId,
    end: &RunEnd,
) -> Result<(), StoreError> {
    let entry = Entry { at: Some(end.finished_at), ..of_run("run_closed", run) };
    let totals = Totals::of(&end.rows);
    let body = json!({"exit_code": end.exit_code, "complete": end.complete, "totals": totals});
    store.note(tx, entry, |_| object(body)).await
}

/// A run that another took over without resuming it. `{by}`.
pub(crate) async fn superseded(
    store: &Store,
    tx: &mut Tx<'_>,
    old: &RunId,
    new: &RunId,
) -> Result<(), StoreError> {
    let already = Sql::new("SELECT count(*) FROM audit_records WHERE run = $1 AND kind = 'run_superseded'");
    if already.bind(old.as_str()).value::<i64>(&mut *tx).await? > 0 {
        return Ok(()); // saying it twice is the same as once
    }
    store.note(tx, of_run("run_superseded", old), |_| object(json!({"by": new}))).await
}

fn of_run<'a>(kind: &'a str, run: &'a RunId) -> Entry<'a> {
    Entry { kind, at: None, actor: None, tenant: None, run: Some(run), people: BTreeSet::new() }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
