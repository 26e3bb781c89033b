//! Reads and sign-ins that failed as a whole.
//!
//! Owns: [`tenant_error`], by kind and detail word. Does not own: the tenant's own words ([`super::remote`]), which
//! are shown beside it.

use oathctl_core::tenant::{TenantError, TenantErrorKind};

use super::foreign::clean;
use super::{permission, sign_in};

/// What happened, and what to do next.
pub fn tenant_error(error: &TenantError) -> (String, String) {
    let detail = error.detail.as_str();
    match error.kind {
        TenantErrorKind::Unreachable => unreachable(detail),
        TenantErrorKind::NotTheTenant => not_the_tenant(detail),
        TenantErrorKind::WaitTooLong => said(
            "The tenant asks to wait longer than `--max-wait` allows.",
            "Run the command again later, or allow a longer `--max-wait`.",
        ),
        TenantErrorKind::SignIn => sign_in::refused(detail),
        TenantErrorKind::Forbidden => permission::missing(detail),
        TenantErrorKind::Refused => refused(detail),
        TenantErrorKind::Stopped => said(
            "The command was stopped before the tenant had answered.",
            "Run it again; if a run was under way, go on with `oathctl resume`.",
        ),
        TenantErrorKind::Settings => settings(detail),
    }
}

fn unreachable(detail: &str) -> (String, String) {
    match detail {
        "dns" => said(
            "The name of the tenant's host can't be resolved.",
            "Check the network connection and its DNS; where a proxy is needed, set HTTPS_PROXY.",
        ),
        "connect" => said(
            "No connection to the tenant's host could be made.",
            "Check the network connection and the firewall; where a proxy is needed, set HTTPS_PROXY.",
        ),
        "tls" => said(
            "No safe connection could be made, because the certificate isn't trusted or the handshake failed.",
            "If the network inspects TLS, have it let graph.microsoft.com and login.microsoftonline.com pass. \
             Certificate checks can't be switched off here.",
        ),
        "proxy" => said(
            "The proxy wouldn't connect to the tenant's host.",
            "Check HTTPS_PROXY with its user and password, and that the proxy permits graph.microsoft.com and \
             login.microsoftonline.com.",
        ),
        "timeout" => said(
            "The tenant didn't answer in time.",
            "Run the command again; on a slow connection allow a longer `--timeout`.",
        ),
        "reset" => said(
            "The connection ended before the answer was complete, several times.",
            "Run the command again; if it stays so, look at the proxy or firewall on the way.",
        ),
        "request" => said(
            "The request couldn't be built from the settings.",
            "Check OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST, and report it to the project if they are right.",
        ),
        other => match other.strip_prefix("http_") {
            Some(status) => (
                format!("The tenant is answering only that it can't (HTTP {}).", clean(status)),
                "Run the command again later; Microsoft's service health page shows outages.".into(),
            ),
            None => (
                format!("The tenant can't be reached ({}).", clean(other)),
                "Check the network connection, proxy and firewall, then run the command again.".into(),
            ),
        },
    }
}

fn not_the_tenant(detail: &str) -> (String, String) {
    let proxy = "It was probably a proxy or a sign-in page of the network; sign in there or have it let \
        graph.microsoft.com and login.microsoftonline.com pass, then run the command again.";
    match detail {
        "html" => said("A web page came back where Microsoft Graph answers with JSON.", proxy),
        "not_json" => said("Something other than JSON came back where Microsoft Graph answers.", proxy),
        "redirect" => said(
            "The answer leads to another address, which isn't followed, since seeds and access tokens go only where you \
             sent them.",
            "Check OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST; a sign-in page of the network may stand in between.",
        ),
        "foreign_next_link" => said(
            "The next page of a list was said to be on another host, which isn't followed.",
            "Check OATHCTL_GRAPH_URL and what stands between you and Microsoft; nothing was sent there.",
        ),
        "next_link_loop" => said(
            "A list came back with a next page that had been read already, so it can't be read to its end.",
            "Run the command again; if it stays so, tell Microsoft's support the request id.",
        ),
        "no_date" => said(
            "The answer had no date, and without the tenant's time no code can be sent.",
            "A proxy that removes the Date header may stand in between: have it let graph.microsoft.com pass.",
        ),
        "tenant_mismatch" => said(
            "The access token belongs to one tenant and the directory that answered to another.",
            "Compare AZURE_TENANT_ID with the tenant's overview in the portal; nothing was written.",
        ),
        "too_large" => said(
            "The answer was larger than any that Microsoft Graph gives.",
            "Check OATHCTL_GRAPH_URL and what stands between you and Microsoft.",
        ),
        other => (format!("Something other than Microsoft Graph answered ({}).", clean(other)), proxy.into()),
    }
}

fn refused(detail: &str) -> (String, String) {
    (
        format!("The tenant refused the request ({}).", clean(detail)),
        "Mend what the tenant's own words name, then run the command again. Microsoft's support asks for the request id."
            .into(),
    )
}

fn settings(detail: &str) -> (String, String) {
    match detail {
        "url" => said(
            "A setting that should be a URL isn't one that can be used.",
            "Write OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST as https:// addresses without user, password and query.",
        ),
        "plain_http" => said(
            "Plain http is only for loopback addresses such as http://127.0.0.1, never for a real host.",
            "Write https:// in OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST, or unset them for Microsoft's own hosts.",
        ),
        "foreign_host" => said(
            "The host isn't Microsoft's for the chosen cloud and isn't loopback, so nothing is sent there.",
            "Correct OATHCTL_GRAPH_URL or AZURE_AUTHORITY_HOST, or vouch for the host with `--custom-endpoint`.",
        ),
        "mixed_practice" => said(
            "One of the two addresses is a practice tenant's and the other a real one.",
            "Set OATHCTL_GRAPH_URL and AZURE_AUTHORITY_HOST both to what `oathctl sim` printed, or neither.",
        ),
        "many_tenants" => said(
            "The tenant is given as common, organizations or consumers, which doesn't say which tenant is meant.",
            "Set AZURE_TENANT_ID or `--tenant` to the tenant's id or one of its domains.",
        ),
        "tenant" => said(
            "The tenant is neither an id nor a domain.",
            "Set AZURE_TENANT_ID or `--tenant` to the tenant's id or one of its domains, as its overview shows them.",
        ),
        other => (
            format!("A setting can't be used ({}).", clean(other)),
            "Compare the settings with `oathctl --help` and correct the one named.".into(),
        ),
    }
}

fn said(message: &str, next: &str) -> (String, String) {
    (message.into(), next.into())
}
