//! The control routes, and that they tell no seed.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn the_state_tells_everything_but_seeds() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.activate(&person, &id, &t.code(&device)).await;
    let state = t.get("/_sim/state").await;
    assert_eq!(state.body["tokens"][0]["holder"]["upn"], person.upn);
    let seed = device.seed.open();
    for path in ["/_sim/state", "/_sim/devices", "/_sim/stats", "/_sim/options", INV, &methods(&person)] {
        let text = t.get(path).await.text.to_lowercase();
        assert!(!text.contains(&BASE32_NOPAD.encode(seed).to_lowercase()), "{path}");
        assert!(!text.contains(&HEXLOWER.encode(seed)), "{path}");
    }
}

#[tokio::test]
async fn options_are_set_all_or_none() {
    let t = tenant(&[]).await;
    let bad = t.patch("/_sim/options", json!({"bulk_max_items": 5, "nonsense": 1})).await;
    assert_eq!((bad.status, bad.body["error"].as_str()), (400, Some("no option `nonsense`")));
    let good = t.patch("/_sim/options", json!({"bulk_max_items": 5, "etags": "on", "p_503": 0.25})).await;
    let value = |name: &str| {
        let list = good.body["options"].as_array().unwrap().iter();
        list.clone().find(|o| o["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(
        (value("bulk_max_items"), value("etags"), value("p_503")),
        (json!("5"), json!("on"), json!("0.25"))
    );
    t.call_with("POST", "/_sim/reset", &[], Some(json!({"options": true}))).await;
    assert_eq!(t.sim.with(|parts, _| parts.world.options().bulk_max_items.0), 20);
}

#[tokio::test]
async fn clock_devices_and_the_button() {
    let t = tenant(&[]).await;
    let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let body = json!({"devices": [
        {"serial": "A-1", "seed": seed, "digits": 8},
        {"serial": "A-2", "seed": seed, "digits": 8, "drift_s": 30},
        {"serial": "A-3", "seed": seed, "digits": 8, "wrong_seed": true},
        {"serial": "A-4", "seed": seed, "broken": true},
    ]});
    assert_eq!(t.post("/_sim/devices", body).await.body["added"], 4);
    let press = async |serial: &str| t.get(&format!("/_sim/devices/{serial}/code")).await;
    let honest = press("a-1").await.body["code"].clone();
    assert_eq!(honest.as_str().unwrap().len(), 8);
    assert_ne!(press("A-2").await.body["code"], honest);
    assert_ne!(press("A-3").await.body["code"], honest);
    assert_eq!(press("A-4").await.status, 409);
    assert_eq!(press("A-5").await.status, 404);
    let ahead = press("A-2").await.body["code"].clone();
    let clock = t.post("/_sim/clock", json!({"advance_s": 30})).await.body;
    assert_eq!(clock["unix_ms"], START + 30_000);
    assert_eq!(press("A-1").await.body["code"], ahead);
    let invented = t.post("/_sim/devices", json!({"generate": 2, "prefix": "Z"})).await.body;
    assert_eq!(invented["devices"][1]["serial"], "Z000002");
    let other = t.post("/_sim/devices", json!({"generate": 2, "prefix": "Y"})).await.body;
    assert_ne!(invented["devices"][1]["seed"], other["devices"][1]["seed"]);
    assert_eq!(press("Z000002").await.status, 200);
    assert_eq!(t.patch("/_sim/devices/A-4", json!({"broken": false})).await.status, 200);
    assert_eq!(press("A-4").await.status, 200);
}

#[tokio::test]
async fn figures_by_route() {
    let t = tenant(&[]).await;
    t.get(&format!("/beta/users/{}", t.person(0).id)).await;
    t.get("/beta/users/somebody@practice.example").await;
    let get = json!({"id": "1", "method": "GET", "url": "/organization"});
    t.post("/beta/$batch", json!({"requests": [get]})).await;
    let stats = t.get("/_sim/stats").await.body;
    assert_eq!(stats["by_route"]["GET /users/{id}"], 2);
    assert_eq!(stats["by_route"]["POST /$batch"], 1);
    assert_eq!(stats["inner_by_route"]["GET /organization"], 1);
    assert_eq!((&stats["peak_in_flight"], &stats["by_status"]["404"]), (&json!(1), &json!(1)));
    assert_eq!(stats["operations"]["accepted"], 3);
    t.call_with("POST", "/_sim/reset", &[], None).await;
    assert_eq!(t.get("/_sim/stats").await.body["requests"], 0);
}

#[tokio::test]
async fn by_hand_an_administrator_goes_through_a_tokens_life() {
    let t = tenant(&[("permissions", "User.Read.All")]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    t.set("permissions", "Policy.ReadWrite.AuthenticationMethod");
    t.post(INV, new_device(&device)).await;
    t.set("permissions", "");
    let by_hand = async |act: &str| {
        let body = json!({"do": act, "serial": device.serial, "upn": person.upn, "name": "Desk"});
        t.post("/_sim/hand", body).await.body
    };
    let shown = async || t.get("/_sim/state").await.body["tokens"][0].clone();
    assert_eq!(by_hand("deactivate").await, json!({"ok": false, "reason": "nobody holds it"}));
    for (act, status) in [
        ("rename", "available"),
        ("assign", "assigned"),
        ("activate", "activated"),
        ("deactivate", "assigned"),
        ("activate", "activated"),
        ("unassign", "available"),
        ("claim", "activated"),
        ("remove", "available"),
    ] {
        assert_eq!(by_hand(act).await, json!({"ok": true, "reason": null}), "{act}");
        assert_eq!(shown().await["status"], status, "{act}");
    }
    assert_eq!(shown().await["display_name"], "Desk");
    by_hand("assign").await;
    assert_eq!(by_hand("delete").await["ok"], false, "the rules hold here too");
    by_hand("unassign").await;
    assert_eq!(by_hand("delete").await["ok"], true);
    assert_eq!(by_hand("rename").await["reason"], "no such token");
}

#[tokio::test]
async fn by_hand_codes_are_the_devices_unless_typed() {
    let t = tenant(&[("activation_range", "narrow")]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    t.assigned(&device, &person).await;
    let activate = async |code: serde_json::Value| {
        t.post("/_sim/hand", json!({"do": "activate", "serial": "sn-000001", "code": code})).await
    };
    let wrong = if t.code(&device) == "123456" { "654321" } else { "123456" };
    assert_eq!(activate(json!(wrong)).await.body["reason"], "the verification code is not correct");
    assert_eq!(activate(json!(123456)).await.status, 400, "a number has lost its zeros");
    t.patch("/_sim/devices/SN-000001", json!({"broken": true})).await;
    assert_eq!(activate(json!(null)).await.body["reason"], "the display stays dark");
    t.patch("/_sim/devices/SN-000001", json!({"broken": false})).await;
    assert_eq!(activate(json!(null)).await.body["ok"], true);
    for body in [
        json!({}),
        json!({"serial": "x"}),
        json!({"serial": "x", "do": "steal"}),
        json!({"serial": "x", "do": "assign"}),
    ] {
        assert_eq!(t.post("/_sim/hand", body.clone()).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn what_a_person_leaves_of_a_removed_token_is_a_switch() {
    for (switch, status, holder) in [("unassign", "available", false), ("deactivate", "assigned", true)] {
        let t = tenant(&[("self_removal", switch)]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        let id = t.assigned(&device, &person).await;
        t.activate(&person, &id, &t.code(&device)).await;
        t.post("/_sim/hand", json!({"do": "remove", "serial": device.serial})).await;
        let seen = t.get(&format!("{INV}/{id}")).await.body;
        assert_eq!((seen["status"].as_str(), !seen["assignedTo"].is_null()), (Some(status), holder));
        let sign_in = json!({"upn": person.upn, "serial": device.serial});
        assert_eq!(t.post("/_sim/sign-in", sign_in).await.body["reason"], "no_active_token");
    }
}

#[tokio::test]
async fn a_true_device_signs_its_person_in_until_it_drifts_too_far() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.activate(&person, &id, &t.code(&device)).await;
    let sign_in = async || {
        t.time.advance_ms(60_000);
        t.post("/_sim/sign-in", json!({"upn": person.upn, "serial": "sn-000001"})).await
    };
    assert_eq!(sign_in().await.body["serial"], "SN-000001");
    t.patch("/_sim/devices/SN-000001", json!({"drift_s": 45})).await;
    assert_eq!(sign_in().await.body["ok"], true);
    t.patch("/_sim/devices/SN-000001", json!({"drift_s": 600})).await;
    assert_eq!(sign_in().await.body["reason"], "wrong_code");
    t.patch("/_sim/devices/SN-000001", json!({"broken": true})).await;
    assert_eq!(
        (sign_in().await.status, sign_in().await.body["error"].as_str()),
        (409, Some("the display stays dark"))
    );
    let both = json!({"upn": person.upn, "serial": "sn-000001", "code": "123456"});
    assert_eq!(t.post("/_sim/sign-in", both).await.status, 400);
}

#[tokio::test]
async fn people_leave_come_back_and_go_for_good() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.activate(&person, &id, &t.code(&device)).await;
    let change = async |change: serde_json::Value| {
        let mut body = change;
        body["upn"] = json!(person.upn);
        t.post("/_sim/people", body).await.body
    };
    let sign_in = async || {
        t.time.advance_ms(60_000);
        t.sign_in(&person, &t.code(&device)).await["reason"].clone()
    };
    let there = async || t.get(&format!("/beta/users/{}", person.id)).await.status;
    let deleted = async || t.get(&format!("/beta/directory/deletedItems/{}", person.id)).await.status;
    change(json!({"enabled": false})).await;
    assert_eq!((sign_in().await, there().await), (json!("disabled_user"), 200));
    assert_eq!(change(json!({"enabled": true})).await["enabled"], true);
    assert_eq!(change(json!({"deleted": true})).await["deleted"], "2026-11-22T03:41:00Z");
    assert_eq!((sign_in().await, there().await, deleted().await), (json!("unknown_user"), 404, 200));
    let shown = t.get(&format!("/_sim/people/{}", person.upn)).await.body;
    assert_eq!(shown["tokens"], json!([{"serial": device.serial, "status": "activated"}]));
    let back = change(json!({"deleted": false})).await;
    assert_eq!((&back["id"], &back["deleted"]), (&json!(person.id.to_string()), &json!(null)));
    assert_eq!((sign_in().await, there().await, deleted().await), (json!(null), 200, 404));

    change(json!({"deleted": true})).await;
    let other = t.post("/_sim/people", json!({"upn": person.upn, "phone": true})).await.body;
    assert_ne!(other["id"], person.id.to_string(), "the name is free for somebody new");
    t.sim.with(|parts, _| {
        let old = parts.world.people.by_id(person.id).unwrap();
        assert!(!parts.world.restore_person(old), "not while somebody else has the name");
    });
    assert_eq!(change(json!({"purged": true})).await["id"], other["id"], "the one who has the name");
    assert_eq!(change(json!({"purged": true})).await["id"], person.id.to_string());
    assert_eq!((there().await, deleted().await), (404, 404));
    assert_eq!(t.get(&format!("/_sim/people/{}", person.upn)).await.status, 404);
}
