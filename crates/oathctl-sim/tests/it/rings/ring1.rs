//! Ring 1: the engine over the port face. No HTTP, no JSON: so fast that it takes thousands of seeds.

use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::Arc;

use oathctl_core::seed::SeedSource;
use oathctl_core::tenant::*;
use oathctl_core::token::{DeviceId, GroupId, UserId};
use oathctl_sim::Sim;
use oathctl_sim::face::port::PortTenant;

use super::death::Death;
use super::harsh::{self, Trial};
use super::life::{self, Body, Life};

/// The tenant behind the port, for a process that can die at any call.
pub struct Mortal {
    tenant: PortTenant,
    death: Arc<Death>,
}

pub fn connect(sim: &Sim, body: &Body) -> Mortal {
    let tenant = PortTenant::new(sim.clone(), body.clock.clone(), body.server_clock.clone());
    Mortal { tenant, death: body.death.clone() }
}

#[async_trait]
impl TenantRead for Mortal {
    async fn identity(&self) -> Result<Identity, TenantError> {
        self.death.survive(self.tenant.identity()).await
    }
    fn capabilities(&self) -> Capabilities {
        self.tenant.capabilities()
    }
    async fn server_clock(&self) -> Result<ClockSample, TenantError> {
        self.death.survive(self.tenant.server_clock()).await
    }
    async fn devices(&self, query: &DeviceQuery) -> Result<Vec<Device>, TenantError> {
        self.death.survive(self.tenant.devices(query)).await
    }
    async fn users(&self, keys: &[UserKey]) -> Result<Vec<Option<User>>, TenantError> {
        self.death.survive(self.tenant.users(keys)).await
    }
    async fn policy(&self) -> Result<Known<MethodPolicy>, TenantError> {
        self.death.survive(self.tenant.policy()).await
    }
    async fn members(&self, group: &GroupId) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        self.death.survive(self.tenant.members(group)).await
    }
    async fn admins(&self) -> Result<Known<BTreeSet<UserId>>, TenantError> {
        self.death.survive(self.tenant.admins()).await
    }
    async fn methods_of(&self, users: &[UserId]) -> Result<Vec<Known<Methods>>, TenantError> {
        self.death.survive(self.tenant.methods_of(users)).await
    }
    async fn deleted(&self, users: &[UserId]) -> Result<Vec<Known<bool>>, TenantError> {
        self.death.survive(self.tenant.deleted(users)).await
    }
    async fn search(&self, text: &str, most: usize) -> Result<Known<Vec<User>>, TenantError> {
        self.death.survive(self.tenant.search(text, most)).await
    }
}

#[async_trait]
impl TenantWrite for Mortal {
    async fn create(&self, items: &[Create], how: CreateHow, seeds: &dyn SeedSource) -> Vec<Reply<Device>> {
        self.death.survive(self.tenant.create(items, how, seeds)).await
    }
    async fn assign(&self, items: &[Held]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.assign(items)).await
    }
    async fn activate(&self, items: &[Held], codes: &dyn CodeSource) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.activate(items, codes)).await
    }
    async fn deactivate(&self, items: &[Held]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.deactivate(items)).await
    }
    async fn unassign(&self, items: &[Unassign]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.unassign(items)).await
    }
    async fn delete(&self, items: &[Delete]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.delete(items)).await
    }
    async fn rename(&self, items: &[(DeviceId, String)]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.rename(items)).await
    }
    async fn revoke_sessions(&self, users: &[UserId]) -> Vec<Reply<()>> {
        self.death.survive(self.tenant.revoke_sessions(users)).await
    }
}

pub async fn trial(trial: Trial) -> Life {
    let Trial { sim, table, clock, dooms } = trial;
    life::run(&table, clock, &dooms, |body| connect(&sim, body)).await
}

#[test]
fn ring1_one_seed() {
    let seed = harsh::asked("OATHCTL_RING_SEED").unwrap_or(1);
    let life = harsh::alone("ring1", seed, trial).unwrap();
    assert!(!life.tape.is_empty());
}

#[test]
fn ring1_a_thousand_seeds_are_exact() {
    let failures: Vec<String> =
        (1..=1000).filter_map(|seed| harsh::alone("ring1", seed, trial).err()).collect();
    assert!(failures.is_empty(), "{} of 1000 seeds: {failures:#?}", failures.len());
}
