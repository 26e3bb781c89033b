//! The life of a token in sentences: what happened to it, what somebody changed by hand, as of when we know.
//!
//! Owns: these sentences. Does not own: reasons ([`super::reason`]), what the everyday verbs say
//! ([`super::everyday`]).

use oathctl_core::time::Utc;
use oathctl_core::token::UserId;
use oathctl_store::{Change, ChangeKind, Event, EventKind};

use super::foreign::clean;

/// As of when an answer is that no tenant was asked for.
pub fn as_of(tenants: &[(&str, Option<Utc>)]) -> Vec<String> {
    let line = |(tenant, at): &(&str, Option<Utc>)| match at {
        Some(at) => format!("From the inventory: tenant {} as of {at}.", clean(tenant)),
        None => format!("The inventory has never seen all tokens of tenant {}.", clean(tenant)),
    };
    match tenants {
        [] => vec![
            "The inventory has never seen all tokens of a tenant: `oathctl tokens refresh` asks one.".into(),
        ],
        some => some.iter().map(line).collect(),
    }
}

/// The first look at a tenant tells nothing that changed.
pub fn first_look(tokens: usize) -> String {
    match tokens {
        0 => "This is the first look at all of this tenant; every token in it was known before.".to_owned(),
        n => format!(
            "This is the first look at all of this tenant: {} not known before.",
            crate::tell::counted(n, "token")
        ),
    }
}

/// Above the changes.
pub fn changed_by_hand(changes: usize) -> String {
    match changes {
        1 => "One thing was changed by somebody else since this store last knew:".to_owned(),
        n => format!("{n} things were changed by somebody else since this store last knew:"),
    }
}

/// Under them.
pub fn more_changes(rest: usize) -> String {
    format!("  … and {rest} more; `oathctl tokens show SERIAL` tells each, `--output json` all.")
}

/// One change.
pub fn change(change: &Change, name: impl Fn(&UserId) -> String) -> String {
    let what = match &change.what {
        ChangeKind::New => "was imported".to_owned(),
        ChangeKind::Vanished => "was deleted".to_owned(),
        ChangeKind::Returned => "had vanished and is there again".to_owned(),
        ChangeKind::Holder { before, after } => {
            handed(before.as_ref().map(&name).as_deref(), after.as_ref().map(&name).as_deref())
        }
        ChangeKind::Status { before, after } => {
            format!("is {} and was {}", clean(&after.word()), clean(&before.word()))
        }
    };
    format!("Token {} {what}.", clean(&change.serial))
}

fn handed(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("was taken from {before} and given to {after}"),
        (Some(before), None) => format!("was taken from {before}"),
        (None, Some(after)) => format!("was given to {after}"),
        (None, None) => "is nobody's".to_owned(),
    }
}

/// A device that was there and is not shown; one answer about one token does not prove that it is gone.
pub fn not_shown(serial: &str) -> String {
    format!(
        "The tenant doesn't show token {serial} any more, as this store knew it; `oathctl tokens refresh` looks at everything and \
         notes it."
    )
}

/// Somebody was known to hold it and isn't shown with it; one answer about one person does not say where it is.
pub fn not_with(serial: &str, person: &str) -> String {
    format!(
        "The tenant doesn't show token {serial} with {person} any more, as this store knew it; `oathctl tokens refresh` looks at \
         everything and notes where it is."
    )
}

/// One event of a life.
pub fn event(event: &Event, name: impl Fn(&UserId) -> String) -> String {
    let before = event.holder_before.as_ref().map(&name);
    let after = event.holder_after.as_ref().map(&name);
    let with = |text: &str| match event.detail.as_str() {
        "" => text.to_owned(),
        detail => format!("{text}: {}", clean(detail)),
    };
    match event.what {
        EventKind::Known => "became known, in stock".to_owned(),
        EventKind::Appeared => match after {
            Some(holder) => format!("seen in the tenant, with {holder}"),
            None => "seen in the tenant".to_owned(),
        },
        EventKind::Vanished => "gone from the tenant".to_owned(),
        EventKind::Returned => "there again".to_owned(),
        EventKind::HolderChanged => {
            format!("{} by somebody else", handed(before.as_deref(), after.as_deref()))
        }
        EventKind::StatusChanged => with("stands otherwise, by somebody else or by use"),
        EventKind::FirstUsed => "used for the first time that is known".to_owned(),
        EventKind::Done => match (before, after) {
            (Some(before), None) if event.detail == "imported" => format!("taken back here, from {before}"),
            (Some(before), None) => format!("{}, from {before}", with("done here")),
            (_, Some(after)) => format!("{}, for {after}", with("done here")),
            (None, None) => with("done here"),
        },
        EventKind::Marked => with("marked"),
        EventKind::Found => with("the mark was taken off"),
        EventKind::Moved => with("moved"),
    }
}
