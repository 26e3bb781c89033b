//! What this store knows to have created: acknowledged creations, by input.
//!
//! Owns: [`Made`] and its look-up. Does not own: whether the same row still means the same seed (the caller compares
//! how its file is read). Nothing of a seed is kept anywhere.

use serde_json::Value;

use oathctl_core::journal::CallResult;
use oathctl_core::table::RowId;
use oathctl_core::token::{DeviceId, RunId, TenantId};

use crate::db::Sql;
use crate::error::StoreError;
use crate::store::Store;
use crate::wire;

/// One acknowledged creation.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// By which run.
    pub run: RunId,
    /// The options of that run.
    pub options: Value,
    /// From which row of the input.
    pub row: RowId,
    /// Which device.
    pub device: DeviceId,
}

impl Store {
    /// Every creation in a tenant, from an input of this SHA-256 (lower-case hex), that the tenant acknowledged with
    /// the device's id; the oldest first.
    ///
    /// # Errors
    /// As for [`Store::runs`].
    pub async fn made(&self, tenant: &TenantId, input_sha256: &str) -> Result<Vec<Made>, StoreError> {
        let rows = Sql::new(
            "SELECT runs.run, runs.options, calls.observed FROM calls JOIN runs ON runs.id = calls.run_id
             WHERE runs.tenant = $1 AND runs.input_sha256 = $2 AND calls.step = 'create'
               AND calls.observed IS NOT NULL
             ORDER BY runs.id, calls.call",
        )
        .bind(tenant.as_str())
        .bind(input_sha256)
        .all(self)
        .await?;
        let mut made = Vec::new();
        for row in &rows {
            let (run, options, observed): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let options: Value = wire::from_text(&options, "the options of a run")?;
            let states = wire::states_from_text(&observed)?;
            let done = states.into_iter().filter(|state| state.result == CallResult::Done);
            made.extend(done.filter_map(|state| {
                let (run, options) = (RunId::new(&run), options.clone());
                Some(Made { run, options, row: state.row, device: state.device? })
            }));
        }
        Ok(made)
    }
}
