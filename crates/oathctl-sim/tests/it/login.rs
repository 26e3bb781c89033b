//! Sign-in with a client secret, its refusals, and the life of an access token.

use axum::body::Body;
use axum::http::Request;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::Value;

use crate::support::*;

const SCOPE: &str = "https://graph.microsoft.com/.default";

fn form(t: &Tenant, change: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", t.sim.app().client_id.to_string()),
        ("client_secret", t.sim.app().client_secret.open().clone()),
        ("scope", SCOPE.to_owned()),
    ];
    for (name, value) in change {
        fields.retain(|(n, _)| n != name);
        fields.push((name, (*value).to_owned()));
    }
    fields.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn refusals_carry_their_numbers() {
    let t = tenant(&[]).await;
    let tenant_id = t.sim.app().tenant_id.to_string();
    for (named, change, status, error, code) in [
        (tenant_id.as_str(), ("client_secret", "nonsense"), 401, "invalid_client", 7_000_215),
        (
            &tenant_id,
            ("client_id", "11111111-1111-4111-8111-111111111111"),
            400,
            "unauthorized_client",
            700_016,
        ),
        ("elsewhere.example", ("x", "y"), 400, "invalid_request", 90002),
        (&tenant_id, ("scope", ""), 400, "invalid_request", 900_144),
        (&tenant_id, ("scope", "nonsense"), 400, "invalid_scope", 70011),
        (&tenant_id, ("scope", "https://graph.microsoft.com/User.Read"), 400, "invalid_scope", 1_002_012),
        (&tenant_id, ("scope", "https://other.example/.default"), 400, "invalid_resource", 500_011),
    ] {
        let reply = t.login(named, &form(&t, &[change])).await;
        assert_eq!((reply.status, reply.body["error"].as_str()), (status, Some(error)), "{code}");
        assert_eq!(reply.body["error_codes"][0], code);
        let description = reply.body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        assert!(description.contains("\r\nTrace ID: ") && !description.contains("nonsense\r\n"));
    }
    t.set("client_secret", "expired");
    assert_eq!(t.login(&tenant_id, &form(&t, &[])).await.body["error_codes"][0], 7_000_222);
}

#[tokio::test]
async fn the_secret_may_come_in_the_header_and_the_tenant_by_domain() {
    let t = tenant(&[]).await;
    let app = t.sim.app();
    let basic = BASE64.encode(format!("{}:{}", app.client_id, app.client_secret.open()).as_bytes());
    let request = Request::post("/practice.example/oauth2/v2.0/token")
        .header("authorization", format!("Basic {basic}"))
        .body(Body::from(format!("grant_type=client_credentials&scope={SCOPE}")))
        .unwrap();
    assert_eq!(t.raw(request).await.status, 200);
    let discovery = t.get("/practice.example/v2.0/.well-known/openid-configuration").await.body;
    let endpoint = discovery["token_endpoint"].as_str().unwrap();
    assert!(endpoint.contains(&app.tenant_id.to_string()), "{endpoint}");
    assert_eq!(t.get("/elsewhere.example/v2.0/.well-known/openid-configuration").await.status, 400);
}

#[tokio::test]
async fn access_tokens_name_the_tenant_and_end() {
    let mut t = tenant(&[("access_token_lifetime_s", "20")]).await;
    let reply = t.login(&t.sim.app().tenant_id.to_string(), &form(&t, &[])).await;
    assert_eq!(reply.body["expires_in"], 20);
    let token = reply.body["access_token"].as_str().unwrap();
    let claims = BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["tid"], t.sim.app().tenant_id.to_string());
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(t.get(INV).await.status, 200);
    t.time.advance_ms(20_000);
    let late = t.get(INV).await;
    assert_eq!((late.status, late.code()), (401, "InvalidAuthenticationToken"));
    assert!(late.headers["www-authenticate"].starts_with("Bearer "));
    t.sign_in_app().await;
    assert_eq!(t.get(INV).await.status, 200);
    let none = t.raw(Request::get(INV).body(Body::empty()).unwrap()).await;
    assert_eq!((none.status, none.message()), (401, "Access token is empty."));
}
