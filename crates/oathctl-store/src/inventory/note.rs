//! What we did ourselves.
//!
//! Owns: [`Inventory::note_rows`] for the rows of a run, [`Inventory::note`] for single deeds. Noted at once, so that
//! the next look at the tenant finds nothing changed by hand.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::report::{Outcome, Proof, RowReport, SeedOrigin};
use oathctl_core::tenant::DeviceStatus;
use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, RunId, TenantId, UserId, serial_key};

use super::facts;
use super::history::{self, EventKind, NewEvent};
use super::lines::{self, Line};
use super::{BATCH, Inventory, TokenFacts, TokenStatus};
use crate::db::Tx;
use crate::error::StoreError;

/// Where, when, by which run and by whom something was done.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The run, if it was one.
    pub run: Option<&'a RunId>,
    /// Whoever did it, as he called himself.
    pub actor: Option<&'a str>,
    /// When.
    pub at: Utc,
}

/// What was done to one token. `None` leaves a thing as it was.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// The device; where it is not known, the one that carries the serial in this tenant.
    pub device: Option<DeviceId>,
    /// Its serial.
    pub serial: String,
    /// How it stands now.
    pub status: Option<DeviceStatus>,
    /// Who has it now; `Some(None)`: nobody.
    pub holder: Option<Option<(UserId, Option<String>)>>,
    /// True when it was deleted.
    pub is_gone: bool,
    /// How far it is known to work now.
    pub proof: Option<Proof>,
    /// Whose seed the tenant holds.
    pub seed_origin: Option<SeedOrigin>,
    /// Its clock, if it was measured or used for a code.
    pub drift_s: Option<i64>,
    /// What was done, for its life: a word or a few.
    pub what: String,
    /// What the input says of the thing.
    pub facts: Option<TokenFacts>,
}

impl Inventory<'_> {
    /// Notes how the rows of a run ended; `tokens` is what the input says of the things, by serial, as far as it does.
    ///
    /// # Errors
    /// As for [`Self::note`].
    pub async fn note_rows(
        &self,
        deed: &Deed<'_>,
        rows: &[RowReport],
        tokens: &[TokenFacts],
    ) -> Result<(), StoreError> {
        let facts: BTreeMap<String, &TokenFacts> =
            tokens.iter().map(|facts| (serial_key(&facts.serial), facts)).collect();
        let noted: Vec<Noted> = rows.iter().filter_map(|row| noted(row, &facts)).collect();
        self.note(deed, &noted).await
    }

    /// Notes what was done to tokens. One that was not known in this tenant becomes known, if its device is named.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; batches before the error stay.
    pub async fn note(&self, deed: &Deed<'_>, noted: &[Noted]) -> Result<(), StoreError> {
        for some in noted.chunks(BATCH) {
            let mut tx = self.0.begin().await?;
            take(&mut tx, deed, some).await?;
            tx.commit().await?;
        }
        self.look_over(noted.len()).await
    }
}

/// `None` for a row that reached no token.
fn noted(row: &RowReport, facts: &BTreeMap<String, &TokenFacts>) -> Option<Noted> {
    let serial = row.serial.clone()?;
    row.device_id.as_ref()?;
    let held = row.user_id.clone().map(|id| (id, row.upn.clone()));
    let (status, holder) = match row.outcome {
        Outcome::Activated | Outcome::AlreadyActive => (Some(DeviceStatus::Activated), Some(held)),
        Outcome::Assigned => (Some(DeviceStatus::Assigned), Some(held)),
        // A row that is in the tenant already says nothing about who has it.
        Outcome::Imported if row.changed => (Some(DeviceStatus::Available), Some(None)),
        _ => (None, None),
    };
    let is_settled = status.is_some();
    if !is_settled && !row.changed {
        return None; // nothing was done
    }
    let word = crate::wire::to_word(row.outcome).unwrap_or_default();
    let what = row.reason.as_ref().map_or(word.clone(), |reason| format!("{word}: {reason}"));
    Some(Noted {
        device: row.device_id.clone(),
        facts: facts.get(&serial_key(&serial)).map(|facts| (*facts).clone()),
        serial,
        status,
        holder: holder.filter(|held| held.is_some() || row.outcome == Outcome::Imported),
        is_gone: row.outcome == Outcome::Deleted,
        proof: is_settled.then_some(row.proof),
        seed_origin: row.seed_origin,
        drift_s: row.drift_s,
        what,
    })
}

