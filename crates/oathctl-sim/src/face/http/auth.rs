//! Access tokens: handed out at sign-in, checked at every call; and the permissions of the app.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::Face;
use super::answer::{Answer, access_denied, request_denied};
use super::call::Call;
use super::graph::Ctx;
use crate::face::words;
use crate::options::Permit;
use crate::sim::App;
use crate::world::World;

/// Graph's own app id, as every access token for it names it.
pub(super) const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

/// Signatures of the access tokens handed out, with the time each ends.
#[derive(Default)]
pub(super) struct Sessions(BTreeMap<String, i64>);

/// Makes an access token with the claims a client may look at. The signature is a random number.
pub(super) fn issue(face: &Face, world: &mut World, app: &App, now: i64) -> String {
    let (issued, lifetime) = (world.tenant_clock(now) / 1000, world.options().access_token_lifetime_s);
    let ends = issued + i64::try_from(lifetime).unwrap_or(3599);
    let claims = json!({
        "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{}/", app.tenant_id),
        "iat": issued, "nbf": issued, "exp": ends, "app_displayname": "oathctl practice",
        "appid": app.client_id.to_string(), "idtyp": "app", "roles": world.options().permissions.0,
        "tid": app.tenant_id.to_string(), "ver": "1.0",
    });
    let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signature = BASE64URL_NOPAD.encode(&world.rng().bytes(48));
    let mut sessions = face.sessions.lock().unwrap_or_else(PoisonError::into_inner);
    // Long-ended ones are forgotten; freshly ended ones must still be told apart from invented ones.
    sessions.0.retain(|_, end| *end + 86_400_000 > now);
    sessions.0.insert(signature.clone(), ends * 1000);
    format!("{}.{}.{signature}", part(&json!({"typ": "JWT", "alg": "none"})), part(&claims))
}

/// Refuses a call without a good access token, in the three known wordings.
pub(super) fn check(face: &Face, world: &World, call: &Call, now: i64) -> Result<(), Answer> {
    let bearer = call.header("authorization").and_then(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    let Some(bearer) = bearer.filter(|b| !b.is_empty()) else {
        return Err(unauthorized(call, "Access token is empty."));
    };
    let signature = bearer.rsplit('.').next().unwrap_or_default();
    let ends = face.sessions.lock().unwrap_or_else(PoisonError::into_inner).0.get(signature).copied();
    match ends {
        Some(ends) if world.tenant_clock(now) < ends => Ok(()),
        Some(_) => Err(unauthorized(call, "Lifetime validation failed, the token is expired.")),
        None => Err(unauthorized(call, "Access token validation failure.")),
    }
}

fn unauthorized(call: &Call, message: &str) -> Answer {
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{GRAPH_APP}\"",
        call.origin
    );
    Answer::error(401, "InvalidAuthenticationToken", message).header("www-authenticate", challenge)
}

/// What the app may do, checked against the least permission of each route.
impl Ctx<'_> {
    fn granted(&self, any_of: &[&str]) -> bool {
        words::granted(self.world, any_of)
    }

    fn directory_needs(&self, any_of: &[&str]) -> Result<(), Answer> {
        if self.granted(any_of) { Ok(()) } else { Err(request_denied()) }
    }

    pub fn needs_policy_read(&self) -> Result<(), Answer> {
        self.directory_needs(&words::POLICY_READ)
    }

    pub fn needs_policy_write(&self) -> Result<(), Answer> {
        self.directory_needs(&words::POLICY_WRITE)
    }

    pub fn may_write_methods(&self) -> bool {
        self.granted(&words::METHOD_WRITE)
    }

    pub fn needs_method_write(&self) -> Result<(), Answer> {
        if self.may_write_methods() { Ok(()) } else { Err(access_denied()) }
    }

    pub fn needs_method_read(&self) -> Result<(), Answer> {
        if self.granted(&words::METHOD_READ) { Ok(()) } else { Err(access_denied()) }
    }

    pub fn needs_all_methods_read(&self) -> Result<(), Answer> {
        if self.granted(&words::METHODS_READ) { Ok(()) } else { Err(access_denied()) }
    }

    /// `Ok(true)` if only the basic properties may be shown.
    pub fn needs_users_read(&self) -> Result<bool, Answer> {
        if self.granted(&words::USERS_READ) {
            return Ok(false);
        }
        self.directory_needs(&words::USERS_READ_BASIC).map(|()| true)
    }

    pub fn needs_groups_read(&self) -> Result<(), Answer> {
        self.directory_needs(&words::GROUPS_READ)
    }

    pub fn needs_roles_read(&self) -> Result<(), Answer> {
        self.directory_needs(&words::ROLES_READ)
    }

    pub fn needs_organization_read(&self) -> Result<(), Answer> {
        self.directory_needs(&["Organization.Read.All", "Directory.Read.All"])
    }

    pub fn needs_deleted_users_read(&self) -> Result<(), Answer> {
        self.directory_needs(&words::DELETED_READ)
    }

    /// As the permissions say, and the switch.
    pub fn needs_sessions_revoke(&self) -> Result<(), Answer> {
        match self.world.options().revoke_sessions {
            Permit::Forbid => Err(request_denied()),
            Permit::Allow | Permit::Ignore => self.directory_needs(&words::SESSIONS_REVOKE),
        }
    }
}
