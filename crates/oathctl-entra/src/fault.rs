//! The few shapes of [`TenantError`] this crate gives, built in one place.
//!
//! Owns: kinds and detail words of failed reads and sign-ins. Does not own: replies of writes.

use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};

use crate::transport::{Broke, TransportError};

pub(crate) fn fault(kind: TenantErrorKind, detail: impl Into<String>, remote: Remote) -> TenantError {
    TenantError { kind, detail: detail.into(), remote }
}

/// A setting that must not be used.
pub(crate) fn setting(detail: &'static str) -> TenantError {
    fault(TenantErrorKind::Settings, detail, Remote::default())
}

/// The run was told to stop.
pub(crate) fn stopped() -> TenantError {
    fault(TenantErrorKind::Stopped, "stopped", Remote::default())
}

/// Something else than Graph answered.
pub(crate) fn foreign(word: &'static str, remote: Remote) -> TenantError {
    fault(TenantErrorKind::NotTheTenant, word, remote)
}

/// No reply.
pub(crate) fn no_reply(error: &TransportError) -> TenantError {
    let (TransportError::NotSent { kind, detail } | TransportError::Lost { kind, detail }) = error;
    let remote = Remote { message: (!detail.is_empty()).then(|| (*detail).to_owned()), ..Remote::default() };
    match kind {
        Broke::TooLarge => fault(TenantErrorKind::NotTheTenant, kind.word(), remote),
        _ => fault(TenantErrorKind::Unreachable, kind.word(), remote),
    }
}

/// The server answered, but only that it can't (5xx, 408) until we gave up.
pub(crate) fn unavailable(status: u16, remote: Remote) -> TenantError {
    fault(TenantErrorKind::Unreachable, format!("http_{status}"), remote)
}

/// A clear no. `permission` is what a 403 most likely misses.
pub(crate) fn refused(status: u16, permission: &str, remote: Remote) -> TenantError {
    match status {
        401 => fault(TenantErrorKind::SignIn, "access_token_refused", remote),
        403 => fault(TenantErrorKind::Forbidden, permission, remote),
        _ => {
            let detail = remote.code.clone().unwrap_or_else(|| format!("http_{status}"));
            fault(TenantErrorKind::Refused, detail, remote)
        }
    }
}