async fn take(tx: &mut Tx<'_>, deed: &Deed<'_>, noted: &[Noted]) -> Result<(), StoreError> {
    let tenant = deed.tenant.as_str();
    let mut named: Vec<(&Noted, String)> = Vec::with_capacity(noted.len());
    for one in noted {
        let device = match &one.device {
            Some(device) => Some(device.as_str().to_owned()),
            None => lines::only_device(tx, tenant, &one.serial).await?,
        };
        named.extend(device.map(|device| (one, device)));
    }
    let ids: Vec<&str> = named.iter().map(|(_, device)| device.as_str()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = lines::known(tx, tenant, &ids).await?;
    let said: Vec<TokenFacts> = named.iter().map(|(one, _)| facts_of(one)).collect();
    let tokens = facts::know(tx, &said, deed.at).await?.ids;
    let mut lines: BTreeMap<String, Line> = known.into_iter().map(|(id, known)| (id, known.line)).collect();
    let (mut events, mut moved) = (Vec::new(), BTreeSet::new());
    for ((one, device), token) in named.into_iter().zip(tokens) {
        let line = lines.entry(device).or_insert_with_key(|device| {
            moved.insert(token);
            Line::new(token, device, deed.at)
        });
        let (before, was_gone) = (line.holder.clone(), line.gone_at.is_some());
        change(line, one, deed.at);
        if was_gone != line.gone_at.is_some() {
            moved.insert(line.token);
        }
        events.push((EventKind::Done, event(deed, line, before, one)));
    }
    let lines: Vec<Line> = lines.into_values().collect();
    lines::write(tx, tenant, &lines).await?;
    history::add(tx, deed.at, events).await?;
    facts::count_stock(tx, &moved).await
}

fn change(line: &mut Line, one: &Noted, at: Utc) {
    line.seen_at = at;
    line.gone_at = one.is_gone.then_some(at);
    if let Some(holder) = &one.holder {
        line.give(holder.as_ref().map(|(id, _)| id), Some(at));
        if let Some(upn) = holder.as_ref().and_then(|(_, upn)| upn.clone()) {
            line.holder_upn = Some(upn);
        }
    }
    if one.is_gone {
        line.give(None, None);
    }
    if let Some(status) = &one.status {
        line.status = TokenStatus::In(status.clone());
    }
    if let Some(proof) = one.proof {
        // What the device showed is not unlearned by a run that did not look.
        line.proof = if proof == Proof::None { Proof::None } else { line.proof.max(proof) };
    }
    line.seed_origin = one.seed_origin.or(line.seed_origin);
    line.drift = one.drift_s.map(|seconds| (seconds, at)).or(line.drift);
}

fn event(deed: &Deed<'_>, line: &Line, before: Option<String>, one: &Noted) -> NewEvent {
    let holders = if before == line.holder { (None, None) } else { (before, line.holder.clone()) };
    NewEvent {
        token: line.token,
        tenant: Some(deed.tenant.as_str().to_owned()),
        device: Some(line.device.clone()),
        run: deed.run.map(|run| run.as_str().to_owned()),
        actor: deed.actor.map(str::to_owned),
        holder_before: holders.0,
        holder_after: holders.1,
        detail: one.what.clone(),
    }
}

fn facts_of(one: &Noted) -> TokenFacts {
    let serial = one.serial.clone();
    one.facts.clone().unwrap_or(TokenFacts { serial, ..TokenFacts::default() })
}
