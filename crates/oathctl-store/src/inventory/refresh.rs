//! The inventory brought up to what a tenant shows.
//!
//! Owns: [`Inventory::refresh`]: what is taken over, and what somebody changed by hand since we last knew. Does not
//! own: reading the tenant.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::report::Proof;
use oathctl_core::tenant::Device;
use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, TenantId, UserId};

use super::facts;
use super::history::{self, EventKind, NewEvent};
use super::lines::{self, Known, Line};
use super::{BATCH, Inventory, TokenFacts, TokenStatus};
use crate::db::{Sql, Tx};
use crate::error::StoreError;

/// What a listing shows is older than what a run noted while it was read. Further apart, a clock stepped.
const LISTING_MS: i64 = 3_600_000;

/// Something that is otherwise than we knew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose token.
    pub serial: String,
    /// Which device.
    pub device: DeviceId,
    /// What.
    pub what: ChangeKind,
}

/// What is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Somebody imported it.
    New,
    /// Somebody deleted it.
    Vanished,
    /// It had vanished, and is there again.
    Returned,
    /// Somebody gave it to somebody else, or took it away.
    Holder {
        /// Who had it, as far as we knew.
        before: Option<UserId>,
        /// Who has it.
        after: Option<UserId>,
    },
    /// It stands otherwise.
    Status {
        /// As we knew it.
        before: TokenStatus,
        /// As it is.
        after: TokenStatus,
    },
}

impl Inventory<'_> {
    /// Takes over what a tenant shows, and tells what is otherwise than we knew; runs of ours are known already by
    /// [`Self::note_rows`]. `complete_listing`: these are all its devices, so the others are gone. `at` is when the
    /// reading began: what a run noted since is left as it is.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; batches before the error stay, and their
    /// changes stand in the tokens' lives.
    pub async fn refresh(
        &self,
        tenant: &TenantId,
        devices: &[Device],
        complete_listing: bool,
        at: Utc,
    ) -> Result<Vec<Change>, StoreError> {
        let mut look = Look { tenant: tenant.as_str(), at, is_whole: complete_listing, changes: Vec::new() };
        let mut new = 0;
        for some in devices.chunks(BATCH) {
            let mut tx = self.0.begin().await?;
            new += look.take(&mut tx, some).await?;
            tx.commit().await?;
        }
        if complete_listing {
            let shown: BTreeSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
            let mut tx = self.0.begin().await?;
            look.miss(&mut tx, &shown).await?;
            note_listing(&mut tx, tenant, devices.len(), at).await?;
            tx.commit().await?;
        }
        self.look_over(new).await?;
        Ok(look.changes)
    }

    /// When a tenant last showed us all its tokens.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn as_of(&self, tenant: &TenantId) -> Result<Option<Utc>, StoreError> {
        let row =
            Sql::new("SELECT at FROM listings WHERE tenant = $1").bind(tenant.as_str()).first(self.0).await?;
        row.map(|row| row.get(0).map(Utc::from_unix_ms)).transpose()
    }

    /// The same of every tenant that ever did, by its id.
    ///
    /// # Errors
    /// As for [`Self::as_of`].
    pub async fn listings(&self) -> Result<Vec<(TenantId, Utc)>, StoreError> {
        let rows = Sql::new("SELECT tenant, at FROM listings ORDER BY tenant").all(self.0).await?;
        let listing = |row: &crate::db::Row| {
            let tenant: String = row.get("tenant")?;
            Ok((TenantId::new(tenant), Utc::from_unix_ms(row.get("at")?)))
        };
        rows.iter().map(listing).collect()
    }
}

async fn note_listing(tx: &mut Tx<'_>, tenant: &TenantId, devices: usize, at: Utc) -> Result<(), StoreError> {
    Sql::new(
        "INSERT INTO listings (tenant, at, devices) VALUES ($1, $2, $3)
         ON CONFLICT (tenant) DO UPDATE SET at = excluded.at, devices = excluded.devices",
    )
    .bind(tenant.as_str())
    .bind(at.unix_ms())
    .bind(i64::try_from(devices).unwrap_or(i64::MAX))
    .run(tx)
    .await?;
    Ok(())
}

