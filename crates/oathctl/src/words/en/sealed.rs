//! One seed that is sealed, restricted or of another kind.
//!
//! Owns: pages and sentences of these reasons. Does not own: the wrapping of the file ([`super::wrapping`]).

use super::decision;
use super::foreign::{clean, shown};
use super::page::{Certainty::Documented, Said, Source, count, explanations};

const PSKC: Source = Source {
    fact: "PSKC: check values, policies, defaults",
    certainty: Documented,
    url: "https://www.rfc-editor.org/rfc/rfc6030",
};

explanations! {
    MAC_WRONG "mac_wrong" {
        means: "The check value (MAC) doesn't fit this seed.",
        seen: "The value in the file isn't the one its key gives: the key is wrong, or the seed was altered.",
        advice: "If it is so for every row, check the key or passphrase; if for single rows, ask the vendor for the file again.",
        source: [PSKC],
    }
    MAC_MISSING "mac_missing" {
        means: "The file announces a check value (MAC), and this seed has none.",
        seen: "A MAC method stands in the file's head and no MAC with the seed: whoever took it away could have \
            changed the seed too.",
        advice: "Ask the vendor for the file again; `--allow-unauthenticated` takes the seed all the same and says so in the report.",
        source: [PSKC],
    }
    MAC_SKIPPED "mac_skipped" {
        means: "This seed was taken without its check value (MAC).",
        seen: "The value is announced and missing, and `--allow-unauthenticated` was said.",
        advice: "Try a code of this token with `oathctl check FILE --codes` before anybody relies on it.",
        source: [PSKC],
    }
    MAC_OVER_PLAINTEXT "mac_over_plaintext" {
        means: "The check value (MAC) is over the seed itself, as only drafts of the format do.",
        seen: "It fits the decrypted seed and not its cipher text.",
        advice: "Nothing: the value was checked and fits.",
        source: [PSKC],
    }
    SEED_NOT_IN_FILE "seed_not_in_file" {
        means: "The file only refers to this seed, which is kept elsewhere.",
        seen: "A reference or a profile in place of the secret.",
        advice: "Ask the vendor for a file that holds the seeds.",
        source: [PSKC],
    }
    SEED_LOCKED "seed_locked" {
        means: "This seed doesn't open with the key that was given.",
        seen: "Decrypted by the key, it isn't a seed: the key is wrong, or the file is damaged here.",
        advice: "Check whether it belongs to another delivery with a key of its own; else ask the vendor for the file again.",
    }
    MAC_UNSUPPORTED "mac_unsupported" {
        means: "The seeds have check values (MAC) of a kind that isn't known.",
        seen: "The method in the file's head names the kind in the message; without it nobody can tell whether a seed \
            was altered.",
        advice: "Ask the vendor for a file with HMAC-SHA-1 or HMAC-SHA-256, which every writer of this format can do.",
        source: [PSKC],
    }
    KEY_UNDECIDABLE "key_undecidable" {
        means: "Several of the keys given open this seed, and nothing says which of them is right.",
        seen: "Seeds of this file are sealed by different keys; this one has no name of its key and no check value (MAC) \
            that would decide, and opens by more than one.",
        advice: "Read each delivery for itself with its own `--key-file`, or ask the vendor for a file with check values.",
        source: [PSKC],
    }
    SEED_SPELLING_DOUBTFUL "seed_spelling_doubtful" {
        means: "The seed is spelled as its format doesn't spell seeds.",
        seen: "Every character belongs to another spelling, which chance does once in billions of seeds; read as the format \
            says, the seed would be a wrong one.",
        advice: "Say what is meant: `--secret-encoding hex`, `base32` or `base64`; a code of one token proves it \
            (`oathctl check FILE --codes -`).",
    }
    VALUE_MISPLACED "value_misplaced" {
        means: "A value stands where its format has none, and was taken all the same.",
        seen: "It stands as bare text, or outside the element that holds such values.",
        advice: "Compare what `check` shows of it with the token's data sheet; the file's maker left the standard here.",
        source: [PSKC],
    }
    CIPHER_UNSUPPORTED "cipher_unsupported" {
        means: "The seed is sealed in a way that isn't read.",
        seen: "The file names the method in the message.",
        advice: "Ask the vendor for a file sealed with AES, which every writer of this format can do.",
        source: [PSKC],
    }
    POLICY_FORBIDS "policy_forbids" {
        means: "The file's own policy doesn't permit this key to make codes for a sign-in.",
        seen: "A policy element as in the message.",
        advice: "Ask the vendor what this key is for; it may not be the one that belongs on a sign-in page.",
        source: [PSKC],
    }
    POLICY_UNKNOWN "policy_unknown" {
        means: "The file's own policy says something of this key that oathctl doesn't know.",
        seen: "An element of the policy that the standard doesn't have; the standard wants it taken for a prohibition.",
        advice: "Ask the vendor what it means; `--allow-unknown-policy` takes the key all the same and says so in the report.",
        source: [PSKC],
    }
    POLICY_SKIPPED "policy_skipped" {
        means: "This key was taken although its policy says something that oathctl doesn't know.",
        seen: "A policy element as in the message, and `--allow-unknown-policy` was said.",
        advice: "Ask the vendor what it means before anybody relies on the token.",
        source: [PSKC],
    }
    DATE_UNREADABLE "date_unreadable" {
        means: "A date in the file can't be read.",
        seen: "What stands there is no date, so nobody knows whether it has passed.",
        advice: "Ask the vendor until when the token is meant to be used; nothing else depends on it.",
    }
    KEY_EXPIRED "key_expired" {
        means: "The token is past the date its maker gives it.",
        seen: "An expiry date in the file that lies before today.",
        advice: "Expect an empty battery soon, and plan a replacement.",
    }
    KEY_NOT_YET_VALID "key_not_yet_valid" {
        means: "The token is before the date its maker gives it.",
        seen: "A start date in the file that lies after today.",
        advice: "Check the date with the vendor; the tenant knows nothing of it.",
    }
    CLOCK_SHIFTED "clock_shifted" {
        means: "The token's clock was off when the file was made.",
        seen: "A drift or a start of time other than zero in the file.",
        advice: "Activate it with `oathctl`, which takes the drift into account as far as the tenant lets it; if codes are refused, \
            compare the token with a clock.",
    }
    EPOCH_UNSUPPORTED "epoch_unsupported" {
        means: "The token counts its time from another moment than 1970.",
        seen: "A start of time in the file that lies years off.",
        advice: "Such tokens can't be used with Entra ID; ask the vendor for some that follow RFC 6238.",
    }
    CODE_FORM_UNSUPPORTED "code_form_unsupported" {
        means: "The token doesn't show plain decimal digits.",
        seen: "The file names another form of its codes, or a check digit.",
        advice: "Such tokens can't be used with Entra ID, which takes six decimal digits.",
    }
    VALUE_MALFORMED "value_malformed" {
        means: "A value isn't what it should be.",
        seen: "The file has something else where this field stands.",
        advice: "Ask the vendor for the file again; a value like this is never guessed.",
    }
    PARAMETER_DEFAULTED "parameter_defaulted" {
        means: "The format's own default was taken where the file is silent.",
        seen: "The field is missing, and the format says what that means.",
        advice: "Compare it with the token's data sheet; some makers leave out what differs from the default.",
    }
    PERSON_HINTED "person_hinted" {
        means: "The file names a person in a way that isn't a user principal name.",
        seen: "A directory name or an account name stands with this token.",
        advice: "Say who gets it by a list: `--users CSV` with serial and user principal name.",
    }
    SOFT_TOKEN "soft_token" {
        means: "This is the seed of an authenticator app, not of a hardware token.",
        seen: "The file is the export of an app.",
        advice: "Leave it where it is: its user still signs in with it. `--allow-soft` reads it all the same.",
    }
    CELL_WITHOUT_VALUE "cell_without_value" {
        means: "A cell that is needed has no value.",
        seen: "An error, or a formula whose result isn't stored in the workbook.",
        advice: "Open the workbook in a spreadsheet, let it compute, replace formulas by their values and save it again.",
    }
}

