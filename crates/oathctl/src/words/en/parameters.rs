//! Faults of what goes with a seed: period, digits, hash, kind, make.
//!
//! Owns: pages and sentences of these reasons. Does not own: what a back end can do.

use super::foreign::{clean, shown};
use super::page::{Said, explanations};
use super::sources::{HASHES, MAKER, PERIODS, SIX_DIGITS, TOTP_ONLY};

explanations! {
    PERIOD_UNSUPPORTED "period_unsupported" {
        means: "The period isn't 30 or 60 seconds.",
        seen: "The cell of the period, or what the tenant's back end takes.",
        advice: "Check it against the token's data sheet and write 30 or 60. A token with another period can't be used \
            with Microsoft Entra.",
        source: [PERIODS],
    }
    DIGITS_UNSUPPORTED "digits_unsupported" {
        means: "The codes don't have six digits.",
        seen: "The cell of the digits, or what the tenant's back end takes.",
        advice: "Check it against the token's data sheet and write 6. A token with longer codes can't be used with \
            Microsoft Entra; ask the vendor for one with six digits.",
        source: [SIX_DIGITS],
    }
    HASH_UNSUPPORTED "hash_unsupported" {
        means: "The hash isn't SHA-1 or SHA-256.",
        seen: "The cell of the hash, which other rows fill and this one leaves empty or spells in a way nobody knows; or \
            what the tenant's back end takes.",
        advice: "Check it against the token's data sheet and write SHA-1 or SHA-256. A token with another hash can't be \
            used with Microsoft Entra.",
        source: [HASHES],
    }
    NOT_TOTP "not_totp" {
        means: "The token doesn't make its codes from the time.",
        seen: "The row says HOTP (which counts presses) or another kind.",
        advice: "Check it against the token's data sheet. Only time-based tokens can be used with Microsoft Entra; ask \
            the vendor to exchange this one.",
        source: [TOTP_ONLY],
    }
    FIELD_MISSING "field_missing" {
        means: "The manufacturer or the model is missing, which a new device needs.",
        seen: "The cell is empty, or the file has no such column.",
        advice: "Add it to the file, in the same words for all tokens of one kind; it's what people and auditors will \
            see later.",
        source: [MAKER],
    }
}

pub(super) fn period_unsupported(cell: &str) -> Said {
    PERIOD_UNSUPPORTED
        .says(format!("The period is {}, and Microsoft Entra takes 30 or 60 seconds.", shown(cell)))
}

pub(super) fn digits_unsupported(cell: &str) -> Said {
    DIGITS_UNSUPPORTED
        .says(format!("The number of digits is {}, and Microsoft Entra takes codes of six.", shown(cell)))
}

pub(super) fn hash_unsupported(cell: &str) -> Said {
    if cell.is_empty() {
        return HASH_UNSUPPORTED
            .says("The row leaves its hash out, where other rows of the file state theirs.")
            .advising(
                "Enter the hash from the token's data sheet, or state it for such rows with `--hash`.",
            );
    }
    HASH_UNSUPPORTED
        .says(format!("The hash is {}, and Microsoft Entra takes SHA-1 and SHA-256.", shown(cell)))
}

pub(super) fn not_totp(kind: &str) -> Said {
    NOT_TOTP.says(match kind {
        "hotp" => "The token counts presses (HOTP), and Microsoft Entra takes only time-based ones.".into(),
        "other" => "The token's kind isn't known, and Microsoft Entra takes only time-based ones.".into(),
        kind => {
            format!("The token's kind is {}, and Microsoft Entra takes only time-based ones.", shown(kind))
        }
    })
}

pub(super) fn field_missing(field: &str) -> Said {
    FIELD_MISSING.says(format!("The {} is missing, and a new device needs one.", clean(field)))
}
