//! Refused sign-ins, by Microsoft's number.
//!
//! Owns: a sentence and a next step for each AADSTS number we know, and for the few words that come without one.
//! Does not own: the reading of the reply. Numbers:
//! <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>; those of federation beyond
//! 70021 and those of the scope were observed in public issue trackers.

use super::foreign::clean;

/// Number, what it means, what to do.
const NUMBERS: &[(u64, &str, &str)] = &[
    (
        7_000_215,
        "The client secret is wrong",
        "Set AZURE_CLIENT_SECRET to the secret's value from the app registration's page; its id, which stands beside it, \
         doesn't work. The value is shown only once, so make a new secret if it's gone.",
    ),
    (
        7_000_222,
        "The client secret has expired",
        "Make a new secret on the app registration's page and set AZURE_CLIENT_SECRET to its value.",
    ),
    (
        700_016,
        "The tenant has no application with this client id",
        "Compare AZURE_CLIENT_ID and AZURE_TENANT_ID with the app registration's overview. If the application is \
         another tenant's, an administrator of this one has to consent to it first.",
    ),
    (
        90_002,
        "There is no tenant of this name or id",
        "Compare AZURE_TENANT_ID with the tenant's overview in the portal, and AZURE_AUTHORITY_HOST with its cloud.",
    ),
    (
        700_027,
        "The certificate isn't registered for this application, or its signature doesn't fit",
        "Upload the certificate's public part to the app registration, or use the one that is there.",
    ),
    (
        700_024,
        "The signed statement for the sign-in isn't valid at this time, so a clock is wrong",
        "Let the operating system set its clock by the network, then run the command again.",
    ),
    (
        700_025,
        "The application is registered as a public client, which must not send a credential",
        "Use an app registration with a client secret, or remove AZURE_CLIENT_SECRET.",
    ),
    (
        70_021,
        "No federated credential of the application matches",
        "Compare issuer, subject and audience on the app registration's page letter by letter; a new credential can take \
         some minutes to work.",
    ),
    (
        700_211,
        "No federated credential of the application has this issuer",
        "Compare the issuer on the app registration's page letter by letter, the final slash included.",
    ),
    (
        700_213,
        "No federated credential of the application has this subject",
        "Compare the subject on the app registration's page letter by letter; branch, environment and repository belong \
         to it.",
    ),
    (
        7_002_137,
        "No federated credential of the application matches subject and issuer together",
        "Compare both on the app registration's page letter by letter; a new credential can take some minutes to work.",
    ),
    (
        7_002_138,
        "The subject fits a federated credential only if capitals are ignored, and they count",
        "Write the subject on the app registration's page with exactly the capitals that the workload sends.",
    ),
    (
        900_144,
        "The sign-in request lacked a field",
        "Check that AZURE_TENANT_ID, AZURE_CLIENT_ID and the credential are set and not empty.",
    ),
    (
        70_011,
        "The scope of the sign-in isn't one this application can ask for",
        "Check that OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST belong to the same cloud.",
    ),
    (
        1_002_012,
        "The scope of the sign-in isn't one an application may ask for",
        "Check that OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST belong to the same cloud, and report it to the project if \
         they do.",
    ),
    (
        65_001,
        "Nobody has consented to the application's permissions in this tenant",
        "Have an administrator grant consent under the app registration's API permissions.",
    ),
    (
        53_003,
        "A Conditional Access policy blocks this sign-in",
        "Ask whoever keeps the policies; the sign-in log in the portal shows which one, under the request id. Run the \
         command from a place the policy allows.",
    ),
    (
        50_076,
        "The sign-in needs a second factor",
        "Sign in with the second factor, or use an app registration, which needs none.",
    ),
    (
        50_079,
        "The sign-in needs a second factor, and the account has none registered",
        "Register a method for the account in the portal, or use an app registration, which needs none.",
    ),
    (
        500_011,
        "Microsoft Graph isn't known where the sign-in was asked for, so the cloud is wrong",
        "Set OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST to the hosts of the tenant's own cloud.",
    ),
    (70_000, "The saved sign-in can't be used any more", "Sign in again."),
    (70_008, "The saved sign-in has expired", "Sign in again."),
    (700_082, "The saved sign-in wasn't used for too long and has expired", "Sign in again."),
    (
        70_043,
        "The saved sign-in is older than the tenant's rule for sign-in frequency allows",
        "Sign in again, or ask whoever keeps the Conditional Access policies to allow it longer.",
    ),
    (
        50_034,
        "The tenant has no such user",
        "Compare the account's name and AZURE_TENANT_ID; guests sign in to their home tenant.",
    ),
];

