//! `oathctl runs`: what was done with this store.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use oathctl_core::engine::Stopped;
use oathctl_core::journal::{RunEnd, RunRecord};
use oathctl_core::reason::Reason;
use oathctl_core::report::{
    Exit, InputReport, Outcome, RUN_SCHEMA, RequestReport, RowReport, RunReport, StopReport, Totals,
};
use oathctl_core::token::RunId;
use oathctl_store::{RunSummary, StoreError};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::report::{Heading, exit_of, stop_of, summary, with_words};
use crate::tell;
use crate::ui::PRACTICE;
use crate::words::Way;
use crate::words::en::foreign::clean;

/// Look at runs.
#[derive(Debug, Args)]
pub struct Runs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List all runs, the latest first
    List,
    /// Show a run with its rows
    Show {
        /// The run, or the beginning of its id
        run: String,
    },
}

impl Runs {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        desk.block_on(async {
            let store = settings.open_store(desk).await?;
            match &self.what {
                What::List => list(desk, &store.runs().await?),
                What::Show { run } => {
                    let id = store.find_run(run).await?;
                    let record = store.run(&id).await?.ok_or(StoreError::NoSuchRun { given: run.clone() })?;
                    show(desk, record);
                }
            }
            store.close().await;
            Ok(Exit::Ok)
        })
    }
}

fn list(desk: &Desk, runs: &[RunSummary]) {
    if desk.output() != Output::Text {
        let values: Vec<Value> = runs.iter().map(value).collect();
        return print(desk, &json!({"runs": values}));
    }
    if runs.is_empty() {
        desk.ui.say("No run has been made with this store.");
    }
    for run in runs {
        desk.ui.data(&format!("{}\n", line(run)));
    }
}

fn line(run: &RunSummary) -> String {
    let state = match (&run.superseded_by, run.complete, run.exit_code) {
        (Some(by), ..) => format!("taken over by {by}"),
        (None, true, Some(code)) => format!("ended, exit code {code}"),
        (None, _, Some(code)) => format!("unfinished, exit code {code}: oathctl resume {}", run.run),
        (None, _, None) => format!("cut off: oathctl resume {}", run.run),
    };
    let counts = run.totals.map_or_else(String::new, |t| {
        format!("{} active, {} failed, {} unknown of ", t.activated + t.already_active, t.failed, t.unknown)
    });
    let practice = if run.practice { format!("{PRACTICE} · ") } else { String::new() };
    // Without one it came by standard input, or was an everyday command about tokens it named.
    let input = run.input_path.as_deref().map_or_else(String::new, |path| format!(" of {}", clean(path)));
    format!("{}  {practice}{}  {counts}{}{input}  {state}", run.run, run.tenant, tell::rows(run.rows))
}

fn value(run: &RunSummary) -> Value {
    json!({
        "run": run.run, "resumes": run.resumes, "superseded_by": run.superseded_by, "tenant": run.tenant,
        "practice": run.practice, "started_at": run.started_at, "finished_at": run.finished_at,
        "exit_code": run.exit_code, "complete": run.complete, "rows": run.rows, "totals": run.totals,
        "input": {"path": run.input_path, "sha256": run.input_sha256},
    })
}

fn show(desk: &Desk, record: RunRecord) {
    let taken_over = record.superseded_by.as_ref().map(taken_over);
    let name = record.head.plan.tenant_name.clone();
    let report = as_report(record);
    if desk.output() != Output::Text {
        return print(desk, &serde_json::to_value(&report).unwrap_or_default());
    }
    desk.ui.data(&summary(&desk.ui, &Heading::recorded(&report, &name), &report, None));
    if let Some(StopReport { message, advice, .. }) = &report.stopped {
        desk.ui.show(message);
        advice.iter().for_each(|advice| desk.ui.show(advice));
    } else if let Some(taken_over) = taken_over {
        desk.ui.show(&taken_over);
    }
}

