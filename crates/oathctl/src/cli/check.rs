//! `oathctl check`: read and judge a seed file offline.

use clap::Args;
use oathctl_core::fault::{Fault, Severity};
use oathctl_core::report::Exit;
use oathctl_core::table::{RowView, Verdict};
use serde_json::{Value, json};

use super::planning::Reading;
use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::input::{self, Loaded};
use crate::places::Places;
use crate::tell::{self, faults};
use crate::words;
use crate::words::en::foreign::clean;

/// Read and judge a seed file offline; tell every fault by its place.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl check tokens.csv\n  \
    oathctl check tokens.csv --users people.csv\n  \
    oathctl check tokens.csv --hash sha256 --output json --rows")]
pub struct Check {
    /// The vendor's file; `-` for standard input
    file: String,
    /// People for the tokens: a CSV of serial,upn
    #[arg(long, value_name = "CSV")]
    users: Option<String>,
    /// Show every row too; of a seed only its length
    #[arg(long)]
    rows: bool,
    #[command(flatten)]
    reading: Reading,
}

impl Check {
    pub(super) fn places(&self) -> Places {
        Places::default()
            .read("the vendor's file", Some(&self.file))
            .read("the list of `--users`", self.users.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let loaded = input::load(desk, &self.file, self.users.as_deref(), &self.reading)?;
        let exit = if errors(&loaded) > 0 { Exit::Input } else { Exit::Ok };
        match desk.output() {
            Output::Text => desk.ui.data(&text(desk, &loaded, self.rows)),
            Output::Json | Output::Ndjson => {
                let document = document(&loaded, self.rows, exit);
                let form = if desk.output() == Output::Json {
                    serde_json::to_string_pretty
                } else {
                    serde_json::to_string
                };
                desk.ui.data(&format!("{}\n", form(&document).unwrap_or_default()));
            }
        }
        Ok(exit)
    }
}

/// A file that a command refuses, for scripts: what `check` would print. People are told on standard error.
pub(super) fn tell_refused(desk: &Desk, loaded: &Loaded) {
    if desk.output() == Output::Json {
        let document = document(loaded, false, Exit::Input);
        desk.ui.data(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
    }
}

fn all_faults(loaded: &Loaded) -> impl Iterator<Item = &Fault> {
    loaded.table.faults().iter().chain(&loaded.beside)
}

fn errors(loaded: &Loaded) -> usize {
    all_faults(loaded).filter(|fault| fault.severity == Severity::Error).count()
}

fn of_severity(loaded: &Loaded, severity: Severity) -> usize {
    all_faults(loaded).filter(|fault| fault.severity == severity).count()
}

fn of_verdict(loaded: &Loaded, verdict: Verdict) -> usize {
    loaded.table.rows().filter(|row| row.verdict() == verdict).count()
}

fn text(desk: &Desk, loaded: &Loaded, rows: bool) -> String {
    let mut lines = Vec::new();
    if !loaded.table.decisions().is_empty() {
        lines.push(desk.ui.heading("How it was read"));
        lines.extend(
            loaded.table.decisions().iter().map(|decision| format!("  {}", words::decision(decision))),
        );
        lines.push(String::new());
    }
    if rows {
        lines.push(desk.ui.heading("Rows"));
        lines.extend(loaded.table.rows().map(|row| row_line(&row)));
        lines.push(String::new());
    }
    let found = faults::sorted(all_faults(loaded));
    if !found.is_empty() {
        lines.push(desk.ui.heading("What was found"));
        lines.extend(found.iter().flat_map(|fault| faults::lines(fault)).map(|line| format!("  {line}")));
        lines.push(String::new());
    }
    lines.push(total_line(loaded));
    lines.push(String::new());
    lines.join("\n")
}

fn total_line(loaded: &Loaded) -> String {
    let duplicates = of_verdict(loaded, Verdict::Duplicate);
    let twice = if duplicates > 0 { format!(", {duplicates} said twice") } else { String::new() };
    let verdict = match (loaded.table.is_rejected(), errors(loaded)) {
        (true, _) => "The file is refused as it is.",
        (false, 0) => "Nothing stands against it.",
        (false, _) => "`activate` leaves the faulty rows out, or refuses the file with `--strict`.",
    };
    format!(
        "{}: {} usable, {} faulty{twice}; {}, {}, {}. {verdict}",
        tell::rows(loaded.input.rows),
        of_verdict(loaded, Verdict::Usable),
        of_verdict(loaded, Verdict::Faulty),
        tell::counted(errors(loaded), "error"),
        tell::counted(of_severity(loaded, Severity::Warning), "warning"),
        tell::counted(of_severity(loaded, Severity::Note), "note"),
    )
}

fn row_line(row: &RowView<'_>) -> String {
    let params = match row.params() {
        Some(params) => format!("{} · {} digits · {} s", params.hash, params.digits, params.period_secs),
        None => "parameters open".into(),
    };
    format!(
        "  line {}: {} · {} · {params} · seed of {} bytes · {} · {}",
        row.line(),
        if row.serial().is_empty() { "(no serial)".into() } else { clean(row.serial()) },
        row.upn().map_or_else(|| "nobody".into(), clean),
        row.seed_len(),
        [clean(row.manufacturer()), clean(row.model())].join(" ").trim(),
        verdict(row.verdict()),
    )
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Usable => "usable",
        Verdict::Faulty => "faulty",
        Verdict::Duplicate => "duplicate",
    }
}

/// `oathctl.check/1`.
fn document(loaded: &Loaded, rows: bool, exit: Exit) -> Value {
    let found = faults::sorted(all_faults(loaded));
    json!({
        "schema": "oathctl.check/1",
        "version": env!("CARGO_PKG_VERSION"),
        "exit_code": exit.code(),
        "input": {"path": loaded.input.path, "sha256": Some(&loaded.input.sha256).filter(|sha| !sha.is_empty())},
        "rejected": loaded.table.is_rejected(),
        "decisions": loaded.table.decisions(),
        "totals": {
            "rows": loaded.input.rows,
            "usable": of_verdict(loaded, Verdict::Usable),
            "faulty": of_verdict(loaded, Verdict::Faulty),
            "duplicates": of_verdict(loaded, Verdict::Duplicate),
            "errors": errors(loaded),
            "warnings": of_severity(loaded, Severity::Warning),
            "notes": of_severity(loaded, Severity::Note),
        },
        "faults": found.into_iter().map(fault_value).collect::<Vec<_>>(),
        "rows": rows.then(|| loaded.table.rows().map(|row| row_value(&row)).collect::<Vec<_>>()),
    })
}

fn fault_value(fault: &Fault) -> Value {
    json!({
        "severity": fault.severity,
        "reason": fault.reason.word(),
        "detail": fault.reason,
        "place": fault.place,
        "serial": fault.serial,
        "message": words::message(&fault.reason),
        "advice": words::advice(&fault.reason),
    })
}

fn row_value(row: &RowView<'_>) -> Value {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    json!({
        "place": row.place(None),
        "serial": some(row.serial()),
        "upn": row.upn(),
        "hash": row.hash(),
        "digits": row.digits(),
        "period_s": row.period_secs(),
        "seed_bytes": row.seed_len(),
        "manufacturer": some(row.manufacturer()),
        "model": some(row.model()),
        "verdict": verdict(row.verdict()),
    })
}
