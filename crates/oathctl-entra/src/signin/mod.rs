//! Sign-in: how access tokens are got and kept fresh.
//!
//! Owns: the [`Credential`] port, the client secret, the renewing cache, what Entra's error numbers mean, the
//! claims we read. Does not own: where the secret comes from.
//!
//! To add a way to sign in: a module with a type that implements [`Credential`].

mod aadsts;
mod ask;
mod cache;
mod claims;
mod client_secret;
mod discovery;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use oathctl_core::tenant::{ClockSample, TenantError};

pub use aadsts::SignInFault;
pub use ask::SignIn;
pub use claims::Claims;
pub use client_secret::ClientSecretCredential;
pub use discovery::resolve_tenant;

pub(crate) use ask::{looks_like_html, sleep};
pub(crate) use cache::AccessTokens;

use crate::secret::AccessToken;

/// One way to get an access token. Asked by the cache only, never twice at a time.
#[async_trait]
pub trait Credential: Send + Sync {
    /// Gets a new access token.
    ///
    /// # Errors
    /// Kind `SignIn` with an `AADSTS…` detail when refused; `Unreachable`, `NotTheTenant`, `WaitTooLong` or
    /// `Stopped` when there was no answer to judge.
    async fn fetch(&self) -> Result<Granted, TenantError>;
}

/// A new access token.
#[derive(Debug)]
pub struct Granted {
    /// The access token.
    pub access_token: AccessToken,
    /// How long it lives from now.
    pub lives: Duration,
    /// The login host's clock as its reply showed it.
    pub date: Option<ClockSample>,
}
