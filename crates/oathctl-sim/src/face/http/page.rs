//! Paging with opaque next links. A link says where to go on; whoever bends it gets 400.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, bad_request};
use super::call::Call;
use super::graph::Ctx;

/// Where this call starts: 0, or what its `$skiptoken` says.
pub(super) fn start(call: &Call) -> Result<usize, Answer> {
    let Some(token) = call.option("skiptoken") else { return Ok(0) };
    let invalid = || bad_request("The skip token is not valid.");
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    let (place, check) = text.split_once('.').ok_or_else(invalid)?;
    let place: usize = place.parse().map_err(|_| invalid())?;
    if check == stamp(place) { Ok(place) } else { Err(invalid()) }
}

fn stamp(place: usize) -> String {
    format!("{:016x}", (place as u64 ^ 0x5851_F42D).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// The answer for a list: at most `size` of the items, and a next link if there are more.
/// `items` must begin at the place this call starts at, each with its own place.
pub(super) fn answer(
    ctx: &Ctx<'_>,
    call: &Call,
    context: &str,
    size: usize,
    items: impl Iterator<Item = (usize, Value)>,
) -> Outcome {
    let mut value = Vec::new();
    let mut next = None;
    for (place, item) in items {
        if value.len() == size {
            next = Some(place);
            break;
        }
        value.push(item);
    }
    let mut body = json!({"@odata.context": format!("{}/{}/$metadata#{context}", call.origin, call.version)});
    if let Some(place) = next {
        body["@odata.nextLink"] = json!(link(ctx, call, place));
    }
    body["value"] = Value::Array(value);
    Ok(Answer::json(200, body))
}

fn link(ctx: &Ctx<'_>, call: &Call, place: usize) -> String {
    let origin = if ctx.foreign_next_link { "https://collector.example" } else { &call.origin };
    let token = BASE64URL_NOPAD.encode(format!("{place}.{}", stamp(place)).as_bytes());
    let mut query: Vec<&str> = call
        .raw_query
        .split('&')
        .filter(|part| !part.is_empty())
        .filter(|part| !part.to_lowercase().replace("%24", "$").starts_with("$skiptoken="))
        .collect();
    let skip = format!("$skiptoken={token}");
    query.push(&skip);
    format!("{origin}/{}{}?{}", call.version, call.raw_path, query.join("&"))
}
