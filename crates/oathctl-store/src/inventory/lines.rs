//! How tokens stand in a tenant: lines of `token_devices`, read and written in batches.
//!
//! Owns: [`Line`], [`known`], [`write`]. Does not own: what changes in them.

use std::collections::BTreeMap;

use oathctl_core::report::{Proof, SeedOrigin};
use oathctl_core::time::Utc;
use oathctl_core::token::{UserId, serial_key, upn_key};

use super::token::{self, TokenStatus};
use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::wire;

/// One token in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) token: i64,
    pub(super) device: String,
    pub(super) status: TokenStatus,
    pub(super) holder: Option<String>,
    pub(super) holder_upn: Option<String>,
    pub(super) holder_name: Option<String>,
    pub(super) held_since: Option<Utc>,
    pub(super) proof: Proof,
    pub(super) seed_origin: Option<SeedOrigin>,
    pub(super) drift: Option<(i64, Utc)>,
    pub(super) last_used: Option<Utc>,
    pub(super) first_seen: Utc,
    pub(super) seen_at: Utc,
    pub(super) gone_at: Option<Utc>,
}

/// A line with what is compared of its token.
pub(super) struct Known {
    pub(super) line: Line,
    pub(super) serial: String,
    pub(super) first_used: Option<Utc>,
}

impl Line {
    /// A device that was never seen before.
    pub(super) fn new(token: i64, device: &str, at: Utc) -> Self {
        Self {
            token,
            device: device.to_owned(),
            status: TokenStatus::In(oathctl_core::tenant::DeviceStatus::Available),
            holder: None,
            holder_upn: None,
            holder_name: None,
            held_since: None,
            proof: Proof::None,
            seed_origin: None,
            drift: None,
            last_used: None,
            first_seen: at,
            seen_at: at,
            gone_at: None,
        }
    }

    /// Gives it to somebody, or to nobody; whoever has it already keeps what is known of him.
    pub(super) fn give(&mut self, holder: Option<&UserId>, since: Option<Utc>) {
        let id = holder.map(|id| id.as_str().to_ascii_lowercase());
        if id != self.holder {
            self.holder = id;
            (self.holder_upn, self.holder_name) = (None, None);
            self.held_since = since;
            self.proof = self.proof.min(Proof::ReadBack);
        }
    }
}

/// What is known of these devices of a tenant, by their ids.
pub(super) async fn known(
    tx: &mut Tx<'_>,
    tenant: &str,
    devices: &[&str],
) -> Result<BTreeMap<String, Known>, StoreError> {
    let mut select = Sql::new(
        "SELECT d.token, d.device, d.status, d.holder, d.holder_upn, d.holder_name, d.held_since, d.proof,
                d.seed_origin, d.drift, d.drift_at, d.last_used, d.first_seen, d.seen_at, d.gone_at, t.serial,
                t.first_used
         FROM token_devices d JOIN tokens t ON t.id = d.token WHERE d.tenant = ",
    );
    select.push_value(tenant).push(" AND d.device IN ").push_list(devices.iter().copied());
    let rows = select.all(tx).await?;
    rows.iter().map(|row| line(row).map(|known| (known.line.device.clone(), known))).collect()
}

fn line(row: &Row) -> Result<Known, StoreError> {
    let time = |name: &'static str| token::time(row, name);
    let status: String = row.get("status")?;
    let drift: Option<i64> = row.get("drift")?;
    let line = Line {
        token: row.get("token")?,
        device: row.get("device")?,
        status: TokenStatus::parse(&status).ok_or_else(|| StoreError::damaged("the status of a token"))?,
        holder: row.get("holder")?,
        holder_upn: row.get("holder_upn")?,
        holder_name: row.get("holder_name")?,
        held_since: time("held_since")?,
        proof: token::word(row, "proof", "the proof of a token")?.unwrap_or(Proof::None),
        seed_origin: token::word(row, "seed_origin", "where a seed comes from")?,
        drift: drift.zip(time("drift_at")?),
        last_used: time("last_used")?,
        first_seen: Utc::from_unix_ms(row.get("first_seen")?),
        seen_at: Utc::from_unix_ms(row.get("seen_at")?),
        gone_at: time("gone_at")?,
    };
    Ok(Known { line, serial: row.get("serial")?, first_used: time("first_used")? })
}

/// Writes lines: new ones, and those that are there as they are now.
pub(super) async fn write(tx: &mut Tx<'_>, tenant: &str, lines: &[Line]) -> Result<(), StoreError> {
    for some in lines.chunks(super::BATCH) {
        let mut upsert = Sql::new(
            "INSERT INTO token_devices (token, tenant, device, status, holder, holder_upn, upn_key, holder_name,
                 held_since, proof, seed_origin, drift, drift_at, last_used, first_seen, seen_at, gone_at) VALUES ",
        );
        for (n, line) in some.iter().enumerate() {
            upsert.push(if n == 0 { "(" } else { ", (" });
            push_line(&mut upsert, tenant, line)?;
            upsert.push(")");
        }
        upsert.push(
            " ON CONFLICT (tenant, device) DO UPDATE SET token = excluded.token, status = excluded.status,
                 holder = excluded.holder, holder_upn = excluded.holder_upn, upn_key = excluded.upn_key,
                 holder_name = excluded.holder_name, held_since = excluded.held_since, proof = excluded.proof,
                 seed_origin = excluded.seed_origin, drift = excluded.drift, drift_at = excluded.drift_at,
                 last_used = excluded.last_used, seen_at = excluded.seen_at, gone_at = excluded.gone_at",
        );
        upsert.run(tx).await?;
    }
    Ok(())
}

fn push_line(upsert: &mut Sql, tenant: &str, line: &Line) -> Result<(), StoreError> {
    let ms = |at: Option<Utc>| at.map(Utc::unix_ms);
    upsert.push_value(line.token).push(", ").push_value(tenant);
    upsert.push(", ").push_value(line.device.as_str());
    upsert.push(", ").push_value(line.status.word());
    upsert.push(", ").push_value(line.holder.as_deref());
    upsert.push(", ").push_value(line.holder_upn.as_deref());
    upsert.push(", ").push_value(line.holder_upn.as_deref().map(upn_key));
    upsert.push(", ").push_value(line.holder_name.as_deref());
    upsert.push(", ").push_value(ms(line.held_since));
    upsert.push(", ").push_value(wire::to_word(line.proof)?);
    upsert.push(", ").push_value(line.seed_origin.map(wire::to_word).transpose()?);
    upsert.push(", ").push_value(line.drift.map(|(seconds, _)| seconds));
    upsert.push(", ").push_value(ms(line.drift.map(|(_, at)| at)));
    upsert.push(", ").push_value(ms(line.last_used));
    upsert.push(", ").push_value(line.first_seen.unix_ms());
    upsert.push(", ").push_value(line.seen_at.unix_ms());
    upsert.push(", ").push_value(ms(line.gone_at));
    Ok(())
}

/// The id of the one token in this tenant that carries a serial and is still there; `None` when none or several do.
pub(super) async fn only_device(
    tx: &mut Tx<'_>,
    tenant: &str,
    serial: &str,
) -> Result<Option<String>, StoreError> {
    let rows = Sql::new(
        "SELECT d.device FROM tokens t JOIN token_devices d ON d.token = t.id
         WHERE t.serial_key = $1 AND d.tenant = $2 AND d.gone_at IS NULL LIMIT 2",
    )
    .bind(serial_key(serial))
    .bind(tenant)
    .all(tx)
    .await?;
    if let [only] = rows.as_slice() { only.get(0).map(Some) } else { Ok(None) }
}
