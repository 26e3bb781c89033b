//! The Graph back end: core's tenant port over Microsoft Graph.
//!
//! Owns: every path, body and reply shape of Graph (the `beta` endpoints of hardware OATH tokens:
//! <https://learn.microsoft.com/en-us/graph/api/resources/hardwareoathtokenauthenticationmethoddevice>).
//! Does not own: when something is written or written again; the engine says so.
//!
//! The way of a read: [`identity`], [`devices`], [`held`], [`users`], [`search`], [`people`] → [`page`] → [`read`] (permit, repeat)
//! → [`call`] (one request). The way of a write: [`create`], [`activate`], [`write`] → [`call`].
//! To add a call: its path in [`path`], its reply's shape in [`shape`], a method in one of these modules.

mod activate;
mod batch;
mod call;
mod create;
mod devices;
mod held;
mod identity;
mod page;
mod path;
mod people;
mod policy;
mod progress;
mod read;
mod search;
mod shape;
mod step;
mod users;
mod verdict;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oathctl_core::offset::ServerClock;
use oathctl_core::pace::Permits;
use oathctl_core::seed::SeedSource;
use oathctl_core::stop::Stop;
use oathctl_core::tenant::{
    Backend, Capabilities, ClockSample, CodeSource, Create, CreateHow, Delete, Device, DeviceQuery, Held,
    Identity, Known, MethodPolicy, Methods, NotSent, Remote, Reply, TenantError, TenantRead, TenantWrite,
    Unassign, User, UserKey,
};
use oathctl_core::time::Clock;
use oathctl_core::token::{DeviceId, GroupId, Hash, TenantId, UserId};

use crate::counters::Counters;
use crate::dates::Dates;
use crate::endpoint::Endpoint;
use crate::signin::{AccessTokens, Credential};
use crate::transport::Transport;

/// The most requests Graph takes in one `$batch`
/// (<https://learn.microsoft.com/en-us/graph/json-batching>).
pub const BATCH_MAX: usize = 20;

/// What can be set about the back end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphSettings {
    /// Most devices in one bulk creation. Microsoft's own limit is unknown.
    pub create_batch: usize,
    /// Most requests in one `$batch`, 1 to [`BATCH_MAX`].
    pub batch: usize,
    /// How many batches of reads are under way at once.
    pub reads_at_once: usize,
    /// How long one request may take.
    pub timeout: Duration,
    /// The same for an activation; shorter than one period, so that its code cannot outlive it (H7).
    pub activate_timeout: Duration,
    /// The longest single `Retry-After` a read obeys.
    pub max_wait: Duration,
    /// Send seeds and codes even where somebody reads along (H20): the user said so.
    pub allow_inspected_tls: bool,
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self {
            create_batch: 20,
            batch: BATCH_MAX,
            reads_at_once: 12,
            timeout: Duration::from_secs(100),
            activate_timeout: Duration::from_secs(20),
            max_wait: Duration::from_secs(300),
            allow_inspected_tls: false,
        }
    }
}

/// What the back end is made of.
pub struct GraphParts {
    /// Sends.
    pub transport: Arc<dyn Transport>,
    /// Signs in.
    pub credential: Arc<dyn Credential>,
    /// Where Graph is.
    pub endpoint: Endpoint,
    /// The tenant as configured, already resolved to its GUID; `None` to take the one signed in to.
    pub tenant: Option<TenantId>,
    /// Permits for reads.
    pub permits: Permits,
    /// The tenant's clock; fed by every reply.
    pub server_clock: Arc<ServerClock>,
    /// Our clocks.
    pub clock: Arc<dyn Clock>,
    /// The way to end early.
    pub stop: Stop,
    /// Counts.
    pub counters: Arc<Counters>,
    /// What can be set.
    pub settings: GraphSettings,
}

/// Microsoft Graph behind core's tenant port.
pub struct GraphBackend {
    transport: Arc<dyn Transport>,
    access_tokens: AccessTokens,
    endpoint: Endpoint,
    tenant: Option<TenantId>,
    permits: Permits,
    dates: Arc<Dates>,
    clock: Arc<dyn Clock>,
    stop: Stop,
    counters: Arc<Counters>,
    settings: GraphSettings,
}

