//! Creation: bodies, and the pairing of results to items in every shape a reply may have.

use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
use oathctl_core::tenant::{Create, CreateHow, Device, Reply, TenantWrite};
use oathctl_core::token::{Hash, UserId};
use serde_json::{Value, json};

use super::{batch, device, inner};
use crate::testing::{Answer, bench, error, json as reply, lost, with_headers};

struct Seeds;

impl SeedSource for Seeds {
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        if key.0 == 99 {
            return Err(SeedError::NotHeld);
        }
        f(b"12345678901234567890");
        Ok(())
    }
}

fn item(n: u32) -> Create {
    Create {
        serial: format!("sn-{n}"),
        manufacturer: "M".into(),
        model: "X".into(),
        hash: Hash::Sha256,
        period_secs: 60,
        assign_to: None,
        seed: SeedKey(n),
    }
}

async fn bulk(count: u32, answer: Answer) -> Vec<Reply<Device>> {
    let items: Vec<Create> = (1..=count).map(item).collect();
    bench(vec![answer]).graph.create(&items, CreateHow::Bulk, &Seeds).await
}

/// `done:ID`, `refused:STATUS:CODE`, `doubt` …
fn words(replies: &[Reply<Device>]) -> Vec<String> {
    replies
        .iter()
        .map(|reply| match reply {
            Reply::Done { value, .. } => format!("done:{}", value.id),
            Reply::Refused { remote, whole_call } => {
                format!(
                    "refused:{}:{}:{whole_call}",
                    remote.status.unwrap_or(0),
                    remote.code.as_deref().unwrap_or("")
                )
            }
            Reply::Throttled { .. } => "throttled".into(),
            Reply::NotSent { why, .. } => format!("not_sent:{why:?}"),
            Reply::InDoubt { .. } => "doubt".into(),
        })
        .collect()
}

#[tokio::test]
async fn the_bulk_body_on_the_wire() {
    let bench = bench(vec![reply(200, json!({"value": []}))]);
    let mut with_user = item(2);
    with_user.assign_to = Some(UserId::new("u-1"));
    bench.graph.create(&[item(1), with_user], CreateHow::Bulk, &Seeds).await;
    assert_eq!(
        bench.script.lines(),
        ["PATCH /beta/directory/authenticationMethodDevices/hardwareOathDevices"]
    );
    assert_eq!(
        bench.script.nth(0).body,
        json!({"@context": "#$delta", "value": [
            {"@contentId": "1", "serialNumber": "sn-1", "manufacturer": "M", "model": "X",
             "secretKey": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "timeIntervalInSeconds": 60, "hashFunction": "hmacsha256"},
            {"@contentId": "2", "serialNumber": "sn-2", "manufacturer": "M", "model": "X",
             "secretKey": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "timeIntervalInSeconds": 60, "hashFunction": "hmacsha256",
             "assignTo": {"id": "u-1"}},
        ]})
    );
    let report = bench.counters.report();
    assert_eq!((report.by_route["PATCH hardwareOathDevices"], report.operations), (1, 2));
}

#[tokio::test]
async fn flat_results_in_any_order_are_paired_by_serial() {
    for status in [200, 201, 207] {
        let answer = reply(status, json!({"value": [device("d-2", "SN-2"), device("d-1", "sn-1")]}));
        assert_eq!(words(&bulk(2, answer).await), ["done:d-1", "done:d-2"], "{status}");
    }
}

#[tokio::test]
async fn nested_results_with_echoed_content_ids() {
    let mut first = device("d-1", "");
    first["@contentId"] = json!("1");
    let second = json!({"@contentId": 2, "device": device("d-2", "sn-2")});
    let replies = bulk(2, reply(201, json!({"value": [second, first]}))).await;
    assert_eq!(words(&replies), ["done:d-1", "done:d-2"]);
    assert!(matches!(&replies[0], Reply::Done { value, .. } if value.serial == "sn-1"));
}

#[tokio::test]
async fn an_echo_that_contradicts_the_serial_is_doubt() {
    let mut swapped = device("d-1", "sn-2");
    swapped["@contentId"] = json!("1");
    assert_eq!(words(&bulk(2, reply(200, json!({"value": [swapped]}))).await), ["doubt", "doubt"]);
}

#[tokio::test]
async fn results_are_never_paired_by_position() {
    let nameless = json!({"id": "d-1", "status": "available"});
    assert_eq!(words(&bulk(1, reply(200, json!({"value": [nameless]}))).await), ["doubt"]);
}

fn failed(serial: &str, code: u16) -> Value {
    json!({"id": "00000000-0000-0000-0000-000000000000", "serialNumber": serial,
        "@Core.DataModificationException": {"@odata.type": "#Org.OData.Core.V1.DataModificationExceptionType",
            "failedOperation": "Create", "responseCode": code, "info": {"code": "Conflict", "message": "Exists."}}})
}

