//! The same world behind the product's port.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use oathctl_core::offset::ServerClock;
use oathctl_core::otp::totp_at;
use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
use oathctl_core::tenant::*;
use oathctl_core::time::{Clock, Mono, ServerTime, Utc};
use oathctl_core::token::{Hash, TotpParams, UserId};
use oathctl_sim::device::{Device as TrueDevice, generate};
use oathctl_sim::face::port::{ClockTime, PortTenant};
use oathctl_sim::rng::Rng;
use oathctl_sim::{Setup, Sim};
use tokio::time::Instant;

use crate::support::START;

struct Paused(Instant);

impl Clock for Paused {
    fn utc(&self) -> Utc {
        // Our wall clock is an hour slow; only the monotonic one is right.
        Utc::from_unix_ms(START - 3_600_000 + i64::try_from(self.mono().0).unwrap())
    }
    fn mono(&self) -> Mono {
        Mono(u64::try_from(self.0.elapsed().as_millis()).unwrap())
    }
    fn sleep_until(&self, at: Mono) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(self.0 + std::time::Duration::from_millis(at.0)))
    }
}

struct Box_(Vec<TrueDevice>);

impl SeedSource for Box_ {
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        let device = self.0.get(key.0 as usize).ok_or(SeedError::NotHeld)?;
        f(device.seed.open());
        Ok(())
    }
}

impl CodeSource for Box_ {
    fn code(&self, item: usize, at: ServerTime, _single: bool) -> CodeOffer {
        let params = TotpParams { hash: Hash::Sha1, digits: 6, period_secs: 30 };
        CodeOffer::Ready(totp_at(self.0[item].seed.open(), params, at.0).unwrap())
    }
}

struct Rig {
    sim: Sim,
    port: PortTenant,
    vendor: Box_,
    clock: Arc<dyn Clock>,
}

fn rig(options: &[(&str, &str)]) -> Rig {
    let mut setup = Setup::default();
    for (key, value) in options {
        setup.options.set(key, value).unwrap();
    }
    let clock: Arc<dyn Clock> = Arc::new(Paused(Instant::now()));
    let sim = Sim::new(setup, Arc::new(ClockTime::starting_at(START, clock.clone())));
    let mut devices = generate(&mut Rng::new(2), 3, "P");
    for device in &mut devices {
        device.drift_s = 0;
        sim.with(|parts, _| parts.devices.add(device.clone()));
    }
    let port = PortTenant::new(sim.clone(), clock.clone(), Arc::new(ServerClock::new()));
    Rig { sim, port, vendor: Box_(devices), clock }
}

impl Rig {
    fn set(&self, key: &str, value: &str) {
        self.sim.with(|parts, _| parts.world.set_option(key, value).unwrap());
    }

    /// One ordinary person for each device.
    async fn people(&self) -> Vec<User> {
        let upns: Vec<UserKey> = self.sim.with(|parts, _| {
            let fit = parts.world.people.iter().map(|(_, p)| p);
            let fit = fit.filter(|p| p.enabled && !p.guest && p.roles.is_empty() && p.methods.len() < 4);
            fit.take(3).map(|p| UserKey::Upn(p.upn.to_uppercase())).collect()
        });
        self.port.users(&upns).await.unwrap().into_iter().map(Option::unwrap).collect()
    }

    fn creates(&self, people: &[User]) -> Vec<Create> {
        let create = |(n, person): (usize, &User)| Create {
            serial: self.vendor.0[n].serial.clone(),
            manufacturer: "Practice".into(),
            model: "P-1".into(),
            hash: Hash::Sha1,
            period_secs: 30,
            assign_to: Some(person.id.clone()),
            seed: SeedKey(u32::try_from(n).unwrap()),
        };
        people.iter().enumerate().map(create).collect()
    }

    async fn created(&self) -> Vec<Held> {
        let people = self.people().await;
        let replies = self.port.create(&self.creates(&people), CreateHow::Bulk, &self.vendor).await;
        let held = replies.into_iter().zip(people).map(|(reply, person)| match reply {
            Reply::Done { value, .. } => Held { device: value.id, user: person.id },
            other => unreachable!("{other:?}"),
        });
        held.collect()
    }

    async fn seen(&self) -> Vec<Device> {
        self.port.devices(&DeviceQuery::All).await.unwrap()
    }
}

fn is_done<T>(reply: &Reply<T>) -> bool {
    matches!(reply, Reply::Done { .. })
}

