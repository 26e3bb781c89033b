//! What an access token says about us. Read, not verified: verifying is Graph's job, and a lie would only harm
//! who tells it; the tenant is compared with the organisation besides (H5).
//!
//! Owns: [`Claims`]. Does not own: any decision on them.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::secret::AccessToken;

/// The claims we use. All may be missing: an access token may be opaque to its bearer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The tenant.
    pub tid: Option<String>,
    /// The object id of the person or the service principal.
    pub oid: Option<String>,
    /// The application.
    #[serde(alias = "azp")]
    pub appid: Option<String>,
    /// `app` for an application without a person.
    pub idtyp: Option<String>,
    /// Application permissions.
    pub roles: Vec<String>,
    /// Delegated permissions, separated by blanks; `None` for an application.
    pub scp: Option<String>,
}

impl Claims {
    /// Reads the payload of a JSON Web Token (RFC 7519); empty claims when it is none.
    pub fn read(access_token: &AccessToken) -> Self {
        let parse = || {
            let mut parts = access_token.expose_access_token().split('.');
            let payload = parts.nth(1)?.trim_end_matches('=');
            parts.next()?;
            let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?);
            serde_json::from_slice(&bytes).ok()
        };
        parse().unwrap_or_default()
    }

    /// True when no person is signed in.
    pub fn is_app(&self) -> bool {
        self.idtyp.as_deref() == Some("app") || self.scp.is_none()
    }

    /// The application's id, or the person's.
    pub fn who(&self) -> Option<&str> {
        let (app, person) = (self.appid.as_deref(), self.oid.as_deref());
        if self.is_app() { app.or(person) } else { person.or(app) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> AccessToken {
        AccessToken::new(format!("e30.{}.sig", BASE64URL_NOPAD.encode(payload.as_bytes())))
    }

    #[test]
    fn app_and_person() {
        let app = Claims::read(&jwt(r#"{"tid":"t","oid":"o","appid":"a","roles":["User.Read.All"]}"#));
        assert_eq!((app.tid.as_deref(), app.who()), (Some("t"), Some("a")));
        let person = Claims::read(&jwt(r#"{"tid":"t","oid":"o","azp":"a","scp":"openid"}"#));
        assert_eq!(person.who(), Some("o"));
    }

    #[test]
    fn opaque_access_tokens_say_nothing() {
        for text in ["", "opaque", "a.b", "a.!!.c", "e30.WzFd.x"] {
            assert_eq!(Claims::read(&AccessToken::new(text.into())), Claims::default(), "{text}");
        }
    }
}
