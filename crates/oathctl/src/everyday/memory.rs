//! What this store remembers of tokens and people, as everyday commands use it.
//!
//! Owns: which of its queries a command needs. Does not own: inventory and people (`oathctl-store`), what follows from
//! a mark (the planner).

use std::collections::BTreeMap;

use oathctl_core::plan::{Plan, PlanRow, Seen};
use oathctl_core::report::RunReport;
use oathctl_core::snapshot::Snapshot;
use oathctl_core::table::Table;
use oathctl_core::tenant::{Device, DeviceStatus, User};
use oathctl_core::time::Utc;
use oathctl_core::token::{Mark, TenantId, UserId, serial_key};
use oathctl_store::vault::{Listed, Vault};
use oathctl_store::{Deed, DeedKind, Filter, Marking, Store, Token, TokenFacts, TokenStatus};

use crate::cli::audit;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::os;
use crate::walk::Walk;
use crate::words::en::foreign::clean;

/// Tokens that must not move, by serial key.
pub async fn marks(store: &Store, tenant: &TenantId) -> Result<BTreeMap<String, Mark>, Failure> {
    let marks = store.inventory().marks(tenant).await?;
    Ok(marks.into_iter().map(|(serial, marked)| (serial, core_mark(marked.mark))).collect())
}

fn core_mark(mark: oathctl_store::Mark) -> Mark {
    match mark {
        oathctl_store::Mark::Lost => Mark::Lost,
        oathctl_store::Mark::Stolen => Mark::Stolen,
        oathctl_store::Mark::Retired => Mark::Retired,
    }
}

const fn store_mark(mark: Mark) -> oathctl_store::Mark {
    match mark {
        Mark::Lost => oathctl_store::Mark::Lost,
        Mark::Stolen => oathctl_store::Mark::Stolen,
        Mark::Retired => oathctl_store::Mark::Retired,
    }
}

/// Marks tokens; what the inventory doesn't know yet it gets to know first.
pub(super) async fn mark(
    walk: &Walk<'_>,
    store: &Store,
    snapshot: &Snapshot,
    marked: &[(String, Mark)],
) -> Result<(), Failure> {
    let (inventory, actor, at) = (store.inventory(), who(walk.desk), walk.desk.clock.utc());
    if !marked.is_empty() {
        let names: Vec<&str> = marked.iter().map(|(serial, _)| serial.as_str()).collect();
        audit::note(walk.desk, store, DeedKind::TokenMarked, &names, names.len()).await?;
    }
    for (serial, mark) in marked {
        let device = snapshot.devices.iter().find(|device| serial_key(&device.serial) == serial_key(serial));
        if let Some(device) = device {
            inventory.refresh(&walk.identity.tenant, std::slice::from_ref(device), false, at).await?;
        } else {
            let facts = TokenFacts { serial: serial.clone(), ..TokenFacts::default() };
            inventory.keep(&[facts], &actor, at).await?;
        }
        inventory.mark(serial.as_str(), store_mark(*mark), "", &actor, at).await?;
        walk.desk.ui.say(&format!(
            "Token {} is marked as {}: nothing but `oathctl tokens found` moves it again.",
            clean(serial),
            mark.word()
        ));
    }
    Ok(())
}

/// Takes the mark off; how many tokens had one.
pub async fn found(desk: &Desk, store: &Store, serial: &str, note: &str) -> Result<u64, Failure> {
    audit::note(desk, store, DeedKind::TokenFound, &[serial], 1).await?;
    Ok(store.inventory().found(serial, note, &who(desk), desk.clock.utc()).await?)
}

/// Whoever is seen to have had a token last, in this tenant.
pub(super) async fn last_holder(
    store: &Store,
    tenant: &TenantId,
    serial: &str,
) -> Result<Option<UserId>, Failure> {
    let life = store.inventory().life(serial).await?;
    let here = life.into_iter().rev().filter(|event| event.tenant.as_ref() == Some(tenant));
    Ok(here.filter_map(|event| event.holder_after.or(event.holder_before)).next())
}

/// A token's model, where it is known.
pub(super) async fn model(store: &Store, serial: &str) -> Result<Option<String>, Failure> {
    let found = store.inventory().find(serial).await?;
    Ok(found.into_iter().map(|token| token.model).find(|model| !model.is_empty()))
}

