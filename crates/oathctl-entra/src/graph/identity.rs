//! Which tenant this is, and what time it is there.
//!
//! Owns: the comparison of access token, organisation and configuration (H5). Does not own: the gate.

use oathctl_core::tenant::{ClockSample, Identity, Remote, TenantError};
use oathctl_core::token::TenantId;
use serde_json::Value;

use super::GraphBackend;
use super::read::Get;
use super::shape::text;
use super::step::Got;
use crate::fault::{fault, foreign};
use crate::remote::field;
use crate::signin::Claims;
use oathctl_core::tenant::TenantErrorKind;

/// <https://learn.microsoft.com/en-us/graph/api/organization-list>
const ORGANIZATION: &str = "/organization?$select=id,displayName,verifiedDomains";
const ROUTE: &str = "GET organization";

impl GraphBackend {
    pub(super) async fn read_identity(&self) -> Result<Identity, TenantError> {
        let claims = Claims::read(&*self.access_tokens.get().await?);
        let got = self.read(Get::path(ORGANIZATION, ROUTE)).await?;
        let organization = organization(&got)?;
        let ids = [
            claims.tid.clone(),
            organization.and_then(|o| text(o, "id")),
            self.tenant.as_ref().map(|t| t.as_str().to_owned()),
        ];
        Ok(Identity {
            tenant: agreed(ids, &got)?,
            name: organization.and_then(|o| text(o, "displayName")).unwrap_or_default(),
            domains: organization.map(domains).unwrap_or_default(),
            host: self.endpoint.host(),
            practice: self.endpoint.is_practice(),
            signed_in_as: claims.who().map(str::to_owned),
        })
    }

    /// Any clear answer of Graph will do, a refusal too.
    pub(super) async fn read_clock(&self) -> Result<ClockSample, TenantError> {
        let got = self.read(Get::path("/organization?$select=id", ROUTE)).await?;
        got.sample.ok_or_else(|| foreign("no_date", got.remote()))
    }
}

/// The organisation; `None` when it may not, or cannot, be read: name and domains are for the eye and for one rule of
/// the gate, and unknown without it.
fn organization(got: &Got) -> Result<Option<&Value>, TenantError> {
    match got.status {
        400 | 402..=428 | 430..=499 => Ok(None),
        _ if got.is_ok() => {
            Ok(field(&got.body, "value").and_then(Value::as_array).and_then(|all| all.first()))
        }
        _ => Err(got.refused("Organization.Read.All")),
    }
}

fn domains(organization: &Value) -> Vec<String> {
    let all = field(organization, "verifiedDomains").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(|d| text(d, "name")).map(|name| name.to_lowercase()).collect()
}

/// The one tenant all of them name.
fn agreed(ids: [Option<String>; 3], got: &Got) -> Result<TenantId, TenantError> {
    let mut named = ids.into_iter().flatten().map(|id| id.to_ascii_lowercase());
    let first = named
        .next()
        .ok_or_else(|| fault(TenantErrorKind::Forbidden, "Organization.Read.All", got.remote()))?;
    match named.find(|other| *other != first) {
        None => Ok(TenantId::new(first)),
        Some(other) => {
            let remote = Remote { message: Some(format!("{first} / {other}")), ..Remote::default() };
            Err(foreign("tenant_mismatch", remote))
        }
    }
}
