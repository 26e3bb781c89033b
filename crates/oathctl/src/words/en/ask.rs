//! What is asked on a terminal while a file is read.
//!
//! Owns: the questions. Does not own: asking them, nor what follows from an answer.

use oathctl_core::place::Place;

use super::foreign::clean;
use super::wrapping::locked;
use crate::tell;

/// For the passphrase of something locked; nothing typed is shown.
pub fn passphrase(lock: &str, place: &Place, hint: Option<&str>) -> String {
    let whole = Place { line: None, column: None, ..place.clone() };
    let hint = hint.map(|hint| format!(", key \"{}\"", clean(hint))).unwrap_or_default();
    format!(
        "{} ({}{hint}) is locked. Passphrase (not shown; empty: give up; OATHCTL_FILE_PASSPHRASE_FILE names a file with it): ",
        locked(lock),
        tell::place(&whole)
    )
}

/// Before the same question again.
pub const fn not_opened(was_typed: bool) -> &'static str {
    if was_typed { "That doesn't open it." } else { "No passphrase that was given opens it." }
}

/// Whose code.
pub const SERIAL: &str = "Serial of a token in your hand (empty: done): ";
/// Its code.
pub const CODE: &str = "  The code it shows now (not shown here): ";
/// For what was typed and is no code.
pub const NO_CODE: &str = "  That isn't a code of 6 to 8 digits; try the serial again.";

/// For a passphrase to seal a new file with.
pub const NEW_PASSPHRASE: &str = "Passphrase for the new file (not shown): ";
/// Once more, against a slip of the fingers.
pub const NEW_PASSPHRASE_AGAIN: &str = "The same once more: ";

/// How the seeds are spelled.
pub fn spelling(place: &Place, likely: Option<&str>) -> String {
    let ground = match likely {
        Some(likely) => format!("read as {likely} by likelihood only"),
        None => "as good in hex as in Base32".into(),
    };
    format!("{}: the seeds are {ground}. How did the vendor spell them?", tell::place(place))
}

/// Which hash.
pub fn hash(place: &Place, rows: u64, seed_bytes: u32) -> String {
    let have = if rows == 1 { "has" } else { "have" };
    format!(
        "{}: {} {have} a seed of {seed_bytes} bytes or so, which fits SHA-1 as well as SHA-256, and the file says neither. \
         Which hash do the tokens use?",
        tell::place(place),
        tell::rows(rows)
    )
}

/// Which period.
pub fn period(place: &Place) -> String {
    format!("{}: the file doesn't say how long a code stands. How many seconds?", tell::place(place))
}
