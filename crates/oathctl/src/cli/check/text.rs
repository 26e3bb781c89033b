//! What `check` shows to people.
//!
//! Owns: the order of its parts. Does not own: the words of faults and decisions ([`crate::words`]).

use oathctl_core::fault::{Decision, Severity};
use oathctl_core::report::Exit;
use oathctl_core::table::{RowView, Verdict};
use oathctl_core::token::OtpKind;

use super::codes::Said;
use super::{all_faults, errors, of_severity, of_verdict, verdict};
use crate::desk::Desk;
use crate::input::Loaded;
use crate::tell::{self, faults};
use crate::words;
use crate::words::en::foreign::clean;

/// The whole of it.
pub(super) fn text(desk: &Desk, loaded: &Loaded, rows: bool, said: Option<&Said>) -> String {
    let mut lines = Vec::new();
    if !loaded.table.decisions().is_empty() {
        lines.push(desk.ui.heading("How it was read"));
        lines.extend(decisions(loaded.table.decisions()));
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
    if let Some(said) = said {
        lines.push(desk.ui.heading("What the codes say"));
        lines.extend(said.lines());
        lines.push(String::new());
    }
    lines.push(total_line(loaded, said.is_some_and(|said| said.exit() != Exit::Ok)));
    lines.push(String::new());
    lines.join("\n")
}

/// Those of the input as a whole, then those of each piece under its name.
fn decisions(all: &[Decision]) -> Vec<String> {
    let mut pieces: Vec<Option<&str>> = vec![None];
    for decision in all {
        if !pieces.contains(&decision.piece.as_deref()) {
            pieces.push(decision.piece.as_deref());
        }
    }
    let mut lines = Vec::new();
    for piece in pieces {
        lines.extend(piece.map(|piece| format!("  {}", clean(piece))));
        let indent = if piece.is_some() { "    " } else { "  " };
        let of_piece = all.iter().filter(|decision| decision.piece.as_deref() == piece);
        lines.extend(of_piece.map(|decision| format!("{indent}{}", words::decision(decision))));
    }
    lines
}

fn total_line(loaded: &Loaded, is_unproven: bool) -> String {
    let duplicates = of_verdict(loaded, Verdict::Duplicate);
    let twice = if duplicates > 0 { format!(", {duplicates} said twice") } else { String::new() };
    let verdict = match (loaded.table.is_rejected(), errors(loaded)) {
        (true, _) => "The file is refused as it is.",
        (false, 0) if is_unproven => "The codes don't prove it as it is read.",
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
    format!(
        "  {}: {} · {} · {} · seed of {} bytes · {} · {}",
        tell::place(&row.place(None)),
        if row.serial().is_empty() { "(no serial)".into() } else { clean(row.serial()) },
        row.upn().map_or_else(|| "nobody".into(), clean),
        params(row),
        row.seed_len(),
        [clean(row.manufacturer()), clean(row.model())].join(" ").trim(),
        verdict(row.verdict()),
    )
}

/// Hash, digits, and what the code follows: time or a counter.
fn params(row: &RowView<'_>) -> String {
    let (Some(hash), Some(digits)) = (row.hash(), row.digits()) else { return "parameters open".into() };
    let moves = match (row.kind(), row.period_secs(), row.counter()) {
        (OtpKind::Totp, Some(secs), _) => format!("{secs} s"),
        (OtpKind::Totp, None, _) => return "parameters open".into(),
        (OtpKind::Hotp, _, Some(counter)) => format!("counter {counter}"),
        (OtpKind::Hotp, _, None) => "counter".into(),
        (OtpKind::Other, ..) => "another kind of token".into(),
    };
    format!("{hash} · {digits} digits · {moves}")
}
