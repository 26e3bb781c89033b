//! People, groups, roles, the organisation.

use oathctl_sim::Setup;
use serde_json::{Value, json};

use crate::support::*;

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn a_person_is_found_by_every_spelling_of_the_name() {
    let t = tenant(&[]).await;
    let obrien = t.person_where(|p| p.upn.contains('\''));
    let external = t.person_where(|p| p.upn.contains("#EXT#"));
    for person in [&obrien, &external] {
        for path in [
            format!("/beta/users/{}", person.id),
            format!("/beta/users/{}", encode(&person.upn)),
            format!("/beta/users/{}", encode(&person.upn.to_uppercase())),
            format!("/beta/users('{}')", encode(&person.upn.replace('\'', "''"))),
            format!("/beta/USERS/{}", person.upn.replace('#', "%23")),
        ] {
            let reply = t.get(&path).await;
            assert_eq!(reply.body["id"], person.id.to_string(), "{path}");
            assert!(reply.body.get("userType").is_none(), "only when asked");
        }
    }
    let path = format!("/beta/users/{}?$select=userType,accountEnabled", external.id);
    assert!(t.get(&path).await.body["userType"].is_string());
    let nobody = t.get("/beta/users/nobody@practice.example").await;
    assert_eq!((nobody.status, nobody.code()), (404, "Request_ResourceNotFound"));
    assert!(nobody.message().contains("'nobody@practice.example' does not exist"));
    assert_eq!(t.get("/beta/users/%24odd@practice.example").await.status, 400);
    assert_eq!(t.get("/beta/users('%24odd@practice.example')").await.status, 404);
}

#[tokio::test]
async fn in_takes_fifteen_and_says_so_beyond() {
    let t = tenant(&[]).await;
    let names: Vec<String> = (0..16).map(|n| format!("'{}'", t.person(n).upn.replace('\'', "''"))).collect();
    let path = |n: usize| {
        format!("/beta/users?$filter={}", encode(&format!("userPrincipalName in ({})", names[..n].join(","))))
    };
    assert_eq!(t.get(&path(15)).await.body["value"].as_array().unwrap().len(), 15);
    let refused = t.get(&path(16)).await;
    assert_eq!((refused.status, refused.code()), (400, "Request_UnsupportedQuery"));
    assert_eq!(
        refused.message(),
        "Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15"
    );
    let eventual = [("ConsistencyLevel", "eventual")];
    let reply = t.call_with("GET", &format!("{}&$count=true", path(16)), &eventual, None).await;
    assert_eq!(reply.body["@odata.count"], 16);
}

#[tokio::test]
async fn lists_of_people_page_and_search() {
    let t = tenant_of(Setup { people: 250, ..Setup::default() }, &[]).await;
    let first = t.get("/beta/users").await.body;
    assert_eq!(first["value"].as_array().unwrap().len(), 100);
    assert!(first["@odata.nextLink"].is_string());
    let all = t.get("/beta/users?$top=999").await.body;
    assert_eq!((all["value"].as_array().unwrap().len(), all.get("@odata.nextLink")), (250, None));
    assert_eq!(t.get("/beta/users?$top=1000").await.code(), "Request_UnsupportedQuery");
    let guests = t.get("/beta/users?$filter=userType%20eq%20'Guest'&$select=id").await.body;
    assert_eq!(guests["value"].as_array().unwrap().len(), 6);
    let search = "/beta/users?$search=%22displayName:Anna%22";
    assert_eq!(t.get(search).await.status, 400);
    let found = t.call_with("GET", search, &[("consistencylevel", "eventual")], None).await.body;
    assert!(
        found["value"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["displayName"].as_str().unwrap().contains("Anna"))
    );
}

