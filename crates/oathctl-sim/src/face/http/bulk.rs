//! `PATCH` on the inventory: many devices in one delta payload. How its failures look is unknown; three ways
//! are on offer.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, bad_request};
use super::call::Call;
use super::graph::Ctx;
use super::{inventory, wire};
use crate::face::words::{status_of, wording};
use crate::guid::Guid;
use crate::options::BulkStatus;
use crate::world::{Bulk, Done, Refusal, TokenIx, Write};

/// Whether this call is a bulk body; it counts its items against the limiter by itself.
pub(super) fn is_bulk(call: &Call) -> bool {
    call.method == "PATCH"
        && call.low() == ["directory", "authenticationmethoddevices", "hardwareoathdevices"]
}

pub(super) fn route(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    ctx.needs_policy_write()?;
    let body = call.json()?;
    let items = items(ctx, &body)?;
    ctx.admit(items.len() as u64)?;
    let mut news = Vec::with_capacity(items.len());
    for item in items {
        news.push(match wire::new_token(item) {
            Ok(new) => Ok(inventory::permit_assignment(ctx, new)?),
            Err(refusal) => Err(refusal),
        });
    }
    match ctx.write(Write::Bulk(news))? {
        Done::Bulk(bulk) => answer(ctx, call, items, &bulk),
        Done::Token(_) | Done::Nothing | Done::Later => Ok(Answer::done()),
    }
}

fn items<'b>(ctx: &Ctx<'_>, body: &'b Value) -> Result<&'b [Value], Answer> {
    let context = body["@context"].as_str().or(body["@odata.context"].as_str());
    if context != Some("#$delta") {
        return Err(bad_request("A delta payload with \"@context\": \"#$delta\" is required."));
    }
    let items = body["value"].as_array().filter(|items| !items.is_empty());
    let items =
        items.ok_or_else(|| bad_request("A collection `value` with at least one item is required."))?;
    let most = ctx.world.options().bulk_max_items.0;
    if items.len() > most {
        let message =
            format!("Practice tenant's own wording: at most {most} items are allowed in one request.");
        return Err(bad_request(&message));
    }
    Ok(items)
}

fn answer(ctx: &Ctx<'_>, call: &Call, items: &[Value], bulk: &Bulk) -> Outcome {
    if let Some(refusal) = bulk.ended {
        return Err(ctx.refused(refusal));
    }
    let value: Vec<Value> = items
        .iter()
        .zip(&bulk.items)
        .map(|(asked, outcome)| {
            let mut item = match outcome {
                Ok(ix) => created(ctx, *ix),
                Err(refusal) => failed(ctx, *refusal, asked),
            };
            if ctx.world.options().echo_content_id {
                item["@contentId"] = asked["@contentId"].clone();
            }
            item
        })
        .collect();
    let status = match ctx.world.options().bulk_status {
        BulkStatus::Ok => 200,
        BulkStatus::Created => 201,
    };
    let context = format!(
        "{}/{}/$metadata#directory/authenticationMethodDevices/hardwareOathDevices/$delta",
        call.origin, call.version
    );
    Ok(Answer::json(status, json!({"@odata.context": context, "value": value})))
}

fn created(ctx: &Ctx<'_>, ix: TokenIx) -> Value {
    let flat = ctx.world.token_at(ix, ctx.now).map_or(Value::Null, |view| wire::device(ctx.world, &view));
    wire::shaped(ctx.world.options().bulk_item_shape, flat)
}

/// A failed item, as other delta payloads of Graph show it.
fn failed(ctx: &Ctx<'_>, refusal: Refusal, asked: &Value) -> Value {
    let (status, code) = status_of(ctx.world, refusal);
    json!({
        "id": Guid::ZERO.to_string(),
        "serialNumber": asked["serialNumber"].clone(),
        "@Core.DataModificationException": {
            "@odata.type": "#Org.OData.Core.V1.DataModificationExceptionType",
            "failedOperation": "Create",
            "responseCode": status,
            "info": {"code": code, "message": wording(ctx.world, refusal)},
        },
    })
}
