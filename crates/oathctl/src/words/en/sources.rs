//! Facts that Microsoft and the RFCs lay down, each with its certainty.
//!
//! Owns: one constant a fact. Does not own: the fuller list, which is `docs/graph.md`.

use super::page::{Certainty, Source};

const CONCEPT: &str =
    "https://learn.microsoft.com/en-us/entra/identity/authentication/concept-authentication-oath-tokens";
const UPLOAD: &str =
    "https://learn.microsoft.com/en-us/entra/identity/authentication/how-to-mfa-upload-oath-tokens";
const MANAGE: &str =
    "https://learn.microsoft.com/en-us/entra/identity/authentication/how-to-mfa-manage-oath-tokens";
const DEVICES: &str = "https://learn.microsoft.com/en-us/graph/api/resources/\
    hardwareoathtokenauthenticationmethoddevice?view=graph-rest-beta";
const CREATE: &str = "https://learn.microsoft.com/en-us/graph/api/\
    authenticationmethoddevice-post-hardwareoathdevices?view=graph-rest-beta";
const ROLES: &str =
    "https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference";
const RFC4226: &str = "https://www.rfc-editor.org/rfc/rfc4226#section-4";

const fn documented(fact: &'static str, url: &'static str) -> Source {
    Source { fact, certainty: Certainty::Documented, url }
}

const fn unknown(fact: &'static str) -> Source {
    Source { fact, certainty: Certainty::Unknown, url: "" }
}

pub(super) const COLUMNS: Source = documented("the columns of Microsoft's CSV", UPLOAD);
pub(super) const SEED_MOST: Source = documented("a seed has at most 128 Base32 characters", UPLOAD);
pub(super) const SEED_LEAST: Source =
    documented("a seed should have at least 128 bits (RFC 4226, R6)", RFC4226);
pub(super) const BASE32: Source =
    documented("the Base32 alphabet and its padding", "https://www.rfc-editor.org/rfc/rfc4648#section-6");
pub(super) const SPARE_BITS: Source = documented(
    "spare bits at the end ought to be zero",
    "https://www.rfc-editor.org/rfc/rfc4648#section-3.5",
);
pub(super) const PERIODS: Source = documented("periods of 30 and 60 seconds", CONCEPT);
pub(super) const HASHES: Source = documented("hashes hmacsha1 and hmacsha256", DEVICES);
pub(super) const SIX_DIGITS: Source = Source {
    fact: "codes of six digits",
    certainty: Certainty::Observed,
    url: "https://github.com/MicrosoftDocs/azure-docs/issues/46715",
};
pub(super) const TOTP_ONLY: Source = documented("time-based codes only", CONCEPT);
pub(super) const MAKER: Source = documented("manufacturer and model belong to a new device", CREATE);
pub(super) const FIVE: Source =
    documented("at most five hardware tokens and authenticator apps together per person", CONCEPT);
pub(super) const GUESTS: Source = documented("guests can't be given one in the resource tenant", CONCEPT);
pub(super) const ADMINS: Source =
    documented("for administrators the role is Privileged Authentication Administrator", ROLES);
pub(super) const POLICY: Source = documented("a change of the policy takes up to 20 minutes to hold", MANAGE);
pub(super) const ONE_HOLDER: Source = documented("a token has one holder", CONCEPT);
pub(super) const LEAVERS: Source = unknown("what becomes of the token of a deleted person");
pub(super) const PASS: Source = documented(
    "a Temporary Access Pass lets a person sign in once and register methods",
    "https://learn.microsoft.com/en-us/entra/identity/authentication/howto-authentication-temporary-access-pass",
);
pub(super) const PREFERRED: Source = documented(
    "the strongest registered method is asked for first",
    "https://learn.microsoft.com/en-us/entra/identity/authentication/\
     concept-system-preferred-multifactor-authentication",
);
pub(super) const SEED_FIXED: Source = documented("the seed of a device can't be read or changed", DEVICES);
pub(super) const REFUSAL: Source = unknown("the words of a refused code, and what it does to the status");
pub(super) const CHANCE: Source =
    documented("at activation a code up to a day off is accepted (two days for 60 s)", CONCEPT);
pub(super) const BY_CHANCE: Source = Source {
    fact: "so a foreign seed's code is accepted in about 0.6 % of tries",
    certainty: Certainty::Inferred,
    url: CONCEPT,
};
pub(super) const DRIFT: Source =
    documented("the tenant learns the token's clock from the code it is activated with", CONCEPT);
pub(super) const QUOTA: Source =
    documented("200 activations in 5 minutes, written about the CSV upload", UPLOAD);
pub(super) const QUOTA_FORM: Source = unknown("how that limit answers through Graph");
pub(super) const PERMISSIONS: Source = documented(
    "the permission each call needs",
    "https://learn.microsoft.com/en-us/graph/permissions-reference",
);
pub(super) const ERRORS: Source =
    documented("code, message and request id of an error", "https://learn.microsoft.com/en-us/graph/errors");
pub(super) const THROTTLED: Source = documented(
    "too many requests are answered with 429 and Retry-After",
    "https://learn.microsoft.com/en-us/graph/throttling",
);
pub(super) const RATE: Source = unknown("how many requests these resources permit");
pub(super) const LAG: Source = Source {
    fact: "a new assignment may be seen late",
    certainty: Certainty::Observed,
    url: "https://github.com/uniQuk/EntraOATH",
};
pub(super) const UNIQUE: Source = unknown("whether the manufacturer belongs to what makes a serial unique");
