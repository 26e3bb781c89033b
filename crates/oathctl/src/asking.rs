//! What a file leaves open, asked of whoever sits at the terminal.
//!
//! Owns: which open questions are asked, taking the answers into [`Reading`]. Does not own: the words
//! ([`crate::words::ask`]), nor what is open (`oathctl-core`'s checks). Without a terminal the same stands as a
//! fault that names the flag.

use oathctl_core::fault::{Fault, Severity};
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;

use crate::cli::Reading;
use crate::desk::Desk;
use crate::words;

/// So often an answer that can't be used is asked for again.
const PATIENCE: u32 = 3;

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Nothing: everything was settled before.
    Nothing,
    /// What can't be decided.
    Undecided,
    /// That, and what is only likely: something will be written by it (H13).
    Uncertain,
}

/// An answer: which decision, and a reading that has it.
pub struct Answer {
    /// The decision's word.
    pub what: &'static str,
    /// With the answer.
    pub reading: Reading,
}

/// Asks the first open question of a table; `None` when none is open, none may be asked, or no answer came.
pub fn ask(desk: &Desk, table: &Table, reading: &Reading, asking: Asking) -> Option<Answer> {
    if asking == Asking::Nothing || !desk.ui.terminals().can_ask() {
        return None;
    }
    let of_the_file = || table.faults().iter().filter(|fault| fault.row.is_none());
    let refusing = || of_the_file().filter(|fault| fault.severity == Severity::Error);
    if !refusing().all(|fault| is_open(fault) || fault.reason == Reason::NoUsableRow) {
        // The answer would not let the file in.
        return None;
    }
    let likely = |fault: &&Fault| matches!(fault.reason, Reason::SeedEncodingUncertain { .. });
    let uncertain = || of_the_file().find(likely).filter(|_| asking == Asking::Uncertain);
    let open = refusing().find(|fault| is_open(fault)).or_else(uncertain)?;
    let reading = reading.clone();
    Some(match &open.reason {
        Reason::SeedEncodingUndecidable { .. } => {
            spelling(reading, answer(desk, &words::ask::spelling(&open.place, None), &["hex", "base32"])?)
        }
        Reason::SeedEncodingUncertain { taken } => {
            let question = words::ask::spelling(&open.place, Some(taken));
            spelling(reading, answer(desk, &question, &["hex", "base32", "base64"])?)
        }
        Reason::HashUnstated { seed_bytes, rows } => {
            let question = words::ask::hash(&open.place, *rows, *seed_bytes);
            let hash = Some(answer(desk, &question, &["sha1", "sha256"])?);
            Answer { what: "hash", reading: Reading { hash, ..reading } }
        }
        _ => {
            let secs = answer(desk, &words::ask::period(&open.place), &["30", "60"])?;
            Answer { what: "period", reading: Reading { period: secs.parse().ok(), ..reading } }
        }
    })
}

fn is_open(fault: &Fault) -> bool {
    matches!(
        fault.reason,
        Reason::SeedEncodingUndecidable { .. } | Reason::HashUnstated { .. } | Reason::PeriodUnstated
    )
}

/// Hex and Base32 fit equally.
pub fn is_spelling_open(table: &Table) -> bool {
    table.faults().iter().any(|fault| matches!(fault.reason, Reason::SeedEncodingUndecidable { .. }))
}

fn spelling(reading: Reading, chosen: String) -> Answer {
    Answer { what: "seed_encoding", reading: Reading { secret_encoding: Some(chosen), ..reading } }
}

/// One of the choices; `None` for an empty line, the end of input, or nothing usable.
fn answer(desk: &Desk, question: &str, choices: &[&str]) -> Option<String> {
    desk.ui.show(question);
    for _ in 0..PATIENCE {
        let typed = desk.ui.ask(&format!("  {} (empty: leave it open): ", choices.join(" or ")))?;
        let typed = typed.trim().to_ascii_lowercase().replace('-', "");
        if typed.is_empty() {
            return None;
        }
        if choices.contains(&typed.as_str()) {
            return Some(typed);
        }
    }
    None
}
