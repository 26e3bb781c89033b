//! Why a run came to no end.
//!
//! Owns: [`stopped`]. Does not own: exit codes, nor when a run stops.

use oathctl_core::engine::Stopped;
use oathctl_core::journal::JournalError;
use oathctl_core::reason::Reason;

use super::foreign::clean;
use super::permission;
use super::reason::{advice, message};

/// What happened, and what to do next.
pub fn stopped(stopped: &Stopped) -> (String, String) {
    match stopped {
        Stopped::Interrupted => said(
            "The run was stopped on request; what was under way has been brought to an end as far as possible.",
            "Go on with `oathctl resume`.",
        ),
        Stopped::Systemic(reason) => systemic(reason),
        Stopped::SignIn(reason) => sign_in(reason),
        Stopped::Unreachable => said(
            "The run stopped because the tenant can't be reached, or asks to wait longer than `--max-wait` allows.",
            "Check the connection and the proxy, or allow a longer `--max-wait`; then go on with `oathctl resume`.",
        ),
        Stopped::Clock => said(
            "The run stopped because this computer's clock and the tenant's never agreed long enough to send a code.",
            "Let the operating system set its clock by the network, then go on with `oathctl resume`.",
        ),
        Stopped::Journal(error) => journal(error),
    }
}

fn systemic(reason: &Reason) -> (String, String) {
    (
        format!("The run stopped because one thing went wrong for too many rows: {}", lower(message(reason))),
        format!("{} When it's mended, go on with `oathctl resume`.", advice(reason)),
    )
}

fn sign_in(reason: &Reason) -> (String, String) {
    let (message, advice) = match reason {
        Reason::PermissionMissing { permission } => permission::missing(permission),
        other => (message(other), advice(other)),
    };
    (
        format!("The run stopped: {}", lower(message)),
        format!("{advice} When it's mended, go on with `oathctl resume`."),
    )
}

fn journal(error: &JournalError) -> (String, String) {
    match error {
        JournalError::DiskFull => said(
            "The run stopped because the disk is full: without its journal nothing is written to the tenant.",
            "Free some space where OATHCTL_STATE_DIR is, then go on with `oathctl resume`.",
        ),
        JournalError::Failed(words) => (
            format!(
                "The run stopped because its journal can't be written ({}), and without it nothing is written to the \
                 tenant.",
                clean(words)
            ),
            "Check that the folder of OATHCTL_STATE_DIR is writable, then go on with `oathctl resume`."
                .into(),
        ),
    }
}

fn said(message: &str, next: &str) -> (String, String) {
    (message.into(), next.into())
}

/// A sentence after a colon: its first word small, unless it's a name.
fn lower(sentence: String) -> String {
    let article = ["The ", "A ", "An ", "This ", "There ", "No ", "Nobody ", "What ", "More ", "It "];
    if !article.iter().any(|word| sentence.starts_with(word)) {
        return sentence;
    }
    let mut rest = sentence.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}
