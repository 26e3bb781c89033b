//! The life of a token: assigned, activated, used, taken back; and what the tenant learns of its clock.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_token_goes_from_stock_to_sign_in_and_back() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let created = t.post(INV, new_device(&device)).await;
    assert_eq!((created.status, created.body["status"].as_str()), (201, Some("available")));
    assert!(created.body["secretKey"].is_null() && created.body["assignedTo"].is_null());
    let id = created.body["id"].as_str().unwrap();

    let assigned = t.post(&methods(&person), json!({"device": {"id": id}})).await;
    assert_eq!((assigned.status, assigned.body["id"].as_str()), (201, Some(id)));
    let again = t.post(&methods(&person), json!({"device": {"id": id}})).await;
    assert_eq!((again.status, again.code()), (400, "badRequest"));
    assert_eq!(t.activate(&person, id, &t.code(&device)).await.status, 204);
    let seen = t.get(&format!("{INV}/{id}")).await.body;
    assert_eq!(seen["status"], "activated");
    assert_eq!(seen["assignedTo"]["id"], person.id.to_string());
    assert!(seen["lastUsedDateTime"].is_null());

    assert_eq!(t.sign_in(&person, &t.code(&device)).await["ok"], true);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["reason"], "code_used");
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["lastUsedDateTime"], "2026-11-22T03:40:00Z");

    assert_eq!(t.delete(&format!("{INV}/{id}")).await.status, 400, "in use");
    assert_eq!(t.patch(&format!("{INV}/{id}"), json!({"model": "Q"})).await.status, 400, "in use");
    let path = format!("{}/{id}", methods(&person));
    assert_eq!(t.post(&format!("{path}/deactivate"), json!({})).await.status, 204);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "assigned");
    assert_eq!(t.sign_in(&person, "000000").await["reason"], "no_active_token");
    assert_eq!(t.delete(&path).await.status, 204);
    assert_eq!(t.get(&path).await.status, 404);
    let free = t.get(&format!("{INV}/{id}")).await.body;
    assert_eq!((&free["status"], free["assignedTo"].is_null()), (&json!("available"), true));
    assert_eq!(t.patch(&format!("{INV}/{id}"), json!({"model": "Q", "displayName": "Q1"})).await.status, 204);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["displayName"], "Q1");
    assert_eq!(t.delete(&format!("{INV}/{id}")).await.status, 204);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.status, 404);
}

#[tokio::test]
async fn activation_teaches_the_tenant_a_wrong_clock_and_sign_in_then_fails() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    // The code of an hour ago: a PC clock that is an hour slow.
    let old = device.press(START - 3_600_000).unwrap();
    assert_eq!(t.activate(&person, &id, old.code.open()).await.status, 204);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["reason"], "wrong_code");
    let state = t.get("/_sim/state").await.body;
    assert_eq!(state["tokens"][0]["drift_steps"], -120);
}

#[tokio::test]
async fn the_narrow_range_refuses_what_the_wide_one_accepts() {
    for (range, away_s, status) in
        [("wide", 86_400, 204), ("wide", 86_430, 400), ("narrow", 60, 204), ("narrow", 90, 400)]
    {
        let t = tenant(&[("activation_range", range)]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        let id = t.assigned(&device, &person).await;
        let code = device.press(START - away_s * 1000).unwrap();
        let reply = t.activate(&person, &id, code.code.open()).await;
        assert_eq!(reply.status, status, "{range} {away_s}");
    }
}

#[tokio::test]
async fn drift_is_followed_at_every_sign_in() {
    let t = tenant(&[]).await;
    let (mut device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.activate(&person, &id, &t.code(&device)).await;
    for drift in [45, 90, 150, 200] {
        device.drift_s = drift;
        t.time.advance_ms(3_600_000);
        assert_eq!(t.sign_in(&person, &t.code(&device)).await["ok"], true, "{drift}");
    }
    device.drift_s = 400;
    t.time.advance_ms(3_600_000);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["ok"], false, "a leap");
}

#[tokio::test]
async fn a_wrong_code_leaves_what_the_switch_says() {
    for (switch, status) in [("keeps", "assigned"), ("failed_activation", "failedActivation")] {
        let t = tenant(&[("wrong_code", switch), ("activation_range", "narrow")]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        let id = t.assigned(&device, &person).await;
        let wrong = if t.code(&device) == "123456" { "654321" } else { "123456" };
        assert_eq!(t.activate(&person, &id, wrong).await.status, 400);
        assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], status);
        assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, 204, "{switch}");
    }
}

