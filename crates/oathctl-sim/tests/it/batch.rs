//! `$batch`: limits, order, dependence, inner errors.

use serde_json::{Value, json};

use crate::support::*;

const BATCH: &str = "/beta/$batch";

fn by_id<'a>(body: &'a Value, id: &str) -> &'a Value {
    body["responses"].as_array().unwrap().iter().find(|r| r["id"] == id).unwrap()
}

#[tokio::test]
async fn answers_are_joined_by_id_and_inner_failures_stay_inside() {
    let t = tenant(&[("batch_order", "reversed")]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    let user = format!("/users/{}/authentication/hardwareOathMethods/{id}", person.id);
    let reply = t
        .post(
            BATCH,
            json!({"requests": [
                {"id": "a", "method": "POST", "url": format!("{user}/activate"),
                 "headers": {"Content-Type": "application/json"}, "body": {"verificationCode": t.code(&device)}},
                {"id": "b", "method": "GET", "url": "/users/nobody@practice.example"},
                {"id": "c", "method": "GET", "url": "users?$top=2&$select=id"},
            ]}),
        )
        .await;
    assert_eq!(reply.status, 200);
    let order: Vec<_> = reply.body["responses"].as_array().unwrap().iter().map(|r| &r["id"]).collect();
    assert_eq!(order, ["c", "b", "a"]);
    let done = by_id(&reply.body, "a");
    assert_eq!((&done["status"], done.get("body")), (&json!(204), None));
    let missing = by_id(&reply.body, "b");
    assert_eq!(missing["status"], 404);
    assert_eq!(missing["body"]["error"]["code"], "Request_ResourceNotFound");
    let list = &by_id(&reply.body, "c")["body"];
    assert_eq!(list["value"].as_array().unwrap().len(), 2);
    let next = list["@odata.nextLink"].as_str().unwrap().strip_prefix("http://127.0.0.1:9").unwrap();
    assert_eq!(t.get(next).await.body["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_failed_predecessor_fails_its_successor() {
    let t = tenant(&[]).await;
    let reply = t
        .post(
            BATCH,
            json!({"requests": [
                {"id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
                {"id": "1", "method": "GET", "url": "/users/nobody@practice.example"},
                {"id": "2", "method": "GET", "url": "/organization", "dependsOn": ["1"]},
                {"id": "4", "method": "GET", "url": "/organization", "dependsOn": ["5"]},
                {"id": "5", "method": "GET", "url": "/organization"},
                {"id": "6", "method": "GET", "url": "/organization", "dependsOn": ["7"]},
                {"id": "7", "method": "GET", "url": "/organization", "dependsOn": ["6"]},
            ]}),
        )
        .await;
    for (id, status) in [("1", 404), ("2", 424), ("3", 424), ("4", 200), ("5", 200), ("6", 424), ("7", 424)] {
        assert_eq!(by_id(&reply.body, id)["status"], status, "{id}");
    }
}

#[tokio::test]
async fn malformed_batches_are_refused_whole() {
    let t = tenant(&[]).await;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/organization"});
    let many: Vec<Value> = (0..21).map(|n| get(&n.to_string())).collect();
    let body = json!({"id": "1", "method": "POST", "url": "/x", "body": {}});
    for requests in [
        json!(many),
        json!([get("a"), get("A")]),
        json!([]),
        json!([{"id": "1", "method": "GET"}]),
        json!([body]),
        json!([{"id": "1", "method": "GET", "url": "/organization", "dependsOn": ["9"]}]),
    ] {
        let reply = t.post(BATCH, json!({"requests": requests})).await;
        assert_eq!((reply.status, reply.code()), (400, "BadRequest"), "{requests}");
    }
    assert_eq!(t.post(BATCH, json!({"requests": many[..20]})).await.status, 200);
    let nested = json!({"id": "1", "method": "POST", "url": "/$batch",
        "headers": {"content-type": "application/json"}, "body": {"requests": [get("1")]}});
    let reply = t.post(BATCH, json!({"requests": [nested]})).await;
    assert_eq!(by_id(&reply.body, "1")["status"], 400);
}
