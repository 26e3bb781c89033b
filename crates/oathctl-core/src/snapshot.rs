//! What was read of the tenant before planning: the second half of the planner's input.
//!
//! Owns: [`Snapshot`], [`take`], [`take_everyday`]. Does not own: judging it ([`crate::plan`]). Reads only; every part that may not
//! be read is kept as unknown.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::StepKind;
use crate::plan::{Plan, PlanOptions, PlanRow, Seen};
use crate::table::{RowView, Table, Verdict};
use crate::tenant::{
    Capabilities, Device, DeviceQuery, ETag, Identity, Known, MethodPolicy, Methods, Target, TenantError,
    TenantRead, User, UserKey,
};
use crate::token::{DeviceId, GroupId, UserId, serial_key, upn_key};

/// The tenant as it was read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Which tenant.
    pub identity: Identity,
    /// What the back end can do.
    pub capabilities: Capabilities,
    /// Every device; the ones concerned, where [`Self::partial`].
    pub devices: Vec<Device>,
    /// Only the devices concerned were read, and all those of the people concerned.
    pub partial: bool,
    /// The people named, by [`upn_key`] or object id; `None` for those the tenant does not have.
    pub users: BTreeMap<String, Option<User>>,
    /// The method policy.
    pub policy: Known<MethodPolicy>,
    /// The members of the groups it names.
    pub members: BTreeMap<GroupId, Known<BTreeSet<UserId>>>,
    /// Everybody with a directory role.
    pub admins: Known<BTreeSet<UserId>>,
    /// Methods of the people concerned; empty without preflight.
    pub methods: BTreeMap<UserId, Known<Methods>>,
}

impl Snapshot {
    /// The versions of devices that a plan would take away or delete, where the tenant gives them (H18).
    pub fn etags(&self, plan: &Plan) -> BTreeMap<DeviceId, ETag> {
        let is_removed =
            |row: &&PlanRow| row.steps.iter().any(|s| matches!(s, StepKind::Unassign | StepKind::Delete));
        let wanted: BTreeSet<&DeviceId> = plan
            .pending()
            .filter(is_removed)
            .filter_map(|row| match &row.seen {
                Seen::Present { device, .. } => Some(device),
                Seen::Absent => None,
            })
            .collect();
        let devices = self.devices.iter().filter(|device| wanted.contains(&device.id));
        devices.filter_map(|device| Some((device.id.clone(), device.etag.clone()?))).collect()
    }

    /// The person a row names.
    pub fn person(&self, row: &RowView<'_>) -> Option<&User> {
        self.users.get(&person_key(row)?)?.as_ref()
    }
}

/// The key under which a row's person stands in [`Snapshot::users`].
pub fn person_key(row: &RowView<'_>) -> Option<String> {
    row.user_id().map(str::to_lowercase).or_else(|| row.upn().map(upn_key))
}

/// Reads everything the planner needs, in few requests. Who the tenant is has been asked at sign-in.
///
/// # Errors
/// [`TenantError`] when a part without which nothing can be planned (devices, people) fails.
pub async fn take(
    read: &dyn TenantRead,
    identity: Identity,
    table: &Table,
    options: &PlanOptions,
) -> Result<Snapshot, TenantError> {
    // None of these needs another; the pacer says how many of them leave at once.
    let (devices, users, (policy, members), admins) = futures_util::try_join!(
        read.devices(&DeviceQuery::All),
        read_people(read, table, options),
        read_policy(read),
        read.admins(),
    )?;
    let methods = read_methods(read, table, options, &devices, &users).await?;
    let capabilities = read.capabilities();
    Ok(Snapshot { identity, capabilities, devices, partial: false, users, policy, members, admins, methods })
}

/// So many rows are read one by one; for more, the whole listing.
const FEW: usize = crate::gate::ALLOWED_AT_LEAST as usize;

/// As [`take`], for everyday verbs, which are also about whoever holds a token now: holders with their methods are
/// read too. For a few rows only the devices they name and all that the people concerned hold, instead of the listing.
///
/// # Errors
/// As [`take`].
pub async fn take_everyday(
    read: &dyn TenantRead,
    identity: Identity,
    table: &Table,
    options: &PlanOptions,
) -> Result<Snapshot, TenantError> {
    let chosen = table.rows().filter(|row| is_chosen(row, options));
    let keys: BTreeSet<String> = chosen.map(|row| serial_key(row.serial())).collect();
    let partial = keys.len() <= FEW;
    let query = if partial { DeviceQuery::Serials(keys.iter().cloned().collect()) } else { DeviceQuery::All };
    let (mut devices, mut users, (policy, members), admins) = futures_util::try_join!(
        read.devices(&query),
        read_people(read, table, options),
        read_policy(read),
        read.admins(),
    )?;
    let named = devices.iter().filter(|device| keys.contains(&serial_key(&device.serial)));
    let holders: BTreeSet<UserId> =
        named.filter_map(|device| Some(device.holder.as_ref()?.id.clone())).collect();
    read_holders(read, &holders, &mut users).await?;
    let concerned: BTreeSet<UserId> = users.values().flatten().map(|user| user.id.clone()).collect();
    if partial && !concerned.is_empty() {
        let held = read.devices(&DeviceQuery::HeldBy(concerned.iter().cloned().collect())).await?;
        let known: BTreeSet<DeviceId> = devices.iter().map(|device| device.id.clone()).collect();
        devices.extend(held.into_iter().filter(|device| !known.contains(&device.id)));
    }
    let methods = methods_of(read, concerned).await?;
    let capabilities = read.capabilities();
    Ok(Snapshot { identity, capabilities, devices, partial, users, policy, members, admins, methods })
}