/// Words that come without a number: OAuth's own, and ours.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "access_token_refused",
        "The tenant refused the access token, also after a new one was got",
        "Check that OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST belong to the same cloud and that the application is still \
         enabled.",
    ),
    (
        "InvalidAuthenticationToken",
        "The tenant refused the access token, also after a new one was got",
        "Check that OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST belong to the same cloud and that the application is still \
         enabled.",
    ),
    (
        "invalid_client",
        "The sign-in was refused because the application's credential isn't accepted",
        "Check AZURE_CLIENT_ID and AZURE_CLIENT_SECRET against the app registration's page.",
    ),
    (
        "unauthorized_client",
        "The sign-in was refused because the tenant doesn't know or doesn't allow the application",
        "Check AZURE_CLIENT_ID and AZURE_TENANT_ID against the app registration's page.",
    ),
    (
        "invalid_grant",
        "The sign-in was refused by a rule of the tenant, such as missing consent or Conditional Access",
        "Have an administrator look at the sign-in log in the portal, where the refusal stands under its request id.",
    ),
    (
        "invalid_scope",
        "The sign-in was refused because of its scope",
        "Check that OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST belong to the same cloud.",
    ),
    (
        "invalid_request",
        "The sign-in was refused as malformed, often for a tenant that doesn't exist",
        "Check AZURE_TENANT_ID and AZURE_CLIENT_ID against the app registration's page.",
    ),
    (
        "interaction_required",
        "The sign-in needs a person, such as for a second factor",
        "Use an app registration, which needs nobody, or sign in with the second factor.",
    ),
    ("sign-in", GENERAL, ADVICE),
    ("refused", GENERAL, ADVICE),
];

const GENERAL: &str = "The sign-in was refused";
const ADVICE: &str = "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET against the app registration's page; \
     the refusal stands in the tenant's sign-in log.";

/// Message and advice for a refused sign-in, whatever the word.
pub(super) fn refused(detail: &str) -> (String, String) {
    by_detail(detail).unwrap_or_else(|| said(GENERAL, &clean(detail), ADVICE))
}

/// The same, if the word is one of a sign-in.
pub(super) fn by_detail(detail: &str) -> Option<(String, String)> {
    if let Some(number) = detail.strip_prefix("AADSTS").and_then(|digits| digits.parse().ok()) {
        return Some(by_number(number));
    }
    let (word, message, advice) = WORDS.iter().find(|(word, ..)| *word == detail)?;
    Some(said(message, word, advice))
}

fn by_number(number: u64) -> (String, String) {
    let name = format!("AADSTS{number}");
    match NUMBERS.iter().find(|(known, ..)| *known == number) {
        Some((_, message, advice)) => said(message, &name, advice),
        None => said(
            GENERAL,
            &name,
            &format!(
                "Microsoft explains the number at https://login.microsoftonline.com/error?code={number} in full."
            ),
        ),
    }
}

fn said(message: &str, word: &str, advice: &str) -> (String, String) {
    (format!("{message} ({word})."), advice.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_own_sentence() {
        let sentences: std::collections::BTreeSet<&str> =
            NUMBERS.iter().map(|(_, message, _)| *message).collect();
        assert_eq!(sentences.len(), NUMBERS.len());
        let expected = [
            7_000_215, 7_000_222, 700_016, 90_002, 700_027, 700_024, 700_025, 70_021, 700_213, 7_002_137,
            7_002_138, 700_211, 900_144, 70_011, 1_002_012, 65_001, 53_003, 50_076, 50_079, 500_011, 70_000,
            70_008, 700_082, 70_043, 50_034,
        ];
        for number in expected {
            let (message, advice) = refused(&format!("AADSTS{number}"));
            assert!(!message.starts_with(GENERAL), "{number}");
            assert!(message.contains(&format!("AADSTS{number}")) && !advice.is_empty(), "{number}");
        }
    }

    #[test]
    fn an_unknown_number_leads_to_microsofts_page() {
        let (message, advice) = refused("AADSTS4711");
        assert_eq!(message, "The sign-in was refused (AADSTS4711).");
        assert!(advice.contains("error?code=4711"), "{advice}");
        assert_eq!(refused("slow_down").0, "The sign-in was refused (slow_down).");
        assert_eq!(by_detail("Policy.Read.All"), None);
    }
}
