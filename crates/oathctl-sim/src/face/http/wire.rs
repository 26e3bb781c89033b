//! Graph's spelling of tokens and people, both ways. Own shapes: nothing here is shared with the client.

use data_encoding::BASE32_NOPAD;
use serde_json::{Map, Value, json};

use crate::guid::Guid;
use crate::options::ItemShape;
use crate::secret::SeedBytes;
use crate::time::rfc3339;
use crate::totp::Hash;
use crate::world::{Changes, NewToken, Person, Refusal, TokenView, World};

/// A device's properties, flat. `secretKey` is always null.
pub(super) fn device(world: &World, view: &TokenView<'_>) -> Value {
    let holder = view.holder.map(|ix| world.people.get(ix));
    let mut out = json!({
        "id": view.id.to_string(), "displayName": view.details.display_name, "serialNumber": view.serial,
        "manufacturer": view.details.manufacturer, "model": view.details.model, "secretKey": null,
        "timeIntervalInSeconds": view.details.period_s, "status": view.status.graph_name(),
        "lastUsedDateTime": view.last_used.map(rfc3339), "hashFunction": view.details.hash.graph_name(),
        "assignedTo": holder.map(identity),
    });
    if world.options().etags {
        out["@odata.etag"] = json!(etag(view));
    }
    out
}

/// The weak ETag of a device.
pub(super) fn etag(view: &TokenView<'_>) -> String {
    format!("W/\"{}\"", view.etag)
}

fn identity(person: &Person) -> Value {
    let name = person.deleted_at.is_none().then_some(&person.display_name);
    json!({"id": person.id.to_string(), "displayName": name})
}

/// A device in the shape a switch asks for.
pub(super) fn shaped(shape: ItemShape, flat: Value) -> Value {
    match shape {
        ItemShape::Flat => flat,
        ItemShape::Device => json!({"id": flat["id"].clone(), "device": flat}),
    }
}

/// Keeps the properties asked for, and annotations.
pub(super) fn selected(value: Value, select: &[String]) -> Value {
    match value {
        Value::Object(map) if !select.is_empty() => Value::Object(
            map.into_iter()
                .filter(|(key, _)| key.starts_with('@') || select.contains(&key.to_lowercase()))
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}

fn text(item: &Value, name: &'static str) -> Result<String, Refusal> {
    item[name].as_str().map(str::to_owned).ok_or(Refusal::BadField(name))
}

fn optional_text(item: &Value, name: &'static str) -> Result<Option<String>, Refusal> {
    match &item[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(Refusal::BadField(name)),
    }
}

/// A number, or a number in quotes, as published scripts send it.
fn period(item: &Value) -> Result<u32, Refusal> {
    let number = match &item["timeIntervalInSeconds"] {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    };
    number.and_then(|n| u32::try_from(n).ok()).ok_or(Refusal::BadField("timeIntervalInSeconds"))
}

fn hash(item: &Value) -> Result<Option<Hash>, Refusal> {
    match optional_text(item, "hashFunction")?.as_deref() {
        None => Ok(None),
        Some("hmacsha1") => Ok(Some(Hash::Sha1)),
        Some("hmacsha256") => Ok(Some(Hash::Sha256)),
        Some(_) => Err(Refusal::BadField("hashFunction")),
    }
}

/// Base32 without regard to case, at most 128 characters; padding is let pass.
fn seed(item: &Value) -> Result<SeedBytes, Refusal> {
    let bad = Refusal::BadField("secretKey");
    let text = item["secretKey"].as_str().ok_or(bad)?;
    let plain = text.trim_end_matches('=').to_ascii_uppercase();
    if plain.len() > 128 {
        return Err(bad);
    }
    // Vendors cut Base32 at any length; bits beyond the last whole byte must not matter.
    let mut lenient = data_encoding::Specification::new();
    lenient.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    lenient.check_trailing_bits = false;
    let encoding = lenient.encoding().unwrap_or(BASE32_NOPAD);
    encoding.decode(plain.as_bytes()).map(SeedBytes::new).map_err(|_| bad)
}

/// Reads a device to be created.
pub(super) fn new_token(item: &Value) -> Result<NewToken, Refusal> {
    Ok(NewToken {
        serial: text(item, "serialNumber")?,
        manufacturer: text(item, "manufacturer")?,
        model: text(item, "model")?,
        seed: seed(item)?,
        period_s: period(item)?,
        hash: hash(item)?.unwrap_or(Hash::Sha1),
        display_name: optional_text(item, "displayName")?,
        assign_to: assign_to(item)?,
    })
}

fn assign_to(item: &Value) -> Result<Option<Guid>, Refusal> {
    match &item["assignTo"] {
        Value::Null => Ok(None),
        target => {
            let id = target["id"].as_str().ok_or(Refusal::BadField("assignTo"))?;
            Guid::parse(id).map(Some).ok_or(Refusal::NoPerson)
        }
    }
}

/// Reads a change of a device; other properties cannot be changed.
pub(super) fn changes(item: &Value) -> Result<Changes, Refusal> {
    for name in ["secretKey", "serialNumber"] {
        if !item[name].is_null() {
            return Err(Refusal::BadField(name));
        }
    }
    let period_s = if item["timeIntervalInSeconds"].is_null() { None } else { Some(period(item)?) };
    let display_name = match item.get("displayName") {
        None => None,
        Some(_) => Some(optional_text(item, "displayName")?),
    };
    Ok(Changes {
        display_name,
        manufacturer: optional_text(item, "manufacturer")?,
        model: optional_text(item, "model")?,
        period_s,
        hash: hash(item)?,
    })
}

/// All properties of a person that the practice tenant knows.
pub(super) fn person(person: &Person) -> Value {
    json!({
        "id": person.id.to_string(), "displayName": person.display_name, "userPrincipalName": person.upn,
        "mail": person.upn.split_once("#EXT#").map_or(Some(person.upn.as_str()), |_| None),
        "givenName": person.display_name.split(' ').next(), "surname": person.display_name.split(' ').next_back(),
        "businessPhones": [], "jobTitle": null, "mobilePhone": null, "officeLocation": null,
        "preferredLanguage": null,
        "accountEnabled": person.enabled, "userType": if person.guest { "Guest" } else { "Member" },
    })
}
