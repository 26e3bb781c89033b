//! Reading what people hold, from their side.
//!
//! Owns: this read, and the way round where a method does not show its device. Does not own: counting methods
//! ([`super::people`]). <https://learn.microsoft.com/en-us/graph/api/authentication-list-hardwareoathmethods>; that the
//! method's id is the device's is what its examples show.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::tenant::{Device, Holder, TenantError};
use oathctl_core::token::{DeviceId, UserId};

use super::page::Listed;
use super::read::Get;
use super::step::Got;
use super::{GraphBackend, path, shape};
use crate::remote::field;

const ROUTE: &str = "GET hardwareOathMethods";
/// What a 403 on a person's tokens most likely misses.
const PERMISSION: &str = "UserAuthenticationMethod.Read.All";

/// What the people asked for hold, as far as it is read.
#[derive(Default)]
struct Held {
    devices: Vec<Device>,
    seen: BTreeSet<DeviceId>,
    /// Devices that were named but not shown, each with its person.
    bare: BTreeMap<DeviceId, UserId>,
}

impl GraphBackend {
    /// In the order of the people.
    pub(super) async fn devices_held_by(&self, users: &[UserId]) -> Result<Vec<Device>, TenantError> {
        let mut asked = BTreeSet::new();
        let users: Vec<&UserId> = users.iter().filter(|user| asked.insert(lower(user.as_str()))).collect();
        let gets: Vec<Get> = users.iter().map(|user| get(path::methods_with_device(user.as_str()))).collect();
        let mut held = Held::default();
        for ((got, get), user) in self.read_many(gets.clone()).await?.into_iter().zip(&gets).zip(users) {
            self.take_methods(got, get, user, &mut held).await?;
        }
        let bare: Vec<DeviceId> = held.bare.keys().cloned().collect();
        for device in self.devices_by_id(&bare).await? {
            if let Some(user) = held.bare.get(&device.id).cloned() {
                held.put(device, &user);
            }
        }
        held.devices.retain(|device| {
            device.holder.as_ref().is_some_and(|holder| asked.contains(&lower(holder.id.as_str())))
        });
        Ok(held.devices)
    }

    /// Takes in one person's list. `$expand` is not among the options the reference names: where it is refused, the
    /// list is read without.
    async fn take_methods(
        &self,
        got: Got,
        get: &Get,
        user: &UserId,
        held: &mut Held,
    ) -> Result<(), TenantError> {
        let plain = self::get(path::methods(user.as_str()));
        let (got, get) =
            if got.status == 400 { (self.read(plain.clone()).await?, &plain) } else { (got, get) };
        if got.status == 404 {
            return Ok(());
        }
        let mut each = |item: &serde_json::Value, at| {
            let shown = field(item, "device").is_some_and(serde_json::Value::is_object);
            match shape::device(item, at) {
                Some(device) if shown => held.put(device, user),
                Some(device) => {
                    held.bare.insert(device.id, user.clone());
                }
                None => {}
            }
        };
        match self.further_pages(got, get, &mut each).await? {
            Listed::Whole => Ok(()),
            Listed::Refused(got) => Err(got.refused(PERMISSION)),
        }
    }
}

impl Held {
    /// Keeps a device once. The path says who holds it where the body does not.
    fn put(&mut self, device: Device, user: &UserId) {
        if self.seen.insert(device.id.clone()) {
            let holder = device.holder.or_else(|| Some(Holder { id: user.clone(), name: None }));
            self.devices.push(Device { holder, ..device });
        }
    }
}

fn get(path: String) -> Get {
    Get::path(path, ROUTE)
}

fn lower(id: &str) -> String {
    id.to_ascii_lowercase()
}
