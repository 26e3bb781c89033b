//! From one of a tenant's domains to its GUID, by the authority's discovery document (OpenID Connect Discovery
//! 1.0 §4).
//!
//! Owns: [`resolve_tenant`]. Does not own: trust in the answer; the access token and the organisation must
//! agree with it.

use bytes::Bytes;
use http::{Method, Request};
use oathctl_core::tenant::{Remote, TenantError};
use oathctl_core::token::TenantId;
use serde_json::Value;

use crate::endpoint::{TenantName, is_guid};
use crate::fault::{foreign, setting};
use crate::remote::field;
use crate::signin::aadsts::LoginError;
use crate::signin::ask::SignIn;

/// The tenant's GUID. A name that is one already costs no request.
///
/// # Errors
/// Kind `SignIn`, detail `AADSTS90002` when nobody has that domain; else what sign-in requests give.
pub async fn resolve_tenant(sign_in: &SignIn, tenant: &TenantName) -> Result<TenantId, TenantError> {
    let domain = match tenant {
        TenantName::Id(id) => return Ok(id.clone()),
        TenantName::Domain(domain) => domain,
    };
    let url = sign_in.endpoint.authority_url(&format!("/{domain}/v2.0/.well-known/openid-configuration"));
    let uri: http::Uri = url.parse().map_err(|_| setting("url"))?;
    let request = || {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri.clone();
        request
    };
    let reply = sign_in.ask("GET openid-configuration", request).await?;
    let status = reply.http.status().as_u16();
    if !reply.http.status().is_success() {
        let error: LoginError = serde_json::from_slice(reply.http.body()).unwrap_or_default();
        return Err(error.into_fault(Some(status)));
    }
    let document: Value = serde_json::from_slice(reply.http.body()).unwrap_or_default();
    let issuer = field(&document, "issuer").and_then(Value::as_str).unwrap_or_default();
    issuer
        .split('/')
        .find(|part| is_guid(part))
        .map(|guid| TenantId::new(guid.to_ascii_lowercase()))
        .ok_or_else(|| foreign("not_json", Remote { status: Some(status), ..Remote::default() }))
}
