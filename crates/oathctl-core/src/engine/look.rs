//! Reading many rows at once, in as few requests as the tenant allows.
//!
//! Owns: which rows to read now, by listing or one by one, and [`read_rows`]. Does not own: what a reading means
//! (`react`, `seen`).

use std::collections::BTreeMap;

use super::Ports;
use super::row::{Look, Phase, Row};
use crate::tenant::{Capabilities, Device, DeviceQuery, TenantError};
use crate::time::Mono;
use crate::token::{DeviceId, serial_key};

/// Rows are gathered this long before a reading, unless nothing else is under way.
const GATHER_MS: u64 = 150;
/// A reading back can wait longer: nothing hangs on it.
const GATHER_BACK_MS: u64 = 600;
/// So many rows are worth a reading at once.
const ENOUGH: usize = 400;

/// What one reading found, by row.
pub(super) struct Seen {
    /// Which rows were asked for.
    pub rows: Vec<usize>,
    /// What the tenant shows for each; `Err` when the reading failed.
    pub found: Result<Vec<Option<Device>>, TenantError>,
}

/// What to read a row by.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub row: usize,
    serial: String,
    device: Option<DeviceId>,
}

/// The rows to read now; empty to wait. `idle` says that no call is under way that could bring more.
pub(super) fn due(rows: &[Row], now: Mono, idle: bool) -> Vec<Wanted> {
    let looking = |row: &&Row| matches!(row.phase, Phase::Looking(_)) && row.not_before <= now;
    let candidates: Vec<&Row> = rows.iter().filter(looking).collect();
    let ripe = candidates.iter().any(|row| ripe_at(row) <= now);
    if candidates.is_empty() || !(idle || ripe || candidates.len() >= ENOUGH) {
        return Vec::new();
    }
    let want = |row: &&Row| Wanted { row: row.index, serial: row.serial.clone(), device: row.device.clone() };
    candidates.iter().map(want).collect()
}

/// When a row has been gathered long enough; also the next instant at which anything is due.
pub(super) fn ripe_at(row: &Row) -> Mono {
    let wait = match row.phase {
        Phase::Looking(Look::ReadBack) => GATHER_BACK_MS,
        Phase::Looking(_) => GATHER_MS,
        Phase::Ready | Phase::Flying(_) | Phase::Waiting | Phase::Ended => return Mono(u64::MAX),
    };
    row.not_before.max(row.since.plus_ms(wait))
}

/// Reads the rows: one listing where that takes fewer requests than asking one by one.
pub(super) async fn read_rows(
    ports: Ports<'_>,
    capabilities: &Capabilities,
    tenant_devices: usize,
    wanted: Vec<Wanted>,
) -> Seen {
    let by_listing = tenant_devices / capabilities.page.max(1) + 1;
    let one_by_one = wanted.len().div_ceil(capabilities.batch.max(1));
    let found = if by_listing <= one_by_one { list(ports, &wanted).await } else { ask(ports, &wanted).await };
    Seen { rows: wanted.iter().map(|w| w.row).collect(), found }
}

async fn list(ports: Ports<'_>, wanted: &[Wanted]) -> Result<Vec<Option<Device>>, TenantError> {
    let devices = ports.read.devices(&DeviceQuery::All).await?;
    Ok(matched(wanted, &devices))
}

async fn ask(ports: Ports<'_>, wanted: &[Wanted]) -> Result<Vec<Option<Device>>, TenantError> {
    let ids: Vec<DeviceId> = wanted.iter().filter_map(|w| w.device.clone()).collect();
    let serials: Vec<String> =
        wanted.iter().filter(|w| w.device.is_none()).map(|w| w.serial.clone()).collect();
    let mut devices = Vec::new();
    if !ids.is_empty() {
        devices.extend(ports.read.devices(&DeviceQuery::Ids(ids)).await?);
    }
    if !serials.is_empty() {
        devices.extend(ports.read.devices(&DeviceQuery::Serials(serials)).await?);
    }
    Ok(matched(wanted, &devices))
}

fn matched(wanted: &[Wanted], devices: &[Device]) -> Vec<Option<Device>> {
    let by_id: BTreeMap<&DeviceId, &Device> = devices.iter().map(|device| (&device.id, device)).collect();
    let by_serial: BTreeMap<String, &Device> =
        devices.iter().map(|device| (serial_key(&device.serial), device)).collect();
    let find = |w: &Wanted| match &w.device {
        Some(id) => by_id.get(id).copied().cloned(),
        None => by_serial.get(&serial_key(&w.serial)).copied().cloned(),
    };
    wanted.iter().map(find).collect()
}
