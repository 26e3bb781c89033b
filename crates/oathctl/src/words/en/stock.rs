//! What is said of the stock.
//!
//! Owns: these sentences. Does not own: what counts as free (`oathctl-store`).

use oathctl_store::Low;

use super::foreign::clean;
use super::page::count;

/// A model to reorder.
pub fn low(low: &Low) -> String {
    let Low { model, left, below } = low;
    format!("Reorder {}: {left} free, fewer than {below}.", clean(model))
}

/// Under the table.
pub fn total(free: u64, all: u64) -> String {
    match all {
        0 => "This store knows no token.".to_owned(),
        _ => format!("{}, {free} of them free to be handed out.", count(all, "token")),
    }
}

/// One token that was moved.
pub fn moved(serial: &str, to: &str, is_new: bool) -> String {
    if is_new { format!("Token {serial}: {to}.") } else { format!("Token {serial} stood so already: {to}.") }
}

/// How it went.
pub fn moves(moved: usize, there: usize, failed: usize) -> String {
    let mut parts = vec![format!("{} moved", count(moved as u64, "token"))];
    for (n, what) in [(there, "stood so already"), (failed, "failed")] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    format!("{}. Nothing was sent.", parts.join(", "))
}

/// `in Berlin, of the delivery 2026-11`.
pub fn to(location: Option<&str>, batch: Option<&str>) -> String {
    let location = location.map(|place| match place {
        "" => "place unknown".to_owned(),
        place => format!("in {}", clean(place)),
    });
    let batch = batch.map(|batch| match batch {
        "" => "delivery unknown".to_owned(),
        batch => format!("of the delivery {}", clean(batch)),
    });
    location.into_iter().chain(batch).collect::<Vec<_>>().join(", ")
}