#[tokio::test]
async fn failed_items_in_both_shapes() {
    let embedded =
        json!({"serialNumber": "sn-3", "error": {"code": "badRequest", "message": "No."}, "status": 400});
    let answer = reply(
        200,
        json!({"value": [failed("sn-1", 409), device("d-2", "sn-2"), embedded,
        failed("sn-4", 429), failed("sn-5", 503)]}),
    );
    assert_eq!(
        words(&bulk(6, answer).await),
        [
            "refused:409:Conflict:false",
            "done:d-2",
            "refused:400:badRequest:false",
            "throttled",
            "doubt",
            "doubt"
        ]
    );
}

#[tokio::test]
async fn a_failed_item_carries_the_calls_request_id() {
    let answer = with_headers(200, json!({"value": [failed("sn-1", 409)]}), &[("request-id", "call-7")]);
    let replies = bulk(1, answer).await;
    assert!(
        matches!(&replies[0], Reply::Refused { remote, .. } if remote.request_id.as_deref() == Some("call-7")),
        "{replies:?}"
    );
}

#[tokio::test]
async fn a_failure_that_fits_nobody_lends_its_words_only() {
    let mut stray = failed("x", 409);
    stray.as_object_mut().unwrap().remove("serialNumber");
    let replies = bulk(1, reply(200, json!({"value": [stray]}))).await;
    assert!(
        matches!(&replies[0], Reply::InDoubt { remote } if remote.message.as_deref() == Some("Exists.")),
        "{replies:?}"
    );
}

#[tokio::test]
async fn whole_call_answers() {
    for (answer, wanted) in [
        (reply(400, error("badRequest", "x")), "refused:400:badRequest:true"),
        (reply(429, error("TooManyRequests", "x")), "throttled"),
        (reply(500, error("x", "x")), "doubt"),
        (reply(200, json!({})), "doubt"),
        (lost(), "doubt"),
    ] {
        assert_eq!(words(&bulk(2, answer).await), [wanted, wanted]);
    }
}

#[tokio::test]
async fn a_missing_seed_leaves_its_item_out() {
    let bench = bench(vec![reply(200, json!({"value": [device("d-1", "sn-1")]}))]);
    let replies = bench.graph.create(&[item(99), item(1)], CreateHow::Bulk, &Seeds).await;
    assert_eq!(words(&replies), ["not_sent:NoSeed", "done:d-1"]);
    assert!(!bench.script.nth(0).raw.contains("sn-99"));
    let replies = bench.graph.create(&[item(99)], CreateHow::Bulk, &Seeds).await;
    assert_eq!(words(&replies), ["not_sent:NoSeed"]);
}

#[tokio::test]
async fn bulk_after_a_401_goes_once_more() {
    let bench = bench(vec![
        reply(401, error("InvalidAuthenticationToken", "x")),
        reply(200, json!({"value": [device("d-1", "sn-1")]})),
    ]);
    let replies = bench.graph.create(&[item(1)], CreateHow::Bulk, &Seeds).await;
    assert_eq!(words(&replies), ["done:d-1"]);
    assert_eq!(bench.script.nth(1).access_token, "Bearer access-2");
}

#[tokio::test]
async fn one_by_one_in_a_batch() {
    let bench = bench(vec![reply(
        200,
        batch(vec![
            inner(2, 409, error("Conflict", "x")),
            inner(1, 201, json!({"value": device("d-1", "sn-1")})),
            inner(3, 201, json!({"serialNumber": "sn-3"})),
        ]),
    )]);
    let items: Vec<Create> = (1..=3).map(item).collect();
    let replies = bench.graph.create(&items, CreateHow::Each, &Seeds).await;
    assert_eq!(words(&replies), ["done:d-1", "refused:409:Conflict:false", "doubt"]);
    let first = bench.script.nth(0).body["requests"][0].clone();
    assert_eq!(first["url"], "/directory/authenticationMethodDevices/hardwareOathDevices");
    assert_eq!(first["body"]["secretKey"], "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert!(first["body"].get("@contentId").is_none());
}

#[tokio::test]
async fn a_single_one_is_a_plain_post() {
    let bench = bench(vec![reply(201, device("d-1", "sn-1"))]);
    let replies = bench.graph.create(&[item(1)], CreateHow::Each, &Seeds).await;
    assert_eq!(words(&replies), ["done:d-1"]);
    assert_eq!(
        bench.script.lines(),
        ["POST /beta/directory/authenticationMethodDevices/hardwareOathDevices"]
    );
}
