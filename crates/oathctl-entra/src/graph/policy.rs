//! The method policy for hardware tokens.
//!
//! Owns: reading it. Does not own: whom it excludes (the plan's). Beta only:
//! <https://learn.microsoft.com/en-us/graph/api/hardwareoathauthenticationmethodconfiguration-get>

use oathctl_core::tenant::{Known, MethodPolicy, Target, TenantError};
use oathctl_core::token::{GroupId, UserId};
use serde_json::Value;

use super::read::Get;
use super::shape::{text, unwrapped};
use super::{GraphBackend, path};
use crate::remote::field;

impl GraphBackend {
    /// Unknown when it may not be read, or says a state we have no word for.
    pub(super) async fn read_policy(&self) -> Result<Known<MethodPolicy>, TenantError> {
        let got = self.read(Get::path(path::POLICY, "GET hardwareOath policy")).await?;
        let read = if got.is_ok() { policy(unwrapped(&got.body)) } else { None };
        Ok(read.map_or_else(|| Known::Unknown(got.remote()), Known::Yes))
    }
}

fn policy(body: &Value) -> Option<MethodPolicy> {
    let enabled = match text(body, "state")?.to_ascii_lowercase().as_str() {
        "enabled" => true,
        "disabled" => false,
        _ => return None,
    };
    Some(MethodPolicy {
        enabled,
        include: targets(body, "includeTargets"),
        exclude: targets(body, "excludeTargets"),
    })
}

fn targets(body: &Value, name: &str) -> Vec<Target> {
    let items = field(body, name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(target).collect()
}

fn target(item: &Value) -> Option<Target> {
    let id = text(item, "id")?;
    if id.eq_ignore_ascii_case("all_users") {
        return Some(Target::Everybody);
    }
    let person = text(item, "targetType").is_some_and(|kind| kind.eq_ignore_ascii_case("user"));
    Some(if person { Target::Person(UserId::new(id)) } else { Target::Group(GroupId::new(id)) })
}
