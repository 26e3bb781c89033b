//! Reads: repetition, waiting, paging, telling Graph from others, identity, policy.

use oathctl_core::pace::Kind;
use oathctl_core::stop::StopLevel;
use oathctl_core::tenant::{DeviceQuery, Known, Target, TenantErrorKind, TenantRead};
use oathctl_core::time::Clock;
use oathctl_core::token::{DeviceId, GroupId};
use serde_json::{Value, json};

use super::{batch, device, inner};
use crate::testing::{
    Answer, Counting, START, Script, TENANT, bench, bench_over, bench_with, dated, error, html,
    json as reply, lost, not_sent, with_headers,
};
use crate::transport::Broke;

fn page(items: Vec<Value>, next: Option<&str>) -> Answer {
    reply(200, json!({"value": items, "@odata.nextLink": next}))
}

async fn list_fault(answers: Vec<Answer>) -> (TenantErrorKind, String) {
    let error = bench(answers).graph.devices(&DeviceQuery::All).await.unwrap_err();
    (error.kind, error.detail)
}

#[tokio::test]
async fn every_page_is_read_and_empty_ones_are_no_end() {
    let link = "https://graph.microsoft.com/beta/x?$skiptoken=a%2Fb'c";
    let second = "https://graph.microsoft.com/beta/x?$skiptoken=2";
    let bench = bench(vec![
        page(vec![device("d-1", "1")], Some(link)),
        page(vec![], Some(second)),
        page(vec![device("d-2", "2"), device("d-1", "1")], None),
    ]);
    let devices = bench.graph.devices(&DeviceQuery::All).await.unwrap();
    assert_eq!(devices.iter().map(|d| d.serial.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(bench.script.lines()[1], "GET /beta/x?$skiptoken=a%2Fb'c");
    assert_eq!(devices[0].seen_at.unwrap().0.unix_secs(), START);
}

#[tokio::test]
async fn h18_a_version_is_kept_from_body_or_header() {
    let mut listed = device("d-1", "1");
    listed["@odata.etag"] = json!("W/\"3\"");
    let single = with_headers(200, device("d-2", "2"), &[("etag", "W/\"4\"")]);
    let bench = bench(vec![page(vec![listed, device("d-2", "2")], None), single]);
    let etag = |device: &oathctl_core::tenant::Device| device.etag.as_ref().map(|it| it.as_str().to_owned());
    let all = bench.graph.devices(&DeviceQuery::All).await.unwrap();
    assert_eq!(all.iter().map(etag).collect::<Vec<_>>(), [Some("W/\"3\"".into()), None]);
    let one = bench.graph.devices(&DeviceQuery::Ids(vec![DeviceId::new("d-2")])).await.unwrap();
    assert_eq!(etag(&one[0]).as_deref(), Some("W/\"4\""));
}

#[tokio::test]
async fn h20_a_foreign_next_link_is_not_followed() {
    let bench = bench(vec![page(vec![], Some("https://graph.microsoft.com.evil.example/beta/x"))]);
    let error = bench.graph.devices(&DeviceQuery::All).await.unwrap_err();
    assert_eq!((error.kind, error.detail.as_str()), (TenantErrorKind::NotTheTenant, "foreign_next_link"));
    assert_eq!(error.remote.message.as_deref(), Some("graph.microsoft.com.evil.example"));
    assert_eq!(bench.script.lines().len(), 1);
}

#[tokio::test]
async fn a_listing_that_runs_in_circles_ends() {
    let link = Some("https://graph.microsoft.com/beta/x");
    let fault = list_fault(vec![page(vec![], link), page(vec![], link)]).await;
    assert_eq!(fault, (TenantErrorKind::NotTheTenant, "next_link_loop".into()));
}

#[tokio::test]
async fn h20_redirects_and_web_pages_are_not_graph() {
    let redirect = with_headers(302, Value::Null, &[("location", "http://portal.example/login")]);
    assert_eq!(list_fault(vec![redirect]).await, (TenantErrorKind::NotTheTenant, "redirect".into()));
    assert_eq!(list_fault(vec![html(200)]).await, (TenantErrorKind::NotTheTenant, "html".into()));
    assert_eq!(list_fault(vec![html(403)]).await, (TenantErrorKind::NotTheTenant, "html".into()));
    let text = Ok(http::Response::new(bytes::Bytes::from_static(b"OK")));
    assert_eq!(list_fault(vec![text]).await, (TenantErrorKind::NotTheTenant, "not_json".into()));
    assert_eq!(
        list_fault(vec![reply(200, json!({}))]).await,
        (TenantErrorKind::NotTheTenant, "not_json".into())
    );
}

#[tokio::test]
async fn h08_a_web_page_does_not_set_the_clock() {
    let bench = bench(vec![html(200)]);
    let _ = bench.graph.devices(&DeviceQuery::All).await;
    assert_eq!(bench.server_clock.offset_ms(bench.clock.mono(), bench.clock.utc()), None);
}

#[tokio::test]
async fn h08_a_reply_out_of_a_cache_does_not_set_the_clock() {
    let date = crate::testing::http_date(START - 500);
    let bench = bench(vec![with_headers(200, json!({"value": []}), &[("date", &date), ("age", "500")])]);
    bench.graph.devices(&DeviceQuery::All).await.unwrap();
    assert_eq!(bench.server_clock.offset_ms(bench.clock.mono(), bench.clock.utc()), None);
}

#[tokio::test]
async fn a_gateways_page_with_5xx_is_tried_again() {
    let bench = bench(vec![html(502), page(vec![], None)]);
    assert!(bench.graph.devices(&DeviceQuery::All).await.unwrap().is_empty());
}

#[tokio::test]
async fn six_tries_then_unreachable() {
    let bench = bench((0..6).map(|_| reply(503, error("serviceNotAvailable", "x"))).collect());
    let fault = bench.graph.devices(&DeviceQuery::All).await.unwrap_err();
    assert_eq!((fault.kind, fault.detail.as_str()), (TenantErrorKind::Unreachable, "http_503"));
    assert!(bench.script.is_finished());
    assert_eq!(bench.counters.report().repeated, 5);
}

#[tokio::test]
async fn lost_replies_are_asked_for_again() {
    let bench = bench(vec![lost(), page(vec![device("d", "1")], None)]);
    assert_eq!(bench.graph.devices(&DeviceQuery::All).await.unwrap().len(), 1);
}

#[tokio::test]
async fn where_the_way_is_blocked() {
    for (kind, sends, word) in [
        (Broke::Dns, 3, "dns"),
        (Broke::Connect, 3, "connect"),
        (Broke::Tls, 1, "tls"),
        (Broke::Proxy, 1, "proxy"),
    ] {
        let bench = bench((0..sends).map(|_| not_sent(kind)).collect());
        let fault = bench.graph.devices(&DeviceQuery::All).await.unwrap_err();
        assert_eq!((fault.kind, fault.detail.as_str()), (TenantErrorKind::Unreachable, word));
        assert!(bench.script.is_finished(), "{word}");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let bench = bench(vec![
        with_headers(429, error("TooManyRequests", "x"), &[("retry-after", "7.5")]),
        page(vec![], None),
    ]);
    let before = bench.clock.mono();
    bench.graph.devices(&DeviceQuery::All).await.unwrap();
    assert!(bench.clock.mono().ms_since(before) >= 7_500);
    assert_eq!(bench.counters.report().throttled, 1);
}

#[tokio::test]
async fn a_retry_after_beyond_max_wait_ends_the_read() {
    let answer = with_headers(429, error("TooManyRequests", "x"), &[("retry-after", "86400")]);
    assert_eq!(list_fault(vec![answer]).await.0, TenantErrorKind::WaitTooLong);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let answer = reply(403, error("Authorization_RequestDenied", "Insufficient privileges."));
    assert_eq!(list_fault(vec![answer]).await, (TenantErrorKind::Forbidden, "Policy.Read.All".into()));
    let answer = reply(400, error("badRequest", "x"));
    assert_eq!(list_fault(vec![answer]).await, (TenantErrorKind::Refused, "badRequest".into()));
}

#[tokio::test]
async fn a_401_renews_the_access_token_once_a_time() {
    let bench = bench(vec![reply(401, error("InvalidAuthenticationToken", "expired")), page(vec![], None)]);
    bench.graph.devices(&DeviceQuery::All).await.unwrap();
    assert_eq!(bench.script.nth(0).access_token, "Bearer access-1");
    assert_eq!(bench.script.nth(1).access_token, "Bearer access-2");
}

#[tokio::test]
async fn access_tokens_that_are_never_good_end_the_read() {
    let answers = (0..4).map(|_| reply(401, error("InvalidAuthenticationToken", "no"))).collect();
    assert_eq!(list_fault(answers).await, (TenantErrorKind::SignIn, "access_token_refused".into()));
}

#[tokio::test]
async fn devices_by_id_come_in_batches_and_only_the_failed_are_repeated() {
    let bench = bench(vec![
        reply(
            200,
            batch(vec![
                inner(2, 404, error("Request_ResourceNotFound", "x")),
                inner(3, 200, json!({"value": {"id": "d-3", "device": device("d-3", "3")}})),
                json!({"id": "1", "status": 429, "headers": {"Retry-After": "3"}, "body": error("TooManyRequests", "x")}),
            ]),
        ),
        reply(200, device("d-1", "1")),
    ]);
    let ids: Vec<DeviceId> = ["d-1", "d-2", "d-3"].map(DeviceId::new).to_vec();
    let before = bench.clock.mono();
    let devices = bench.graph.devices(&DeviceQuery::Ids(ids)).await.unwrap();
    assert_eq!(devices.iter().map(|d| d.serial.as_str()).collect::<Vec<_>>(), ["1", "3"]);
    assert!(bench.clock.mono().ms_since(before) >= 3_000);
    let base = "/directory/authenticationMethodDevices/hardwareOathDevices";
    assert_eq!(
        bench.script.nth(0).body["requests"][0],
        json!({"id": "1", "method": "GET", "url": format!("{base}/d-1")})
    );
    assert_eq!(bench.script.lines()[1], format!("GET /beta{base}/d-1"));
}

#[tokio::test]
async fn a_missing_inner_reply_is_asked_for_again() {
    let bench = bench(vec![
        reply(200, batch(vec![inner(1, 200, device("d-1", "1"))])),
        reply(200, device("d-2", "2")),
    ]);
    let ids = vec![DeviceId::new("d-1"), DeviceId::new("d-2")];
    assert_eq!(bench.graph.devices(&DeviceQuery::Ids(ids)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_ignored_serial_filter_does_no_harm() {
    let bench = bench(vec![page(vec![device("d-9", "9"), device("d-1", "o'1"), device("d-2", "O'1")], None)]);
    let devices =
        bench.graph.devices(&DeviceQuery::Serials(vec![" o'1 ".into(), "O'1".into()])).await.unwrap();
    assert_eq!(devices.len(), 2);
    assert!(
        bench.script.lines()[0].ends_with("?$filter=serialNumber%20eq%20%27O%27%271%27"),
        "{:?}",
        bench.script.lines()
    );
}

#[tokio::test]
async fn an_abort_ends_a_waiting_read() {
    let bench = bench(vec![reply(503, error("x", "x"))]);
    bench.stop.ask(StopLevel::Abort);
    let error = bench.graph.devices(&DeviceQuery::All).await.unwrap_err();
    assert_eq!(error.kind, TenantErrorKind::Stopped);
}

fn organization(id: &str) -> Value {
    json!({"value": [{"id": id, "displayName": "Contoso", "verifiedDomains": [{"name": "Contoso.example"}]}]})
}

fn claims() -> Counting {
    Counting {
        claims: Some(json!({"tid": TENANT.to_uppercase(), "appid": "app-1", "oid": "sp-1"})),
        ..Counting::new()
    }
}

#[tokio::test]
async fn identity_of_access_token_and_organisation() {
    let bench = bench_with(vec![reply(200, organization(TENANT))], claims());
    let identity = bench.graph.identity().await.unwrap();
    assert_eq!((identity.tenant.as_str(), identity.name.as_str()), (TENANT, "Contoso"));
    assert_eq!(identity.domains, ["contoso.example"]);
    assert_eq!(identity.signed_in_as.as_deref(), Some("app-1"));
    assert!(!identity.practice);
}

#[tokio::test]
async fn h05_another_tenant_than_the_access_tokens_is_refused() {
    let bench = bench_with(vec![reply(200, organization("11111111-0000-4000-8000-000000000000"))], claims());
    let error = bench.graph.identity().await.unwrap_err();
    assert_eq!((error.kind, error.detail.as_str()), (TenantErrorKind::NotTheTenant, "tenant_mismatch"));
}

#[tokio::test]
async fn an_organisation_that_may_not_be_read_leaves_the_claims() {
    for status in [403, 404] {
        let bench = bench_with(vec![reply(status, error("Authorization_RequestDenied", "x"))], claims());
        let identity = bench.graph.identity().await.unwrap();
        assert_eq!((identity.tenant.as_str(), identity.name.as_str()), (TENANT, ""), "{status}");
    }
}

#[tokio::test]
async fn an_opaque_access_token_leaves_the_organisation() {
    let bench = bench(vec![reply(200, organization(TENANT))]);
    let identity = bench.graph.identity().await.unwrap();
    assert_eq!((identity.tenant.as_str(), identity.signed_in_as), (TENANT, None));
}

#[tokio::test]
async fn the_clock_is_read_from_a_refusal_too() {
    let bench = bench(vec![dated(403, error("x", "x"), START + 90)]);
    assert_eq!(bench.graph.server_clock().await.unwrap().server.unix_secs(), START + 90);
    let offset = bench.server_clock.offset_ms(bench.clock.mono(), bench.clock.utc()).unwrap();
    assert!((89_000..92_000).contains(&offset), "{offset}");
}

#[tokio::test]
async fn policy_flat_wrapped_forbidden_and_strange() {
    let flat = json!({"id": "HardwareOath", "state": "enabled", "excludeTargets": [{"id": "u-1", "targetType": "user"}],
        "includeTargets": [{"targetType": "group", "id": "all_users"}, {"targetType": "group", "id": "g-1"}]});
    let bench = bench(vec![
        reply(200, flat.clone()),
        reply(200, json!({ "value": flat })),
        reply(403, error("accessDenied", "x")),
        reply(200, json!({"state": "perhaps"})),
    ]);
    for _ in 0..2 {
        let policy = bench.graph.policy().await.unwrap().known().cloned().unwrap();
        assert!(policy.enabled);
        assert_eq!(policy.include, [Target::Everybody, Target::Group(GroupId::new("g-1"))]);
        assert_eq!(policy.exclude.len(), 1);
    }
    let unknown = bench.graph.policy().await.unwrap();
    assert!(matches!(unknown, Known::Unknown(remote) if remote.code.as_deref() == Some("accessDenied")));
    assert!(bench.graph.policy().await.unwrap().known().is_none());
}

#[tokio::test]
async fn a_dropped_read_gives_its_permit_back() {
    let bench = bench_over(Script::hanging(), Counting::new());
    let query = DeviceQuery::All;
    let mut read = bench.graph.devices(&query);
    assert!(futures_util::poll!(&mut read).is_pending());
    assert_eq!((bench.permits.in_flight(Kind::Read), bench.script.lines().len()), (1, 1));
    drop(read);
    assert!(bench.permits.is_idle());
}

#[tokio::test]
async fn too_fast_may_be_said_by_a_gateway() {
    let bench = bench(vec![html(429), page(vec![], None)]);
    assert!(bench.graph.devices(&DeviceQuery::All).await.unwrap().is_empty());
    assert_eq!(bench.counters.report().throttled, 1);
}
