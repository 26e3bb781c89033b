//! Writes: what each answer means, and that nothing goes out twice.

use std::time::Duration;

use oathctl_core::tenant::{
    Delete, ETag, Held, NotSent, Reply, TenantError, TenantErrorKind, TenantWrite, Unassign,
};
use oathctl_core::time::Clock;
use oathctl_core::token::{DeviceId, UserId};
use serde_json::{Value, json};

use super::{batch, inner};
use crate::testing::{Answer, START, bench, error, html, json as reply, lost, not_sent, with_headers};
use crate::transport::Broke;

fn held(n: u32) -> Held {
    Held { device: DeviceId::new(format!("d-{n}")), user: UserId::new(format!("u-{n}")) }
}

fn taken(n: u32, etag: Option<&str>) -> Unassign {
    Unassign { held: held(n), etag: etag.and_then(ETag::parse) }
}

#[tokio::test]
async fn h18_removals_are_for_the_version_that_was_seen() {
    let bench = bench(vec![
        reply(200, batch(vec![inner(1, 204, Value::Null), inner(2, 412, error("preconditionFailed", "x"))])),
        reply(204, Value::Null),
        reply(204, Value::Null),
    ]);
    let replies = bench.graph.unassign(&[taken(1, None), taken(2, Some("W/\"7\""))]).await;
    assert!(matches!(&replies[1], Reply::Refused { remote, .. } if remote.status == Some(412)));
    let device = DeviceId::new("d-1");
    bench.graph.delete(&[Delete { device: device.clone(), etag: ETag::parse("\"a b\"") }]).await;
    bench.graph.delete(&[Delete { device, etag: None }]).await;
    let requests = &bench.script.nth(0).body["requests"];
    assert_eq!(requests[0]["headers"], Value::Null);
    assert_eq!(requests[1]["headers"], json!({"If-Match": "W/\"7\""}));
    assert_eq!(bench.script.nth(1).if_match.as_deref(), Some("\"a b\""));
    assert_eq!(bench.script.nth(2).if_match, None);
    for unfit in ["", "a\r\nX-Evil: 1", "\u{e4}"] {
        assert_eq!(ETag::parse(unfit), None, "{unfit:?}");
    }
}

async fn assign_one(answer: Answer) -> Reply<()> {
    let bench = bench(vec![answer]);
    let mut replies = bench.graph.assign(&[held(1)]).await;
    assert!(bench.script.is_finished());
    replies.remove(0)
}

#[tokio::test]
async fn a_success_carries_the_tenants_time() {
    let done = assign_one(reply(201, json!({"id": "d-1"}))).await;
    assert!(matches!(done, Reply::Done { at: Some(at), .. } if at.0.unix_secs() == START), "{done:?}");
}

#[tokio::test]
async fn each_status_has_one_meaning() {
    for status in [400, 403, 404, 409, 412, 424] {
        let got = assign_one(reply(status, error("badRequest", "No."))).await;
        let Reply::Refused { remote, whole_call: false } = got else { panic!("{status}: {got:?}") };
        assert_eq!(remote.status, Some(status));
        assert_eq!((remote.code.as_deref(), remote.message.as_deref()), (Some("badRequest"), Some("No.")));
        assert_eq!(remote.request_id.as_deref(), Some("req-1"));
    }
    for status in [408, 500, 502, 503, 504] {
        let got = assign_one(reply(status, error("x", "x"))).await;
        assert!(matches!(got, Reply::InDoubt { .. }), "{status}: {got:?}");
    }
}

#[tokio::test]
async fn throttled_until() {
    let bench = bench(vec![with_headers(429, error("TooManyRequests", "x"), &[("retry-after", "3")])]);
    let now = bench.clock.mono();
    let replies = bench.graph.assign(&[held(1)]).await;
    assert!(
        matches!(&replies[0], Reply::Throttled { until: Some(until), .. } if *until == now.plus_ms(3_000)),
        "{replies:?}"
    );
}

