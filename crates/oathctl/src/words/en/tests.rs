//! What every sentence here must keep to.

use std::collections::BTreeSet;

use oathctl_core::engine::Stopped;
use oathctl_core::gate::{GateRefusal, GateRule};
use oathctl_core::journal::JournalError;
use oathctl_core::reason::Reason;
use oathctl_core::report::{Outcome, Proof};
use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};

use super::explain::GROUPS;
use super::samples::{MARK, reasons};
use crate::words::{
    advice, all_words, explain, gate_refusal, index, message, outcome, proof, stopped, tenant_error,
};

/// Commands and flags that advice may name (`docs/contracts.md`).
const COMMANDS: &[&str] = &[
    "check", "pair", "activate", "plan", "apply", "resume", "runs", "explain", "sim", "tokens", "vault",
    "--help",
];
const FLAGS: &[&str] = &[
    "--allow-soft",
    "--allow-test-seeds",
    "--allow-unauthenticated",
    "--allow-unknown-policy",
    "--codes",
    "--decrypt",
    "--gpg",
    "--key-file",
    "--passphrase-file",
    "--columns",
    "--custom-endpoint",
    "--exclude",
    "--hash",
    "--help",
    "--ignore-policy",
    "--include-admins",
    "--last-method-ok",
    "--max-delete",
    "--max-reassign",
    "--max-wait",
    "--only",
    "--other-domains-ok",
    "--pace",
    "--period",
    "--reassign",
    "--recreate",
    "--require-other-method",
    "--secret-encoding",
    "--serial-width",
    "--tenant",
    "--timeout",
    "--up-to",
    "--users",
];
/// Words that blame, hide or belong to something else.
const BANNED: &[&str] = &[
    "something went wrong",
    "unfortunately",
    "oops",
    "please",
    "sorry",
    "illegal",
    "you forgot",
    "your fault",
    "bearer",
    "fob",
    "otp code",
    "bad request",
];

#[test]
fn the_catalogue_and_the_pages_are_the_same_words() {
    let catalogue: BTreeSet<&str> = Reason::CATALOGUE.iter().map(|info| info.word).collect();
    let pages = all_words();
    assert_eq!(pages.len(), catalogue.len(), "a word has two pages, or none");
    assert_eq!(pages.into_iter().collect::<BTreeSet<_>>(), catalogue);
    let sampled: BTreeSet<&str> = reasons().iter().map(Reason::word).collect();
    assert_eq!(sampled, catalogue, "add the new reason to samples.rs");
}

#[test]
fn messages_are_one_sentence_and_never_end_with_foreign_text() {
    for reason in reasons() {
        let message = message(&reason);
        assert_sentences(&message, 1, reason.word());
        assert!(!message.ends_with("MARK."), "{message}");
    }
}

#[test]
fn every_parameter_is_told() {
    for reason in reasons() {
        let said = message(&reason) + &advice(&reason);
        let json = format!("{reason:?}");
        for value in [MARK, "7001", "7002"] {
            assert!(!json.contains(value) || said.contains(value), "{value}: {said}");
        }
    }
}

#[test]
fn advice_is_one_or_two_sentences_that_name_only_what_exists() {
    for reason in reasons() {
        assert_sentences(&advice(&reason), 3, reason.word());
    }
    for page in GROUPS.iter().flat_map(|group| group.pages) {
        assert_sentences(page.meaning, 1, page.word);
        assert_sentences(page.advice, 2, page.word);
        assert_sentences(page.evidence, 3, page.word);
        for source in page.source {
            assert!(source.url.is_empty() || source.url.starts_with("https://"), "{}", source.url);
            assert!(!source.url.contains(' ') && !source.fact.ends_with('.'), "{source:?}");
        }
    }
}

