//! Reading devices: the whole listing, some by id, some by serial.
//!
//! Owns: these three reads. Does not own: a device's shape ([`super::shape`]).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::tenant::{Device, TenantError};
use oathctl_core::token::{DeviceId, serial_key};

use super::page::Listed;
use super::read::Get;
use super::{GraphBackend, path, shape};

/// Devices on a page, as a public client's author reports; the documents give no number.
pub(super) const PAGE: usize = 1000;
const ROUTE: &str = "GET hardwareOathDevices";
/// What a 403 on a device most likely misses.
const PERMISSION: &str = "Policy.Read.All";

impl GraphBackend {
    pub(super) async fn all_devices(&self) -> Result<Vec<Device>, TenantError> {
        let mut devices = Vec::new();
        let mut ids = BTreeSet::new();
        let listed = self
            .pages(Get::path(path::INVENTORY, ROUTE), &mut |item, at| {
                // Pages move while others write: a device may come twice.
                devices.extend(shape::device(item, at).filter(|d| ids.insert(d.id.clone())));
            })
            .await?;
        match listed {
            Listed::Whole => Ok(devices),
            Listed::Refused(got) => Err(got.refused(PERMISSION)),
        }
    }

    /// In the order asked; those the tenant does not have are left out.
    pub(super) async fn devices_by_id(&self, ids: &[DeviceId]) -> Result<Vec<Device>, TenantError> {
        let gets = ids.iter().map(|id| Get::path(path::device(id.as_str()), ROUTE)).collect();
        let mut devices = Vec::with_capacity(ids.len());
        for got in self.read_many(gets).await? {
            match got.status {
                404 => {}
                _ if got.is_ok() => {
                    let device = shape::device(shape::unwrapped(&got.body), got.at);
                    devices.extend(device.map(|it| Device { etag: it.etag.or(got.etag), ..it }));
                }
                _ => return Err(got.refused(PERMISSION)),
            }
        }
        Ok(devices)
    }

    /// All devices that carry one of the serials; compared again here, should a filter be ignored.
    pub(super) async fn devices_by_serial(&self, serials: &[String]) -> Result<Vec<Device>, TenantError> {
        let wanted: BTreeMap<String, &str> = serials.iter().map(|s| (serial_key(s), s.trim())).collect();
        let gets: Vec<Get> =
            wanted.values().map(|serial| Get::path(path::devices_with_serial(serial), ROUTE)).collect();
        let mut devices = Vec::with_capacity(wanted.len());
        let mut ids = BTreeSet::new();
        for (got, get) in self.read_many(gets.clone()).await?.into_iter().zip(&gets) {
            let listed = self
                .further_pages(got, get, &mut |item, at| {
                    let device =
                        shape::device(item, at).filter(|d| wanted.contains_key(&serial_key(&d.serial)));
                    devices.extend(device.filter(|d| ids.insert(d.id.clone())));
                })
                .await?;
            if let Listed::Refused(got) = listed {
                return Err(got.refused(PERMISSION));
            }
        }
        Ok(devices)
    }
}