/// Adds holders, by object id.
async fn read_holders(
    read: &dyn TenantRead,
    holders: &BTreeSet<UserId>,
    users: &mut BTreeMap<String, Option<User>>,
) -> Result<(), TenantError> {
    let asks: Vec<UserKey> = holders.iter().cloned().map(UserKey::Id).collect();
    if asks.is_empty() {
        return Ok(());
    }
    let found = read.users(&asks).await?;
    users.extend(holders.iter().map(|id| id.as_str().to_lowercase()).zip(found));
    Ok(())
}

/// True for rows that may become writes: usable, chosen, not left out.
pub(crate) fn is_chosen(row: &RowView<'_>, options: &PlanOptions) -> bool {
    row.verdict() == Verdict::Usable && selection(row, options).is_none()
}

/// Why a usable row is left out, if it is.
pub(crate) fn selection(row: &RowView<'_>, options: &PlanOptions) -> Option<crate::reason::Reason> {
    let serial = serial_key(row.serial());
    let person = row.upn().map(upn_key).unwrap_or_default();
    if options
        .exclude
        .iter()
        .any(|key| key.eq_ignore_ascii_case(&serial) || (!person.is_empty() && *key == person))
    {
        return Some(crate::reason::Reason::Excluded);
    }
    let only = options.only.as_ref()?;
    let named = only.binary_search(&serial).is_ok();
    (!named).then_some(crate::reason::Reason::NotSelected)
}

async fn read_people(
    read: &dyn TenantRead,
    table: &Table,
    options: &PlanOptions,
) -> Result<BTreeMap<String, Option<User>>, TenantError> {
    let mut wanted: BTreeMap<String, UserKey> = BTreeMap::new();
    for row in table.rows().filter(|row| is_chosen(row, options)) {
        let Some(key) = person_key(&row) else { continue };
        let ask = match row.user_id() {
            Some(id) => UserKey::Id(UserId::new(id)),
            None => UserKey::Upn(row.upn().unwrap_or_default().to_owned()),
        };
        wanted.entry(key).or_insert(ask);
    }
    let (keys, asks): (Vec<String>, Vec<UserKey>) = wanted.into_iter().unzip();
    if asks.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = read.users(&asks).await?;
    Ok(keys.into_iter().zip(found).collect())
}

/// The members of the groups a policy names.
type Members = BTreeMap<GroupId, Known<BTreeSet<UserId>>>;

/// The method policy, and the members of the groups it names.
async fn read_policy(read: &dyn TenantRead) -> Result<(Known<MethodPolicy>, Members), TenantError> {
    let policy = read.policy().await?;
    let mut members = Members::new();
    let targets = policy.known().map(|policy| policy.include.iter().chain(&policy.exclude));
    for target in targets.into_iter().flatten() {
        if let Target::Group(group) = target
            && !members.contains_key(group)
        {
            members.insert(group.clone(), read.members(group).await?);
        }
    }
    Ok((policy, members))
}

/// Methods of everybody who is to get a token, and of everybody who may lose one.
async fn read_methods(
    read: &dyn TenantRead,
    table: &Table,
    options: &PlanOptions,
    devices: &[Device],
    users: &BTreeMap<String, Option<User>>,
) -> Result<BTreeMap<UserId, Known<Methods>>, TenantError> {
    let mut wanted: BTreeSet<UserId> = BTreeSet::new();
    if options.preflight {
        wanted.extend(users.values().flatten().map(|user| user.id.clone()));
    }
    if options.reassign || options.recreate {
        let serials: BTreeSet<String> = table.rows().map(|row| serial_key(row.serial())).collect();
        let holders = devices.iter().filter(|device| serials.contains(&serial_key(&device.serial)));
        wanted.extend(holders.filter_map(|device| device.holder.as_ref().map(|holder| holder.id.clone())));
    }
    methods_of(read, wanted).await
}

async fn methods_of(
    read: &dyn TenantRead,
    wanted: BTreeSet<UserId>,
) -> Result<BTreeMap<UserId, Known<Methods>>, TenantError> {
    let wanted: Vec<UserId> = wanted.into_iter().collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = read.methods_of(&wanted).await?;
    Ok(wanted.into_iter().zip(found).collect())
}
