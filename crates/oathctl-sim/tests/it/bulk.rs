//! The bulk body and its switches.

use serde_json::{Value, json};

use crate::support::*;

/// Three items of which the second is refused: a serial twice.
async fn spoiled(t: &Tenant) -> (Value, Vec<String>) {
    let mut items: Vec<Value> = t.devices(3).iter().map(new_device).collect();
    items[1]["serialNumber"] = json!("SN-000001");
    for (n, item) in items.iter_mut().enumerate() {
        item["@contentId"] = json!(n.to_string());
    }
    let reply = t.patch(INV, bulk_of(items)).await;
    let body = t.get(INV).await.body;
    let left = body["value"].as_array().unwrap().iter();
    let left = left.map(|v| v["serialNumber"].as_str().unwrap().to_owned()).collect();
    (json!({"status": reply.status, "body": reply.body}), left)
}

#[tokio::test]
async fn one_bad_item_fails_alone_stops_or_spoils_all() {
    let t = tenant(&[("bulk_failure", "all_or_nothing")]).await;
    let (reply, left) = spoiled(&t).await;
    assert_eq!((reply["status"].as_u64(), left.len()), (Some(400), 0));
    assert_eq!(reply["body"]["error"]["code"], "badRequest");
    let t = tenant(&[("bulk_failure", "stop_at_first"), ("conflict_status", "409")]).await;
    let (reply, left) = spoiled(&t).await;
    assert_eq!((reply["status"].as_u64(), left), (Some(409), vec!["SN-000001".to_owned()]));
    let t = tenant(&[("bulk_failure", "per_item"), ("conflict_status", "409"), ("bulk_status", "200")]).await;
    let (reply, left) = spoiled(&t).await;
    assert_eq!((reply["status"].as_u64(), left.len()), (Some(200), 2));
    let item = &reply["body"]["value"][1];
    assert_eq!(item["@Core.DataModificationException"]["responseCode"], 409);
    assert_eq!(item["id"], "00000000-0000-0000-0000-000000000000");
    assert!(item.get("@contentId").is_none());
}

#[tokio::test]
async fn shapes_and_echo() {
    let t = tenant(&[("bulk_item_shape", "device"), ("echo_content_id", "on")]).await;
    let (reply, _) = spoiled(&t).await;
    let value = &reply["body"]["value"];
    assert_eq!(
        (&value[2]["@contentId"], &value[2]["device"]["serialNumber"]),
        (&json!("2"), &json!("SN-000003"))
    );
    assert!(value[2].get("serialNumber").is_none());
}

#[tokio::test]
async fn too_many_items_or_no_delta_are_refused_whole() {
    let t = tenant(&[("bulk_max_items", "2")]).await;
    let items: Vec<Value> = t.devices(3).iter().map(new_device).collect();
    assert_eq!(t.patch(INV, bulk_of(items.clone())).await.status, 400);
    assert_eq!(t.patch(INV, json!({"value": items[..2]})).await.status, 400);
    assert_eq!(t.patch(INV, bulk_of(vec![])).await.status, 400);
    assert_eq!(t.patch(INV, bulk_of(items[..2].to_vec())).await.status, 201);
}

#[tokio::test]
async fn the_limit_of_five_counts_within_one_body() {
    let t = tenant(&[]).await;
    let person = t.person_where(|p| p.methods.len() == 1 && !p.guest && p.roles.is_empty());
    let devices = t.devices(6);
    let items = devices.iter().map(|device| {
        let mut item = new_device(device);
        item["assignTo"] = json!({"id": person.id.to_string()});
        item
    });
    let reply = t.patch(INV, bulk_of(items.collect())).await;
    let failed = |v: &Value| v.get("@Core.DataModificationException").is_some();
    let outcome: Vec<bool> = reply.body["value"].as_array().unwrap().iter().map(failed).collect();
    assert_eq!(outcome, [false, false, false, false, false, true]);
    assert_eq!(t.get(&methods(&person)).await.body["value"].as_array().unwrap().len(), 5);
}
