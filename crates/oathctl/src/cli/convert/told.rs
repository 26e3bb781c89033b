//! What is said after a conversion.
//!
//! Owns: the lines on standard error. Does not own: faults of rows ([`crate::tell::faults`]).

use super::Made;
use crate::failure::quoted;
use crate::tell;

/// How many of what went where, and what it means to have it.
pub(super) fn lines(made: &Made<'_>, out: &str) -> Vec<String> {
    let Made { target, lock, rows, written, left_out } = *made;
    let place = if out == "-" { "standard output".to_owned() } else { quoted(out) };
    let tokens = tell::counted(usize::try_from(written.tokens).unwrap_or(usize::MAX), "token");
    let rest = if left_out > 0 { format!(", {left_out} left out") } else { String::new() };
    let mut lines = vec![format!(
        "{} read, {tokens} written to {place} as {}, {}{rest}.",
        tell::rows(rows),
        target.name(),
        lock.words()
    )];
    if !written.not_carried.is_empty() {
        let fields: Vec<&str> = written.not_carried.iter().map(|field| field.word()).collect();
        lines.push(format!("The format has no place for what was stated as {}.", fields.join(", ")));
    }
    lines.push(if lock.is_plain() {
        "It holds seeds that anybody can read who gets it, and whoever has a seed can make its codes: keep it to yourself, \
         and delete it when it has served."
            .into()
    } else {
        "It holds seeds: whoever can open it can make the codes.".into()
    });
    lines
}
