//! Searching people: quoting, pages, and what is asked where the search is refused or finds nobody.

use oathctl_core::tenant::{Known, TenantRead, User};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::testing::{Answer, Bench, bench, error, json as reply};

fn user(n: u32) -> Value {
    json!({"id": format!("u-{n}"), "userPrincipalName": format!("u{n}@x.example"), "displayName": "N"})
}

fn found(users: &[u32]) -> Answer {
    reply(200, json!({"value": users.iter().map(|n| user(*n)).collect::<Vec<_>>()}))
}

async fn search(answers: Vec<Answer>, text: &str, most: usize) -> (Bench, Known<Vec<User>>) {
    let bench = bench(answers);
    let known = bench.graph.search(text, most).await.unwrap();
    assert!(bench.script.is_finished());
    (bench, known)
}

fn ids(known: &Known<Vec<User>>) -> Vec<&str> {
    known.known().unwrap().iter().map(|user| user.id.as_str()).collect()
}

/// The requests, decoded.
fn asked(bench: &Bench) -> Vec<String> {
    let decoded = |line: &String| percent_decode_str(line).decode_utf8().unwrap().into_owned();
    bench.script.lines().iter().map(decoded).collect()
}

#[tokio::test]
async fn words_of_the_name_or_the_beginning_of_the_upn() {
    let (bench, known) = search(vec![found(&[1, 2])], " Zoë Mül ", 20).await;
    assert_eq!(ids(&known), ["u-1", "u-2"]);
    let lines = asked(&bench);
    assert!(
        lines[0].starts_with(
            "GET /beta/users?$search=\"displayName:Zoë Mül\" OR \"userPrincipalName:Zoë Mül\"&$select=id,"
        ),
        "{lines:?}"
    );
    assert!(lines[0].ends_with("&$top=20"), "{lines:?}");
    assert_eq!(bench.script.nth(0).consistency.as_deref(), Some("eventual"));
    assert!(bench.script.lines()[0].contains("%22displayName%3AZo%C3%AB%20M"), "encoded as a whole");
}

#[tokio::test]
async fn quotes_are_escaped_and_both_apostrophes_are_asked_for() {
    let (bench, _) = search(vec![found(&[1])], "o’b\"r\\i\n&#", 5).await;
    let line = &asked(&bench)[0];
    for clause in [
        r#""displayName:o'b\"r\\i&#" OR "displayName:o’b\"r\\i&#" OR "userPrincipalName:o'b\"r\\i&#"&"#,
        "&$top=5",
    ] {
        assert!(line.contains(clause), "{line}");
    }
    assert_eq!(bench.script.lines()[0].matches('&').count(), 2, "nothing of the text is a mark of ours");
}

#[tokio::test]
async fn where_the_search_is_refused_or_finds_nobody_the_beginning_is_asked_for() {
    for first in [reply(400, error("Request_UnsupportedQuery", "x")), found(&[])] {
        let (bench, known) = search(vec![first, found(&[3])], "O'Brien", 5).await;
        assert_eq!(ids(&known), ["u-3"]);
        let filter = "$filter=startswith(displayName,'O''Brien') or startswith(displayName,'O’Brien') \
             or startswith(userPrincipalName,'O''Brien')&$select=id,";
        assert!(asked(&bench)[1].contains(filter), "{:?}", asked(&bench));
        assert_eq!(bench.script.nth(1).consistency, None);
    }
}

#[tokio::test]
async fn pages_are_followed_as_far_as_needed_with_the_same_header() {
    let page = |users: &[u32], link: &str| {
        let link = format!("https://graph.microsoft.com/beta/users?$skiptoken={link}");
        reply(
            200,
            json!({"value": users.iter().map(|n| user(*n)).collect::<Vec<_>>(), "@odata.nextLink": link}),
        )
    };
    let (bench, known) = search(vec![page(&[1], "a"), page(&[], "b"), page(&[1, 2, 3], "c")], "n", 3).await;
    assert_eq!(ids(&known), ["u-1", "u-2"], "the same person is not shown twice");
    assert_eq!(bench.script.nth(2).consistency.as_deref(), Some("eventual"));
    let (_, known) = search(vec![found(&[1, 2, 3, 4])], "n", 2).await;
    assert_eq!(ids(&known), ["u-1", "u-2"]);
}

#[tokio::test]
async fn a_narrow_permission_shows_less_and_none_is_unknown() {
    let denied = || reply(403, error("Authorization_RequestDenied", "x"));
    let (bench, known) = search(vec![denied(), found(&[1])], "n", 2).await;
    assert_eq!(known.known().unwrap()[0].enabled, None);
    assert!(asked(&bench)[1].contains("&$select=id,userPrincipalName,displayName&"));
    let (_, known) = search(vec![denied(), denied()], "n", 2).await;
    assert!(matches!(known, Known::Unknown(remote) if remote.status == Some(403)));
}

#[tokio::test]
async fn nothing_asked_for_is_nothing_found() {
    for (text, most) in [(" \t", 5), ("anna", 0)] {
        let (_, known) = search(vec![], text, most).await;
        assert!(ids(&known).is_empty());
    }
}