#[tokio::test]
async fn not_sent_and_lost_are_told_apart() {
    for kind in [Broke::Dns, Broke::Connect, Broke::Tls, Broke::Proxy] {
        let got = assign_one(not_sent(kind)).await;
        let Reply::NotSent { why: NotSent::Unreachable, remote } = got else { panic!("{got:?}") };
        assert_eq!(remote.code.as_deref(), Some(kind.word()));
    }
    let got = assign_one(lost()).await;
    assert!(matches!(&got, Reply::InDoubt { remote } if remote.status.is_none()), "{got:?}");
}

#[tokio::test]
async fn pages_and_redirects_prove_nothing() {
    for answer in [html(200), html(403), with_headers(302, Value::Null, &[("location", "http://x.example")])]
    {
        let got = assign_one(answer).await;
        assert!(matches!(got, Reply::InDoubt { .. }), "{got:?}");
    }
}

#[tokio::test]
async fn an_error_inside_a_success_is_a_refusal() {
    let got = assign_one(reply(200, error("badRequest", "Late no."))).await;
    assert!(
        matches!(&got, Reply::Refused { remote, .. } if remote.message.as_deref() == Some("Late no.")),
        "{got:?}"
    );
}

#[tokio::test]
async fn a_batch_is_joined_by_id_and_a_missing_answer_is_doubt() {
    let bench = bench(vec![reply(
        200,
        batch(vec![
            inner(3, 409, error("Conflict", "x")),
            json!({"id": "2", "status": 429, "headers": {"retry-after": "2"}}),
            inner(1, 204, Value::Null),
            inner(5, 503, error("x", "x")),
        ]),
    )]);
    let items: Vec<Unassign> = (1..=5).map(|n| taken(n, None)).collect();
    let replies = bench.graph.unassign(&items).await;
    assert!(matches!(replies[0], Reply::Done { .. }));
    assert!(matches!(replies[1], Reply::Throttled { until: Some(_), .. }));
    assert!(
        matches!(&replies[2], Reply::Refused { remote, whole_call: false } if remote.status == Some(409))
    );
    assert!(matches!(replies[3], Reply::InDoubt { .. }));
    assert!(matches!(replies[4], Reply::InDoubt { .. }));
    let report = bench.counters.report();
    assert_eq!((report.total, report.operations, report.throttled), (1, 5, 1));
}

#[tokio::test]
async fn an_outer_refusal_is_about_the_whole_call() {
    let items: Vec<Held> = (1..=3).map(held).collect();
    let refused = bench(vec![reply(400, error("badRequest", "Malformed."))]).graph.assign(&items).await;
    assert!(refused.iter().all(|r| matches!(r, Reply::Refused { whole_call: true, .. })), "{refused:?}");
    let doubt = bench(vec![reply(504, error("x", "x"))]).graph.assign(&items).await;
    assert!(doubt.iter().all(|r| matches!(r, Reply::InDoubt { .. })) && doubt.len() == 3);
    let strange = bench(vec![reply(200, json!({"value": []}))]).graph.assign(&items).await;
    assert!(strange.iter().all(|r| matches!(r, Reply::InDoubt { .. })) && strange.len() == 3);
}

#[tokio::test]
async fn after_a_401_only_the_refused_go_again_once() {
    let bench = bench(vec![
        reply(
            200,
            batch(vec![
                inner(1, 204, Value::Null),
                inner(2, 401, error("InvalidAuthenticationToken", "x")),
                inner(3, 401, error("InvalidAuthenticationToken", "x")),
            ]),
        ),
        reply(
            200,
            batch(vec![inner(1, 204, Value::Null), inner(2, 401, error("InvalidAuthenticationToken", "x"))]),
        ),
    ]);
    let replies = bench.graph.deactivate(&(1..=3).map(held).collect::<Vec<_>>()).await;
    assert!(matches!(replies[0], Reply::Done { .. }));
    assert!(matches!(replies[1], Reply::Done { .. }));
    assert!(matches!(&replies[2], Reply::Refused { remote, .. } if remote.status == Some(401)));
    let again = bench.script.nth(1);
    assert_eq!(again.access_token, "Bearer access-2");
    assert_eq!(again.body["requests"].as_array().unwrap().len(), 2);
    assert!(again.raw.contains("u-2") && !again.raw.contains("u-1"));
}

