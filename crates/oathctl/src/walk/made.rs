//! What this store has created from the very rows at hand: `--recreate` leaves it alone.
//!
//! Owns: when an old row means the same seed. Does not own: the look-up (`oathctl-store`), planning.

use std::collections::BTreeMap;

use oathctl_core::table::RowId;
use oathctl_core::token::{DeviceId, RunId};
use oathctl_store::Store;

use super::{Recorded, Walk};
use crate::failure::Failure;
use crate::input::Loaded;

impl Walk<'_> {
    /// The devices created in this tenant from the same bytes, read in the same way by the same version: with the
    /// seeds at hand. Runs in `but` are left out. Nothing without `--recreate`, which alone asks.
    pub async fn made(
        &self,
        store: &Store,
        loaded: &Loaded,
        recorded: &Recorded,
        but: &[RunId],
    ) -> Result<BTreeMap<RowId, DeviceId>, Failure> {
        if !recorded.plan.recreate {
            return Ok(BTreeMap::new());
        }
        let found = store.made(&self.identity.tenant, &loaded.input.sha256).await?;
        let as_now = |options: &serde_json::Value| {
            serde_json::from_value::<Recorded>(options.clone())
                .is_ok_and(|then| then.reading == recorded.reading && then.version == Recorded::VERSION)
        };
        let fitting = found.into_iter().filter(|made| !but.contains(&made.run) && as_now(&made.options));
        Ok(fitting.map(|made| (made.row, made.device)).collect())
    }
}