#[tokio::test]
async fn a_code_sent_as_a_number_is_refused() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    let code: u32 = t.code(&device).parse().unwrap();
    let path = format!("{}/{id}/activate", methods(&person));
    assert_eq!(t.post(&path, json!({"verificationCode": code})).await.status, 400);
}

#[tokio::test]
async fn activating_twice_refuses_or_relearns() {
    for (switch, status) in [("refuse", 400), ("relearn", 204)] {
        let t = tenant(&[("reactivate", switch)]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        let id = t.assigned(&device, &person).await;
        t.activate(&person, &id, &t.code(&device)).await;
        t.time.advance_ms(60_000);
        assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, status);
    }
}

#[tokio::test]
async fn by_serial_assigns_and_activates_or_leaves_nothing() {
    let t = tenant(&[("activation_range", "narrow")]).await;
    let (device, person, other) = (t.devices(1).remove(0), t.person(0), t.person(1));
    let id = t.post(INV, new_device(&device)).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("{}/assignAndActivateBySerialNumber", methods(&person));
    let body =
        |code: &str| json!({"serialNumber": "sn-000001", "verificationCode": code, "displayName": "Mine"});
    let wrong = if t.code(&device) == "123456" { "654321" } else { "123456" };
    assert_eq!(t.post(&path, body(wrong)).await.status, 400);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "available");
    assert_eq!(t.post(&path, body(&t.code(&device))).await.status, 204);
    let seen = t.get(&format!("{INV}/{id}")).await.body;
    assert_eq!((&seen["status"], &seen["displayName"]), (&json!("activated"), &json!("Mine")));
    let path = format!("{}/assignAndActivate", methods(&other));
    let body = json!({"device": {"id": id}, "verificationCode": t.code(&device)});
    assert_eq!(t.post(&path, body).await.status, 400, "somebody else holds it");
}

#[tokio::test]
async fn an_assignment_is_seen_late_and_status_later() {
    let t = tenant(&[("assign_visibility_delay_ms", "5000"), ("status_lag_ms", "9000")]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, 404);
    assert!(t.get(&format!("{INV}/{id}")).await.body["assignedTo"].is_null());
    t.time.advance_ms(5000);
    let seen = t.get(&format!("{INV}/{id}")).await.body;
    assert_eq!(seen["assignedTo"]["id"], person.id.to_string());
    assert_eq!(seen["status"], "available", "status lags");
    assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, 204);
    t.time.advance_ms(4000);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "assigned");
    t.time.advance_ms(5000);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "activated");
}

#[tokio::test]
async fn people_who_may_not_hold_a_token() {
    let t = tenant(&[]).await;
    let devices = t.devices(8);
    let refuse = async |device: usize, id: String| {
        let mut body = new_device(&devices[device]);
        body["assignTo"] = json!({"id": id});
        t.post(INV, body).await.status
    };
    let guest = t.person_where(|p| p.guest);
    assert_eq!(refuse(0, guest.id.to_string()).await, 400);
    let full = t.person_where(|p| p.methods.iter().filter(|m| m.kind.counts_as_app()).count() == 5);
    assert_eq!(refuse(0, full.id.to_string()).await, 400);
    assert_eq!(refuse(0, "11111111-1111-4111-8111-111111111111".into()).await, 404);
    let person = t.person_where(|p| p.methods.len() == 1 && !p.guest && p.roles.is_empty());
    for device in &devices[..5] {
        t.assigned(device, &person).await;
    }
    assert_eq!(refuse(5, person.id.to_string()).await, 400, "the sixth");
    t.set("conflict_status", "409");
    assert_eq!(refuse(5, person.id.to_string()).await, 409);
}

