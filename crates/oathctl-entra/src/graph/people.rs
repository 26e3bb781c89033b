//! What else is to be known about people: groups, directory roles, registered methods, who was deleted.
//!
//! Owns: these reads, each of which may be forbidden and is then unknown. Does not own: what follows from them.

use std::collections::BTreeSet;

use oathctl_core::tenant::{Known, MethodKind, Methods, TenantError};
use oathctl_core::token::UserId;
use serde_json::Value;

use super::page::Listed;
use super::read::Get;
use super::shape::text;
use super::step::Got;
use super::{GraphBackend, path};
use crate::remote::field;

const ROLE_ASSIGNMENTS: &str = "/roleManagement/directory/roleAssignments?$select=principalId";
const DIRECTORY_ROLES: &str = "/directoryRoles?$expand=members";
const ROLE_GROUPS: &str = "/groups?$filter=isAssignableToRole%20eq%20true&$select=id";

impl GraphBackend {
    /// <https://learn.microsoft.com/en-us/graph/api/group-list-transitivemembers>
    pub(super) async fn group_members(&self, group: &str) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        let mut people = BTreeSet::new();
        let get = Get::path(path::members(group), "GET transitiveMembers");
        let listed = self
            .pages(get, &mut |item, _| {
                let user = text(item, "@odata.type").is_none_or(|kind| kind.ends_with(".user"));
                people.extend(text(item, "id").filter(|_| user).map(UserId::new));
            })
            .await?;
        Ok(known(listed, people))
    }

    /// Everybody an active role assignment names, directly or through a role-assignable group. Two ways to ask:
    /// <https://learn.microsoft.com/en-us/graph/api/rbacapplication-list-roleassignments>,
    /// <https://learn.microsoft.com/en-us/graph/api/directoryrole-list>.
    pub(super) async fn role_holders(&self) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        let mut principals = BTreeSet::new();
        let get = Get::path(ROLE_ASSIGNMENTS, "GET roleAssignments");
        let listed = self
            .pages(get, &mut |item, _| principals.extend(text(item, "principalId").map(UserId::new)))
            .await?;
        match listed {
            Listed::Whole => self.with_role_groups(principals).await.map(Known::Yes),
            Listed::Refused(_) => self.directory_roles().await,
        }
    }

    async fn directory_roles(&self) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        let mut people = BTreeSet::new();
        let listed = self
            .pages(Get::path(DIRECTORY_ROLES, "GET directoryRoles"), &mut |role, _| {
                let members = field(role, "members").and_then(Value::as_array);
                people.extend(members.into_iter().flatten().filter_map(|m| text(m, "id")).map(UserId::new));
            })
            .await?;
        match known(listed, people) {
            Known::Yes(people) => self.with_role_groups(people).await.map(Known::Yes),
            unknown => Ok(unknown),
        }
    }

    /// Adds the members of groups among `principals`. Where groups may not be read, the people named directly
    /// are still worth having.
    async fn with_role_groups(
        &self,
        mut principals: BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, TenantError> {
        let mut groups = BTreeSet::new();
        self.pages(Get::path(ROLE_GROUPS, "GET groups"), &mut |item, _| {
            groups.extend(text(item, "id").map(UserId::new));
        })
        .await?;
        for group in groups.intersection(&principals.clone()) {
            if let Known::Yes(members) = self.group_members(group.as_str()).await? {
                principals.extend(members);
            }
        }
        Ok(principals)
    }

    /// <https://learn.microsoft.com/en-us/graph/api/authentication-list-methods>
    pub(super) async fn count_methods(&self, users: &[UserId]) -> Result<Vec<Known<Methods>>, TenantError> {
        let gets = users.iter().map(|u| Get::path(path::all_methods(u.as_str()), "GET methods")).collect();
        Ok(self.read_many(gets).await?.iter().map(counted).collect())
    }

    /// <https://learn.microsoft.com/en-us/graph/api/directory-deleteditems-get>
    pub(super) async fn find_deleted(&self, users: &[UserId]) -> Result<Vec<Known<bool>>, TenantError> {
        let gets = users.iter().map(|u| Get::path(path::deleted(u.as_str()), "GET deletedItems")).collect();
        let found = self.read_many(gets).await?;
        Ok(found.iter().zip(users).map(|(got, user)| is_deleted(got, user)).collect())
    }
}

fn is_deleted(got: &Got, user: &UserId) -> Known<bool> {
    let same = text(&got.body, "id").is_some_and(|id| id.eq_ignore_ascii_case(user.as_str()));
    match got.status {
        404 => Known::Yes(false),
        // A look-up that is kinder than ours proves nothing.
        _ if got.is_ok() && same => Known::Yes(true),
        _ => Known::Unknown(got.remote()),
    }
}

fn known(listed: Listed, people: BTreeSet<UserId>) -> Known<BTreeSet<UserId>> {
    match listed {
        Listed::Whole => Known::Yes(people),
        Listed::Refused(got) => Known::Unknown(got.remote()),
    }
}

fn counted(got: &Got) -> Known<Methods> {
    let items = field(&got.body, "value").filter(|_| got.is_ok()).and_then(Value::as_array);
    let Some(items) = items else { return Known::Unknown(got.remote()) };
    let mut methods = Methods::default();
    for item in items {
        methods.add(kind_of(&text(item, "@odata.type").unwrap_or_default()));
    }
    Known::Yes(methods)
}

/// By the type's name, <https://learn.microsoft.com/en-us/graph/api/resources/authenticationmethod>.
fn kind_of(kind: &str) -> MethodKind {
    match kind.trim_start_matches("#microsoft.graph.") {
        "hardwareOathAuthenticationMethod" => MethodKind::HardwareToken,
        "microsoftAuthenticatorAuthenticationMethod"
        | "passwordlessMicrosoftAuthenticatorAuthenticationMethod" => MethodKind::MicrosoftAuthenticator,
        "softwareOathAuthenticationMethod" => MethodKind::SoftwareOath,
        "phoneAuthenticationMethod" => MethodKind::Phone,
        "fido2AuthenticationMethod" => MethodKind::Fido2,
        "windowsHelloForBusinessAuthenticationMethod" => MethodKind::WindowsHello,
        "platformCredentialAuthenticationMethod" => MethodKind::PlatformCredential,
        "x509CertificateAuthenticationMethod" => MethodKind::Certificate,
        "externalAuthenticationMethod" => MethodKind::External,
        "passwordAuthenticationMethod" => MethodKind::Password,
        "emailAuthenticationMethod" => MethodKind::Email,
        "temporaryAccessPassAuthenticationMethod" => MethodKind::AccessPass,
        _ => MethodKind::Other,
    }
}