pub(super) fn mac(name: &str) -> Said {
    MAC_UNSUPPORTED
        .says(format!("The check values (MAC) of the seeds are by {}, which isn't known.", shown(name)))
}

pub(super) fn cipher(name: &str) -> Said {
    CIPHER_UNSUPPORTED.says(format!("The seed is sealed by {}, which isn't read.", shown(name)))
}

pub(super) fn policy(what: &str) -> Said {
    POLICY_FORBIDS
        .says(format!("The file's own policy ({}) doesn't permit this key to be used.", clean(what)))
}

pub(super) fn policy_unknown(what: &str) -> Said {
    POLICY_UNKNOWN.says(format!(
        "The file's own policy says {} of this key, which isn't known and counts as a prohibition.",
        clean(what)
    ))
}

pub(super) fn policy_skipped(what: &str) -> Said {
    POLICY_SKIPPED.says(format!("The key was taken whatever {} in its policy means.", clean(what)))
}

pub(super) fn date(field: &str, text: &str) -> Said {
    DATE_UNREADABLE.says(format!("The {} {} is no date that can be read.", clean(field), shown(text)))
}

pub(super) fn misplaced(field: &str) -> Said {
    VALUE_MISPLACED
        .says(format!("The {} stands where its format has none; it was taken all the same.", clean(field)))
}

