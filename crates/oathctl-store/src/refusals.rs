//! Codes the tenant refused, counted per device across runs.
//!
//! Owns: the record of refusals. Does not own: what follows from them (hazard H9: after three in a day only a code
//! read from the device itself may go); the engine decides.

use std::collections::BTreeMap;

use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, TenantId};

use crate::db::Sql;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Notes refused codes: one entry a refusal, with its time.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; then none of them is noted.
    pub async fn note_refusals(
        &self,
        tenant: &TenantId,
        refused: &[(DeviceId, Utc)],
    ) -> Result<(), StoreError> {
        if refused.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for (device, at) in refused {
            Sql::new("INSERT INTO code_refusals (tenant, device, at) VALUES ($1, $2, $3)")
                .bind(tenant.as_str())
                .bind(device.as_str())
                .bind(at.unix_ms())
                .run(&mut tx)
                .await?;
        }
        tx.commit().await
    }

    /// How many codes each of `devices` was refused at `since` or later; devices without any are left out.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn refusals_since(
        &self,
        tenant: &TenantId,
        devices: &[DeviceId],
        since: Utc,
    ) -> Result<BTreeMap<DeviceId, u64>, StoreError> {
        // Refusals are few and devices may be many: count all of the tenant's, then pick.
        let rows = Sql::new(
            "SELECT device, count(*) FROM code_refusals WHERE tenant = $1 AND at >= $2 GROUP BY device",
        )
        .bind(tenant.as_str())
        .bind(since.unix_ms())
        .all(self)
        .await?;
        let mut counted: BTreeMap<String, u64> = BTreeMap::new();
        for row in &rows {
            counted.insert(row.get(0)?, row.get::<i64>(1)?.unsigned_abs());
        }
        let pick = |device: &DeviceId| counted.get(device.as_str()).map(|n| (device.clone(), *n));
        Ok(devices.iter().filter_map(pick).collect())
    }
}