#[tokio::test]
async fn without_an_access_token_nothing_leaves() {
    for (kind, why) in
        [(TenantErrorKind::SignIn, NotSent::SignIn), (TenantErrorKind::Unreachable, NotSent::Unreachable)]
    {
        let bench = bench(vec![]);
        let fault = TenantError { kind, detail: "AADSTS7000222".into(), remote: Default::default() };
        *bench.credential.fails.lock().unwrap() = Some(fault);
        let replies = bench.graph.assign(&[held(1), held(2)]).await;
        assert!(
            replies.iter().all(|r| matches!(r, Reply::NotSent { why: w, remote } if *w == why
            && remote.code.as_deref() == Some("AADSTS7000222"))),
            "{replies:?}"
        );
    }
}

#[tokio::test]
async fn the_paths_and_bodies_of_every_write() {
    let bench = bench((0..6).map(|_| reply(200, json!({}))).collect());
    bench.graph.assign(&[held(1)]).await;
    bench.graph.deactivate(&[held(1)]).await;
    bench.graph.unassign(&[taken(1, None)]).await;
    bench.graph.delete(&[Delete { device: DeviceId::new("d-1"), etag: None }]).await;
    bench.graph.rename(&[(DeviceId::new("d-1"), "Front desk".into())]).await;
    bench.graph.revoke_sessions(&[UserId::new("u-1")]).await;
    let methods = "/beta/users/u-1/authentication/hardwareOathMethods";
    let devices = "/beta/directory/authenticationMethodDevices/hardwareOathDevices";
    assert_eq!(
        bench.script.lines(),
        [
            format!("POST {methods}"),
            format!("POST {methods}/d-1/deactivate"),
            format!("DELETE {methods}/d-1"),
            format!("DELETE {devices}/d-1"),
            format!("PATCH {devices}/d-1"),
            "POST /beta/users/u-1/revokeSignInSessions".to_owned(),
        ]
    );
    assert_eq!(bench.script.nth(0).body, json!({"device": {"id": "d-1"}}));
    assert_eq!(bench.script.nth(1).raw, "");
    assert_eq!(bench.script.nth(4).body, json!({"displayName": "Front desk"}));
    assert_eq!(bench.script.nth(5).raw, "");
    assert_eq!(bench.script.nth(0).timeout, Duration::from_secs(100));
}

#[tokio::test]
async fn a_batch_of_writes_on_the_wire() {
    let bench = bench(vec![reply(200, batch(vec![]))]);
    bench.graph.assign(&[held(1), held(2)]).await;
    assert_eq!(bench.script.lines(), ["POST /beta/$batch"]);
    assert_eq!(
        bench.script.nth(0).body["requests"][1],
        json!({
            "id": "2", "method": "POST", "url": "/users/u-2/authentication/hardwareOathMethods",
            "headers": {"Content-Type": "application/json"}, "body": {"device": {"id": "d-2"}},
        })
    );
}

#[tokio::test]
async fn renaming_several_and_ending_sessions_answer_one_by_one() {
    let bench = bench(vec![
        reply(200, batch(vec![inner(2, 400, error("badRequest", "In use.")), inner(1, 204, Value::Null)])),
        reply(
            200,
            batch(vec![
                inner(1, 200, json!({"value": true})),
                inner(2, 403, error("Authorization_RequestDenied", "x")),
                inner(3, 504, error("x", "x")),
            ]),
        ),
    ]);
    let names: Vec<_> =
        (1..=2).map(|n| (DeviceId::new(format!("d-{n}")), format!("Desk \"{n}\" – zoë"))).collect();
    let renamed = bench.graph.rename(&names).await;
    assert!(matches!(renamed[0], Reply::Done { .. }), "{renamed:?}");
    assert!(
        matches!(&renamed[1], Reply::Refused { remote, whole_call: false } if remote.status == Some(400))
    );
    assert_eq!(bench.script.nth(0).body["requests"][1]["body"], json!({"displayName": "Desk \"2\" – zoë"}));
    let ended = bench.graph.revoke_sessions(&["u-1", "u-2", "u-3"].map(UserId::new)).await;
    assert!(matches!(ended[0], Reply::Done { .. }), "{ended:?}");
    assert!(matches!(&ended[1], Reply::Refused { remote, whole_call: false } if remote.status == Some(403)));
    assert!(matches!(ended[2], Reply::InDoubt { .. }), "{ended:?}");
}
