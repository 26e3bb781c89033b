//! What goes wrong on the way, one fault at a time, and all of them by one seed.

use oathctl_sim::face::http::SimFault;
use serde_json::json;

use crate::support::*;

async fn create(t: &Tenant, n: usize) -> Reply {
    let device = t.devices(n + 1).remove(n);
    t.post(INV, new_device(&device)).await
}

async fn stock(t: &Tenant) -> usize {
    t.get("/_sim/state").await.body["tokens"].as_array().unwrap().len()
}

#[tokio::test]
async fn statuses_before_the_effect() {
    for (switch, status, wait) in
        [("p_429", 429, Some("3")), ("p_429_bare", 429, None), ("p_500", 500, None), ("p_503", 503, None)]
    {
        let t = tenant(&[(switch, "1")]).await;
        let reply = create(&t, 0).await;
        assert_eq!(
            (reply.status, reply.headers.get("retry-after").map(String::as_str)),
            (status, wait),
            "{switch}"
        );
        assert!(reply.body["error"]["innerError"]["request-id"].is_string());
        assert_eq!(stock(&t).await, 0);
    }
}

#[tokio::test]
async fn broken_connections_before_and_after_the_effect() {
    for (switch, fault, left) in [
        ("p_reset_before", Some(SimFault::ResetBefore), 0),
        ("p_reset_after", Some(SimFault::ResetAfter), 1),
        ("p_lost", Some(SimFault::Lost), 1),
        ("p_504_after", None, 1),
    ] {
        let t = tenant(&[(switch, "1")]).await;
        let reply = create(&t, 0).await;
        assert_eq!(reply.fault, fault, "{switch}");
        assert_eq!(stock(&t).await, left, "{switch}");
    }
}

#[tokio::test]
async fn a_late_effect_teaches_a_wrong_clock() {
    let t = tenant(&[]).await;
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.set("p_delayed", "1");
    t.set("delayed_effect_s", "600");
    assert_eq!(t.activate(&person, &id, &t.code(&device)).await.fault, Some(SimFault::Lost));
    t.set("p_delayed", "0");
    t.time.advance_ms(599_000);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "assigned");
    assert_eq!(t.get("/_sim/state").await.body["pending_effects"], 1);
    t.time.advance_ms(1000);
    assert_eq!(t.get(&format!("{INV}/{id}")).await.body["status"], "activated");
    assert_eq!(t.get("/_sim/state").await.body["tokens"][0]["drift_steps"], -20);
    assert_eq!(t.sign_in(&person, &t.code(&device)).await["ok"], false);
}

#[tokio::test]
async fn a_request_that_arrives_twice_has_one_effect_and_either_reply() {
    let t = tenant(&[("p_duplicate", "1")]).await;
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..12 {
        seen.insert(create(&t, n).await.status);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [201, 400]);
    assert_eq!(stock(&t).await, 12);
}

#[tokio::test]
async fn a_stale_read_shows_the_past() {
    let t = tenant(&[("p_stale", "1"), ("stale_s", "3")]).await;
    let id = create(&t, 0).await.body["id"].as_str().unwrap().to_owned();
    let path = format!("{INV}/{id}");
    assert_eq!(t.get(&path).await.status, 404);
    t.time.advance_ms(3000);
    assert_eq!(t.get(&path).await.status, 200);
    t.delete(&path).await;
    assert_eq!(t.get(&path).await.status, 200, "deleted, but still seen");
    t.time.advance_ms(3000);
    assert_eq!(t.get(&path).await.status, 404);
}

#[tokio::test]
async fn html_redirects_and_foreign_links() {
    let t = tenant(&[]).await;
    create(&t, 0).await;
    create(&t, 1).await;
    t.set("page_size", "1");
    t.set("p_foreign_next_link", "1");
    let body = t.get(INV).await.body;
    assert!(body["@odata.nextLink"].as_str().unwrap().starts_with("https://collector.example/beta/"));
    t.set("p_html", "1");
    let html = t.get(INV).await;
    assert_eq!((html.status, html.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    t.set("p_html", "0");
    t.set("p_redirect", "1");
    let redirect = t.get(INV).await;
    assert_eq!(
        (redirect.status, redirect.headers["location"].as_str()),
        (302, "https://captive.example/login")
    );
}

#[tokio::test]
async fn the_tenants_clock_and_its_lies() {
    let t = tenant(&[("clock_skew_s", "90"), ("date_skew_s", "5")]).await;
    assert_eq!(t.get(INV).await.headers["date"], "Sun, 22 Nov 2026 03:41:35 GMT");
    let (device, person) = (t.devices(1).remove(0), t.person(0));
    let id = t.assigned(&device, &person).await;
    t.activate(&person, &id, &t.code(&device)).await;
    assert_eq!(t.get("/_sim/state").await.body["tokens"][0]["drift_steps"], -3);
    t.set("p_lying_date", "1");
    assert_eq!(t.get(INV).await.headers["date"], "Sun, 22 Nov 2026 03:36:35 GMT");
}

#[tokio::test]
async fn inner_requests_can_be_struck_by_themselves() {
    let t = tenant(&[("fault_inner", "on"), ("p_503", "0.5"), ("fault_scope", "login")]).await;
    let get = |n: usize| json!({"id": n.to_string(), "method": "GET", "url": "/organization"});
    let body = t.post("/beta/$batch", json!({"requests": (0..20).map(get).collect::<Vec<_>>()})).await.body;
    let struck = body["responses"].as_array().unwrap().iter().filter(|r| r["status"] == 503).count();
    assert!((1..20).contains(&struck), "{struck}");
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let run = async |seed: &str| {
        let t =
            tenant(&[("fault_seed", seed), ("p_503", "0.2"), ("p_lost", "0.1"), ("p_reset_before", "0.1")])
                .await;
        let mut seen = Vec::new();
        for n in 0..30 {
            let reply = create(&t, n).await;
            seen.push((reply.status, reply.fault, reply.text));
        }
        seen
    };
    let (one, two, other) = (run("5").await, run("5").await, run("6").await);
    assert_eq!(one, two);
    assert_ne!(one, other);
}

#[tokio::test(start_paused = true)]
async fn latency_runs_on_the_clock_of_the_runtime() {
    let t = tenant(&[("latency_ms", "100")]).await;
    let before = tokio::time::Instant::now();
    t.get(INV).await;
    assert_eq!(before.elapsed().as_millis(), 100);
}
