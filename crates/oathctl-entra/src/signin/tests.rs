//! Sign-in against hand-written replies: the request, refusals, renewal, discovery.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use oathctl_core::offset::ServerClock;
use oathctl_core::tenant::{TenantError, TenantErrorKind};
use oathctl_core::time::Clock;
use serde_json::{Value, json};

use super::{AccessTokens, ClientSecretCredential, Credential, SignInFault, resolve_tenant};
use crate::dates::Dates;
use crate::endpoint::TenantName;
use crate::secret::ClientSecret;
use crate::testing::{
    Answer, Counting, Script, TENANT, TestClock, html, json as reply, lost, not_sent, sign_in, with_headers,
};
use crate::transport::Broke;

fn granted() -> Value {
    json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": "canary-access"})
}

fn refused(code: u64) -> Value {
    json!({"error": "invalid_client", "error_description": format!("AADSTS{code}: No. Trace ID: t"),
        "error_codes": [code], "trace_id": "t-1", "correlation_id": "c"})
}

fn credential(script: &Arc<Script>) -> ClientSecretCredential {
    ClientSecretCredential::new(
        sign_in(script, &TestClock::new()),
        TenantName::parse(TENANT).unwrap(),
        "app-1".into(),
        ClientSecret::new("canary secret&=".into()),
    )
}

async fn fails(answers: Vec<Answer>) -> TenantError {
    let script = Script::new(answers);
    let error = credential(&script).fetch().await.unwrap_err();
    assert!(script.is_finished());
    error
}

#[tokio::test]
async fn the_request_of_a_client_secret() {
    let script = Script::new(vec![reply(200, granted())]);
    let got = credential(&script).fetch().await.unwrap();
    assert_eq!(got.access_token.expose_access_token(), "canary-access");
    assert_eq!(got.lives, Duration::from_secs(3599));
    let sent = script.nth(0);
    assert_eq!(sent.line, format!("POST /{TENANT}/oauth2/v2.0/token"));
    for part in [
        "grant_type=client_credentials",
        "client_id=app-1",
        "client_secret=canary+secret%26%3D",
        "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
    ] {
        assert!(sent.raw.split('&').any(|field| field == part), "{part} in {}", sent.raw);
    }
    assert!(!format!("{got:?}").contains("canary"));
}

