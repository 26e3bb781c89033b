//! The sign-in service: client credentials with a client secret, and the discovery document.
//!
//! Codes and shapes: <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>.

use data_encoding::BASE64;
use serde_json::json;

use super::answer::{Answer, Outcome};
use super::call::{Call, decoded, pairs};
use super::{Face, auth};
use crate::guid::Guid;
use crate::options::ClientSecret;
use crate::time::login_stamp;
use crate::world::World;

/// Works on a request to `/{tenant}/…`.
pub(super) fn route(face: &Face, world: &mut World, call: &Call, now: i64) -> Answer {
    let low = call.low();
    let outcome = match (call.method.as_str(), low.as_slice()) {
        ("POST", [_, "oauth2", "v2.0", "token"]) => token(face, world, call, now),
        ("GET", [_, "v2.0", ".well-known", "openid-configuration"]) => discovery(face, world, call, now),
        _ => Err(Answer::new(404, super::answer::Content::None)),
    };
    let (Ok(answer) | Err(answer)) = outcome;
    answer.header("cache-control", "no-store, no-cache".to_owned())
}

/// One refusal of the sign-in service.
struct Aadsts {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

fn aadsts(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Aadsts {
    Aadsts { status, error, code, text: text.into() }
}

impl Aadsts {
    fn answer(self, world: &mut World, now: i64) -> Answer {
        let (trace, correlation) = (world.fresh_id().to_string(), world.fresh_id().to_string());
        let stamp = login_stamp(world.tenant_clock(now));
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}",
            self.code, self.text
        );
        Answer::json(
            self.status,
            json!({
                "error": self.error, "error_description": description, "error_codes": [self.code],
                "timestamp": stamp, "trace_id": trace, "correlation_id": correlation,
                "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
            }),
        )
    }
}

fn check_tenant(face: &Face, world: &World, call: &Call) -> Result<(), Aadsts> {
    let named = call.segments.first().map_or("", String::as_str);
    let ours = Guid::parse(named) == Some(face.sim.app().tenant_id)
        || world.directory.domains.iter().any(|domain| domain.eq_ignore_ascii_case(named));
    if ours {
        return Ok(());
    }
    let text = format!("Tenant '{named}' not found. Check to make sure you have the correct tenant ID.");
    Err(aadsts(400, "invalid_request", 90002, text))
}

fn token(face: &Face, world: &mut World, call: &Call, now: i64) -> Outcome {
    if let Err(refusal) = check_tenant(face, world, call).and_then(|()| judge(face, world, call)) {
        return Err(refusal.answer(world, now));
    }
    let access_token = auth::issue(face, world, face.sim.app(), now);
    let lifetime = world.options().access_token_lifetime_s;
    Ok(Answer::json(
        200,
        json!({
            "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime,
            "access_token": access_token,
        }),
    ))
}

/// What the client sent, form fields first, `Authorization: Basic` for the rest.
struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    fn read(call: &Call) -> Self {
        let mut fields = pairs(&String::from_utf8_lossy(&call.body));
        let basic = call.header("authorization").and_then(|v| v.strip_prefix("Basic "));
        let plain = basic.and_then(|b| BASE64.decode(b.trim().as_bytes()).ok());
        if let Some((id, secret)) =
            plain.and_then(|p| String::from_utf8(p).ok()).as_deref().and_then(|p| p.split_once(':'))
        {
            fields.push(("client_id".to_owned(), decoded(id)));
            fields.push(("client_secret".to_owned(), decoded(secret)));
        }
        Self { fields }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, v)| v.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Aadsts> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            aadsts(400, "invalid_request", 900_144, text)
        })
    }
}

fn judge(face: &Face, world: &World, call: &Call) -> Result<(), Aadsts> {
    let form = Form::read(call);
    let grant = form.required("grant_type")?;
    let client_id = form.required("client_id")?;
    let scope = form.required("scope")?;
    if grant != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        return Err(aadsts(400, "unsupported_grant_type", 70003, text));
    }
    check_app(face, world, client_id)?;
    check_scope(call, scope)?;
    check_secret(face, world, client_id, form.get("client_secret"))
}

fn check_app(face: &Face, world: &World, client_id: &str) -> Result<(), Aadsts> {
    if Guid::parse(client_id) == Some(face.sim.app().client_id) {
        return Ok(());
    }
    let text = format!(
        "Application with identifier '{client_id}' was not found in the directory '{}'.",
        world.directory.name
    );
    Err(aadsts(400, "unauthorized_client", 700_016, text))
}

fn check_scope(call: &Call, scope: &str) -> Result<(), Aadsts> {
    if scope.contains(' ') || !scope.contains("://") && scope != GRAPH_DEFAULT_BARE {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The scope {scope} is not valid."
        );
        return Err(aadsts(400, "invalid_scope", 70011, text));
    }
    let Some(resource) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier."
        );
        return Err(aadsts(400, "invalid_scope", 1_002_012, text));
    };
    let known = ["https://graph.microsoft.com", auth::GRAPH_APP, call.origin.as_str()];
    if known.contains(&resource.trim_end_matches('/')) {
        return Ok(());
    }
    let text = format!("The resource principal named {resource} was not found in the tenant.");
    Err(aadsts(400, "invalid_resource", 500_011, text))
}

const GRAPH_DEFAULT_BARE: &str = "00000003-0000-0000-c000-000000000000/.default";

fn check_secret(face: &Face, world: &World, client_id: &str, secret: Option<&str>) -> Result<(), Aadsts> {
    let Some(secret) = secret else {
        let text =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(aadsts(401, "invalid_client", 7_000_218, text));
    };
    if secret != face.sim.app().client_secret.open() {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        );
        return Err(aadsts(401, "invalid_client", 7_000_215, text));
    }
    if world.options().client_secret == ClientSecret::Expired {
        let text = format!("The provided client secret keys for app '{client_id}' are expired.");
        return Err(aadsts(401, "invalid_client", 7_000_222, text));
    }
    Ok(())
}

fn discovery(face: &Face, world: &mut World, call: &Call, now: i64) -> Outcome {
    if let Err(refusal) = check_tenant(face, world, call) {
        return Err(Aadsts { error: "invalid_tenant", ..refusal }.answer(world, now));
    }
    let tenant = face.sim.app().tenant_id;
    let base = format!("{}/{tenant}", call.origin);
    Ok(Answer::json(
        200,
        json!({
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "issuer": format!("{base}/v2.0"),
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }),
    ))
}
