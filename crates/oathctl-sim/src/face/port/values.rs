//! The world's values in the port's words, and back.

use oathctl_core::tenant::{
    self, Device, DeviceStatus, ETag, Holder, MethodPolicy, Methods, Remote, Target, User,
};
use oathctl_core::time::{ServerTime, Utc};
use oathctl_core::token::{DeviceId, GroupId, Hash as PortHash, UserId};

use super::calls::remote;
use crate::face::words::{status_of, wording};
use crate::totp::Hash;
use crate::world::{
    self, MethodKind, Person, PersonIx, Policy, Refusal, Status, TargetKind, TokenView, World,
};

pub(super) fn device(world: &World, view: &TokenView<'_>, seen_at: Option<ServerTime>) -> Device {
    Device {
        id: DeviceId::new(view.id.to_string()),
        serial: view.serial.to_owned(),
        manufacturer: view.details.manufacturer.clone(),
        model: view.details.model.clone(),
        hash: Some(port_hash(view.details.hash)),
        period_secs: Some(view.details.period_s),
        status: match view.status {
            Status::Available => DeviceStatus::Available,
            Status::Assigned => DeviceStatus::Assigned,
            Status::Activated => DeviceStatus::Activated,
            Status::FailedActivation => DeviceStatus::FailedActivation,
        },
        holder: view.holder.map(|ix| holder(world.people.get(ix))),
        last_used: view.last_used.map(Utc::from_unix_ms),
        name: view.details.display_name.clone(),
        seen_at,
        etag: world.options().etags.then(|| etag(view.etag)).flatten(),
    }
}

fn etag(version: u64) -> Option<ETag> {
    ETag::parse(&format!("W/\"{version}\""))
}

/// The version an ETag names; one that names none fits nothing.
pub(super) fn version(etag: &ETag) -> u64 {
    etag.as_str().trim_start_matches("W/").trim_matches('"').parse().unwrap_or(u64::MAX)
}

fn holder(person: &Person) -> Holder {
    let name = person.deleted_at.is_none().then(|| person.display_name.clone());
    Holder { id: UserId::new(person.id.to_string()), name }
}

fn port_hash(hash: Hash) -> PortHash {
    match hash {
        Hash::Sha1 => PortHash::Sha1,
        Hash::Sha256 => PortHash::Sha256,
        Hash::Sha512 => PortHash::Sha512,
    }
}

pub(super) fn world_hash(hash: PortHash) -> Hash {
    match hash {
        PortHash::Sha1 => Hash::Sha1,
        PortHash::Sha256 => Hash::Sha256,
        PortHash::Sha512 => Hash::Sha512,
    }
}

/// `basic`: the app may read names only.
pub(super) fn user(person: &Person, basic: bool) -> User {
    User {
        id: UserId::new(person.id.to_string()),
        upn: person.upn.clone(),
        name: person.display_name.clone(),
        enabled: (!basic).then_some(person.enabled),
        guest: (!basic).then_some(person.guest),
    }
}

pub(super) fn policy(policy: &Policy) -> MethodPolicy {
    let targets = |list: &[world::Target]| list.iter().map(target).collect();
    MethodPolicy {
        enabled: policy.enabled,
        include: targets(&policy.include),
        exclude: targets(&policy.exclude),
    }
}

fn target(target: &world::Target) -> Target {
    match (target.id, target.kind) {
        (None, _) => Target::Everybody,
        (Some(id), TargetKind::Group) => Target::Group(GroupId::new(id.to_string())),
        (Some(id), TargetKind::User) => Target::Person(UserId::new(id.to_string())),
    }
}

pub(super) fn methods(world: &World, person: PersonIx, at: i64) -> Methods {
    let mut methods = Methods::default();
    world.held_at(person, at).for_each(|_| methods.add(tenant::MethodKind::HardwareToken));
    world.people.get(person).methods.iter().for_each(|method| methods.add(kind(method.kind)));
    methods
}

fn kind(kind: MethodKind) -> tenant::MethodKind {
    match kind {
        MethodKind::Password => tenant::MethodKind::Password,
        MethodKind::Phone => tenant::MethodKind::Phone,
        MethodKind::Authenticator => tenant::MethodKind::MicrosoftAuthenticator,
        MethodKind::Fido2 => tenant::MethodKind::Fido2,
        MethodKind::SoftwareOath => tenant::MethodKind::SoftwareOath,
        MethodKind::Email => tenant::MethodKind::Email,
        MethodKind::AccessPass => tenant::MethodKind::AccessPass,
    }
}

/// A refusal in the tenant's words.
pub(super) fn words(world: &World, refusal: Refusal) -> Remote {
    let (status, code) = status_of(world, refusal);
    remote(status, code, &wording(world, refusal))
}

/// The refusal of an app without the permission; `methods`: by the back end of people's methods.
pub(super) fn denied(methods: bool) -> Remote {
    if methods {
        remote(403, "accessDenied", "Request Authorization failed")
    } else {
        let message = "Insufficient privileges to complete the operation.";
        remote(403, "Authorization_RequestDenied", message)
    }
}
