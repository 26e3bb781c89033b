//! The limiter of operations.

use serde_json::{Value, json};

use crate::support::*;

fn batch(count: usize) -> Value {
    let get = |n: usize| json!({"id": n.to_string(), "method": "GET", "url": "/organization"});
    json!({"requests": (0..count).map(get).collect::<Vec<_>>()})
}

fn passed(body: &Value) -> usize {
    body["responses"].as_array().unwrap().iter().filter(|r| r["status"] == 200).count()
}

#[tokio::test]
async fn a_fixed_window_counts_inner_requests_and_starts_anew() {
    let t = tenant(&[("throttle", "fixed_window"), ("throttle_ops", "30"), ("throttle_window_ms", "10000")])
        .await;
    assert_eq!(passed(&t.post("/beta/$batch", batch(20)).await.body), 20);
    let reply = t.post("/beta/$batch", batch(20)).await.body;
    assert_eq!(passed(&reply), 10);
    let refused = reply["responses"].as_array().unwrap().iter().find(|r| r["status"] == 429).unwrap();
    assert_eq!(refused["headers"]["Retry-After"], "10");
    assert_eq!(refused["body"]["error"]["code"], "TooManyRequests");
    let single = t.get("/beta/organization").await;
    assert_eq!((single.status, single.headers["retry-after"].as_str()), (429, "10"));
    t.time.advance_ms(10_000);
    assert_eq!(t.get("/beta/organization").await.status, 200);
}

#[tokio::test]
async fn a_bucket_refills_and_a_bulk_body_counts_by_item() {
    let t = tenant(&[("throttle", "token_bucket"), ("throttle_ops", "10"), ("throttle_window_ms", "10000")])
        .await;
    let items: Vec<Value> = t.devices(12).iter().map(new_device).collect();
    assert_eq!(t.patch(INV, bulk_of(items[..8].to_vec())).await.status, 201);
    let refused = t.patch(INV, bulk_of(items[8..].to_vec())).await;
    assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (429, "2"));
    t.time.advance_ms(1000);
    assert_eq!(t.patch(INV, bulk_of(items[8..].to_vec())).await.status, 429);
    t.time.advance_ms(1000);
    assert_eq!(t.patch(INV, bulk_of(items[8..].to_vec())).await.status, 201);
    let stats = t.get("/_sim/stats").await.body;
    assert_eq!(stats["operations"], json!({"accepted": 12, "refused": 8, "early": 4}));
}

#[tokio::test]
async fn retry_after_in_four_spellings() {
    for (switch, text) in [
        ("integer", Some("7")),
        ("decimal", Some("6.500")),
        ("date", Some("Sun, 22 Nov 2026 03:40:10 GMT")),
        ("none", None),
    ] {
        let t = tenant(&[("throttle", "fixed_window"), ("throttle_ops", "1"), ("retry_after", switch)]).await;
        t.time.advance_ms(3500);
        t.get("/beta/organization").await;
        let refused = t.get("/beta/organization").await;
        assert_eq!((refused.status, refused.headers.get("retry-after").map(String::as_str)), (429, text));
    }
}
