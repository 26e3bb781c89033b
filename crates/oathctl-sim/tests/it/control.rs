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
