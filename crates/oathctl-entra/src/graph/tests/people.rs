//! People: few requests, order, quoting, narrow permissions; groups, roles, methods.

use oathctl_core::tenant::{Known, MethodKind, TenantErrorKind, TenantRead, UserKey};
use oathctl_core::token::{GroupId, UserId};
use serde_json::{Value, json};

use super::{batch, inner};
use crate::testing::{Answer, Counting, Script, Sent, bench, bench_over, error, json as reply};

fn user(id: &str, upn: &str) -> Value {
    json!({"id": id, "userPrincipalName": upn, "displayName": "N", "accountEnabled": true, "userType": "Member"})
}

fn upns(names: &[&str]) -> Vec<UserKey> {
    names.iter().map(|name| UserKey::Upn((*name).to_owned())).collect()
}

#[tokio::test]
async fn in_the_order_asked_without_regard_to_case() {
    let bench = bench(vec![
        reply(200, json!({"value": [user("u-2", "bob@x.example"), user("u-1", "Ann@X.example")]})),
        reply(404, error("Request_ResourceNotFound", "x")),
    ]);
    let keys = upns(&["ANN@x.example", "nobody@x.example", "bob@x.example", "ann@x.example"]);
    let found = bench.graph.users(&keys).await.unwrap();
    let ids: Vec<_> = found.iter().map(|u| u.as_ref().map(|u| u.id.as_str())).collect();
    assert_eq!(ids, [Some("u-1"), None, Some("u-2"), Some("u-1")]);
    let lines = bench.script.lines();
    assert!(lines[0].starts_with("GET /beta/users?$filter=userPrincipalName%20in%20%28%27"), "{lines:?}");
    assert!(lines[1].starts_with("GET /beta/users/nobody@x.example?$select=id,"), "{lines:?}");
}

/// Answers filters with everybody they name.
fn everybody(sent: &Sent) -> Answer {
    let answer = |url: &str| {
        let filter = percent_encoding::percent_decode_str(url).decode_utf8().unwrap().into_owned();
        let names = filter.split_once('(').unwrap().1.split_once(')').unwrap().0;
        let users: Vec<Value> = names
            .split(',')
            .map(|name| name.trim_matches('\''))
            .map(|upn| user(&format!("id-{upn}"), upn))
            .collect();
        json!({ "value": users })
    };
    match sent.body["requests"].as_array() {
        None => reply(200, answer(&sent.line)),
        Some(requests) => {
            let one =
                |r: &Value| json!({"id": r["id"], "status": 200, "body": answer(r["url"].as_str().unwrap())});
            reply(200, batch(requests.iter().map(one).collect()))
        }
    }
}

#[tokio::test]
async fn fifteen_people_to_a_filter_twenty_filters_to_a_batch() {
    let names: Vec<String> = (0..900).map(|n| format!("user{n:03}@x.example")).collect();
    let bench = bench_over(Script::responding(everybody), Counting::new());
    let keys: Vec<UserKey> = names.into_iter().map(UserKey::Upn).collect();
    assert!(bench.graph.users(&keys).await.unwrap().iter().all(Option::is_some));
    let report = bench.counters.report();
    assert_eq!(report.operations, 60);
    // Three batches, and a few more because the pacer begins with smaller calls.
    assert!(report.total <= 9, "{report:?}");
    let widest = bench
        .script
        .sent
        .lock()
        .unwrap()
        .iter()
        .map(|s| s.body["requests"].as_array().map_or(1, Vec::len))
        .max();
    assert!(widest.unwrap() <= 20);
}

