//! `/users/{id}/authentication/methods`: everything a person signs in with.

use serde_json::{Value, json};

use super::answer::Outcome;
use super::call::Call;
use super::graph::{Ctx, only};
use super::{methods, page};
use crate::time::rfc3339;
use crate::world::{Method, MethodKind};

pub(super) fn route(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    only(call, "GET")?;
    ctx.needs_all_methods_read()?;
    let person = ctx.person(&call.segments[1])?;
    let who = ctx.world.people.get(person);
    let context = format!("users('{}')/authentication/methods", who.id);
    let others = who.methods.iter().map(other);
    let tokens = ctx.world.held_at(person, ctx.read_at).map(|view| methods::method(ctx, call, &view));
    page::answer(ctx, call, &context, usize::MAX, others.chain(tokens).enumerate())
}

fn other(method: &Method) -> Value {
    let mut out = match method.kind {
        MethodKind::Password => json!({"password": null}),
        MethodKind::Phone => {
            json!({"phoneNumber": "+49 5550100", "phoneType": "mobile", "smsSignInState": "notConfigured"})
        }
        MethodKind::Authenticator => {
            json!({"displayName": "Practice phone", "deviceTag": "SoftwareTokenActivated", "phoneAppVersion": "6.0"})
        }
        MethodKind::Fido2 => json!({"displayName": "Practice key", "model": "Practice", "aaGuid": null}),
        MethodKind::SoftwareOath => json!({"secretKey": null}),
        MethodKind::Email => json!({"emailAddress": "somebody@mail.example"}),
        MethodKind::AccessPass => {
            json!({"temporaryAccessPass": null, "lifetimeInMinutes": 60, "isUsableOnce": true})
        }
    };
    out["@odata.type"] = json!(odata_type(method.kind));
    out["id"] = json!(method.id.to_string());
    out["createdDateTime"] = json!(rfc3339(method.created_at));
    out
}

fn odata_type(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Password => "#microsoft.graph.passwordAuthenticationMethod",
        MethodKind::Phone => "#microsoft.graph.phoneAuthenticationMethod",
        MethodKind::Authenticator => "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
        MethodKind::Fido2 => "#microsoft.graph.fido2AuthenticationMethod",
        MethodKind::SoftwareOath => "#microsoft.graph.softwareOathAuthenticationMethod",
        MethodKind::Email => "#microsoft.graph.emailAuthenticationMethod",
        MethodKind::AccessPass => "#microsoft.graph.temporaryAccessPassAuthenticationMethod",
    }
}