#[tokio::test]
async fn administrators_by_switch() {
    let t = tenant(&[("admin_targets", "forbid")]).await;
    let devices = t.devices(3);
    let admin = t.person_where(|p| !p.roles.is_empty());
    let mut body = new_device(&devices[0]);
    body["assignTo"] = json!({"id": admin.id.to_string()});
    let refused = t.post(INV, body.clone()).await;
    assert_eq!((refused.status, refused.code()), (403, "accessDenied"));
    assert_eq!(refused.body["error"]["innerError"]["message"], "Request Authorization failed");
    t.set("admin_targets", "ignore");
    let pretended = t.post(INV, body).await;
    assert_eq!((pretended.status, pretended.body["assignedTo"].is_null()), (201, true));
    t.set("admin_targets", "allow");
    t.assigned(&devices[1], &admin).await;
}

#[tokio::test]
async fn tokens_of_deleted_people_by_switch() {
    for (switch, by_path, held) in [("gone", 404, true), ("keep", 204, true), ("release", 404, false)] {
        let t = tenant(&[("deleted_holder", switch)]).await;
        let (device, person) = (t.devices(1).remove(0), t.person(0));
        let id = t.assigned(&device, &person).await;
        t.post("/_sim/people", json!({"upn": person.upn, "deleted": true})).await;
        let seen = t.get(&format!("{INV}/{id}")).await.body;
        assert_eq!(!seen["assignedTo"].is_null(), held, "{switch}");
        assert_eq!(t.delete(&format!("{}/{id}", methods(&person))).await.status, by_path, "{switch}");
        let deleted = t.get("/beta/directory/deletedItems/microsoft.graph.user").await.body;
        assert_eq!(deleted["value"][0]["id"], person.id.to_string());
        assert_eq!(t.get(&format!("/beta/users/{}", person.id)).await.status, 404);
    }
}

#[tokio::test]
async fn the_quota_of_activations_has_three_faces() {
    for (switch, status, after) in
        [("429", 429, "assigned"), ("400", 400, "assigned"), ("silence", 204, "assigned")]
    {
        let t = tenant(&[("activation_quota", switch), ("activation_quota_count", "1")]).await;
        let (devices, person) = (t.devices(2), t.person(2));
        let first = t.assigned(&devices[0], &person).await;
        let second = t.assigned(&devices[1], &person).await;
        assert_eq!(t.activate(&person, &first, &t.code(&devices[0])).await.status, 204);
        t.time.advance_ms(60_000);
        let reply = t.activate(&person, &second, &t.code(&devices[1])).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.headers.get("retry-after").map(String::as_str), (status == 429).then_some("240"));
        assert_eq!(t.get(&format!("{INV}/{second}")).await.body["status"], after, "{switch}");
        t.time.advance_ms(240_000);
        t.activate(&person, &second, &t.code(&devices[1])).await;
        assert_eq!(t.get(&format!("{INV}/{second}")).await.body["status"], "activated", "{switch}");
    }
}

#[tokio::test]
async fn the_policy_decides_who_signs_in() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let path = "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath";
    assert_eq!(t.get(path).await.body["includeTargets"][0]["id"], "all_users");
    let id = t.assigned(&device, &person).await;
    let exclude = json!({"excludeTargets": [{"targetType": "user", "id": person.id.to_string()}]});
    assert_eq!(t.patch(path, exclude).await.status, 204);
    assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, 204, "useless, but activated");
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["reason"], "policy_excluded");
    assert_eq!(t.delete(path).await.status, 204);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["ok"], true);
    t.patch(path, json!({"state": "disabled"})).await;
    t.time.advance_ms(60_000);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["reason"], "policy_excluded");
    t.set("policy_blocks_activation", "on");
    t.post(&format!("{}/{id}/deactivate", methods(&person)), json!({})).await;
    assert_eq!(t.activate(&person, &id, &t.code(&device)).await.status, 400);
}
