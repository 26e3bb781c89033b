//! What Entra's sign-in error numbers mean.
//!
//! Owns: the table, and the reading of an error reply. Does not own: words for people.
//! Source: <https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes>; the federation
//! numbers beyond 70021 and the two scope numbers were observed in public issue trackers.

use std::fmt;

use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};
use serde::{Deserialize, Serialize};

use crate::fault::fault;
use crate::remote::clean;

/// Why a sign-in was refused, as far as its number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignInFault {
    /// The client secret is wrong (often its id was pasted).
    WrongSecret,
    /// The client secret has expired.
    ExpiredSecret,
    /// The tenant has no such application.
    AppNotInTenant,
    /// There is no such tenant.
    TenantNotFound,
    /// The assertion's signature or key is not accepted.
    AssertionKey,
    /// The assertion is outside its validity: a clock is wrong.
    Clock,
    /// A public client must not send a credential.
    PublicClient,
    /// No federated credential matches.
    Federation,
    /// A field of the request is missing.
    MissingField,
    /// The scope is wrong.
    Scope,
    /// Nobody has consented.
    Consent,
    /// Conditional Access says no.
    ConditionalAccess,
    /// More factors are needed.
    MfaNeeded,
    /// Graph is unknown there: the wrong cloud.
    ResourceNotFound,
    /// The refresh token can't be used any more.
    RefreshToken,
    /// There is no such user.
    UserNotFound,
    /// A number we have no word for.
    Other,
}

impl SignInFault {
    /// By number.
    pub const fn of_code(code: u64) -> Self {
        match code {
            7_000_215 => Self::WrongSecret,
            7_000_222 => Self::ExpiredSecret,
            700_016 => Self::AppNotInTenant,
            90_002 => Self::TenantNotFound,
            700_027 => Self::AssertionKey,
            700_024 => Self::Clock,
            700_025 => Self::PublicClient,
            70_021 | 700_211 | 700_213 | 7_002_137 | 7_002_138 => Self::Federation,
            900_144 => Self::MissingField,
            70_011 | 1_002_012 => Self::Scope,
            65_001 => Self::Consent,
            53_003 => Self::ConditionalAccess,
            50_076 | 50_079 => Self::MfaNeeded,
            500_011 => Self::ResourceNotFound,
            70_000 | 70_008 | 700_082 | 70_043 => Self::RefreshToken,
            50_034 => Self::UserNotFound,
            _ => Self::Other,
        }
    }

    /// By the detail of a [`TenantError`] of kind `SignIn`, e.g. `AADSTS7000215`.
    pub fn of_detail(detail: &str) -> Self {
        detail.strip_prefix("AADSTS").and_then(|n| n.parse().ok()).map_or(Self::Other, Self::of_code)
    }
}

/// An error reply of the token endpoint.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct LoginError {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Vec<u64>,
    #[serde(default)]
    trace_id: Option<String>,
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail())
    }
}

impl oauth2::ErrorResponse for LoginError {}

impl LoginError {
    /// `AADSTS…` of the first number, else of the number the description begins with, else OAuth's own word.
    fn detail(&self) -> String {
        let described = || {
            let text = self.error_description.as_deref()?.trim_start().strip_prefix("AADSTS")?;
            let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        match self.error_codes.first().copied().or_else(described) {
            Some(code) => format!("AADSTS{code}"),
            None if self.error.is_empty() => "refused".to_owned(),
            None => clean(&self.error),
        }
    }

    /// As the failure of a read.
    pub(crate) fn into_fault(self, status: Option<u16>) -> TenantError {
        let remote = Remote {
            status,
            code: Some(clean(&self.error)),
            message: self.error_description.as_deref().map(clean),
            request_id: self.trace_id.as_deref().map(clean),
        };
        fault(TenantErrorKind::SignIn, self.detail(), remote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_decides_not_the_text() {
        let error: LoginError = serde_json::from_str(
            r#"{"error":"invalid_client","error_description":"AADSTS1: x Trace ID: t","error_codes":[7000222]}"#,
        )
        .unwrap();
        assert_eq!(error.into_fault(Some(401)).detail, "AADSTS7000222");
        assert_eq!(SignInFault::of_detail("AADSTS7000222"), SignInFault::ExpiredSecret);
    }

    #[test]
    fn without_numbers_the_description_then_the_word() {
        let error: LoginError =
            serde_json::from_str(r#"{"error":"x","error_description":"AADSTS90002: Tenant 'a' not found."}"#)
                .unwrap();
        assert_eq!(SignInFault::of_detail(&error.detail()), SignInFault::TenantNotFound);
        let error: LoginError = serde_json::from_str(r#"{"error":"slow_down"}"#).unwrap();
        assert_eq!(error.detail(), "slow_down");
        assert_eq!(SignInFault::of_detail("slow_down"), SignInFault::Other);
    }
}
