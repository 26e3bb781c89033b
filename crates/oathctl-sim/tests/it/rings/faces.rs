//! The everyday calls through both faces: the real client over HTTP, and the port. What one says, the other says.

use std::sync::Arc;

use oathctl_core::tenant::{
    DeviceQuery, Known, MethodKind, Methods, Reply, TenantErrorKind, TenantRead, TenantWrite, User,
};
use oathctl_core::token::{DeviceId, UserId};
use oathctl_sim::device::Device;
use oathctl_sim::face::port::PortTenant;
use oathctl_sim::guid::Guid;
use oathctl_sim::time::TokioTime;
use oathctl_sim::world::{Done, NewToken, TokenRef, When, Write};
use oathctl_sim::{Setup, Sim};

use super::clock::VirtualClock;
use super::life::Body;
use super::ring2::{InProcess, connect_by};
use super::tenant::{BASE_MS, devices, tenant, upn};

trait Tenant: TenantRead + TenantWrite {}
impl<T: TenantRead + TenantWrite> Tenant for T {}

/// HTTP first.
fn faces(sim: &Sim) -> [Box<dyn Tenant>; 2] {
    let body = || Body::new(Arc::new(VirtualClock::starting_at(BASE_MS, 0)), None);
    let (http, port) = (body(), body());
    [
        Box::new(connect_by(Arc::new(InProcess::new(sim, &http)), sim, &http)),
        Box::new(PortTenant::new(sim.clone(), port.clock, port.server_clock)),
    ]
}

fn set(sim: &Sim, key: &str, value: &str) {
    sim.with(|parts, _| parts.world.set_option(key, value).unwrap());
}

fn person(sim: &Sim, n: usize) -> Guid {
    sim.with(|parts, _| parts.world.people.get(parts.world.people.by_upn(&upn(n)).unwrap()).id)
}

fn user(id: Guid) -> UserId {
    UserId::new(id.to_string())
}

/// A token in the tenant; somebody's, where told.
fn put(sim: &Sim, device: &Device, holder: Option<Guid>) -> Guid {
    let new = NewToken {
        serial: device.serial.clone(),
        manufacturer: "Examplar".into(),
        model: "XT-1".into(),
        seed: device.seed.clone(),
        period_s: device.period_s,
        hash: device.hash,
        display_name: None,
        assign_to: holder,
    };
    sim.with(|parts, now| match parts.world.write(Write::Create(new), When::Now(now)) {
        Ok(Done::Token(ix)) => parts.world.tokens.get(ix).id,
        other => unreachable!("{other:?}"),
    })
}

fn activate(sim: &Sim, device: &Device, id: Guid, person: Guid) {
    sim.with(|parts, now| {
        let code = device.press(now).unwrap().code;
        let write = Write::Activate { token: TokenRef::Id(id), person, code, display_name: None };
        parts.world.write(write, When::Now(now)).unwrap();
    });
}

/// Serial, active or not, holder; in the order of the serials.
async fn held(face: &dyn Tenant, users: &[UserId]) -> Vec<(String, bool, String)> {
    let devices = face.devices(&DeviceQuery::HeldBy(users.to_vec())).await.unwrap();
    let mut seen: Vec<_> = devices
        .iter()
        .map(|d| (d.serial.clone(), d.is_active(), d.holder.as_ref().unwrap().id.to_string()))
        .collect();
    seen.sort();
    seen
}

