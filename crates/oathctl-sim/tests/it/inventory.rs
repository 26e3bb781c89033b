//! Lists, filters, pages, error shapes and permissions of the inventory.

use serde_json::{Value, json};

use crate::support::*;

async fn stocked(options: &[(&str, &str)], count: usize) -> Tenant {
    let t = tenant(options).await;
    for chunk in t.devices(count).chunks(20) {
        let reply = t.patch(INV, bulk_of(chunk.iter().map(new_device).collect())).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    t
}

fn serials(body: &Value) -> Vec<String> {
    body["value"].as_array().unwrap().iter().map(|v| v["serialNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_are_followed_to_the_end_by_opaque_links() {
    let t = stocked(&[("page_size", "20")], 45).await;
    let (mut path, mut all, mut pages) = (INV.to_owned(), Vec::new(), 0);
    loop {
        let body = t.get(&path).await.body;
        all.extend(serials(&body));
        pages += 1;
        let Some(next) = body["@odata.nextLink"].as_str() else { break };
        path = next.strip_prefix("http://127.0.0.1:9").unwrap().to_owned();
    }
    assert_eq!((pages, all.len()), (3, 45));
    all.dedup();
    assert_eq!(all.len(), 45);
    assert_eq!(t.get(&format!("{INV}?$skiptoken=bm9uc2Vuc2U")).await.status, 400);
}

#[tokio::test]
async fn a_page_goes_on_where_it_stopped_though_a_device_is_gone() {
    let t = stocked(&[("page_size", "2")], 4).await;
    let first = t.get(INV).await.body;
    let gone = first["value"][0]["id"].as_str().unwrap();
    t.delete(&format!("{INV}/{gone}")).await;
    let next = first["@odata.nextLink"].as_str().unwrap().strip_prefix("http://127.0.0.1:9").unwrap();
    assert_eq!(serials(&t.get(next).await.body), ["SN-000003", "SN-000004"]);
}

#[tokio::test]
async fn filters_select_and_any_case_of_path() {
    let t = stocked(&[], 3).await;
    let path = INV.to_lowercase();
    let one = t.get(&format!("{path}?$filter=serialNumber%20eq%20'sn-000002'&$select=id,serialNumber")).await;
    assert_eq!(serials(&one.body), ["SN-000002"]);
    assert!(one.body["value"][0].get("status").is_none());
    assert!(one.body["value"][0].get("id").is_some());
    for (filter, count) in [
        ("status eq 'available'", 3),
        ("status eq 'activated'", 0),
        ("timeIntervalInSeconds eq 30", 3),
        ("hashFunction eq 'hmacsha256'", 0),
        ("manufacturer eq 'Practice' and model eq 'P-1'", 3),
    ] {
        let reply = t.get(&format!("{INV}?%24filter={}", filter.replace(' ', "%20"))).await;
        assert_eq!(serials(&reply.body).len(), count, "{filter}");
    }
    assert_eq!(t.get(&format!("{INV}?$filter=secretKey%20eq%20'A'")).await.status, 400);
    assert_eq!(t.get(&format!("{INV}?$filter=serialNumber%20ne%20'A'")).await.status, 400);
    assert_eq!(t.get(&format!("{INV}/$count")).await.text, "3");
    assert_eq!(serials(&t.get(&format!("{INV}?$top=1")).await.body).len(), 1);
}

#[tokio::test]
async fn what_a_create_must_carry() {
    let t = tenant(&[]).await;
    let device = t.devices(1).remove(0);
    for (name, value) in [
        ("serialNumber", Value::Null),
        ("manufacturer", json!("")),
        ("secretKey", json!("0189")),
        ("secretKey", json!("A".repeat(129))),
        ("timeIntervalInSeconds", json!(45)),
        ("hashFunction", json!("hmacsha512")),
    ] {
        let mut body = new_device(&device);
        body[name] = value;
        let reply = t.post(INV, body).await;
        assert_eq!((reply.status, reply.code()), (400, "badRequest"), "{name}");
        assert!(!reply.text.contains("0189"), "the seed does not come back");
    }
    let mut body = new_device(&device);
    body["timeIntervalInSeconds"] = json!("60");
    body["secretKey"] = json!(body["secretKey"].as_str().unwrap().to_lowercase() + "====");
    let reply = t.post(INV, body.clone()).await;
    assert_eq!((reply.status, &reply.body["timeIntervalInSeconds"]), (201, &json!(60)));
    body["serialNumber"] = json!("sn-000001");
    assert_eq!(t.post(INV, body.clone()).await.status, 400, "duplicate, another case");
    t.set("uniqueness", "serial_manufacturer");
    body["manufacturer"] = json!("Another");
    assert_eq!(t.post(INV, body).await.status, 201);
}

#[tokio::test]
async fn permissions_are_checked_route_by_route_in_their_own_shapes() {
    let t = tenant(&[("permissions", "Policy.Read.All")]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    assert_eq!(t.get(INV).await.status, 200);
    let create = t.post(INV, new_device(&device)).await;
    assert_eq!((create.status, create.code()), (403, "Authorization_RequestDenied"));
    let methods_read = t.get(&methods(&person)).await;
    assert_eq!((methods_read.status, methods_read.code()), (403, "accessDenied"));
    assert_eq!(t.get("/beta/users").await.code(), "Authorization_RequestDenied");
    t.set("permissions", "Policy.ReadWrite.AuthenticationMethod,User.ReadBasic.All");
    let mut body = new_device(&device);
    body["assignTo"] = json!({"id": person.id.to_string()});
    assert_eq!(t.post(INV, body.clone()).await.status, 403);
    t.set("assign_to_unpermitted", "ignore");
    let silently = t.post(INV, body).await;
    assert_eq!((silently.status, silently.body["assignedTo"].is_null()), (201, true));
    let basic = t.get(&format!("/beta/users/{}?$select=id,userType,accountEnabled", person.id)).await.body;
    assert!(basic.get("userType").is_none() && basic["id"] == person.id.to_string());
    t.set("permissions", "UserAuthMethod-HardwareOATH.ReadWrite.All");
    assert_eq!(t.get(&methods(&person)).await.status, 200);
    assert_eq!(t.get(&format!("/beta/users/{}/authentication/methods", person.id)).await.status, 403);
}

#[tokio::test]
async fn errors_carry_ids_and_dates() {
    let t = tenant(&[]).await;
    let asked = "3dee0e53-0000-4000-8000-000000000000";
    let path = format!("{INV}/{asked}");
    let reply = t.call_with("GET", &path, &[("client-request-id", asked)], None).await;
    assert_eq!((reply.status, reply.code()), (404, "resourceNotFound"));
    let inner = &reply.body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], asked);
    assert_eq!(inner["request-id"], reply.headers["request-id"]);
    assert_eq!(inner["date"], "2026-11-22T03:40:00");
    assert_eq!(reply.headers["date"], "Sun, 22 Nov 2026 03:40:00 GMT");
    assert_eq!(t.get("/beta/me/authentication/hardwareOathMethods").await.status, 400);
    assert_eq!(t.get("/beta/nonsense").await.code(), "BadRequest");
    assert_eq!(t.get(&INV.replace("beta", "v1.0")).await.status, 400);
}

#[tokio::test]
async fn etags_guard_a_delete() {
    let t = tenant(&[("etags", "on")]).await;
    let device = t.devices(1).remove(0);
    let created = t.post(INV, new_device(&device)).await;
    let (id, etag) = (created.body["id"].as_str().unwrap(), created.headers["etag"].clone());
    let path = format!("{INV}/{id}");
    assert_eq!(t.patch(&path, json!({"model": "New"})).await.status, 204);
    assert_eq!(t.call_with("DELETE", &path, &[("if-match", &etag)], None).await.status, 412);
    let fresh = t.get(&path).await.body["@odata.etag"].as_str().unwrap().to_owned();
    assert_eq!(t.call_with("DELETE", &path, &[("if-match", &fresh)], None).await.status, 204);
}

#[tokio::test]
async fn methods_show_the_device_as_the_switch_says() {
    for (switch, plain, expanded) in
        [("always", true, true), ("on_request", false, true), ("never", false, false)]
    {
        let t = tenant(&[("device_in_methods", switch)]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        t.assigned(&device, &person).await;
        let body = t.get(&methods(&person)).await.body;
        assert_eq!(body["value"][0].get("device").is_some(), plain, "{switch}");
        let body = t.get(&format!("{}?$expand=device", methods(&person))).await.body;
        assert_eq!(body["value"][0].get("device").is_some(), expanded, "{switch}");
        let all = t.get(&format!("/beta/users/{}/authentication/methods", person.id)).await.text;
        assert!(all.contains("#microsoft.graph.passwordAuthenticationMethod"));
        assert!(all.contains("#microsoft.graph.hardwareOathAuthenticationMethod"));
    }
}

#[tokio::test]
async fn assign_by_reference_works_on_both_paths() {
    let t = stocked(&[], 2).await;
    let person = t.person(0);
    let ids: Vec<String> = t.get(INV).await.body["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["id"].as_str().unwrap().into())
        .collect();
    let body = json!({"@odata.id": format!("https://graph.microsoft.com/beta/users/{}", person.id)});
    let inv = format!("{INV}/{}/assignTo/$ref", ids[0]);
    assert_eq!(t.call_with("PUT", &inv, &[], Some(body.clone())).await.status, 204);
    let usr = format!("{}/{}/device/assignTo/$ref", methods(&person), ids[1]);
    assert_eq!(t.call_with("PUT", &usr, &[], Some(body)).await.status, 204);
    assert_eq!(t.get(&methods(&person)).await.body["value"].as_array().unwrap().len(), 2);
}
