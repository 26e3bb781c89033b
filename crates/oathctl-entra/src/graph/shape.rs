//! The JSON that goes to Graph and comes from it, as tolerant as its documents are contradictory.
//!
//! Owns: request bodies, and devices, users and method kinds in replies. Does not own: how they travel.

use oathctl_core::tenant::{Create, Device, DeviceStatus, ETag, Holder, User};
use oathctl_core::time::{ServerTime, Utc};
use oathctl_core::token::{DeviceId, Hash, UserId};
use serde::Serialize;
use serde_json::Value;

use crate::remote::{clean, field};
use crate::secret::{BodySecret, expose_in_body};

/// A request body. Has no `Debug`: some carry seeds and codes.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Body {
    /// A device to create.
    Device(NewDevice),
    /// A device to assign.
    Assign {
        /// Which.
        device: IdOnly,
    },
    /// A code.
    Activate(Activation),
    /// A new name.
    Rename {
        /// Which.
        #[serde(rename = "displayName")]
        display_name: String,
    },
}

impl Body {
    /// True for seeds and codes.
    pub(super) const fn is_confidential(&self) -> bool {
        match self {
            Self::Device(_) | Self::Activate(_) => true,
            Self::Assign { .. } | Self::Rename { .. } => false,
        }
    }
}

/// A reference by id.
#[derive(Serialize)]
pub(super) struct IdOnly {
    pub(super) id: String,
}

/// The body of an activation. The code is text: leading zeros count.
#[derive(Serialize)]
pub(super) struct Activation {
    #[serde(rename = "verificationCode", serialize_with = "expose_in_body")]
    pub(super) code: BodySecret,
}

/// The body of a creation, alone or as an item of the bulk form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewDevice {
    #[serde(rename = "@contentId", skip_serializing_if = "Option::is_none")]
    content_id: Option<String>,
    serial_number: String,
    manufacturer: String,
    model: String,
    #[serde(serialize_with = "expose_in_body")]
    secret_key: BodySecret,
    time_interval_in_seconds: u32,
    hash_function: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assign_to: Option<IdOnly>,
}

impl NewDevice {
    /// From the engine's words; `content_id` only in the bulk form.
    pub(super) fn new(item: &Create, seed: BodySecret, content_id: Option<String>) -> Self {
        Self {
            content_id,
            serial_number: item.serial.clone(),
            manufacturer: item.manufacturer.clone(),
            model: item.model.clone(),
            secret_key: seed,
            time_interval_in_seconds: item.period_secs,
            hash_function: hash_word(item.hash),
            assign_to: item.assign_to.as_ref().map(|user| IdOnly { id: user.as_str().to_owned() }),
        }
    }
}

/// The bulk form's body.
#[derive(Serialize)]
pub(super) struct Delta {
    #[serde(rename = "@context")]
    context: &'static str,
    value: Vec<NewDevice>,
}

impl Delta {
    pub(super) fn of(value: Vec<NewDevice>) -> Self {
        Self { context: "#$delta", value }
    }
}

/// SHA-512 has no word in Graph; planning rules it out by [`oathctl_core::tenant::Capabilities`].
const fn hash_word(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "hmacsha1",
        Hash::Sha256 => "hmacsha256",
        Hash::Sha512 => "hmacsha512",
    }
}

/// Text of a member, stripped of what could drive a terminal.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    field(value, name).and_then(Value::as_str).map(clean)
}

/// An entity that a reply may have wrapped in `value` (the documents' sample of a single GET does).
pub(super) fn unwrapped(body: &Value) -> &Value {
    field(body, "value").filter(|value| value.is_object()).unwrap_or(body)
}

/// A device, flat or wrapped in `device`; `None` without an id.
pub(super) fn device(item: &Value, seen_at: Option<ServerTime>) -> Option<Device> {
    let (outer_id, outer_etag) = (text(item, "id"), etag(item));
    let item = field(item, "device").filter(|inner| inner.is_object()).unwrap_or(item);
    let id = text(item, "id").or(outer_id).filter(|id| !is_zero_id(id))?;
    Some(Device {
        id: DeviceId::new(id),
        serial: text(item, "serialNumber").unwrap_or_default(),
        manufacturer: text(item, "manufacturer").unwrap_or_default(),
        model: text(item, "model").unwrap_or_default(),
        hash: text(item, "hashFunction").and_then(|word| Hash::parse(&word)),
        period_secs: field(item, "timeIntervalInSeconds").and_then(whole_number),
        status: status(text(item, "status")),
        holder: field(item, "assignedTo").and_then(holder),
        last_used: text(item, "lastUsedDateTime").and_then(|at| Utc::parse_rfc3339(&at)),
        name: text(item, "displayName"),
        seen_at,
        etag: etag(item).or(outer_etag),
    })
}

/// The version of an entity (OData JSON format 4.01 §4.6.11).
fn etag(item: &Value) -> Option<ETag> {
    ETag::parse(field(item, "@odata.etag").or_else(|| field(item, "@etag"))?.as_str()?)
}

/// The id of an item that was not made.
pub(super) fn is_zero_id(id: &str) -> bool {
    id.chars().all(|c| matches!(c, '0' | '-'))
}

fn status(word: Option<String>) -> DeviceStatus {
    let word = word.unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "available" => DeviceStatus::Available,
        "assigned" => DeviceStatus::Assigned,
        "activated" => DeviceStatus::Activated,
        "failedactivation" => DeviceStatus::FailedActivation,
        _ => DeviceStatus::Other(word),
    }
}

fn holder(value: &Value) -> Option<Holder> {
    let id = text(value, "id").filter(|id| !id.is_empty())?;
    Some(Holder { id: UserId::new(id), name: text(value, "displayName") })
}

/// A whole number, also one in quotes, as published working scripts send it.
fn whole_number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A person; `None` without an id.
pub(super) fn user(item: &Value) -> Option<User> {
    let item = unwrapped(item);
    Some(User {
        id: UserId::new(text(item, "id")?),
        upn: text(item, "userPrincipalName").unwrap_or_default(),
        name: text(item, "displayName").unwrap_or_default(),
        enabled: field(item, "accountEnabled").and_then(Value::as_bool),
        guest: text(item, "userType").map(|kind| kind.eq_ignore_ascii_case("guest")),
    })
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