#[tokio::test(start_paused = true)]
async fn what_people_hold_whichever_way_methods_are_shown() {
    for (shown, deleted_holder) in [("always", "gone"), ("on_request", "keep"), ("never", "release")] {
        let sim = tenant(1, 3, &[("device_in_methods", shown), ("deleted_holder", deleted_holder)]);
        let (own, people) = (devices(1, 5), [0, 1, 2].map(|n| person(&sim, n)));
        let first = put(&sim, &own[0], Some(people[0]));
        activate(&sim, &own[0], first, people[0]);
        put(&sim, &own[1], Some(people[0]));
        put(&sim, &own[2], None);
        put(&sim, &own[3], Some(people[2]));
        sim.with(|parts, now| {
            let gone = parts.world.people.by_id(people[2]).unwrap();
            parts.world.delete_person(gone, now)
        });
        let nobody = UserId::new("11111111-1111-4111-8111-111111111111");
        let asked: Vec<UserId> = people.iter().map(|id| user(*id)).chain([nobody]).collect();
        let mut expected = vec![
            (own[0].serial.clone(), true, people[0].to_string()),
            (own[1].serial.clone(), false, people[0].to_string()),
        ];
        if deleted_holder == "keep" {
            expected.push((own[3].serial.clone(), false, people[2].to_string()));
        }
        for face in faces(&sim) {
            assert_eq!(held(&*face, &asked).await, expected, "{shown}");
            let methods = face.methods_of(&asked[..2]).await.unwrap();
            let counts = methods.iter().map(|known| known.known().unwrap().clone()).collect::<Vec<_>>();
            let mut phone = Methods::default();
            [MethodKind::Password, MethodKind::Phone].into_iter().for_each(|kind| phone.add(kind));
            let mut with_tokens = phone.clone();
            (0..2).for_each(|_| with_tokens.add(MethodKind::HardwareToken));
            assert_eq!(counts, [with_tokens, phone], "{shown}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_of_people_is_an_error_or_unknown() {
    let sim = tenant(1, 1, &[("permissions", "Policy.Read.All")]);
    let users = [user(person(&sim, 0))];
    for face in faces(&sim) {
        let error = face.devices(&DeviceQuery::HeldBy(users.to_vec())).await.unwrap_err();
        let told = (error.kind, error.detail.as_str());
        assert_eq!(told, (TenantErrorKind::Forbidden, "UserAuthenticationMethod.Read.All"));
        assert!(face.deleted(&users).await.unwrap()[0].known().is_none());
        let search = face.search("person", 5).await.unwrap();
        assert!(matches!(search, Known::Unknown(remote) if remote.status == Some(403)));
    }
}

#[tokio::test(start_paused = true)]
async fn h03_the_deleted_are_told_from_those_who_are_not() {
    let sim = tenant(1, 2, &[]);
    let (here, gone) = (person(&sim, 0), person(&sim, 1));
    sim.with(|parts, now| parts.world.delete_person(parts.world.people.by_id(gone).unwrap(), now));
    let never = UserId::new("11111111-1111-4111-8111-111111111111");
    for face in faces(&sim) {
        let found = face.deleted(&[user(here), user(gone), never.clone()]).await.unwrap();
        assert_eq!(found, [Known::Yes(false), Known::Yes(true), Known::Yes(false)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_finds_the_same_people() {
    let sim = Sim::new(Setup::default(), Arc::new(TokioTime::starting_at(BASE_MS)));
    let [http, port] = faces(&sim);
    let names = |known: Known<Vec<User>>| {
        known.known().unwrap().iter().map(|user| user.upn.clone()).collect::<Vec<_>>()
    };
    for (text, most, count) in [
        ("alme", 50, 19),
        ("ALMEIDA anna", 50, 1),
        ("o'brien", 50, 2),
        ("O’Brien", 50, 2),
        ("hanako.o'b", 50, 1),
        ("Мария", 50, 1),
        ("bjoern.alm", 50, 1),
        ("Bjo", 50, 5),
        ("Björn", 3, 3),
        ("\"anna\"", 50, 0),
        ("anna & dilek", 50, 0),
        ("", 50, 0),
    ] {
        let found = port.search(text, most).await.unwrap();
        assert_eq!(http.search(text, most).await.unwrap(), found, "{text}");
        assert_eq!(names(found).len(), count, "{text}");
    }
    set(&sim, "user_search", "off");
    assert_eq!(
        names(http.search("Мар", 50).await.unwrap()).len(),
        1,
        "names that begin so are found all the same"
    );
    set(&sim, "permissions", "User.ReadBasic.All");
    for face in [http, port] {
        let found = face.search("anna", 1).await.unwrap();
        assert_eq!(found.known().unwrap()[0].enabled, None);
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_end_and_spare_tokens_are_renamed() {
    let sim = tenant(1, 2, &[]);
    let (own, people) = (devices(1, 2), [0, 1].map(|n| person(&sim, n)));
    let (spare, given) = (put(&sim, &own[0], None), put(&sim, &own[1], Some(people[0])));
    let users = people.map(user);
    let nobody = UserId::new("11111111-1111-4111-8111-111111111111");
    for (n, face) in faces(&sim).into_iter().enumerate() {
        let name = format!("Desk {n}");
        let names: Vec<_> =
            [spare, given].iter().map(|id| (DeviceId::new(id.to_string()), name.clone())).collect();
        let renamed = face.rename(&names).await;
        assert!(matches!(renamed[0], Reply::Done { .. }), "{renamed:?}");
        assert!(matches!(&renamed[1], Reply::Refused { remote, .. } if remote.status == Some(400)));
        let seen = face.devices(&DeviceQuery::Ids(vec![names[0].0.clone()])).await.unwrap();
        assert_eq!(seen[0].name.as_deref(), Some(name.as_str()));

        let ended = face.revoke_sessions(&[users[0].clone(), nobody.clone()]).await;
        assert!(matches!(ended[0], Reply::Done { at: Some(_), .. }), "{ended:?}");
        assert!(matches!(&ended[1], Reply::Refused { remote, .. } if remote.status == Some(404)));
        set(&sim, "revoke_sessions", "forbid");
        let refused = face.revoke_sessions(&users).await;
        assert!(
            refused.iter().all(|r| matches!(r, Reply::Refused { remote, .. } if remote.status == Some(403)))
        );
        set(&sim, "revoke_sessions", "allow");
        set(&sim, "p_lost", "1");
        assert!(matches!(face.revoke_sessions(&users[..1]).await[0], Reply::InDoubt { .. }));
        set(&sim, "p_lost", "0");
        let times = |id| {
            sim.with(|parts, _| {
                parts.world.people.get(parts.world.people.by_id(id).unwrap()).sessions_revoked.len()
            })
        };
        assert_eq!((times(people[0]), times(people[1])), (2 * (n + 1), 0));
    }
}
