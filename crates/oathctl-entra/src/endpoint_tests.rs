//! H20 and H5: where nothing may go.

use super::*;

const LOGIN: &str = "https://login.microsoftonline.com";
const GRAPH: &str = "https://graph.microsoft.com/beta";

fn word(graph: &str, authority: &str, custom: Option<&str>) -> String {
    match Endpoint::new(graph, authority, Cloud::Global, custom) {
        Ok(endpoint) => format!("ok {}", endpoint.host()),
        Err(error) => error.detail,
    }
}

#[test]
fn h20_only_microsoft_or_loopback() {
    for (graph, wanted) in [
        (GRAPH, "ok graph.microsoft.com"),
        ("https://GRAPH.microsoft.com/beta/", "ok graph.microsoft.com"),
        ("http://graph.microsoft.com/beta", "plain_http"),
        ("https://graph.microsoft.us/beta", "foreign_host"),
        ("https://graph.microsoft.com:8443/beta", "foreign_host"),
        ("https://graph.microsoft.com.evil.example/beta", "foreign_host"),
        ("https://graph.microsoft.com@evil.example/beta", "url"),
        ("https://evil.example/graph.microsoft.com", "foreign_host"),
        ("http://localhost:8080/beta", "plain_http"),
        ("ftp://graph.microsoft.com", "url"),
        ("graph.microsoft.com", "url"),
    ] {
        assert_eq!(word(graph, LOGIN, None), wanted, "{graph}");
    }
}

#[test]
fn h20_authority_likewise() {
    assert_eq!(word(GRAPH, "https://login.evil.example", None), "foreign_host");
    assert_eq!(word(GRAPH, "http://login.microsoftonline.com", None), "plain_http");
    assert_eq!(word(GRAPH, "http://127.0.0.1:1", None), "mixed_practice");
    assert_eq!(word("http://127.0.0.1:1/beta", LOGIN, None), "mixed_practice");
}

#[test]
fn loopback_is_practice_with_the_global_scope() {
    for graph in ["http://127.0.0.1:8123/beta", "http://127.9.9.9:8123/beta", "http://[::1]:8123/beta"] {
        let endpoint = Endpoint::new(graph, "http://127.0.0.1:8123", Cloud::Global, None).unwrap();
        assert!(endpoint.is_practice(), "{graph}");
        assert_eq!(endpoint.scope(), "https://graph.microsoft.com/.default");
        assert!(endpoint.graph_url("/users").ends_with(":8123/beta/users"));
    }
    assert_eq!(word("http://10.0.0.1/beta", "http://127.0.0.1:1", None), "plain_http");
    assert_eq!(word("http://[::ffff:127.0.0.1]/beta", "http://127.0.0.1:1", None), "plain_http");
}

#[test]
fn h20_another_host_only_when_named() {
    assert_eq!(
        word("https://graph.corp.example/beta", LOGIN, Some("graph.corp.example")),
        "ok graph.corp.example"
    );
    assert_eq!(word("https://graph.corp.example/beta", LOGIN, Some("other.example")), "foreign_host");
    assert_eq!(word("http://graph.corp.example/beta", LOGIN, Some("graph.corp.example")), "plain_http");
}

#[test]
fn h20_next_links_stay_at_home() {
    let endpoint = Endpoint::new(GRAPH, LOGIN, Cloud::Global, None).unwrap();
    let home = |link: &str| endpoint.is_same_origin(&link.parse().unwrap());
    assert!(home("https://graph.microsoft.com/beta/users?$skiptoken=a%2Fb"));
    assert!(home("https://graph.microsoft.com:443/v1.0/users"));
    assert!(!home("http://graph.microsoft.com/beta/users"));
    assert!(!home("https://graph.microsoft.com@evil.example/"));
    assert!(!home("https://x@graph.microsoft.com/"));
    assert!(!home("https://graph.microsoft.com.evil.example/"));
    assert!(!home("https://graph.microsoft.com:444/"));
    assert!(!home("/beta/users"));
}

#[test]
fn h05_no_tenant_of_many() {
    for name in ["common", "Organizations", "consumers"] {
        assert_eq!(TenantName::parse(name).unwrap_err().detail, "many_tenants");
    }
    for name in ["", "contoso", "a..b", "contoso.com/x", "con toso.com"] {
        assert_eq!(TenantName::parse(name).unwrap_err().detail, "tenant", "{name}");
    }
    assert_eq!(TenantName::parse("Contoso.COM").unwrap(), TenantName::Domain("contoso.com".into()));
    let guid = "5B9F5E7C-0000-4000-8000-0000000000AA";
    assert_eq!(TenantName::parse(guid).unwrap(), TenantName::Id(TenantId::new(guid.to_ascii_lowercase())));
}
