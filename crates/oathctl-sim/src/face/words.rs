//! What both faces say when the tenant refuses: status, code, message; and which permissions open what.

use crate::options::{ConflictStatus, RetryAfter};
use crate::world::{Refusal, World};

/// Status and code of a refusal.
pub(super) fn status_of(world: &World, refusal: Refusal) -> (u16, &'static str) {
    match refusal {
        Refusal::NoPerson => (404, "Request_ResourceNotFound"),
        Refusal::NoToken | Refusal::NoMethod => (404, "resourceNotFound"),
        Refusal::AdminTarget => (403, "accessDenied"),
        Refusal::Quota { .. } => (429, "TooManyRequests"),
        Refusal::Changed => (412, "preconditionFailed"),
        refusal if refusal.is_conflict() && world.options().conflict_status == ConflictStatus::Conflict => {
            (409, "conflict")
        }
        _ => (400, "badRequest"),
    }
}

/// The message of a refusal: Microsoft's where it is known, else our own, marked as such.
pub(super) fn wording(world: &World, refusal: Refusal) -> String {
    match (refusal, world.options().error_text.as_str()) {
        (Refusal::AdminTarget, _) => "Request Authorization failed".to_owned(),
        (Refusal::NoPerson, _) => {
            "Resource does not exist or one of its queried reference-property objects are not present."
                .to_owned()
        }
        (_, "") => format!("Practice tenant's own wording: {refusal}."),
        (_, text) => text.to_owned(),
    }
}

/// The wait until `at` as a client learns it from `Retry-After`, in milliseconds; `None` if it is not told.
pub(super) fn told_wait_ms(world: &World, at: i64, now: i64) -> Option<u64> {
    let exact = u64::try_from(at - now).unwrap_or(0);
    match world.options().retry_after {
        RetryAfter::Decimal => Some(exact),
        RetryAfter::Integer | RetryAfter::Date => Some(exact.div_ceil(1000) * 1000),
        RetryAfter::None => None,
    }
}

/// Whether the app is granted any of these.
pub(super) fn granted(world: &World, any_of: &[&str]) -> bool {
    let granted = &world.options().permissions.0;
    any_of.iter().any(|want| granted.iter().any(|have| have.eq_ignore_ascii_case(want)))
}

/// Every method of a person.
pub(super) const METHODS_READ: [&str; 2] =
    ["UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"];
/// The hardware tokens of a person.
pub(super) const METHOD_READ: [&str; 4] = [
    "UserAuthMethod-HardwareOATH.Read.All",
    "UserAuthMethod-HardwareOATH.ReadWrite.All",
    "UserAuthenticationMethod.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
];
/// Assign, activate, deactivate, unassign.
pub(super) const METHOD_WRITE: [&str; 2] =
    ["UserAuthenticationMethod.ReadWrite.All", "UserAuthMethod-HardwareOATH.ReadWrite.All"];
/// The inventory and the policy, to read.
pub(super) const POLICY_READ: [&str; 2] = ["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"];
/// The inventory and the policy, to write.
pub(super) const POLICY_WRITE: [&str; 1] = ["Policy.ReadWrite.AuthenticationMethod"];
/// People in full.
pub(super) const USERS_READ: [&str; 4] =
    ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// People's names only.
pub(super) const USERS_READ_BASIC: [&str; 1] = ["User.ReadBasic.All"];
/// The end of sign-in sessions.
pub(super) const SESSIONS_REVOKE: [&str; 3] =
    ["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
/// Who was deleted.
pub(super) const DELETED_READ: [&str; 4] = USERS_READ;
/// Groups and who is in them.
pub(super) const GROUPS_READ: [&str; 3] = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];
/// Who holds a directory role.
pub(super) const ROLES_READ: [&str; 3] =
    ["RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All"];