/// Tokens that can be handed out, with their models: those the tenant has and nobody holds, then those whose seed is
/// in the vault; each by how long it has been known.
pub(super) async fn free(
    store: &Store,
    tenant: &TenantId,
    devices: &[Device],
    at: Utc,
) -> Result<Vec<(String, String)>, Failure> {
    let inventory = store.inventory();
    inventory.refresh(tenant, devices, true, at).await?;
    if Vault::exists(store).await? {
        let facts: Vec<TokenFacts> = Vault::list(store).await?.iter().map(facts_of).collect();
        inventory.keep(&facts, "vault", at).await?;
    }
    let filter = Filter { tenant: Some(tenant.clone()), mark: Some(Marking::Without), ..Filter::default() };
    let mut tokens = inventory.list(&filter).await?;
    tokens.sort_by_key(|token| (rank(token), token.known_since));
    let free = tokens.into_iter().filter(|token| rank(token).is_some());
    Ok(free.map(|token| (token.serial, token.model)).collect())
}

/// `None`: not free.
fn rank(token: &Token) -> Option<u8> {
    match &token.status {
        TokenStatus::In(DeviceStatus::Available) if token.holder.is_none() => Some(0),
        TokenStatus::Stock | TokenStatus::Gone if token.seed_held => Some(1),
        _ => None,
    }
}

fn facts_of(listed: &Listed) -> TokenFacts {
    let parameters = &listed.parameters;
    TokenFacts {
        serial: listed.serial.clone(),
        maker: listed.maker.clone(),
        model: listed.model.clone(),
        hash: Some(parameters.hash),
        digits: Some(parameters.digits),
        period_secs: Some(parameters.period_secs),
        ..TokenFacts::default()
    }
}

/// People as the tenant shows them now: since when somebody is disabled is known from such sightings alone.
pub(super) async fn see(walk: &Walk<'_>, store: &Store, snapshot: &Snapshot) -> Result<(), Failure> {
    let people: Vec<User> = snapshot.users.values().flatten().cloned().collect();
    Ok(store.people().see(&walk.identity.tenant, &people, walk.desk.clock.utc()).await?)
}

pub(super) async fn see_people(
    store: &Store,
    tenant: &TenantId,
    found: &BTreeMap<UserId, Option<User>>,
    at: Utc,
) -> Result<(), Failure> {
    let here: Vec<User> = found.values().flatten().cloned().collect();
    Ok(store.people().see(tenant, &here, at).await?)
}

pub(super) async fn disabled_since(
    store: &Store,
    tenant: &TenantId,
    ids: &[UserId],
) -> Result<BTreeMap<UserId, Utc>, Failure> {
    Ok(store.people().disabled_since(tenant, ids).await?)
}

/// Names of holders whom the tenant doesn't show any more, as this store saw them last.
pub(super) async fn names(
    store: &Store,
    plan: &Plan,
    snapshot: &Snapshot,
) -> Result<BTreeMap<UserId, String>, Failure> {
    let is_shown = |id: &UserId| matches!(snapshot.users.get(&id.as_str().to_lowercase()), Some(Some(_)));
    let holder = |row: &PlanRow| match &row.seen {
        Seen::Present { holder, .. } => holder.clone(),
        Seen::Absent => None,
    };
    let missing: Vec<UserId> = plan.rows.iter().filter_map(holder).filter(|id| !is_shown(id)).collect();
    if missing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let known = store.people().known(&plan.tenant, &missing).await?;
    Ok(known
        .into_iter()
        .map(|(id, person)| (id, format!("{} ({})", clean(&person.name), clean(&person.upn))))
        .collect())
}

/// Notes how the rows of a run ended. The run has been journaled: a store that can't take this in as well is told, and
/// the next look at the tenant mends it.
pub async fn note_run(desk: &Desk, store: &Store, report: &RunReport, table: &Table) {
    let (Some(tenant), Some(run)) = (&report.tenant, &report.run) else { return };
    let actor = who(desk);
    let deed = Deed { tenant, run: Some(run), actor: Some(&actor), at: report.finished_at };
    let facts: Vec<TokenFacts> = table.rows().map(|row| facts_of_row(&row)).collect();
    if let Err(error) = store.inventory().note_rows(&deed, &report.rows, &facts).await {
        desk.ui.wrong(
            "warning: the inventory could not take in what this run did; `oathctl tokens refresh` mends it.",
        );
        Failure::from(error).show(&desk.ui);
    }
}

fn facts_of_row(row: &oathctl_core::table::RowView<'_>) -> TokenFacts {
    TokenFacts {
        serial: row.serial().to_owned(),
        maker: row.manufacturer().to_owned(),
        model: row.model().to_owned(),
        hash: row.hash(),
        digits: row.digits(),
        period_secs: row.period_secs(),
        ..TokenFacts::default()
    }
}

/// Whoever does it, as the operating system calls him.
pub fn who(desk: &Desk) -> String {
    desk.variable(os::USER_VARIABLE).unwrap_or("unknown").to_owned()
}
