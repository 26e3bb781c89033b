//! What the tenant holds or answered.
//!
//! Owns: pages and sentences of these reasons. Does not own: errors of a whole read ([`super::tenant_error`]).

use super::foreign::clean;
use super::page::{Said, count, explanations};
use super::permission;
use super::sources::{
    BY_CHANCE, CHANCE, ERRORS, LAG, PERMISSIONS, QUOTA, QUOTA_FORM, RATE, REFUSAL, SEED_FIXED, THROTTLED,
    UNIQUE,
};

explanations! {
    NOT_IN_TENANT "not_in_tenant" {
        means: "The tenant has no token with this serial.",
        seen: "The tenant was asked for it and answered with nothing. Tokens uploaded in the portal don't stand in this \
            list.",
        advice: "Compare the serial with the one on the device. A token that was never imported is given out with \
            `oathctl tokens assign`.",
        source: [UNIQUE],
    }
    PARAMETERS_DIFFER "parameters_differ" {
        means: "The tenant has this token with another hash or period than the file.",
        seen: "The tenant shows hash and period of every device; they were compared with the row.",
        advice: "Look both up in the token's data sheet. If the file is right, replace what the tenant has with \
            `--recreate`; if the tenant is right, correct the file.",
        source: [SEED_FIXED],
    }
    SEED_DIFFERS "seed_differs" {
        means: "The tenant refused a code that the file's seed gives for this token, so it holds another seed.",
        seen: "The token was in the tenant before this run, which therefore can't know its seed, and the code was \
            refused within its own time.",
        advice: "If the file is right, replace what the tenant has with `--recreate`; else look for the file from \
            which the token was imported.",
        source: [SEED_FIXED, REFUSAL],
    }
    CODE_REFUSED "code_refused" {
        means: "The tenant refused every code that may be sent for this token.",
        seen: "Up to three codes of different steps, each after the assignment was visible. More aren't sent: a wrong \
            seed's code would be accepted by chance before long.",
        advice: "Compare hash, period and seed of the row with the vendor's data and correct the file. Then run again \
            with `--recreate`, since the tenant keeps the seed it has.",
        source: [REFUSAL, CHANCE, BY_CHANCE],
    }
    ACCEPTED_AFTER_REFUSAL "accepted_after_refusal" {
        means: "The tenant refused one code of this token and accepted another, which can be chance.",
        seen: "A refusal with the assignment visible, then an acceptance. About 0.6 % of foreign codes are accepted, \
            so nothing is proven.",
        advice: "Let the person sign in with the device. If that fails, compare the row with the vendor's data and run \
            it again with `--recreate`.",
        source: [CHANCE, BY_CHANCE],
    }
    TENANT_REFUSED "tenant_refused" {
        means: "The tenant refused it, in words that stand with the row.",
        seen: "An answer that is a clear no, after the token was read again.",
        advice: "Mend what the tenant's words name, then run again with `--only FAILED.csv`. Microsoft's support asks \
            for the request id in the report.",
        source: [ERRORS],
    }
    PERMISSION_MISSING "permission_missing" {
        means: "A permission or role is missing.",
        seen: "The tenant answered 403. For one person only, it may also be that the person is an administrator.",
        advice: "Have an administrator add the permission to the app registration and grant consent, then run again with \
            `--only FAILED.csv`.",
        source: [PERMISSIONS],
    }
    NOT_VISIBLE "not_visible" {
        means: "What was written hasn't become visible in the tenant yet.",
        seen: "The write was acknowledged, but reading it back for a minute and longer than the tenant's usual delay \
            showed nothing.",
        advice: "Wait some minutes, then run `oathctl resume`: it reads again and repeats only what isn't there.",
        source: [LAG],
    }
    CHANGED_SINCE_PLAN "changed_since_plan" {
        means: "The token isn't in the state that it was planned for.",
        seen: "It was read again before writing, and somebody or something had changed it.",
        advice: "Find out who changed it and why; if the row is still wanted, run the command again, which plans anew.",
    }
    BUSY "busy" {
        means: "Somebody else is changing this token at the moment.",
        seen: "The tenant refused because of another change under way, or the holder changed between two readings.",
        advice: "Agree on who does it, then run again with `--only FAILED.csv`.",
    }
    SERIAL_TWICE_IN_TENANT "serial_twice_in_tenant" {
        means: "More than one token of the tenant has this serial.",
        seen: "The tenant's list was read to its end. Which one is meant can't be told, so none is touched.",
        advice: "Compare make, model and holder of each, and delete the wrong ones through Microsoft Graph; then run \
            again with `--only FAILED.csv`.",
        source: [UNIQUE],
    }
    BACKEND_CANNOT "backend_cannot" {
        means: "The back end can't do what the row needs.",
        seen: "What a back end can do is known before planning.",
        advice: "Take the row out of the file, or do this one step in the portal.",
    }
    THROTTLED_OUT "throttled_out" {
        means: "The tenant kept asking to slow down until this row's tries were used up.",
        seen: "Only answers of that kind, each after the wait that the tenant had asked for.",
        advice: "Run again later with `--only FAILED.csv`, or at once with a lower `--pace`.",
        source: [THROTTLED, RATE],
    }
    QUOTA_SUSPECTED "quota_suspected" {
        means: "A burst of equal refusals looks like the tenant's limit on activations, not like wrong codes.",
        seen: "At least 150 activations within five minutes, then nothing but the same refusal.",
        advice: "Wait five minutes, then run again with `--only FAILED.csv`.",
        source: [QUOTA, QUOTA_FORM],
    }
}

pub(super) fn parameters_differ(field: &str, tenant: &str, file: &str) -> Said {
    PARAMETERS_DIFFER.says(format!(
        "As this token's {} the tenant has {} and the file {}, so one of them is wrong.",
        clean(field),
        clean(tenant),
        clean(file)
    ))
}

pub(super) fn permission_missing(permission: &str) -> Said {
    let (message, advice) = permission::missing(permission);
    PERMISSION_MISSING.says(message).advising(advice)
}

pub(super) fn changed_since_plan(found: &str) -> Said {
    CHANGED_SINCE_PLAN.says(match found {
        "" => CHANGED_SINCE_PLAN.meaning.to_owned(),
        found => format!("The token isn't in the state that it was planned for (now: {}).", clean(found)),
    })
}

pub(super) fn serial_twice(devices: u32) -> Said {
    SERIAL_TWICE_IN_TENANT.says(format!(
        "The tenant has {} with this serial, and which is meant can't be told.",
        count(devices, "token")
    ))
}

pub(super) fn backend_cannot(what: &str) -> Said {
    if what == "rename_assigned" {
        return BACKEND_CANNOT
            .says("Only a token in stock can get another name, and somebody holds this one.".to_owned())
            .advising("Name it when it is back in stock, or let the person rename it on his own Security info page.".to_owned());
    }
    BACKEND_CANNOT.says(format!("The back end can't do what the row needs ({}).", clean(what)))
}
