//! What happens to a token, in a sentence: before the question, and after the run.
//!
//! Owns: the sentences of the everyday verbs. Does not own: reasons ([`super::reason`]), numbers.

use oathctl_core::journal::StepKind;
use oathctl_core::plan::Wish;
use oathctl_core::report::Outcome;
use oathctl_core::token::TotpParams;

/// Which token, and who is concerned. Foreign text was cleaned.
pub struct About<'a> {
    /// Its serial.
    pub serial: &'a str,
    /// Whom the wish is about.
    pub person: Option<&'a str>,
    /// Who holds it now.
    pub holder: Option<&'a str>,
    /// It is active now.
    pub was_active: bool,
    /// It is marked: taken away, it isn't there to be given out again.
    pub stays_out: bool,
    /// Whoever holds it has left.
    pub left: bool,
}

impl About<'_> {
    fn person(&self) -> &str {
        self.person.or(self.holder).unwrap_or("nobody")
    }

    fn holder(&self) -> &str {
        self.holder.or(self.person).unwrap_or("nobody")
    }
}

/// What is going to happen.
pub fn before(about: &About<'_>, wish: &Wish, steps: &[StepKind], waits: bool) -> String {
    let About { serial, was_active, .. } = about;
    let then = if waits { "Then token" } else { "Token" };
    match wish {
        Wish::Give => format!("{then} {serial} {}.", given(about, steps)),
        Wish::Reseed => format!(
            "{then} {serial} is deleted and made anew with our seed{}; until that is done nobody can sign in with it.",
            if about.person.is_some() { format!(", for {}", about.person()) } else { String::new() }
        ),
        Wish::Deactivate => format!(
            "{then} {serial} becomes inactive and stays with {}, who can't sign in with it any more.",
            about.holder()
        ),
        Wish::Release if steps == [StepKind::RevokeSessions] => {
            format!("{then} {serial} is nobody's already; the sign-in sessions of {} end.", about.person())
        }
        Wish::Release => {
            let idle = if *was_active { "" } else { ", which isn't active," };
            let sessions =
                if steps.contains(&StepKind::RevokeSessions) { " Sign-in sessions end, too." } else { "" };
            format!("{then} {serial}{idle} is taken from {}.{sessions}", released(about))
        }
        Wish::Delete => match about.holder {
            Some(holder) => format!("{then} {serial} is taken from {holder} and deleted from the tenant."),
            None => format!("{then} {serial} is deleted from the tenant."),
        },
        Wish::Rename { name } => format!("{then} {serial} is called \"{}\".", super::foreign::clean(name)),
    }
}

/// `Ada, who can't sign in with it any more, and goes back to stock`.
fn released(about: &About<'_>) -> String {
    let who = match (about.left, about.was_active) {
        (true, _) => ", who has left",
        (false, true) => ", who can't sign in with it any more",
        (false, false) => "",
    };
    let comma = if who.is_empty() { "" } else { "," };
    let stock = if about.stays_out { "" } else { " and goes back to stock" };
    let comma = if stock.is_empty() { "" } else { comma };
    format!("{}{who}{comma}{stock}", about.holder())
}

/// `is imported, assigned to Ada and activated`.
fn given(about: &About<'_>, steps: &[StepKind]) -> String {
    let mut deeds = Vec::new();
    for step in steps {
        match step {
            StepKind::Create => deeds.push("imported".to_owned()),
            StepKind::Assign => deeds.push(format!("assigned to {}", about.person())),
            StepKind::Activate if steps.contains(&StepKind::Assign) => deeds.push("activated".to_owned()),
            StepKind::Activate => deeds.push(format!("activated for {}", about.person())),
            StepKind::Unassign => deeds.push(format!("taken from {}", about.holder())),
            StepKind::Delete => deeds.push("deleted".to_owned()),
            StepKind::Deactivate => deeds.push("deactivated".to_owned()),
            StepKind::Rename => deeds.push("renamed".to_owned()),
            StepKind::RevokeSessions => deeds.push("its person signed out everywhere".to_owned()),
        }
    }
    format!("is {}", super::page::list(&deeds))
}

