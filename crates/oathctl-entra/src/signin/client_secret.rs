//! Sign-in of an application by client secret (OAuth 2.0 client credentials, RFC 6749 §4.4).
//!
//! Owns: [`ClientSecretCredential`]. Does not own: when to sign in ([`super::cache`]).
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use oathctl_core::tenant::{ClockSample, Remote, TenantError};
use oauth2::basic::{BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, Client, ClientId, HttpRequest, HttpResponse, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use zeroize::Zeroizing;

use crate::endpoint::TenantName;
use crate::fault::{foreign, setting};
use crate::secret::{AccessToken, ClientSecret};
use crate::signin::aadsts::LoginError;
use crate::signin::ask::SignIn;
use crate::signin::{Credential, Granted};

/// Entra always says how long an access token lives; if not, it is asked for anew this soon.
const UNSAID_LIFE: Duration = Duration::from_secs(60);

type EntraClient = Client<
    LoginError,
    BasicTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// An application and its secret.
pub struct ClientSecretCredential {
    sign_in: SignIn,
    tenant: TenantName,
    client_id: String,
    secret: ClientSecret,
}

impl ClientSecretCredential {
    /// For the application `client_id` in `tenant`.
    pub fn new(sign_in: SignIn, tenant: TenantName, client_id: String, secret: ClientSecret) -> Self {
        Self { sign_in, tenant, client_id, secret }
    }

    fn token_url(&self) -> Result<TokenUrl, TenantError> {
        let path = format!("/{}/oauth2/v2.0/token", self.tenant.as_str());
        TokenUrl::new(self.sign_in.endpoint.authority_url(&path)).map_err(|_| setting("url"))
    }
}

/// What oauth2 does not hand on about the last reply.
#[derive(Clone, Copy, Default)]
struct Seen {
    status: Option<u16>,
    date: Option<ClockSample>,
}

#[async_trait]
impl Credential for ClientSecretCredential {
    async fn fetch(&self) -> Result<Granted, TenantError> {
        let http = OurHttp { sign_in: &self.sign_in, seen: Mutex::default() };
        let client = EntraClient::new(ClientId::new(self.client_id.clone()))
            .set_client_secret(oauth2::ClientSecret::new(self.secret.expose_client_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(self.token_url()?);
        let granted = client
            .exchange_client_credentials()
            .add_scope(Scope::new(self.sign_in.endpoint.scope()))
            .request_async(&http)
            .await;
        let seen = *http.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let granted = granted.map_err(|error| judged(error, seen.status))?;
        Ok(Granted {
            access_token: AccessToken::new(granted.access_token().secret().clone()),
            lives: granted.expires_in().unwrap_or(UNSAID_LIFE),
            date: seen.date,
        })
    }
}

/// oauth2's idea of an HTTP client, over ours.
struct OurHttp<'a> {
    sign_in: &'a SignIn,
    seen: Mutex<Seen>,
}

impl<'c> AsyncHttpClient<'c> for OurHttp<'_> {
    type Error = TenantError;
    type Future = BoxFuture<'c, Result<HttpResponse, TenantError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl OurHttp<'_> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TenantError> {
        let (parts, body) = request.into_parts();
        let body = Bytes::from_owner(Zeroizing::new(body));
        let again = || http::Request::from_parts(parts.clone(), body.clone());
        let reply = self.sign_in.ask("POST token", again).await?;
        let (parts, body) = reply.http.into_parts();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            Seen { status: Some(parts.status.as_u16()), date: reply.date };
        Ok(http::Response::from_parts(parts, body.to_vec()))
    }
}

/// oauth2's error in our words. Its own text can quote the reply and is not kept.
fn judged(error: RequestTokenError<TenantError, LoginError>, status: Option<u16>) -> TenantError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(error) => error.into_fault(status),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            foreign("not_json", Remote { status, ..Remote::default() })
        }
    }
}
