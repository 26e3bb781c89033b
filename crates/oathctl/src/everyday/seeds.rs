//! Seeds of a request: from the vault, and only when a step needs one.
//!
//! Owns: when the vault is opened, what it turns out to lack, which seeds are sealed afterwards. Does not own: opening ([`Unlock`]), the doors
//! (`oathctl-store`).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::engine::resume::Carried;
use oathctl_core::journal::StepKind;
use oathctl_core::plan::{Goal, Plan, PlanRow};
use oathctl_core::report::{Outcome, RowReport};
use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
use oathctl_core::table::RowId;
use oathctl_core::token::serial_key;
use oathctl_store::Store;
use oathctl_store::vault::{Lack, Lent, TokenKey, Vault};

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

/// Opens the vault if a row of the plan needs a seed, and lends those that do; the vault comes with them.
pub(super) async fn lend(
    walk: &Walk<'_>,
    store: &Store,
    sheet: &Sheet,
    (plan, carried): (&Plan, &BTreeMap<RowId, Carried>),
    unlock: &Unlock,
) -> Result<(Seeds, Option<Vault>), Failure> {
    let needing = plan.pending().filter(|row| needs_seed(row, carried.contains_key(&row.row)));
    let wanted: Vec<_> =
        needing.filter_map(|row| Some((SeedKey(row.row.0), sheet.token(row.row)?.token))).collect();
    if wanted.is_empty() {
        return Ok((Seeds(None), None));
    }
    let vault = unlock.open(walk.desk, store).await?;
    let lent = vault.lend_as(&wanted).await?;
    Ok((Seeds(Some(lent)), Some(vault)))
}

/// H28: seeds of tokens that are active and somebody's go to the sealed compartment. The run has ended; a vault that
/// can't take this in is told, and the next such run mends it.
pub async fn hand_out(desk: &Desk, store: &Store, vault: &mut Vault, rows: &[RowReport]) {
    let is_handed_out = |row: &&RowReport| matches!(row.outcome, Outcome::Activated | Outcome::AlreadyActive);
    let active: BTreeSet<String> =
        rows.iter().filter(is_handed_out).filter_map(|row| row.serial.as_deref().map(serial_key)).collect();
    if active.is_empty() {
        return;
    }
    let sealed = async {
        let held = Vault::list(store).await?.into_iter();
        let tokens: Vec<TokenKey> = held
            .filter(|token| active.contains(&serial_key(&token.serial)))
            .map(|token| token.token)
            .collect();
        vault.hand_out(&tokens, desk.clock.utc()).await
    };
    if let Err(error) = sealed.await {
        desk.ui.wrong("warning: the seeds of these tokens could not be moved to the sealed compartment.");
        Failure::from(error).show(&desk.ui);
    }
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
