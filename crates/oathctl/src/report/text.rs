//! The summary people read: counts, what is proven, every failed row with what to do.
//!
//! Owns: its form. Nothing without proof is worded as working.

use std::collections::BTreeMap;

use oathctl_core::place::Place;
use oathctl_core::reason::Class;
use oathctl_core::report::{Outcome, Proof, RowReport, RunReport, Totals};
use oathctl_core::tenant::Identity;

use crate::tell;
use crate::ui::{PRACTICE, Ui};
use crate::words;
use crate::words::en::foreign::clean;

/// So many failed rows are told one by one; the rest stands in the report.
const TOLD: usize = 50;

/// Which tenant, as far as the run knows.
pub struct Heading(String);

impl Heading {
    /// By what the tenant says of itself.
    pub fn of(identity: &Identity) -> Self {
        Self(tell::marked_tenant_line(identity))
    }

    /// By what the journal kept.
    pub fn recorded(report: &RunReport, name: &str) -> Self {
        let line = format!("Tenant \"{}\" · {}", clean(name), id(report.tenant.as_ref()));
        Self(if report.practice { format!("{PRACTICE} · {line}") } else { line })
    }
}

/// The whole summary. `told`: sentences in the place of counts.
pub fn summary(ui: &Ui, heading: &Heading, report: &RunReport, told: Option<&[String]>) -> String {
    let mut lines = vec![ui.heading(&heading.0), run_line(report)];
    if told.is_none_or(|told| !told.is_empty()) {
        lines.push(String::new());
    }
    match told {
        Some(told) => lines.extend(told.iter().map(|sentence| format!("  {sentence}"))),
        None => lines.extend(counts(&report.totals)),
    }
    lines.extend(proven(&report.rows));
    lines.extend(bad_rows(ui, report));
    lines.push(String::new());
    lines.join("\n")
}

fn run_line(report: &RunReport) -> String {
    let requests = &report.requests;
    format!(
        "Run {} · {} · {} · {} requests, {} operations, {} throttled, {} repeated",
        id(report.run.as_ref()),
        tell::rows(report.rows.len() as u64),
        tell::span(report.finished_at.ms_since(report.started_at)),
        requests.total,
        requests.operations,
        requests.throttled,
        requests.repeated
    )
}

fn id(id: Option<&impl ToString>) -> String {
    id.map_or_else(|| "unknown".into(), ToString::to_string)
}

fn counts(totals: &Totals) -> Vec<String> {
    let Totals {
        activated,
        already_active,
        assigned,
        imported,
        deleted,
        failed,
        skipped,
        unknown,
        proven: _,
    } = totals;
    let all = [
        (Outcome::Activated, activated),
        (Outcome::AlreadyActive, already_active),
        (Outcome::Assigned, assigned),
        (Outcome::Imported, imported),
        (Outcome::Deleted, deleted),
        (Outcome::Failed, failed),
        (Outcome::Skipped, skipped),
        (Outcome::Unknown, unknown),
    ];
    let shown = all.into_iter().filter(|(_, n)| **n > 0);
    tell::table(
        &shown.map(|(outcome, n)| (words::outcome(outcome).to_owned(), n.to_string())).collect::<Vec<_>>(),
    )
}

/// H12: of the active tokens, how many are known to work, and how far the others are known.
fn proven(rows: &[RowReport]) -> Vec<String> {
    let active = rows.iter().filter(|row| matches!(row.outcome, Outcome::Activated | Outcome::AlreadyActive));
    let mut by_proof: BTreeMap<Proof, u64> = BTreeMap::new();
    for row in active {
        *by_proof.entry(row.proof).or_insert(0) += 1;
    }
    if by_proof.is_empty() {
        return Vec::new();
    }
    let untried = by_proof.keys().any(|proof| !matches!(proof, Proof::Device | Proof::SignIn));
    let mut lines = vec![String::new(), "Of the active tokens".to_owned()];
    let table = by_proof.iter().map(|(proof, n)| format!("  {n:>6}  {}", words::proof(*proof)));
    lines.extend(table);
    if untried {
        lines.push(
            "  A person's first sign-in with a token proves it; run the same command again to see."
                .to_owned(),
        );
    }
    lines
}

fn bad_rows(ui: &Ui, report: &RunReport) -> Vec<String> {
    let bad: Vec<&RowReport> =
        report.rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed | Outcome::Unknown)).collect();
    if bad.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), ui.heading("Rows that did not get there")];
    for row in bad.iter().take(TOLD) {
        lines.extend(bad_row(row));
    }
    if bad.len() > TOLD {
        lines.push(format!(
            "  … and {} more; `--report FILE` and `--failed FILE` have them all.",
            bad.len() - TOLD
        ));
    }
    lines
}

fn bad_row(row: &RowReport) -> Vec<String> {
    let serial = row.serial.as_deref().map_or_else(|| "(no serial)".to_owned(), clean);
    let person = row.upn.as_deref().map_or_else(|| "nobody".to_owned(), clean);
    let reason = row.reason.as_deref().unwrap_or("no reason given");
    // What was named on the command line has no other place.
    let place = if row.source == Place::default() {
        String::new()
    } else {
        format!("  ({})", tell::place(&row.source))
    };
    let mut lines = vec![format!("  {serial}  {person}  {}: {reason}{place}", words::outcome(row.outcome))];
    lines.extend(row.message.iter().map(|message| format!("      {message}")));
    // The tenant's words belong to reasons that come from the tenant; a file's fault has none.
    let from_file = row.detail.as_ref().is_some_and(|reason| reason.info().class == Class::File);
    let said = row.remote.as_ref().filter(|_| !from_file).and_then(words::remote);
    lines.extend(said.map(|said| format!("      The tenant said: {said}")));
    lines.extend(row.advice.iter().map(|advice| format!("      What to do: {advice}")));
    lines
}
