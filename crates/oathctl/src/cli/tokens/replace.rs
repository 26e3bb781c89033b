//! `oathctl tokens replace`: another token in the place of one.

use clap::Args;
use oathctl_core::report::Exit;

use super::common::{Giving, named, upn};
use crate::desk::Desk;
use crate::everyday::{self, Successor, Verb};
use crate::failure::Failure;
use crate::places::Places;

/// Put another token in the place of one.
///
/// In hand: the new one is assigned and activated, then the old one goes back to stock; the person is never without.
/// Not in hand: the new one is assigned, not active, and the old one stays. Lost: the old one is marked and taken away
/// first, and nothing but `tokens found` moves it again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens replace 2300000007 --with 2300000099 --in-hand\n  \
    oathctl tokens replace 2300000007 --next --lost --not-in-hand --revoke-sessions\n  \
    oathctl tokens replace --file batteries.csv --next --not-in-hand --yes\n  \
    oathctl tokens replace --file old-and-new.csv --in-hand --yes")]
pub(super) struct Replace {
    /// The old token's serial
    #[arg(required_unless_present = "file", conflicts_with = "file", value_name = "OLD")]
    serial: Option<String>,
    /// The new token's serial
    #[arg(long, value_name = "NEW", required_unless_present_any = ["next", "file"], conflicts_with_all = ["next", "file"])]
    with: Option<String>,
    /// The next of the same model from stock
    #[arg(long)]
    next: bool,
    /// The old one is lost or stolen: it is marked and goes first
    #[arg(long)]
    lost: bool,
    /// The person has the new one in hand
    #[arg(long, conflicts_with = "not_in_hand")]
    in_hand: bool,
    /// The person doesn't have the new one in hand yet
    #[arg(long)]
    not_in_hand: bool,
    /// With `--lost`: end the person's sign-in sessions, so that whoever has a browser open is asked again
    #[arg(long, requires = "lost", conflicts_with = "no_revoke_sessions")]
    revoke_sessions: bool,
    /// With `--lost`: leave the person's sign-in sessions as they are
    #[arg(long, requires = "lost")]
    no_revoke_sessions: bool,
    /// Whose token it is, where nobody has it any more
    #[arg(long, value_name = "UPN", value_parser = upn, conflicts_with = "file")]
    user: Option<String>,
    #[command(flatten)]
    giving: Giving,
}

impl Replace {
    pub(super) fn places(&self) -> Places {
        self.giving.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serial, with, next, lost, in_hand, not_in_hand, user, giving, .. } = self;
        let (revoke, spare) = (self.revoke_sessions, self.no_revoke_sessions);
        giving.carry(desk, |common| {
            let tokens = serial.map(|serial| named(serial, user)).into_iter().collect();
            let in_hand = match (in_hand, not_in_hand) {
                (true, _) => true,
                (_, true) => false,
                _ => asked(desk, &IN_HAND)?,
            };
            let revoke = match (lost, revoke, spare) {
                (false, ..) | (_, _, true) => false,
                (_, true, _) => true,
                _ => asked(desk, &SESSIONS)?,
            };
            let by = match with {
                Some(serial) => Successor::Serial(serial.trim().to_owned()),
                None if next => Successor::Next,
                None => Successor::Listed,
            };
            let how = everyday::Replace { by, lost, in_hand, revoke };
            common.request(desk, Verb::Replace(how), tokens)
        })
    }
}

/// A question, and what is said where nobody can be asked.
struct Question {
    ask: &'static str,
    open: &'static str,
    flags: &'static str,
}

const IN_HAND: Question = Question {
    ask: "Does the person have the new token in hand? Type yes or no: ",
    open: "Whether the person has the new token in hand wasn't said; nothing was changed.",
    flags: "Say `--in-hand` (it is activated at once) or `--not-in-hand` (it is assigned, and active later).",
};
const SESSIONS: Question = Question {
    ask: "Shall the person's sign-in sessions end, too? Type yes or no: ",
    open: "Whether the person's sign-in sessions are to end wasn't said; nothing was changed.",
    flags: "Say `--revoke-sessions` (whoever is signed in with the lost token is asked again) or \
            `--no-revoke-sessions`.",
};

/// Whoever is at the terminal knows.
fn asked(desk: &Desk, question: &Question) -> Result<bool, Failure> {
    let open = || Failure::gate(question.open).called("nobody_to_confirm").advice(question.flags);
    if !desk.ui.terminals().can_ask() {
        return Err(open());
    }
    match desk.ui.ask(question.ask).as_deref().map(str::trim) {
        Some(answer) if answer.eq_ignore_ascii_case("yes") => Ok(true),
        Some(answer) if answer.eq_ignore_ascii_case("no") => Ok(false),
        _ => Err(open()),
    }
}