#[tokio::test]
async fn a_refusal_is_known_by_its_number() {
    for (code, fault) in [
        (7_000_215, SignInFault::WrongSecret),
        (7_000_222, SignInFault::ExpiredSecret),
        (700_016, SignInFault::AppNotInTenant),
        (90_002, SignInFault::TenantNotFound),
        (1, SignInFault::Other),
    ] {
        let error = fails(vec![reply(401, refused(code))]).await;
        assert_eq!(
            (error.kind, error.detail.as_str()),
            (TenantErrorKind::SignIn, format!("AADSTS{code}").as_str())
        );
        assert_eq!(SignInFault::of_detail(&error.detail), fault);
        assert_eq!(error.remote.status, Some(401));
        assert_eq!(error.remote.request_id.as_deref(), Some("t-1"));
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn what_is_no_login_host() {
    for (answer, word) in [
        (html(200), "html"),
        (with_headers(302, Value::Null, &[("location", "http://x.example")]), "redirect"),
        (reply(200, json!({"hello": 1})), "not_json"),
    ] {
        let error = fails(vec![answer]).await;
        assert_eq!((error.kind, error.detail.as_str()), (TenantErrorKind::NotTheTenant, word));
    }
}

#[tokio::test]
async fn passing_troubles_are_tried_again() {
    let script = Script::new(vec![lost(), reply(503, Value::Null), reply(200, granted())]);
    assert!(credential(&script).fetch().await.is_ok());
    let error = fails((0..4).map(|_| not_sent(Broke::Dns)).collect()).await;
    assert_eq!((error.kind, error.detail.as_str()), (TenantErrorKind::Unreachable, "dns"));
    let error = fails(vec![not_sent(Broke::Tls)]).await;
    assert_eq!(error.detail, "tls");
    let error = fails(vec![with_headers(429, Value::Null, &[("retry-after", "9999")])]).await;
    assert_eq!(error.kind, TenantErrorKind::WaitTooLong);
}

#[tokio::test]
async fn a_domain_is_resolved_by_discovery() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let script = Script::new(vec![
        reply(200, json!({ "issuer": issuer })),
        reply(400, refused(90_002)),
        reply(200, json!({})),
    ]);
    let sign_in = sign_in(&script, &TestClock::new());
    let domain = TenantName::parse("contoso.example").unwrap();
    assert_eq!(resolve_tenant(&sign_in, &domain).await.unwrap().as_str(), TENANT);
    assert_eq!(script.lines(), ["GET /contoso.example/v2.0/.well-known/openid-configuration"]);
    assert_eq!(resolve_tenant(&sign_in, &domain).await.unwrap_err().detail, "AADSTS90002");
    assert_eq!(resolve_tenant(&sign_in, &domain).await.unwrap_err().kind, TenantErrorKind::NotTheTenant);
    let guid = TenantName::parse(TENANT).unwrap();
    assert_eq!(resolve_tenant(&sign_in, &guid).await.unwrap().as_str(), TENANT);
    assert!(script.is_finished());
}

fn cache(credential: Counting, clock: &Arc<TestClock>) -> (AccessTokens, Arc<Counting>) {
    let credential = Arc::new(credential);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let dates = Arc::new(Dates::new(Arc::new(ServerClock::new()), Arc::clone(&clock)));
    (AccessTokens::new(Arc::clone(&credential) as Arc<dyn Credential>, clock, dates), credential)
}

#[tokio::test]
async fn many_at_once_ask_once() {
    let clock = TestClock::new();
    let (cache, credential) = cache(Counting::new(), &clock);
    let all = join_all((0..9).map(|_| cache.get())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(*credential.given.lock().unwrap(), 1);
}

#[tokio::test]
async fn renewed_ahead_of_the_end() {
    for (lives, good_ms, late_ms) in [(3_600, 3_299_000, 3_301_000), (20, 13_000, 14_000)] {
        let clock = TestClock::new();
        let (cache, credential) =
            cache(Counting { lives: Duration::from_secs(lives), ..Counting::new() }, &clock);
        cache.get().await.unwrap();
        clock.pass(good_ms);
        cache.get().await.unwrap();
        assert_eq!(*credential.given.lock().unwrap(), 1, "{lives}");
        clock.pass(late_ms - good_ms);
        cache.get().await.unwrap();
        assert_eq!(*credential.given.lock().unwrap(), 2, "{lives}");
    }
}

#[tokio::test]
async fn a_refused_one_is_replaced_once() {
    let (cache, credential) = cache(Counting::new(), &TestClock::new());
    let bad = cache.get().await.unwrap();
    cache.refused(&bad);
    let good = cache.get().await.unwrap();
    // Somebody else's late 401 about the old one.
    cache.refused(&bad);
    assert!(Arc::ptr_eq(&good, &cache.get().await.unwrap()));
    assert_eq!(*credential.given.lock().unwrap(), 2);
}

#[tokio::test]
async fn an_old_one_serves_while_the_login_host_is_away() {
    let clock = TestClock::new();
    let (cache, credential) = cache(Counting::new(), &clock);
    cache.get().await.unwrap();
    let away =
        TenantError { kind: TenantErrorKind::Unreachable, detail: "dns".into(), remote: Default::default() };
    *credential.fails.lock().unwrap() = Some(away);
    clock.pass(3_400_000);
    assert!(cache.get().await.is_ok());
    clock.pass(300_000);
    assert_eq!(cache.get().await.unwrap_err().detail, "dns");
}