/// One reading of a tenant.
struct Look<'a> {
    tenant: &'a str,
    at: Utc,
    is_whole: bool,
    changes: Vec<Change>,
}

/// What one batch brings.
#[derive(Default)]
struct Batch {
    lines: Vec<Line>,
    events: Vec<(EventKind, NewEvent)>,
    /// Tokens that came to this tenant.
    came: BTreeSet<i64>,
    used: Vec<(i64, Utc)>,
}

impl Look<'_> {
    /// How many devices were new.
    async fn take(&mut self, tx: &mut Tx<'_>, devices: &[Device]) -> Result<usize, StoreError> {
        let ids: Vec<&str> = devices.iter().map(|device| device.id.as_str()).collect();
        let mut known = lines::known(tx, self.tenant, &ids).await?;
        let said: Vec<TokenFacts> = devices.iter().map(facts_of).collect();
        let tokens = facts::know(tx, &said, self.at).await?.ids;
        let mut batch = Batch::default();
        let mut new = 0;
        for (device, token) in devices.iter().zip(tokens) {
            match known.remove(device.id.as_str()) {
                Some(known) if self.is_older_than(&known.line) => {}
                Some(known) => self.compare(device, known, &mut batch),
                None => {
                    new += 1;
                    self.meet(device, token, &mut batch);
                }
            }
        }
        lines::write(tx, self.tenant, &batch.lines).await?;
        history::add(tx, self.at, batch.events).await?;
        facts::count_stock(tx, &batch.came).await?;
        first_uses(tx, &batch.used).await?;
        Ok(new)
    }

    /// What a run noted after this reading began is newer than what it shows.
    fn is_older_than(&self, line: &Line) -> bool {
        (1..=LISTING_MS).contains(&line.seen_at.ms_since(self.at))
    }

    fn meet(&mut self, device: &Device, token: i64, batch: &mut Batch) {
        let mut line = Line::new(token, device.id.as_str(), self.at);
        line.status = TokenStatus::In(device.status.clone());
        line.give(device.holder.as_ref().map(|holder| &holder.id), None);
        line.holder_name = device.holder.as_ref().and_then(|holder| holder.name.clone());
        line.last_used = device.last_used;
        line.proof = proof(Proof::None, device, device.last_used.is_some());
        let event = NewEvent { holder_after: line.holder.clone(), ..self.event(&line) };
        batch.events.push((EventKind::Appeared, event));
        self.changed(device, ChangeKind::New);
        self.used(&line, None, batch);
        batch.came.insert(token);
        batch.lines.push(line);
    }

    fn compare(&mut self, device: &Device, known: Known, batch: &mut Batch) {
        let before = known.line;
        let mut line = before.clone();
        line.status = TokenStatus::In(device.status.clone());
        line.gone_at = None;
        line.give(device.holder.as_ref().map(|holder| &holder.id), Some(self.at));
        if let Some(name) = device.holder.as_ref().and_then(|holder| holder.name.as_ref()) {
            line.holder_name = Some(name.clone());
        }
        line.last_used = device.last_used.or(before.last_used);
        let is_his = line.last_used.is_some_and(|used| line.held_since.is_none_or(|since| used >= since));
        line.proof = proof(line.proof, device, is_his && device.last_used.is_some());
        if before.gone_at.is_some() {
            batch.came.insert(line.token);
            batch.events.push((EventKind::Returned, self.event(&line)));
            self.changed(device, ChangeKind::Returned);
        }
        if before.holder != line.holder {
            let (from, to) = (before.holder.clone(), line.holder.clone());
            let event =
                NewEvent { holder_before: from.clone(), holder_after: to.clone(), ..self.event(&line) };
            batch.events.push((EventKind::HolderChanged, event));
            let (before, after) = (from.map(UserId::new), to.map(UserId::new));
            self.changed(device, ChangeKind::Holder { before, after });
        }
        if before.status != line.status {
            let detail = format!("{} → {}", before.status.word(), line.status.word());
            batch.events.push((EventKind::StatusChanged, NewEvent { detail, ..self.event(&line) }));
            let (before, after) = (before.status.clone(), line.status.clone());
            self.changed(device, ChangeKind::Status { before, after });
        }
        self.used(&line, known.first_used, batch);
        if line != before || !self.is_whole {
            line.seen_at = self.at;
            batch.lines.push(line);
        }
    }

    fn used(&self, line: &Line, known: Option<Utc>, batch: &mut Batch) {
        let Some(used) = line.last_used.filter(|used| known.is_none_or(|known| *used < known)) else {
            return;
        };
        if known.is_none() {
            let detail = used.to_string();
            batch.events.push((EventKind::FirstUsed, NewEvent { detail, ..self.event(line) }));
        }
        batch.used.push((line.token, used));
    }

    /// What was there and is not shown any more.
    async fn miss(&mut self, tx: &mut Tx<'_>, shown: &BTreeSet<&str>) -> Result<(), StoreError> {
        let rows = Sql::new(
            "SELECT d.device, d.seen_at, t.serial FROM token_devices d JOIN tokens t ON t.id = d.token
             WHERE d.tenant = $1 AND d.gone_at IS NULL",
        )
        .bind(self.tenant)
        .all(&mut *tx)
        .await?;
        let mut missing: BTreeMap<String, String> = BTreeMap::new();
        for row in &rows {
            let (device, seen): (String, i64) = (row.get(0)?, row.get(1)?);
            let newer = (1..=LISTING_MS).contains(&Utc::from_unix_ms(seen).ms_since(self.at));
            if !newer && !shown.contains(device.as_str()) {
                missing.insert(device, row.get(2)?);
            }
        }
        let devices: Vec<&str> = missing.keys().map(String::as_str).collect();
        for some in devices.chunks(BATCH) {
            let known = lines::known(tx, self.tenant, some).await?;
            let mut batch = Batch::default();
            for Known { line: before, serial, .. } in known.into_values() {
                let mut line = before.clone();
                line.gone_at = Some(self.at);
                let event = NewEvent { holder_before: line.holder.clone(), ..self.event(&line) };
                line.give(None, None);
                let device = DeviceId::new(line.device.clone());
                self.changes.push(Change { serial, device, what: ChangeKind::Vanished });
                batch.events.push((EventKind::Vanished, event));
                batch.came.insert(line.token);
                batch.lines.push(line);
            }
            lines::write(tx, self.tenant, &batch.lines).await?;
            history::add(tx, self.at, batch.events).await?;
            facts::count_stock(tx, &batch.came).await?;
        }
        Ok(())
    }

    fn changed(&mut self, device: &Device, what: ChangeKind) {
        self.changes.push(Change { serial: device.serial.clone(), device: device.id.clone(), what });
    }

    fn event(&self, line: &Line) -> NewEvent {
        let (tenant, device) = (Some(self.tenant.to_owned()), Some(line.device.clone()));
        NewEvent { token: line.token, tenant, device, ..NewEvent::default() }
    }
}

