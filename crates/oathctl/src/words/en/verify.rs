//! What a device's codes say of it, and about showing codes.
//!
//! Owns: these sentences. Does not own: what codes say of a file ([`super::codes`]). No code is in them.

use oathctl_files::proof::{Explanation, Fit, Position, TokenProof, TokenResult};

use super::codes::{chance, explanation};
use super::foreign::clean;
use crate::tell;

/// For the code of a token.
pub const CODE: &str = "The code it shows now (not shown here): ";
/// For one more.
pub const NEXT_CODE: &str = "The next code, once the display has changed (not shown here): ";
/// Between the two.
pub const ONE_IS_NOT_ENOUGH: &str = "One code isn't enough here: the next one tells.";

/// Of a token that is no TOTP.
pub const COUNTS_PRESSES: &str =
    "This token counts presses; showing a code would put it out of step with its device.";
/// H28: what helps a person without a token.
pub const TEMPORARY_ACCESS_PASS: &str = "Give the person a Temporary Access Pass instead (in the portal, under the person's authentication methods): it is meant for \
    this, ends by itself, and is written down. A lost token: `oathctl tokens replace SERIAL --lost`.";

/// Somebody's token.
pub fn is_somebodys(serial: &str, name: &str) -> String {
    format!(
        "Token {} is {}'s, and whoever has its code signs in as that person; it isn't shown.",
        clean(serial),
        clean(name)
    )
}

/// A lost, stolen or retired one.
pub fn is_marked(serial: &str) -> String {
    format!("Token {} is marked, and its code isn't shown.", clean(serial))
}

/// Beside a code.
pub fn lasts(seconds: u64, by_tenant: bool) -> String {
    let clock = if by_tenant { "the tenant's clock" } else { "this machine's clock, which nobody checked" };
    format!("For {seconds} more s, by {clock}. The audit has it.")
}

/// What the codes say of the token, and what to do.
pub fn verdict(token: &TokenProof, by_tenant: bool) -> Vec<String> {
    let serial = clean(&token.serial);
    let mut lines = match &token.result {
        TokenResult::Fits(fit) => fits(&serial, fit),
        TokenResult::Nothing if token.codes > 1 => vec![
            format!("These aren't codes of token {serial}: under no reading of its seed, within a day of now."),
            "What to do: compare the serial on its back; if it is the same, the seed in the vault is another \
             device's. Ask the vendor, import the right file, and `oathctl tokens reseed SERIAL`."
                .into(),
        ],
        TokenResult::Nothing => vec![
            format!("This isn't a code of token {serial}: under no reading of its seed, within a day of now."),
            "What to do: compare the serial on its back and type the code once more; a second code says more.".into(),
        ],
        _ => vec![format!("Token {serial} can't be held against codes.")],
    };
    if !by_tenant && matches!(token.result, TokenResult::Fits(_)) {
        lines.push("By this machine's clock, which nobody checked: its own error is in the figure.".into());
    }
    lines
}

fn fits(serial: &str, fit: &Fit) -> Vec<String> {
    let accident = chance(fit.chance);
    let mut lines = match &fit.reading {
        Explanation::AsDeclared if fit.proven => {
            vec![format!("This is token {serial}: it shows the codes of its seed (by accident: {accident}).")]
        }
        Explanation::AsDeclared => vec![format!(
            "This may be token {serial} (by accident: {accident}); two codes, one after the other, make it sure."
        )],
        other => vec![
            format!(
                "This may be token {serial}, but its seed means {} (by accident: {accident}), not what the vault says.",
                explanation(other)
            ),
            "What to do: do the same with a second token of this delivery. If it agrees, forget these seeds \
             (`oathctl vault forget SERIAL`), import the vendor's file as it is meant, and `oathctl tokens reseed SERIAL`."
                .into(),
        ],
    };
    lines.extend(clock(fit.position));
    lines
}

/// A token's clock, and what Entra makes of it (it learns the drift from the code at activation).
fn clock(position: Position) -> Vec<String> {
    match position {
        Position::Counter { value, .. } => vec![format!("It counts presses and stands at {value}.")],
        Position::Drift { secs: 0 } => vec!["Its clock is right.".into()],
        Position::Drift { secs } => {
            let (span, way) = (tell::span(secs.abs() * 1000), if secs > 0 { "ahead" } else { "behind" });
            let mut lines = vec![format!("Its clock is {span} {way}.")];
            if secs.abs() > 60 {
                lines.push(
                    "What to do: activate it once more with a code typed from its display (in the portal), so that Entra \
                     learns its clock; a code computed for the right time would leave sign-ins refused."
                        .into(),
                );
            }
            lines
        }
    }
}
