//! What is left of a run: `oathctl.run/1` as JSON, the summary for people, the rows to try again.
//!
//! Owns: where each goes and in which form. [`text`] owns the summary, [`csv`] the failed rows. Does not own: the
//! report's content ([`oathctl_core::report`]), its sentences ([`crate::words`]).

mod csv;
mod text;

use oathctl_core::engine::Stopped;
use oathctl_core::report::{Exit, RowReport, RunReport, StopReport};
use oathctl_core::tenant::Identity;

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::walk::Delivery;
use crate::words::{self, Way};

pub use csv::{failed_rows, quoted as csv_cell};
pub use text::{Heading, summary};

/// A row with its reason in words.
pub fn with_words(mut row: RowReport, way: Way) -> RowReport {
    if let Some(reason) = &row.detail {
        row.message = Some(words::message(reason));
        row.advice = Some(words::advice_for(reason, way));
    }
    row
}

/// How a run ended, beside its report.
#[derive(Clone, Copy)]
pub struct End<'a> {
    /// Why it came to no end.
    pub stopped: Option<&'a Stopped>,
    /// The journal has it, and something is left to do.
    pub can_resume: bool,
    /// What came of it, token by token, in the place of numbers.
    pub told: Option<&'a [String]>,
}

/// Writes files and standard output, and says how the command ends. A file that can't be written doesn't keep the
/// others from being written.
pub fn deliver(
    desk: &Desk,
    identity: &Identity,
    report: &RunReport,
    end: End<'_>,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let exit = exit_of(report.exit_code);
    let json = serde_json::to_string_pretty(report).map_err(|_| {
        Failure::own("The report could not be written as JSON.").because("a fault of oathctl")
    })?;
    match desk.output() {
        Output::Text => desk.ui.data(&summary(&desk.ui, &Heading::of(identity), report, end.told)),
        Output::Json => desk.ui.data(&format!("{json}\n")),
        Output::Ndjson => {}
    }
    let exit = exit.and(write_files(desk, report, &json, to));
    tell_end(desk, report, end);
    Ok(exit)
}

/// The same of a run that never began, which people are told elsewhere. `is_told`: standard output has a document.
pub fn deliver_unbegun(desk: &Desk, report: &RunReport, is_told: bool, to: &Delivery) {
    let json = serde_json::to_string_pretty(report).unwrap_or_default();
    if desk.output() == Output::Json && !is_told {
        desk.ui.data(&format!("{json}\n"));
    }
    // Without rows there is nothing to say about them; an older list is left as it is.
    let failed = to.failed.clone().filter(|_| !report.rows.is_empty());
    write_files(desk, report, &json, &Delivery { failed, ..to.clone() });
}

fn write_files(desk: &Desk, report: &RunReport, json: &str, to: &Delivery) -> Exit {
    let mut exit = Exit::Ok;
    let csv = || failed_rows(&report.rows);
    let mut write = |what: &str, path: &Option<String>, content: &dyn Fn() -> String| {
        let Some(path) = path else { return };
        match desk.fs.write_private(path, content().as_bytes()) {
            Ok(()) => desk.ui.say(&format!("{what}: {}", quoted(path))),
            Err(error) => {
                Failure::unwritable(what, path, &error).show(&desk.ui);
                exit = Exit::Own;
            }
        }
    };
    write("The report", &to.report, &|| format!("{json}\n"));
    write("The list of failed rows", &to.failed, &csv);
    exit
}

/// Why a run came to no end, and how to go on.
fn tell_end(desk: &Desk, report: &RunReport, end: End<'_>) {
    match end.stopped {
        // Nothing to go on with: the command as it was begins anew.
        Some(Stopped::Journal(error)) if !end.can_resume => Failure::from(error.clone()).show(&desk.ui),
        Some(stopped) => {
            let (message, advice) = words::stopped(stopped);
            desk.ui.wrong(&format!("oathctl: {message}"));
            desk.ui.wrong(&format!("  what to do: {advice}"));
        }
        None => {}
    }
    if let Some(run) = report.run.as_ref().filter(|_| end.can_resume) {
        desk.ui.show(&format!("To go on: oathctl resume {run}"));
    }
}

/// Why a run came to no end, as its report has it.
pub fn stop_of(stopped: &Stopped) -> StopReport {
    let (message, advice) = words::stopped(stopped);
    StopReport { reason: stopped.word().into(), message, advice: Some(advice) }
}

/// The exit of this number.
pub fn exit_of(code: u8) -> Exit {
    let all = [
        Exit::Ok,
        Exit::Usage,
        Exit::Rows,
        Exit::SignIn,
        Exit::Unreachable,
        Exit::Input,
        Exit::Gate,
        Exit::Interrupted,
    ];
    all.into_iter().find(|exit| exit.code() == code).unwrap_or(Exit::Own)
}