fn facts_of(device: &Device) -> TokenFacts {
    TokenFacts {
        serial: device.serial.clone(),
        maker: device.manufacturer.clone(),
        model: device.model.clone(),
        hash: device.hash,
        period_secs: device.period_secs,
        ..TokenFacts::default()
    }
}

/// What was shown by the device stays; what rests on the tenant's word goes with it.
fn proof(known: Proof, device: &Device, is_used: bool) -> Proof {
    match (device.is_active(), known) {
        (true, _) if is_used => Proof::SignIn,
        (true, known) => known.max(Proof::ReadBack),
        (false, Proof::ReadBack) => Proof::None,
        (false, known) => known,
    }
}

async fn first_uses(tx: &mut Tx<'_>, used: &[(i64, Utc)]) -> Result<(), StoreError> {
    for some in used.chunks(BATCH) {
        let mut set = Sql::new("UPDATE tokens SET first_used = seen.column2 FROM (SELECT * FROM (VALUES ");
        for (n, (token, at)) in some.iter().enumerate() {
            set.push(if n == 0 { "(" } else { ", (" }).push_value(*token).push(", ");
            set.push_value(at.unix_ms()).push(")");
        }
        set.push(
            ") AS given) AS seen WHERE tokens.id = seen.column1
               AND (tokens.first_used IS NULL OR tokens.first_used > seen.column2)",
        );
        set.run(tx).await?;
    }
    Ok(())
}
