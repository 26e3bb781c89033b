//! Reads and sign-ins that failed as a whole: the exit code of each kind; the words stand in [`crate::words`].

use oathctl_core::report::Exit;
use oathctl_core::tenant::{TenantError, TenantErrorKind};

use super::Failure;
use crate::words;

impl From<TenantError> for Failure {
    fn from(error: TenantError) -> Self {
        let exit = match error.kind {
            TenantErrorKind::Unreachable
            | TenantErrorKind::NotTheTenant
            | TenantErrorKind::WaitTooLong
            | TenantErrorKind::Refused => Exit::Unreachable,
            TenantErrorKind::SignIn | TenantErrorKind::Forbidden => Exit::SignIn,
            TenantErrorKind::Stopped => Exit::Interrupted,
            TenantErrorKind::Settings => Exit::Usage,
        };
        let word = match error.kind {
            TenantErrorKind::Unreachable => "unreachable",
            TenantErrorKind::NotTheTenant => "not_the_tenant",
            TenantErrorKind::WaitTooLong => "wait_too_long",
            TenantErrorKind::Refused => "tenant_refused",
            TenantErrorKind::SignIn => "sign_in",
            TenantErrorKind::Forbidden => "permission_missing",
            TenantErrorKind::Stopped => "interrupted",
            TenantErrorKind::Settings => "usage",
        };
        let (message, advice) = words::tenant_error(&error);
        let failure = Self::new(exit, message).called(word).advice(advice);
        match words::remote(&error.remote) {
            Some(said) if error.remote.status.is_some() => failure.because(format!("the answer was {said}")),
            Some(said) => failure.because(said),
            None => failure,
        }
    }
}
