//! Seeds of a request: from the vault, and only when a step needs one.
//!
//! Owns: when the vault is opened, what it turns out to lack. Does not own: opening ([`Unlock`]), the doors
//! (`oathctl-store`).

use std::collections::BTreeMap;

use oathctl_core::engine::resume::Carried;
use oathctl_core::journal::StepKind;
use oathctl_core::plan::{Goal, Plan, PlanRow};
use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
use oathctl_core::table::RowId;
use oathctl_store::Store;
use oathctl_store::vault::{Lack, Lent};

use super::sheet::Sheet;
use crate::cli::Unlock;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::tell;
use crate::walk::Walk;

/// What is lent to a run; nothing, where no step needs a seed.
pub(super) struct Seeds(Option<Lent>);

impl SeedSource for Seeds {
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.0.as_ref().ok_or(SeedError::NotHeld)?.with_seed(key, f)
    }

    fn with_seed_for_code(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.0.as_ref().ok_or(SeedError::NotHeld)?.with_seed_for_code(key, f)
    }
}

/// Opens the vault if a row of the plan needs a seed, and lends those that do.
pub(super) async fn lend(
    walk: &Walk<'_>,
    store: &Store,
    sheet: &Sheet,
    (plan, carried): (&Plan, &BTreeMap<RowId, Carried>),
    unlock: &Unlock,
) -> Result<Seeds, Failure> {
    let needing = plan.pending().filter(|row| needs_seed(row, carried.contains_key(&row.row)));
    let wanted: Vec<_> =
        needing.filter_map(|row| Some((SeedKey(row.row.0), sheet.token(row.row)?.token))).collect();
    if wanted.is_empty() {
        return Ok(Seeds(None));
    }
    let vault = unlock.open(walk.desk, store).await?;
    Ok(Seeds(Some(vault.lend_as(&wanted).await?)))
}

/// A row that is gone on with may have to be activated once more although its plan no longer says so.
fn needs_seed(row: &PlanRow, begun: bool) -> bool {
    let steps = row.steps.iter().any(|step| matches!(step, StepKind::Create | StepKind::Activate));
    steps || (begun && row.goal == Goal::Activated)
}

/// Takes what the vault couldn't lend out of the sheet; true when there was something.
pub(super) fn drop_lacking(desk: &Desk, sheet: &mut Sheet, seeds: &Seeds) -> bool {
    let lacking = seeds.0.as_ref().map(Lent::lacking).unwrap_or_default();
    let sealed = lacking.iter().filter(|(_, lack)| *lack == Lack::Sealed).count();
    if sealed > 0 {
        desk.ui.wrong(&format!(
            "warning: {} sealed, and what was named opens the stock only; name an unlocker that opens both.",
            tell::counted(sealed, "needed seed")
        ));
    }
    lacking.iter().for_each(|(key, _)| sheet.lacks(RowId(key.0)));
    !lacking.is_empty()
}