#[tokio::test]
async fn long_names_make_shorter_filters() {
    let names: Vec<String> = (0..15).map(|n| format!("{}{n:02}@x.example", "ж".repeat(60))).collect();
    let bench = bench(vec![
        reply(200, batch((1..=4).map(|id| inner(id, 400, error("Request_UnsupportedQuery", "x"))).collect())),
        reply(200, batch((1..=15).map(|id| inner(id, 404, error("x", "x"))).collect())),
    ]);
    let keys: Vec<UserKey> = names.into_iter().map(UserKey::Upn).collect();
    bench.graph.users(&keys).await.unwrap();
    let filters = bench.script.nth(0).body["requests"].as_array().unwrap().clone();
    assert_eq!(filters.len(), 4);
    assert!(filters.iter().all(|f| f["url"].as_str().unwrap().len() < 2_048));
}

#[tokio::test]
async fn awkward_names_are_quoted() {
    let bench = bench(vec![
        reply(200, json!({"value": []})),
        reply(
            200,
            batch(vec![
                inner(1, 200, user("u-1", "$a@x.example")),
                inner(2, 200, user("u-2", "g_y.example#EXT#@x.example")),
                inner(3, 200, user("u-3", "o'b@x.example")),
            ]),
        ),
    ]);
    let found = bench
        .graph
        .users(&upns(&["o'b@x.example", "$a@x.example", "g_y.example#EXT#@x.example"]))
        .await
        .unwrap();
    assert!(found.iter().all(Option::is_some));
    assert!(bench.script.lines()[0].contains("%27o%27%27b%40x.example%27"), "{:?}", bench.script.lines());
    let requests = bench.script.nth(1).body["requests"].clone();
    let urls: Vec<&str> = requests.as_array().unwrap().iter().map(|r| r["url"].as_str().unwrap()).collect();
    assert!(urls[0].starts_with("/users(%27%24a@x.example%27)?"), "{urls:?}");
    assert!(urls[1].starts_with("/users/g_y.example%23EXT%23@x.example?"), "{urls:?}");
    assert!(urls[2].starts_with("/users/o%27b@x.example?"), "{urls:?}");
}

#[tokio::test]
async fn a_narrow_permission_reads_less() {
    let bench = bench(vec![
        reply(403, error("Authorization_RequestDenied", "x")),
        reply(200, json!({"value": [{"id": "u-1", "userPrincipalName": "a@x.example", "displayName": "A"}]})),
    ]);
    let found = bench.graph.users(&upns(&["a@x.example"])).await.unwrap();
    let user = found[0].clone().unwrap();
    assert_eq!((user.enabled, user.guest), (None, None));
    assert!(bench.script.lines()[1].ends_with("&$select=id,userPrincipalName,displayName"));
}

#[tokio::test]
async fn no_permission_at_all_is_named() {
    let bench = bench(vec![reply(403, error("x", "x")), reply(403, error("x", "x"))]);
    let error = bench.graph.users(&upns(&["a@x.example"])).await.unwrap_err();
    assert_eq!((error.kind, error.detail.as_str()), (TenantErrorKind::Forbidden, "User.ReadBasic.All"));
}

#[tokio::test]
async fn by_id_and_a_kinder_look_up_is_not_believed() {
    let bench = bench(vec![reply(
        200,
        batch(vec![
            inner(1, 200, user("u-1", "a@x.example")),
            inner(2, 200, user("u-9", "somebody@x.example")),
        ]),
    )]);
    let keys = [UserKey::Id(UserId::new("U-1")), UserKey::Id(UserId::new("u-2"))];
    let found = bench.graph.users(&keys).await.unwrap();
    assert!(found[0].is_some() && found[1].is_none());
}

#[tokio::test]
async fn members_are_people_only() {
    let bench = bench(vec![reply(
        200,
        json!({"value": [
            {"@odata.type": "#microsoft.graph.user", "id": "u-1"},
            {"@odata.type": "#microsoft.graph.group", "id": "g-2"},
            {"@odata.type": "#microsoft.graph.device", "id": "x"},
        ]}),
    )]);
    let members = bench.graph.members(&GroupId::new("g-1")).await.unwrap();
    assert_eq!(members.known().unwrap().iter().map(UserId::as_str).collect::<Vec<_>>(), ["u-1"]);
}

