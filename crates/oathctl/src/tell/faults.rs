//! Faults of a file, by place, each with what to do.
//!
//! Owns: their form, for people and for scripts. Does not own: their words ([`crate::words`]).

use oathctl_core::fault::{Fault, Severity};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::tell;
use crate::words;
use crate::words::en::foreign::clean;

/// Told one by one before a command that goes on or is refused; all of them stand in `check`.
const TOLD: usize = 200;

/// Errors and warnings on standard error, in the order of the file; notes only when asked for more.
pub fn on_stderr<'a>(desk: &Desk, faults: impl Iterator<Item = &'a Fault>) {
    let worth = |fault: &&Fault| fault.severity != Severity::Note || desk.ui.manner().verbose > 0;
    let faults = sorted(faults.filter(worth));
    for fault in faults.iter().take(TOLD) {
        for line in lines(fault) {
            desk.ui.wrong(&line);
        }
    }
    if faults.len() > TOLD {
        desk.ui.wrong(&format!("… and {} more; `oathctl check` tells them all.", faults.len() - TOLD));
    }
}

/// The file's own order: whole file first, then by place.
pub fn sorted<'a>(faults: impl Iterator<Item = &'a Fault>) -> Vec<&'a Fault> {
    let mut faults: Vec<&Fault> = faults.collect();
    faults.sort_by_key(|fault| (fault.row.is_some(), &fault.place, fault.severity));
    faults
}

/// `file:line:column: error: message (reason)`, then the advice.
pub fn lines(fault: &Fault) -> [String; 2] {
    let serial = match fault.serial.as_deref() {
        Some(serial) if !serial.is_empty() => format!(" [{}]", clean(serial)),
        _ => String::new(),
    };
    [
        format!(
            "{}: {}: {} ({}){serial}",
            tell::place(&fault.place),
            severity(fault.severity),
            words::message(&fault.reason),
            fault.reason.word()
        ),
        format!("    what to do: {}", words::advice(&fault.reason)),
    ]
}

/// For scripts, in every document alike.
pub fn value(fault: &Fault) -> Value {
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

/// The severity's word.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
