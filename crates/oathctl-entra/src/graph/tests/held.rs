//! What people hold, read from their side.

use oathctl_core::tenant::{Device, DeviceQuery, DeviceStatus, TenantErrorKind, TenantRead};
use oathctl_core::token::UserId;
use serde_json::{Value, json};

use super::{batch, device, inner};
use crate::testing::{Answer, Bench, bench, error, json as reply};

const METHODS: &str = "/authentication/hardwareOathMethods";

/// A method that shows its device.
fn method(id: &str, serial: &str, status: &str) -> Value {
    let mut shown = device(id, serial);
    shown["status"] = json!(status);
    json!({"@odata.type": "#microsoft.graph.hardwareOathAuthenticationMethod", "id": id, "device": shown})
}

/// A method that does not.
fn bare(id: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.hardwareOathAuthenticationMethod", "id": id})
}

fn with_holder(mut device: Value, holder: &str) -> Value {
    device["assignedTo"] = json!({"id": holder, "displayName": "N"});
    device
}

async fn held(answers: Vec<Answer>, users: &[&str]) -> (Bench, Vec<Device>) {
    let bench = bench(answers);
    let query = DeviceQuery::HeldBy(users.iter().map(|user| UserId::new(*user)).collect());
    let devices = bench.graph.devices(&query).await.unwrap();
    (bench, devices)
}

fn ids_and_holders(devices: &[Device]) -> Vec<(&str, &str)> {
    let holder = |device: &Device| device.holder.as_ref().map_or("", |holder| holder.id.as_str()).to_owned();
    devices
        .iter()
        .map(|device| {
            let holder = holder(device);
            (device.id.as_str(), ["u-1", "u-2"].into_iter().find(|id| *id == holder).unwrap_or("?"))
        })
        .collect()
}

#[tokio::test]
async fn several_people_several_tokens_active_or_not() {
    let mut named = method("d-3", "3", "activated");
    named["device"] = with_holder(named["device"].take(), "u-2");
    let two = json!({"value": [method("d-1", "1", "activated"), method("d-2", "2", "assigned")]});
    let answer = batch(vec![
        inner(2, 200, json!({"value": [named]})),
        inner(1, 200, two),
        inner(3, 404, error("Request_ResourceNotFound", "x")),
        inner(4, 200, json!({"value": []})),
    ]);
    let (bench, devices) = held(vec![reply(200, answer)], &["u-1", "u-2", "gone", "u-4", "U-1"]).await;
    assert_eq!(ids_and_holders(&devices), [("d-1", "u-1"), ("d-2", "u-1"), ("d-3", "u-2")]);
    assert_eq!(devices[1].status, DeviceStatus::Assigned);
    let sent = bench.script.nth(0).body;
    assert_eq!(sent["requests"].as_array().unwrap().len(), 4, "nobody is asked for twice");
    assert_eq!(sent["requests"][0]["url"], format!("/users/u-1{METHODS}?$expand=device"));
}

#[tokio::test]
async fn a_method_without_its_device_is_looked_up_in_the_inventory() {
    let answers = vec![
        reply(200, json!({"value": [bare("d-1"), bare("d-2"), bare("d-3"), method("d-4", "4", "assigned")]})),
        reply(
            200,
            batch(vec![
                inner(1, 200, device("d-1", "1")),
                // Handed on in between.
                inner(2, 200, with_holder(device("d-2", "2"), "somebody-else")),
                inner(3, 404, error("resourceNotFound", "x")),
            ]),
        ),
    ];
    let (bench, devices) = held(answers, &["u-1"]).await;
    assert_eq!(ids_and_holders(&devices), [("d-4", "u-1"), ("d-1", "u-1")]);
    assert!(bench.script.is_finished());
}

#[tokio::test]
async fn a_refused_expand_is_left_out() {
    let answers = vec![
        reply(400, error("badRequest", "Query option '$expand' is not allowed.")),
        reply(200, json!({"value": [bare("d-1")]})),
        reply(200, device("d-1", "1")),
    ];
    let (bench, devices) = held(answers, &["u-1"]).await;
    assert_eq!(ids_and_holders(&devices), [("d-1", "u-1")]);
    assert_eq!(bench.script.lines()[1], format!("GET /beta/users/u-1{METHODS}"));
}

#[tokio::test]
async fn pages_are_followed() {
    let link = format!("https://graph.microsoft.com/beta/users/u-1{METHODS}?$expand=device&$skiptoken=x");
    let answers = vec![
        reply(200, json!({"value": [method("d-1", "1", "activated")], "@odata.nextLink": link})),
        reply(200, json!({"value": [method("d-2", "2", "activated"), method("d-1", "1", "activated")]})),
    ];
    let (_, devices) = held(answers, &["u-1"]).await;
    assert_eq!(ids_and_holders(&devices), [("d-1", "u-1"), ("d-2", "u-1")]);
}

#[tokio::test]
async fn one_refusal_is_the_reads() {
    let answer = batch(vec![
        inner(1, 200, json!({"value": [method("d-1", "1", "activated")]})),
        inner(2, 403, error("accessDenied", "Request Authorization failed")),
    ]);
    let bench = bench(vec![reply(200, answer)]);
    let query = DeviceQuery::HeldBy(vec![UserId::new("u-1"), UserId::new("u-2")]);
    let error = bench.graph.devices(&query).await.unwrap_err();
    assert_eq!(
        (error.kind, error.detail.as_str()),
        (TenantErrorKind::Forbidden, "UserAuthenticationMethod.Read.All")
    );
    assert!(bench.graph.devices(&DeviceQuery::HeldBy(vec![])).await.unwrap().is_empty());
}
