//! Where access tokens and seeds may go, decided before anything is sent (H20, H5).
//!
//! Owns: [`Cloud`] hosts, [`Endpoint`] (Graph and authority), [`TenantName`]. Does not own: sending.

use std::net::IpAddr;

use http::Uri;
use oathctl_core::tenant::TenantError;
use oathctl_core::token::TenantId;
use url::{Host, Url};

use crate::fault::setting;

/// Microsoft's clouds (<https://learn.microsoft.com/en-us/graph/deployments>). Hardware tokens are documented
/// for the global one only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// Global, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGov,
    /// US Government L5 (DoD).
    UsGovDod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// The host of Graph.
    pub const fn graph_host(self) -> &'static str {
        match self {
            Self::Global => "graph.microsoft.com",
            Self::UsGov => "graph.microsoft.us",
            Self::UsGovDod => "dod-graph.microsoft.us",
            Self::China => "microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The hosts of the authority; the first is the usual one.
    pub const fn login_hosts(self) -> &'static [&'static str] {
        match self {
            Self::Global => &["login.microsoftonline.com"],
            Self::UsGov | Self::UsGovDod => &["login.microsoftonline.us"],
            Self::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }
}

/// Graph and the authority that issues access tokens for it. Exists only where both may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    graph: Url,
    authority: Url,
    cloud: Cloud,
    practice: bool,
}

impl Endpoint {
    /// Checks both URLs. `custom` is the one other host the user vouches for (`--custom-endpoint`).
    ///
    /// # Errors
    /// Kind `Settings` with detail `url`, `plain_http`, `foreign_host` (for either), or `mixed_practice` when
    /// only one of the two is on loopback.
    pub fn new(
        graph_url: &str,
        authority_url: &str,
        cloud: Cloud,
        custom: Option<&str>,
    ) -> Result<Self, TenantError> {
        let (graph, graph_loopback) = admit(graph_url, &[cloud.graph_host()], custom)?;
        let (authority, authority_loopback) = admit(authority_url, cloud.login_hosts(), custom)?;
        if graph_loopback != authority_loopback {
            return Err(setting("mixed_practice"));
        }
        Ok(Self { graph, authority, cloud, practice: graph_loopback })
    }

    /// True on loopback: everything printed says PRACTICE TENANT.
    pub const fn is_practice(&self) -> bool {
        self.practice
    }

    /// Graph's host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.graph.host_str().unwrap_or_default();
        self.graph.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The scope to ask access tokens for: the chosen cloud's Graph, on loopback too.
    pub fn scope(&self) -> String {
        format!("https://{}/.default", self.cloud.graph_host())
    }

    /// An absolute URL on Graph; `path` begins with `/` and is encoded already.
    pub(crate) fn graph_url(&self, path: &str) -> String {
        format!("{}{path}", self.graph.as_str().trim_end_matches('/'))
    }

    /// An absolute URL on the authority.
    pub(crate) fn authority_url(&self, path: &str) -> String {
        format!("{}{path}", self.authority.as_str().trim_end_matches('/'))
    }

    /// True when `link` goes to the very origin Graph was reached at. Judged by the type it will be sent as.
    pub(crate) fn is_same_origin(&self, link: &Uri) -> bool {
        let Some(authority) = link.authority() else { return false };
        let port = |scheme: &str| if scheme == "http" { 80 } else { 443 };
        let scheme = link.scheme_str().unwrap_or_default();
        !authority.as_str().contains('@')
            && scheme == self.graph.scheme()
            && Some(authority.host()) == self.graph.host_str()
            && authority.port_u16().unwrap_or(port(scheme))
                == self.graph.port_or_known_default().unwrap_or(443)
    }
}

/// One URL: https to one of `hosts` or to `custom`, or http(s) to a loopback address written as a number.
/// Says whether it is loopback.
fn admit(text: &str, hosts: &[&str], custom: Option<&str>) -> Result<(Url, bool), TenantError> {
    let url = Url::parse(text.trim()).map_err(|_| setting("url"))?;
    let plain = match url.scheme() {
        "https" => false,
        "http" => true,
        _ => return Err(setting("url")),
    };
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(setting("url"));
    }
    let name = match url.host() {
        Some(Host::Ipv4(ip)) if IpAddr::V4(ip).is_loopback() => return Ok((url, true)),
        Some(Host::Ipv6(ip)) if IpAddr::V6(ip).is_loopback() => return Ok((url, true)),
        Some(host) => host.to_string().to_ascii_lowercase(),
        None => return Err(setting("url")),
    };
    if plain {
        return Err(setting("plain_http"));
    }
    let microsoft = hosts.contains(&name.as_str()) && url.port().is_none();
    let vouched = custom.is_some_and(|custom| custom.eq_ignore_ascii_case(&name));
    if microsoft || vouched { Ok((url, false)) } else { Err(setting("foreign_host")) }
}

/// How a tenant was named: by its GUID, or by one of its domains (which the authority resolves).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantName {
    /// By GUID, lower-cased.
    Id(TenantId),
    /// By a domain, lower-cased.
    Domain(String),
}

impl TenantName {
    /// Reads a GUID or a domain.
    ///
    /// # Errors
    /// Kind `Settings`, detail `many_tenants` for `common`, `organizations` and `consumers` (H5), `tenant` for
    /// anything that is neither.
    pub fn parse(text: &str) -> Result<Self, TenantError> {
        let name = text.trim().to_ascii_lowercase();
        if matches!(name.as_str(), "common" | "organizations" | "consumers") {
            return Err(setting("many_tenants"));
        }
        if is_guid(&name) {
            return Ok(Self::Id(TenantId::new(name)));
        }
        let domain = name.contains('.')
            && name.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
        if domain { Ok(Self::Domain(name)) } else { Err(setting("tenant")) }
    }

    /// The text as it stands in a URL path.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Domain(domain) => domain,
        }
    }
}

/// True for `8-4-4-4-12` hex digits.
pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