pub(super) fn doubtful(looks_like: &str, characters: u32, format: &str) -> Said {
    SEED_SPELLING_DOUBTFUL.says(format!(
        "The seed's {} are all of {}, where its format has {}; which is meant must be said.",
        count(u64::from(characters), "character"),
        clean(looks_like),
        clean(format)
    ))
}

pub(super) fn expired(date: &str) -> Said {
    KEY_EXPIRED.says(format!("By its maker the token ended on {} or so.", clean(date)))
}

pub(super) fn not_yet_valid(date: &str) -> Said {
    KEY_NOT_YET_VALID.says(format!("By its maker the token begins only on {} or so.", clean(date)))
}

pub(super) fn clock_shifted(text: &str) -> Said {
    CLOCK_SHIFTED.says(format!("The token's clock was off by {} when the file was made.", shown(text)))
}

pub(super) fn epoch(text: &str) -> Said {
    EPOCH_UNSUPPORTED.says(format!(
        "The token counts its time from another moment than 1970 ({} in the file).",
        shown(text)
    ))
}

pub(super) fn code_form(text: &str) -> Said {
    CODE_FORM_UNSUPPORTED
        .says(format!("The token's codes ({} in the file) aren't plain decimal digits.", shown(text)))
}

pub(super) fn value(field: &str, text: &str) -> Said {
    if field == "code" {
        return VALUE_MALFORMED
            .says("This line has no serial with a code of 6 to 8 digits.")
            .advising("Type it again first: the serial, a blank, and the digits the token shows.");
    }
    if text == "<two values>" {
        return VALUE_MALFORMED
            .says(format!("Two values stand where the {} of a token belongs.", clean(field)));
    }
    VALUE_MALFORMED.says(format!("The value {} can't be the {} of a token.", shown(text), clean(field)))
}

pub(super) fn defaulted(field: &str, value: &str) -> Said {
    PARAMETER_DEFAULTED.says(format!(
        "The file states no {}, so {} was taken as its format says.",
        clean(field),
        if field == "hash" { decision::answer("hash", value) } else { clean(value) }
    ))
}

pub(super) fn hinted(text: &str) -> Said {
    PERSON_HINTED.says(format!("The file names {}, which isn't a user principal name.", shown(text)))
}

pub(super) fn without_value(cell: &str, error: &str) -> Said {
    if error.is_empty() {
        return CELL_WITHOUT_VALUE
            .says(format!("The cell {} has a formula whose result isn't stored.", clean(cell)));
    }
    CELL_WITHOUT_VALUE
        .says(format!("The formula in the cell {} failed ({}).", clean(cell), clean(error)))
        .advising(
            "Look in the spreadsheet where the formula looks its value up, mend that, replace the formula by its value \
             and save it again.",
        )
}
