//! What stands in a person's way, and what was left out on purpose.
//!
//! Owns: pages and sentences of these reasons. Does not own: who counts as an administrator or a guest.

use super::foreign::clean;
use super::page::{Said, explanations};
use super::sources::{ADMINS, FIVE, GUESTS, LEAVERS, ONE_HOLDER, PASS, POLICY, PREFERRED};

explanations! {
    PERSON_UNKNOWN "person_unknown" {
        means: "Nobody in the tenant has this user principal name.",
        seen: "The tenant was asked for it and answered without a person.",
        advice: "Compare it with the person's page in the portal, since names change, and correct the list. Then run the \
            command again; rows that are done are left alone.",
    }
    PERSON_GUEST "person_guest" {
        means: "The person is a guest, and guests can't be given a hardware token in this tenant.",
        seen: "The tenant's user type says guest, or the name is a guest's (#EXT#).",
        advice: "Give the token out in the guest's home tenant, or agree on another method; without the name the row is \
            imported into stock.",
        source: [GUESTS],
    }
    PERSON_DISABLED "person_disabled" {
        means: "The person's account is disabled.",
        seen: "The tenant says the account may not sign in.",
        advice: "If the person is coming back, enable the account and run again with `--only FAILED.csv`; else give the \
            token to somebody else.",
    }
    ADMIN_TARGET "admin_target" {
        means: "The person has a directory role, and administrators are left out unless asked for.",
        seen: "The person holds a directory role, and `--include-admins` wasn't given.",
        advice: "Make sure that the token is meant for this administrator, then run again with `--include-admins`.",
        source: [ADMINS],
    }
    NO_ROOM "no_room" {
        means: "The person has as many hardware tokens and authenticator apps as are allowed.",
        seen: "Those the tenant shows and those this run would add, counted together.",
        advice: "Remove one that isn't used any more on the person's page for authentication methods in the portal, then \
            run again with `--only FAILED.csv`.",
        source: [FIVE],
    }
    POLICY_EXCLUDED "policy_excluded" {
        means: "The method policy for hardware tokens leaves this person out, so the token couldn't be used.",
        seen: "The policy is readable and its targets, groups within groups included, don't have the person or \
            exclude the person.",
        advice: "Add the person to the policy for hardware OATH tokens in the portal and run again with \
            `--only FAILED.csv`, or say `--ignore-policy` if that is to come later.",
        source: [POLICY],
    }
    HELD_BY_OTHER "held_by_other" {
        means: "The token is assigned to somebody else.",
        seen: "The tenant shows another holder for this serial.",
        advice: "`oathctl tokens show SERIAL` says who has had it since when. If the list is wrong, correct the serial or \
            the person in it; if the token is to move to this person, give it with `--reassign`.",
        source: [ONE_HOLDER],
    }
    HOLDER_GONE "holder_gone" {
        means: "Whoever holds the token can't be found in the directory any more.",
        seen: "The holder isn't found while other holders are; a missing permission alone is never taken for it.",
        advice: "Look for the account among the deleted users in the portal and restore it, or delete it for good; then \
            run again with `--only FAILED.csv`.",
        source: [LEAVERS],
    }
    LAST_METHOD "last_method" {
        means: "Taking this token away would leave its holder without any method for a second factor.",
        seen: "The holder's methods were read, and this token is the only one among them. Without any, whoever has the \
            password could register a method of their own.",
        advice: "First give the holder a Temporary Access Pass in the portal, or another method; if it's meant so, say \
            `--last-method-ok`.",
        source: [PASS],
    }
    MARKED "marked" {
        means: "The token is marked as lost, stolen or retired, and nothing but `tokens found` moves it again.",
        seen: "This store's inventory has the mark, with the day and whoever set it.",
        advice: "If it is back in your hand, say `oathctl tokens found SERIAL`; else give another token.",
    }
    SESSIONS_NOT_REVOKED "sessions_not_revoked" {
        means: "The token was taken back, but the tenant refused to end its holder's sign-in sessions.",
        seen: "The tenant's answer, which stands with the row. Whoever is signed in stays so until the session ends by \
            itself.",
        advice: "End the sessions on the person's page in the portal (Revoke sessions); the app registration needs the \
            permission User.RevokeSessions.All for it.",
    }
    NOT_REPLACED "not_replaced" {
        means: "The other half of this replacement didn't come so far, so this token was left as it was.",
        seen: "The row that had to be done first failed, or was never done.",
        advice: "Mend what its row says, then run the command again.",
    }
    NO_OTHER_METHOD "no_other_method" {
        means: "The person has no other method, and `--require-other-method` was asked for.",
        seen: "The person's methods were read, and none could answer before the token is in the hand.",
        advice: "Let the person register another method, with a Temporary Access Pass from the portal where needed, or \
            go only as far as `--up-to assigned` until the token is handed out.",
        source: [PASS, PREFERRED],
    }
    EXCLUDED "excluded" {
        means: "The `--exclude` file names this row's person or serial.",
        seen: "A line of that file with the same serial or user principal name.",
        advice: "Nothing to do; to include the row, take the line off the `--exclude` file.",
    }
    NOT_SELECTED "not_selected" {
        means: "The `--only` file doesn't name this row.",
        seen: "No line of that file has its serial.",
        advice: "Nothing to do; to include the row, run without `--only`.",
    }
}

pub(super) fn no_room(held: u32) -> Said {
    NO_ROOM.says(format!(
        "The person has {held} hardware tokens and authenticator apps, this run's included, and five are the most."
    ))
}

pub(super) fn marked(mark: &str) -> Said {
    MARKED.says(format!(
        "The token is marked as {}, and nothing but `tokens found` moves it again.",
        clean(mark)
    ))
}

pub(super) fn held_by_other(holder: &str) -> Said {
    HELD_BY_OTHER.says(match holder {
        "" => HELD_BY_OTHER.meaning.to_owned(),
        holder => format!("The token is assigned to somebody else ({}).", clean(holder)),
    })
}