#[tokio::test]
async fn groups_are_transitive_both_ways() {
    let t = tenant(&[]).await;
    let groups = t.get("/beta/groups").await.body;
    let id = |name: &str| {
        let all = groups["value"].as_array().unwrap();
        all.iter().find(|g| g["displayName"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (outer, inner) = (id("Everybody on site"), id("Night shift"));
    let members = t.get(&format!("/beta/groups/{inner}/transitiveMembers?$top=999")).await.body;
    let someone = members["value"][0]["id"].as_str().unwrap().to_owned();
    let of = t.get(&format!("/beta/users/{someone}/transitiveMemberOf")).await.body;
    let ids: Vec<&Value> = of["value"].as_array().unwrap().iter().map(|g| &g["id"]).collect();
    assert!(ids.contains(&&json!(outer)) && ids.contains(&&json!(inner)));
    let direct = t.get(&format!("/beta/users/{someone}/memberOf")).await.body;
    assert_eq!(direct["value"].as_array().unwrap().len(), 1);
    let all = t.get(&format!("/beta/groups/{outer}/transitiveMembers?$top=999")).await.body;
    assert!(all["value"].as_array().unwrap().iter().any(|p| p["id"] == someone));
}

#[tokio::test]
async fn administrators_can_be_read_in_two_ways() {
    let t = tenant(&[]).await;
    let roles = t.get("/beta/directoryRoles?$expand=members").await.body;
    let by_role: usize =
        roles["value"].as_array().unwrap().iter().map(|r| r["members"].as_array().unwrap().len()).sum();
    let first = t.get("/beta/roleManagement/directory/roleAssignments?$expand=principal&$top=1").await.body;
    let next = first["@odata.nextLink"].as_str().unwrap().strip_prefix("http://127.0.0.1:9").unwrap();
    let second = t.get(next).await.body;
    assert_eq!(by_role, 2);
    assert_ne!(first["value"][0]["principalId"], second["value"][0]["principalId"]);
    assert!(second.get("@odata.nextLink").is_none());
    let organization = t.get("/beta/organization").await.body;
    assert_eq!(organization["value"][0]["id"], t.sim.app().tenant_id.to_string());
    assert_eq!(organization["value"][0]["verifiedDomains"][0]["isDefault"], true);
}

#[tokio::test]
async fn a_large_tenant_is_the_same_for_the_same_seed() {
    let build = async || {
        let t = tenant_of(Setup { people: 20_000, seed: 4, ..Setup::default() }, &[]).await;
        t.get("/beta/users?$top=999").await.text
    };
    let (one, two) = (build().await, build().await);
    assert_eq!(one, two);
    let names: Vec<Value> = serde_json::from_str::<Value>(&one).unwrap()["value"].as_array().unwrap().clone();
    let mut upns: Vec<String> =
        names.iter().map(|p| p["userPrincipalName"].as_str().unwrap().to_lowercase()).collect();
    upns.sort();
    upns.dedup();
    assert_eq!(upns.len(), 999, "no name twice");
}

#[tokio::test]
async fn people_are_searched_by_words_and_beginnings() {
    let t = tenant(&[]).await;
    let eventual = [("ConsistencyLevel", "eventual")];
    let search = async |text: &str| {
        let path = format!("/beta/users?$search={}&$top=999", encode(text));
        t.call_with("GET", &path, &eventual, None).await
    };
    let names = async |text: &str| {
        let body = search(text).await.body;
        let people = body["value"].as_array().unwrap().clone();
        people.iter().map(|p| p["displayName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let brien = names("\"displayName:brien\"").await;
    assert!(!brien.is_empty() && brien.iter().all(|name| name.ends_with("O’Brien")), "{brien:?}");
    assert_eq!(names("\"displayName:o’brien\"").await, brien);
    assert!(names("\"displayName:o'brien\"").await.is_empty(), "another mark");
    assert_eq!(names("\"displayName:иван мар\"").await, ["Мария Иванова"]);
    assert!(names("\"displayName:rien\"").await.is_empty(), "no middle of a word");
    let upn = t.person(0).upn;
    let by_upn = search(&format!("\"userPrincipalName:{}\"", &upn[..6])).await.body;
    assert!(by_upn["value"].as_array().unwrap().iter().any(|p| p["userPrincipalName"] == upn));
    assert_eq!(search("brien").await.status, 400, "no quotes");
    let bare = t.get(&format!("/beta/users?$search={}", encode("\"displayName:brien\""))).await;
    assert_eq!((bare.status, bare.code()), (400, "Request_UnsupportedQuery"));
    t.set("user_search", "off");
    assert_eq!(search("\"displayName:brien\"").await.status, 400);
    let starts = format!("/beta/users?$filter={}", encode("startswith(displayName,'Мария')"));
    assert_eq!(t.get(&starts).await.body["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn sign_in_sessions_end_where_it_is_allowed() {
    let t = tenant(&[]).await;
    let (person, guest) = (t.person(0), t.person_where(|p| p.guest));
    let path = |id: &str| format!("/beta/users/{id}/revokeSignInSessions");
    let own = path(&person.id.to_string());
    for path in
        [own.clone(), format!("/v1.0/users/{}/microsoft.graph.revokeSignInSessions", encode(&person.upn))]
    {
        let reply = t.post(&path, json!({})).await;
        assert_eq!((reply.status, &reply.body["value"]), (200, &json!(true)), "{path}");
        t.time.advance_ms(1000);
    }
    assert_eq!(t.post(&path(&guest.id.to_string()), json!({})).await.status, 200);
    t.set("revoke_sessions", "ignore");
    assert_eq!(t.post(&own, json!({})).await.status, 200);
    let state = t.get("/_sim/state").await.body;
    assert_eq!(
        state["sessions_revoked"],
        json!([{"id": person.id.to_string(), "upn": person.upn, "times": 2, "last": "2026-11-22T03:40:01Z"}])
    );
    t.set("revoke_sessions", "forbid");
    let denied = t.post(&own, json!({})).await;
    assert_eq!((denied.status, denied.code()), (403, "Authorization_RequestDenied"));
    t.set("revoke_sessions", "allow");
    t.set("permissions", "User.Read.All");
    assert_eq!(t.post(&own, json!({})).await.status, 403);
    t.set("permissions", "User.RevokeSessions.All");
    assert_eq!(t.get(&own).await.status, 405);
    assert_eq!(t.post(&path("11111111-1111-4111-8111-111111111111"), json!({})).await.status, 404);
    t.set("p_lost", "1");
    assert!(t.post(&own, json!({})).await.fault.is_some(), "a write like any other");
    t.set("p_lost", "0");
    assert_eq!(t.get("/_sim/state").await.body["sessions_revoked"][0]["times"], 3);
}