/// How it went.
pub fn after(about: &About<'_>, wish: &Wish, outcome: Outcome) -> String {
    let About { serial, .. } = about;
    let person = about.person.unwrap_or("nobody");
    match (wish, outcome) {
        (Wish::Give, Outcome::Activated | Outcome::AlreadyActive) => {
            format!("Token {serial} is active for {person}.")
        }
        (Wish::Give, Outcome::Assigned) => format!("Token {serial} is assigned to {person}, not active."),
        (Wish::Give, _) => format!("Token {serial} is in the tenant, with nobody."),
        (Wish::Reseed, Outcome::Activated) => {
            format!("Token {serial} was made anew with our seed and is active for {person}.")
        }
        (Wish::Reseed, _) => format!("Token {serial} was made anew with our seed."),
        (Wish::Deactivate, _) => format!("Token {serial} is inactive and stays with {person}."),
        (Wish::Release, _) if about.stays_out => format!("Token {serial} is nobody's any more."),
        (Wish::Release, _) => format!("Token {serial} is back in stock."),
        (Wish::Delete, _) => format!("Token {serial} is out of the tenant."),
        (Wish::Rename { name }, _) => {
            format!("Token {serial} is called \"{}\" now.", super::foreign::clean(name))
        }
    }
}

/// Nothing needed doing.
pub fn there_already(about: &About<'_>, outcome: Outcome, wish: &Wish) -> String {
    let About { serial, .. } = about;
    let person = about.person.or(about.holder);
    match (outcome, wish) {
        (_, Wish::Rename { name }) => {
            format!("Token {serial} is called \"{}\" already.", super::foreign::clean(name))
        }
        (Outcome::Activated | Outcome::AlreadyActive, _) => {
            format!("Token {serial} is active for {} already.", person.unwrap_or("its person"))
        }
        (Outcome::Assigned, Wish::Deactivate) => format!("Token {serial} is inactive already."),
        (Outcome::Assigned, _) => {
            format!("Token {serial} is with {} already.", person.unwrap_or("its person"))
        }
        (Outcome::Imported, _) => format!("Token {serial} is in stock already."),
        (Outcome::Deleted, _) => format!("Token {serial} isn't in the tenant."),
        (Outcome::Failed | Outcome::Skipped | Outcome::Unknown, _) => {
            format!("Token {serial} stays as it is.")
        }
    }
}

/// It stays as it is, and why.
pub fn left_alone(about: &About<'_>, why: &str) -> String {
    format!("Token {} stays as it is: {why}", about.serial)
}

/// Tokens that are given and not active yet: how it goes on.
pub fn until_in_hand(serials: &[String]) -> String {
    match serials {
        [one] => format!("Token {one} stays inactive until the person has it in hand; then: oathctl tokens activate {one}"),
        _ => "These tokens stay inactive until their people have them in hand; then: oathctl tokens activate SERIAL".into(),
    }
}

/// The vault's seed is not used: it makes other codes than the run was planned with.
pub fn planned_otherwise(serial: &str, vault: &TotpParams, planned: &TotpParams) -> String {
    let said = |params: &TotpParams| {
        let TotpParams { hash, digits, period_secs } = params;
        format!("{}, {digits} digits, {period_secs} s", hash.word())
    };
    format!(
        "warning: the vault has token {serial} with {}, and the run was planned with {}; its seed isn't used.",
        said(vault),
        said(planned)
    )
}

/// H2: how many people have no method left.
pub fn left_without(people: u64) -> Option<String> {
    let whose = match people {
        0 => return None,
        1 => "1 person is".to_owned(),
        n => format!("{n} people are"),
    };
    Some(format!(
        "{whose} left without any method: whoever has the password could enrol one. Give a Temporary Access Pass."
    ))
}