impl GraphBackend {
    /// Puts the parts together; sends nothing.
    pub fn new(parts: GraphParts) -> Self {
        let dates = Arc::new(Dates::new(parts.server_clock, Arc::clone(&parts.clock)));
        let mut settings = parts.settings;
        settings.batch = settings.batch.clamp(1, BATCH_MAX);
        settings.create_batch = settings.create_batch.max(1);
        settings.reads_at_once = settings.reads_at_once.max(1);
        Self {
            transport: parts.transport,
            access_tokens: AccessTokens::new(parts.credential, Arc::clone(&parts.clock), Arc::clone(&dates)),
            endpoint: parts.endpoint,
            tenant: parts.tenant,
            permits: parts.permits,
            dates,
            clock: parts.clock,
            stop: parts.stop,
            counters: parts.counters,
            settings,
        }
    }

    /// Why nothing that carries a seed or a code may leave: somebody reads along and may not (H20). Seeds and
    /// codes are not even asked for then; an inspection that begins with the request is met by the transport.
    fn inspection(&self) -> Option<Remote> {
        if self.settings.allow_inspected_tls {
            return None;
        }
        self.transport.inspected().map(|issuer| verdict::inspected(Some(issuer)))
    }
}

#[async_trait]
impl TenantRead for GraphBackend {
    async fn identity(&self) -> Result<Identity, TenantError> {
        self.read_identity().await
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            backend: Backend::Graph,
            create_batch: self.settings.create_batch,
            batch: self.settings.batch,
            create_assigns: true,
            page: devices::PAGE,
            hashes: vec![Hash::Sha1, Hash::Sha256],
            periods_secs: vec![30, 60],
            digits: vec![6],
            deactivate: true,
        }
    }

    async fn server_clock(&self) -> Result<ClockSample, TenantError> {
        self.read_clock().await
    }

    async fn devices(&self, query: &DeviceQuery) -> Result<Vec<Device>, TenantError> {
        match query {
            DeviceQuery::All => self.all_devices().await,
            DeviceQuery::Ids(ids) => self.devices_by_id(ids).await,
            DeviceQuery::Serials(serials) => self.devices_by_serial(serials).await,
            DeviceQuery::HeldBy(users) => self.devices_held_by(users).await,
        }
    }

    async fn users(&self, keys: &[UserKey]) -> Result<Vec<Option<User>>, TenantError> {
        self.find_users(keys).await
    }

    async fn policy(&self) -> Result<Known<MethodPolicy>, TenantError> {
        self.read_policy().await
    }

    async fn members(&self, group: &GroupId) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        self.group_members(group.as_str()).await
    }

    async fn admins(&self) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        self.role_holders().await
    }

    async fn methods_of(&self, users: &[UserId]) -> Result<Vec<Known<Methods>>, TenantError> {
        self.count_methods(users).await
    }

    async fn deleted(&self, users: &[UserId]) -> Result<Vec<Known<bool>>, TenantError> {
        self.find_deleted(users).await
    }

    async fn search(&self, text: &str, most: usize) -> Result<Known<Vec<User>>, TenantError> {
        self.search_users(text, most).await
    }
}

#[async_trait]
impl TenantWrite for GraphBackend {
    async fn create(&self, items: &[Create], how: CreateHow, seeds: &dyn SeedSource) -> Vec<Reply<Device>> {
        if let Some(remote) = self.inspection() {
            // It is no matter of this call: there is no use in sending its items one by one.
            return items
                .iter()
                .map(|_| Reply::Refused { remote: remote.clone(), whole_call: false })
                .collect();
        }
        match how {
            CreateHow::Bulk => self.create_bulk(items, seeds).await,
            CreateHow::Each => self.create_each(items, seeds).await,
        }
    }

    async fn assign(&self, items: &[Held]) -> Vec<Reply<()>> {
        self.write_plain(items, write::assign).await
    }

    async fn activate(&self, items: &[Held], codes: &dyn CodeSource) -> Vec<Reply<()>> {
        if let Some(remote) = self.inspection() {
            // Not `Refused`: that would count as a code that was judged (H9).
            return items
                .iter()
                .map(|_| Reply::NotSent { why: NotSent::Unreachable, remote: remote.clone() })
                .collect();
        }
        self.activate_now(items, codes).await
    }

    async fn deactivate(&self, items: &[Held]) -> Vec<Reply<()>> {
        self.write_plain(items, write::deactivate).await
    }

    async fn unassign(&self, items: &[Unassign]) -> Vec<Reply<()>> {
        self.write_plain(items, write::unassign).await
    }

    async fn delete(&self, items: &[Delete]) -> Vec<Reply<()>> {
        self.write_plain(items, write::delete).await
    }

    async fn rename(&self, items: &[(DeviceId, String)]) -> Vec<Reply<()>> {
        self.write_plain(items, write::rename).await
    }

    async fn revoke_sessions(&self, users: &[UserId]) -> Vec<Reply<()>> {
        self.write_plain(users, write::revoke_sessions).await
    }
}
