//! What stands between us and the tenant: sign-in, permissions, the network, things that answer in its place.

use crate::tenant::{Ran, Tenant, csv};
use crate::transcript::holds;

fn one_token(options: &[(&str, &str)]) -> Tenant {
    let tenant = Tenant::with(options);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    tenant
}

fn with_env(tenant: &Tenant, name: &str, value: &str) -> Ran {
    let set = |setting: &mut crate::host::Setting| {
        setting.env.insert(name.to_owned(), value.to_owned());
    };
    tenant.run_with("oathctl activate tokens.csv --yes", set, |_| {})
}

#[test]
fn a_wrong_client_secret() {
    let tenant = one_token(&[]);
    let ran = with_env(&tenant, "AZURE_CLIENT_SECRET", "wrong~secret");
    holds("wrong_secret", &[&ran]);
    assert_eq!(ran.code, 4);
    assert!(!ran.err.contains("wrong~secret"));
}

#[test]
fn a_missing_permission_is_named() {
    let tenant = one_token(&[("permissions", "User.Read.All")]);
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    holds("missing_permission", &[&ran]);
    assert_eq!(ran.code, 4);
}

#[test]
fn an_unreachable_host() {
    let tenant = one_token(&[]);
    // A port that was free a moment ago and is nobody's now.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let set = |setting: &mut crate::host::Setting| {
        setting.env.insert("OATHCTL_GRAPH_URL".into(), format!("http://127.0.0.1:{port}/beta"));
        setting.env.insert("AZURE_AUTHORITY_HOST".into(), format!("http://127.0.0.1:{port}"));
    };
    let ran = tenant.run_with("oathctl activate tokens.csv --yes --max-wait 1s", set, |_| {});
    holds("unreachable", &[&ran]);
    assert_eq!(ran.code, 5);
}

#[test]
fn h20_no_plain_http_to_a_real_host() {
    let tenant = one_token(&[]);
    for url in [
        "http://graph.microsoft.com/beta",
        "https://graph.evil.example/beta",
        "https://user@graph.microsoft.com",
    ] {
        let ran = with_env(&tenant, "OATHCTL_GRAPH_URL", url);
        assert_eq!(ran.code, 2, "{url}: {}", ran.err);
    }
    let ran = with_env(&tenant, "OATHCTL_GRAPH_URL", "http://graph.microsoft.com/beta");
    assert!(ran.err.contains("loopback"), "{}", ran.err);
    let ran = with_env(&tenant, "OATHCTL_GRAPH_URL", "https://graph.evil.example/beta");
    assert!(ran.err.contains("--custom-endpoint"), "{}", ran.err);
}

#[test]
fn a_proxy_that_answers_html() {
    let tenant = one_token(&[("p_html", "1")]);
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    holds("html", &[&ran]);
    assert_eq!(ran.code, 5);
}

#[test]
fn h20_a_redirect_is_not_followed() {
    let tenant = one_token(&[("p_redirect", "1")]);
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    holds("redirect", &[&ran]);
    assert_eq!(ran.code, 5);
}

#[test]
fn h20_a_foreign_next_link_is_not_followed() {
    let tenant = Tenant::with(&[("page_size", "1")]);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2), tenant.upn(3)]));
    assert_eq!(tenant.run("oathctl activate tokens.csv --yes").code, 0);
    tenant.set("p_foreign_next_link", "1");
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    assert_eq!(ran.code, 5, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("another host"), "{}", ran.err);
}

#[test]
fn h05_tenants_of_everybody_are_refused() {
    let tenant = one_token(&[]);
    for name in ["common", "organizations", "not a tenant"] {
        let ran = with_env(&tenant, "AZURE_TENANT_ID", name);
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
    }
}

#[test]
fn a_tenant_that_holds_up_the_first_reading_is_told_of() {
    let tenant =
        one_token(&[("throttle", "fixed_window"), ("throttle_ops", "2"), ("throttle_window_ms", "1500")]);
    let ran = tenant.run("oathctl activate tokens.csv --output ndjson");
    assert_eq!(ran.code, 7, "{}", ran.err);
    let waits = ran.out.lines().filter(|line| line.contains("\"waiting\"") && line.contains("\"throttle\""));
    assert!(waits.count() > 0, "{}", ran.out);
    assert!(ran.err.contains("because the tenant asks for patience"), "{}", ran.err);
}