#[tokio::test]
async fn h06_admins_directly_and_by_group() {
    let bench = bench(vec![
        reply(200, json!({"value": [{"principalId": "u-1"}, {"principalId": "g-1"}]})),
        reply(200, json!({"value": [{"id": "g-1"}, {"id": "g-2"}]})),
        reply(200, json!({"value": [{"@odata.type": "#microsoft.graph.user", "id": "u-7"}]})),
    ]);
    let admins = bench.graph.admins().await.unwrap();
    let admins = admins.known().unwrap();
    assert!(admins.contains(&UserId::new("u-1")) && admins.contains(&UserId::new("u-7")));
    assert!(bench.script.lines()[2].starts_with("GET /beta/groups/g-1/transitiveMembers"));
}

#[tokio::test]
async fn h06_admins_the_older_way_or_unknown() {
    let refused = || reply(403, error("Authorization_RequestDenied", "x"));
    let roles = json!({"value": [{"id": "r", "members": [{"id": "u-1"}]}]});
    let bench1 = bench(vec![refused(), reply(200, roles), refused()]);
    assert_eq!(bench1.graph.admins().await.unwrap().known().unwrap().len(), 1);
    let bench2 = bench(vec![refused(), refused()]);
    assert!(
        matches!(bench2.graph.admins().await.unwrap(), Known::Unknown(remote) if remote.status == Some(403))
    );
}

#[tokio::test]
async fn h01_methods_are_counted_by_kind() {
    let kinds = [
        "password",
        "email",
        "temporaryAccessPass",
        "phone",
        "fido2",
        "softwareOath",
        "hardwareOath",
        "microsoftAuthenticator",
        "somethingNew",
    ];
    let items: Vec<Value> = kinds
        .iter()
        .map(|kind| json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod")}))
        .collect();
    let bench = bench(vec![reply(
        200,
        batch(vec![inner(2, 403, error("accessDenied", "x")), inner(1, 200, json!({ "value": items }))]),
    )]);
    let methods = bench.graph.methods_of(&[UserId::new("u-1"), UserId::new("u-2")]).await.unwrap();
    let known = methods[0].known().unwrap();
    assert_eq!((known.hardware, known.authenticators, known.other_mfa, known.phone), (1, 2, 2, 1));
    assert_eq!((known.kinds[&MethodKind::Fido2], known.kinds[&MethodKind::Other]), (1, 1), "{known:?}");
    assert!(methods[1].known().is_none());
}

#[tokio::test]
async fn h01_every_hardware_token_counts() {
    let token =
        |id: &str| json!({"@odata.type": "#microsoft.graph.hardwareOathAuthenticationMethod", "id": id});
    let bench = bench(vec![reply(200, json!({"value": [token("d-1"), token("d-2"), token("d-3")]}))]);
    let methods = bench.graph.methods_of(&[UserId::new("u-1")]).await.unwrap();
    assert_eq!(methods[0].known().map(|known| known.hardware), Some(3));
}

#[tokio::test]
async fn h03_deleted_not_there_and_unknown_are_told_apart() {
    let bench = bench(vec![reply(
        200,
        batch(vec![
            inner(1, 200, json!({"@odata.type": "#microsoft.graph.user", "id": "U-1"})),
            inner(2, 404, error("Request_ResourceNotFound", "x")),
            inner(3, 403, error("Authorization_RequestDenied", "x")),
            inner(4, 200, json!({"id": "u-9"})),
        ]),
    )]);
    let users = ["u-1", "u-2", "u-3", "u-4"].map(UserId::new);
    let found = bench.graph.deleted(&users).await.unwrap();
    assert_eq!(
        found.iter().map(Known::known).collect::<Vec<_>>(),
        [Some(&true), Some(&false), None, None],
        "{found:?}"
    );
    let url = bench.script.nth(0).body["requests"][0]["url"].clone();
    assert_eq!(url, "/directory/deletedItems/u-1?$select=id");
}