/// The journal keeps no figures of requests nor of clocks; those of a run that was cut off are zero or null.
pub(super) fn as_report(record: RunRecord) -> RunReport {
    let RunRecord { head, end, superseded_by, .. } = record;
    let way = Way::of_verb(head.options.get("verb").and_then(Value::as_str));
    let stopped = stopped(&head.run, end.as_ref(), superseded_by.as_ref());
    let rows: Vec<_> =
        end.iter().flat_map(|end| end.rows.iter().cloned()).map(|row| with_words(row, way)).collect();
    RunReport {
        schema: RUN_SCHEMA.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        run: Some(head.run),
        actor: head.actor,
        tenant: Some(head.tenant),
        practice: head.plan.practice,
        backend: head.plan.backend,
        started_at: head.started_at,
        finished_at: end.as_ref().map_or(head.started_at, |end| end.finished_at),
        exit_code: end.as_ref().map_or(Exit::Own.code(), |end| end.exit_code),
        options: head.options,
        plan_digest: Some(head.plan.digest),
        input: InputReport { path: head.plan.input.path, sha256: Some(head.plan.input.sha256) },
        clock_offset_ms: None,
        requests: RequestReport::default(),
        totals: Totals::of(&rows),
        stopped,
        rows,
    }
}

/// As far as the journal knows: how far a run came says why it stopped, and its rows name the cause.
fn stopped(run: &RunId, end: Option<&RunEnd>, superseded_by: Option<&RunId>) -> Option<StopReport> {
    let on = match superseded_by {
        Some(by) => taken_over(by),
        None => format!("Go on with it: `oathctl resume {run}`."),
    };
    let Some(end) = end else {
        let message = "The run was cut off: its process ended before it could say why.".into();
        return Some(StopReport { reason: "cut_off".into(), message, advice: Some(on) });
    };
    let came_to_its_end = matches!(exit_of(end.exit_code), Exit::Ok | Exit::Rows);
    if came_to_its_end && !end.rows.iter().any(never_begun) {
        return None;
    }
    let Some(why) = why(end) else {
        let message =
            format!("The run stopped with exit code {}; the journal keeps no more of why.", end.exit_code);
        return Some(StopReport { reason: "stopped".into(), message, advice: Some(on) });
    };
    let stop = stop_of(&why);
    let this_one = format!("`oathctl resume {run}`");
    let advice = match superseded_by {
        Some(_) => Some(on),
        None => stop.advice.map(|advice| advice.replace("`oathctl resume`", &this_one)),
    };
    Some(StopReport { advice, ..stop })
}

/// A run that came to no end has the exit code of what stopped it; a cause that rows share stands with them.
fn why(end: &RunEnd) -> Option<Stopped> {
    match exit_of(end.exit_code) {
        Exit::Interrupted => Some(Stopped::Interrupted),
        Exit::Unreachable => Some(Stopped::Unreachable),
        Exit::Rows => Some(Stopped::Clock),
        Exit::SignIn => shared(end).map(Stopped::SignIn),
        Exit::Gate => shared(end).map(Stopped::Systemic),
        Exit::Ok | Exit::Own | Exit::Usage | Exit::Input => None,
    }
}

/// What most of the failed rows failed for.
fn shared(end: &RunEnd) -> Option<Reason> {
    let mut causes: BTreeMap<&Reason, usize> = BTreeMap::new();
    let failed = end.rows.iter().filter(|row| row.outcome == Outcome::Failed && !never_begun(row));
    failed.filter_map(|row| row.detail.as_ref()).for_each(|why| *causes.entry(why).or_default() += 1);
    causes.into_iter().max_by_key(|(_, rows)| *rows).map(|(why, _)| why.clone())
}

fn never_begun(row: &RowReport) -> bool {
    row.reason.as_deref() == Some(Reason::RunStopped.word())
}

fn taken_over(by: &RunId) -> String {
    format!("Run {by} took it over: `oathctl runs show {by}`.")
}

pub(super) fn print(desk: &Desk, value: &Value) {
    let form =
        if desk.output() == Output::Json { serde_json::to_string_pretty } else { serde_json::to_string };
    desk.ui.data(&format!("{}\n", form(value).unwrap_or_default()));
}