#[tokio::test(start_paused = true)]
async fn a_token_from_creation_to_sign_in_by_the_tenants_clock() {
    let rig = rig(&[("latency_ms", "100")]);
    let identity = rig.port.identity().await.unwrap();
    assert_eq!(identity.tenant.as_str(), rig.sim.app().tenant_id.to_string());
    let held = rig.created().await;
    assert!(rig.port.activate(&held, &rig.vendor).await.iter().all(is_done));
    let seen = rig.seen().await;
    assert!(seen.iter().zip(&held).all(|(device, held)| device.is_active() && device.is_held_by(&held.user)));
    rig.sim.with(|parts, now| {
        for (device, token) in rig.vendor.0.iter().zip(parts.world.tokens.iter()) {
            assert!(token.drift_steps.abs() <= 1, "codes were made for the tenant's clock, not ours");
            assert_eq!(token.serial, device.serial);
        }
        let person = parts.world.tokens.get(0).holder().unwrap();
        let upn = parts.world.people.get(person).upn.clone();
        let code = rig.vendor.0[0].press(now).unwrap().code;
        assert!(parts.world.sign_in(&upn, &code, now).is_ok());
    });
    assert!(rig.port.deactivate(&held).await.iter().all(is_done));
    let taken: Vec<_> = held.iter().map(|held| Unassign { held: held.clone(), etag: None }).collect();
    assert!(rig.port.unassign(&taken).await.iter().all(is_done));
    let renamed = rig.port.rename(&[(held[0].device.clone(), "Spare".into())]).await;
    assert!(is_done(&renamed[0]));
    assert_eq!(rig.seen().await[0].name.as_deref(), Some("Spare"));
    let gone: Vec<_> = held.iter().map(|held| Delete { device: held.device.clone(), etag: None }).collect();
    assert!(rig.port.delete(&gone).await.iter().all(is_done));
    assert!(rig.seen().await.is_empty());
    assert_eq!(rig.clock.mono().0 % 100, 0, "every call took its latency");
}

#[tokio::test(start_paused = true)]
async fn faults_become_replies() {
    let rig = rig(&[]);
    let people = rig.people().await;
    let creates = rig.creates(&people);
    for (switch, left) in [("p_reset_before", 0), ("p_503", 0), ("p_html", 0), ("p_504_after", 3)] {
        rig.set("fault_scope", "writes");
        rig.set(switch, "1");
        let replies = rig.port.create(&creates, CreateHow::Bulk, &rig.vendor).await;
        assert!(replies.iter().all(|reply| matches!(reply, Reply::InDoubt { .. })), "{switch}");
        rig.set(switch, "0");
        assert_eq!(rig.seen().await.len(), left, "{switch}");
    }
    rig.set("p_429", "1");
    let replies = rig.port.create(&creates, CreateHow::Bulk, &rig.vendor).await;
    assert!(
        matches!(replies[0], Reply::Throttled { until: Some(Mono(ms)), .. } if ms == rig.clock.mono().0 + 3000)
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_activation_takes_effect_late() {
    let rig = rig(&[("delayed_effect_s", "300"), ("fault_scope", "writes")]);
    let held = rig.created().await;
    rig.set("p_delayed", "1");
    let before = rig.clock.mono();
    let replies = rig.port.activate(&held, &rig.vendor).await;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::InDoubt { .. })));
    assert_eq!(rig.clock.mono().ms_since(before), 20_000);
    assert!(rig.seen().await.iter().all(|device| !device.is_active()));
    rig.clock.sleep_until(before.plus_ms(300_000)).await;
    assert!(rig.seen().await.iter().all(Device::is_active));
    rig.sim.with(|parts, _| assert_eq!(parts.world.tokens.get(0).drift_steps, -10));
}

#[tokio::test(start_paused = true)]
async fn a_bulk_refused_as_a_whole_says_so_and_one_by_one_each_has_its_own_answer() {
    let rig = rig(&[("bulk_failure", "all_or_nothing")]);
    let people = rig.people().await;
    let mut creates = rig.creates(&people);
    creates[1].assign_to = Some(UserId::new("nobody"));
    let replies = rig.port.create(&creates, CreateHow::Bulk, &rig.vendor).await;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Refused { whole_call: true, .. })));
    creates[2].seed = SeedKey(99);
    let replies = rig.port.create(&creates, CreateHow::Each, &rig.vendor).await;
    assert!(is_done(&replies[0]));
    assert!(matches!(replies[1], Reply::Refused { whole_call: false, .. }));
    assert!(matches!(replies[2], Reply::NotSent { why: NotSent::NoSeed, .. }));
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_unknown_and_what_may_not_be_written_is_refused() {
    let rig = rig(&[]);
    let held = rig.created().await;
    rig.set("permissions", "Policy.Read.All");
    assert!(rig.port.admins().await.unwrap().known().is_none());
    assert!(rig.port.policy().await.unwrap().known().is_some());
    let methods = rig.port.methods_of(&[held[0].user.clone()]).await.unwrap();
    assert!(methods[0].known().is_none());
    let error = rig.port.users(&[UserKey::Id(held[0].user.clone())]).await.unwrap_err();
    assert_eq!(error.kind, TenantErrorKind::Forbidden);
    let replies = rig.port.activate(&held[..1], &rig.vendor).await;
    assert!(matches!(&replies[0], Reply::Refused { remote, .. } if remote.status == Some(403)));
}