#[test]
fn a_page_says_whom_it_is_about_what_it_stops_and_whether_again_helps() {
    let page = explain("Held-by-other ").unwrap();
    assert!(page.starts_with("held_by_other\n\nThe token is assigned to somebody else.\n"), "{page}");
    for part in [
        "\nAbout       The person",
        "\nEffect      The row",
        "\nAgain       The same again won't",
        "--reassign",
        "(documented) https://",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(explain("doubtful").unwrap().contains("may help"));
    assert!(explain("empty_file").unwrap().contains("exit 6"));
    assert!(explain("holder_gone").unwrap().contains("(unknown)\n"));
    assert_eq!(explain("nonsense"), None);
    assert!(
        all_words()
            .into_iter()
            .all(|word| explain(word).is_some() && index().contains(&format!("\n  {word}\n")))
    );
}

#[test]
fn h13_what_decides_hash_and_spelling_is_named() {
    let hash = advice(&Reason::HashUnstated { seed_bytes: 32, rows: 80 });
    assert!(hash.contains("`--hash sha256`") && hash.contains("locked out"), "{hash}");
    let spelling = Reason::SeedBadCharacter { character: '8', position: 5, encoding: "base32".into() };
    assert_eq!(
        message(&spelling),
        "The seed has \"8\" at character 5 of its cell, which Base32 doesn't have."
    );
    assert!(advice(&spelling).contains("a misread B looks like \"8\""));
    let blank = Reason::SeedBadCharacter { character: '\u{7}', position: 5, encoding: "hex".into() };
    assert!(message(&blank).contains("U+0007"));
}

#[test]
fn h02_the_last_method_names_the_pass() {
    assert!(advice(&Reason::LastMethod).contains("Temporary Access Pass"));
}

#[test]
fn h12_only_what_is_proven_is_called_working() {
    let working = |p: Proof| proof(p).contains("working");
    assert!(working(Proof::Device) && working(Proof::SignIn));
    assert!(!working(Proof::None) && !working(Proof::ReadBack) && !working(Proof::Batch));
    let all = [
        Outcome::Activated,
        Outcome::AlreadyActive,
        Outcome::Assigned,
        Outcome::Imported,
        Outcome::Deleted,
        Outcome::Failed,
        Outcome::Skipped,
        Outcome::Unknown,
    ];
    assert_eq!(all.map(outcome).into_iter().collect::<BTreeSet<_>>().len(), all.len());
    assert!(all.iter().all(|o| !outcome(*o).contains("working")));
}

#[test]
fn h24_no_cell_that_could_be_a_seed_is_repeated() {
    let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned();
    let reasons = [
        Reason::SerialMalformed { shown: seed.clone() },
        Reason::SerialDamaged { shown: seed.clone() },
        Reason::UpnMalformed { shown: seed.clone() },
        Reason::PeriodUnsupported { shown: seed.clone() },
        Reason::ColumnIgnored { heading: seed.clone() },
        Reason::HeadersUnknown { seen: vec![seed.clone()], needed: vec![] },
    ];
    for reason in reasons {
        let said = message(&reason) + &advice(&reason);
        assert!(!said.contains(&seed[..8]), "{said}");
        assert!(said.contains("32 letters and digits"), "{said}");
    }
}

#[test]
fn a_gate_refusal_names_both_numbers_and_the_flag() {
    for (rule, flag) in [
        (GateRule::Reassignments, "--max-reassign"),
        (GateRule::Deletions, "--max-delete"),
        (GateRule::OtherDomains, "--other-domains-ok"),
    ] {
        let said = gate_refusal(&GateRefusal { rule, planned: 37, allowed: 10, flag });
        assert_sentences(&said, 2, flag);
        assert!(said.contains("37") && said.contains("10") && said.contains(flag), "{said}");
    }
}

#[test]
fn a_stopped_run_says_why_and_how_to_go_on() {
    let permission = |name: &str| Stopped::SignIn(Reason::PermissionMissing { permission: name.into() });
    let ends = [
        Stopped::Interrupted,
        Stopped::Systemic(Reason::CodeRefused),
        permission("Policy.Read.All"),
        permission("AADSTS7000222"),
        permission("sign-in"),
        permission(""),
        Stopped::Unreachable,
        Stopped::Clock,
        Stopped::Journal(JournalError::DiskFull),
        Stopped::Journal(JournalError::Failed("locked".into())),
    ];
    let said: BTreeSet<String> = ends.iter().map(|end| stopped(end).0).collect();
    assert_eq!(said.len(), ends.len());
    for end in &ends {
        let (message, next) = stopped(end);
        assert_sentences(&message, 1, end.word());
        assert_sentences(&next, 4, end.word());
        assert!(next.contains("`oathctl resume`"), "{next}");
    }
    assert!(
        stopped(&ends[1])
            .0
            .ends_with("too many rows: the tenant refused every code that may be sent for this token.")
    );
    assert!(stopped(&ends[2]).0.contains("Policy.Read.All, which is needed to read tokens"));
    assert!(stopped(&ends[3]).0.contains("secret has expired (AADSTS7000222)"));
}

#[test]
fn every_detail_of_a_tenant_error_has_its_own_words() {
    use TenantErrorKind as K;
    let details: &[(K, &[&str])] = &[
        (
            K::Unreachable,
            &["dns", "connect", "tls", "proxy", "timeout", "reset", "request", "http_503", "else"],
        ),
        (
            K::NotTheTenant,
            &[
                "html",
                "not_json",
                "redirect",
                "foreign_next_link",
                "next_link_loop",
                "no_date",
                "tenant_mismatch",
                "too_large",
                "else",
            ],
        ),
        (K::WaitTooLong, &["retry_after"]),
        (K::SignIn, &["AADSTS7000215", "AADSTS53003", "invalid_client", "access_token_refused", "else"]),
        (K::Forbidden, &["Policy.Read.All", "User.Read.All", "New.Permission", ""]),
        (K::Refused, &["Request_BadRequest"]),
        (K::Stopped, &["stopped"]),
        (
            K::Settings,
            &["url", "plain_http", "foreign_host", "mixed_practice", "many_tenants", "tenant", "else"],
        ),
    ];
    let mut seen = BTreeSet::new();
    for (kind, words) in details {
        for word in *words {
            let (message, advice) =
                tenant_error(&TenantError { kind: *kind, detail: (*word).into(), remote: Remote::default() });
            assert_sentences(&message, 1, word);
            assert_sentences(&advice, 2, word);
            assert!(seen.insert(message.clone()), "told twice: {message}");
        }
    }
}

/// Whole sentences, at most so many, in house words, naming only commands and flags that exist.
fn assert_sentences(text: &str, most: usize, about: &str) {
    assert!(text.ends_with('.'), "{about}: {text}");
    assert!(!text.contains("  ") && !text.contains('\n') && !text.contains(".."), "{about}: {text}");
    let ends = text
        .as_bytes()
        .windows(3)
        .filter(|w| w[0] == b'.' && w[1] == b' ' && w[2].is_ascii_uppercase())
        .count();
    assert!(ends < most, "{about} has more than {most} sentences: {text}");
    let small = text.to_lowercase();
    assert!(BANNED.iter().all(|word| !small.contains(word)), "{about}: {text}");
    for flag in
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter(|word| word.starts_with("--"))
    {
        assert!(FLAGS.contains(&flag), "{about} names {flag}");
    }
    for command in text.split("`oathctl ").skip(1).filter_map(|rest| rest.split([' ', '`']).next()) {
        assert!(COMMANDS.contains(&command), "{about} names oathctl {command}");
    }
}
