//! Missing permissions, each by name with what it is needed for.
//!
//! Owns: [`missing`]. Does not own: which call needs which (`docs/permissions.md`).

use super::foreign::clean;
use super::sign_in;

/// What a permission is for, as in "… to {this}".
const NEEDED_FOR: &[(&str, &str)] = &[
    ("Policy.Read.All", "read tokens and the method policy"),
    ("Policy.ReadWrite.AuthenticationMethod", "import and delete tokens"),
    ("UserAuthMethod-HardwareOATH.ReadWrite.All", "assign, activate and unassign tokens"),
    ("UserAuthenticationMethod.ReadWrite.All", "assign, activate and unassign tokens"),
    ("UserAuthMethod-HardwareOATH.Read.All", "read people's hardware tokens"),
    ("UserAuthenticationMethod.Read.All", "read people's methods"),
    ("User.ReadBasic.All", "find people"),
    ("User.Read.All", "find people and tell guests and disabled accounts"),
    ("Directory.Read.All", "read directory roles and groups"),
    ("GroupMember.Read.All", "read the members of the groups that the policy names"),
    ("RoleManagement.Read.Directory", "read directory roles"),
    ("Organization.Read.All", "read the tenant's name and domains"),
];

/// Message and advice for a missing permission. The detail may also be a word of the sign-in, which then has its
/// own sentences.
pub(super) fn missing(detail: &str) -> (String, String) {
    let detail = detail.trim();
    if let Some(said) = sign_in::by_detail(detail) {
        return said;
    }
    if !is_permission(detail) {
        return unnamed();
    }
    let name = clean(detail);
    let purpose = NEEDED_FOR.iter().find(|(known, _)| known.eq_ignore_ascii_case(detail));
    let purpose = purpose.map(|(_, purpose)| format!(", which is needed to {purpose}")).unwrap_or_default();
    (
        format!("The tenant answered that a permission is missing, most likely {name}{purpose}."),
        format!(
            "Have an administrator add {name} to the app registration and grant consent, then run the command again. \
             Where the person is an administrator, the role Privileged Authentication Administrator may be missing \
             instead."
        ),
    )
}

fn unnamed() -> (String, String) {
    (
        "The tenant answered that a permission or role is missing.".into(),
        "Compare the app registration's permissions with `docs/permissions.md`, have an administrator grant consent, \
         then run the command again."
            .into(),
    )
}

/// Permissions have dots and no blanks.
fn is_permission(detail: &str) -> bool {
    detail.contains('.') && !detail.contains(char::is_whitespace)
}
