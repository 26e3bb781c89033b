//! A token as a line: its columns, and its JSON.
//!
//! Owns: [`Column`], [`value`]. Does not own: which tokens.

use clap::ValueEnum;
use oathctl_core::time::Utc;
use oathctl_store::{HeldBy, Token};
use serde_json::{Value, json};

use crate::words::en::foreign::clean;

/// What can stand in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Column {
    Serial,
    Maker,
    Model,
    Status,
    Holder,
    Name,
    HeldSince,
    Proof,
    LastUsed,
    FirstUsed,
    Battery,
    Drift,
    Mark,
    Batch,
    Location,
    Seed,
    Hash,
    Period,
    Digits,
    Tenant,
    Device,
    Known,
    Seen,
}

/// Shown unless others are asked for.
pub const USUAL: &[Column] = &[
    Column::Serial,
    Column::Model,
    Column::Status,
    Column::Holder,
    Column::Proof,
    Column::LastUsed,
    Column::Mark,
    Column::Location,
];

impl Column {
    /// As it stands over the column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Maker => "maker",
            Self::Model => "model",
            Self::Status => "status",
            Self::Holder => "holder",
            Self::Name => "name",
            Self::HeldSince => "held-since",
            Self::Proof => "proof",
            Self::LastUsed => "last-used",
            Self::FirstUsed => "first-used",
            Self::Battery => "battery",
            Self::Drift => "drift",
            Self::Mark => "mark",
            Self::Batch => "batch",
            Self::Location => "location",
            Self::Seed => "seed",
            Self::Hash => "hash",
            Self::Period => "period",
            Self::Digits => "digits",
            Self::Tenant => "tenant",
            Self::Device => "device",
            Self::Known => "known",
            Self::Seen => "seen",
        }
    }

    /// Of a token; empty where it is not known.
    pub fn of(self, token: &Token) -> String {
        let holder = token.holder.as_ref();
        let text = |text: &str| clean(text);
        match self {
            Self::Serial => text(&token.serial),
            Self::Maker => text(&token.maker),
            Self::Model => text(&token.model),
            Self::Status => text(&token.status.word()),
            Self::Holder => holder.map(called).unwrap_or_default(),
            Self::Name => holder.and_then(|it| it.name.as_deref()).map(clean).unwrap_or_default(),
            Self::HeldSince => day(holder.and_then(|it| it.since)),
            Self::Proof => word(&token.proof),
            Self::LastUsed => day(token.last_used),
            Self::FirstUsed => day(token.first_used),
            Self::Battery => day(token.battery_end),
            Self::Drift => token.drift.map(|drift| format!("{:+} s", drift.seconds)).unwrap_or_default(),
            Self::Mark => token.mark.as_ref().map(|it| it.mark.word().to_owned()).unwrap_or_default(),
            Self::Batch => text(&token.batch),
            Self::Location => text(&token.location),
            Self::Seed => if token.seed_held { "in the vault" } else { "" }.to_owned(),
            Self::Hash => token.hash.map(|it| it.word().to_owned()).unwrap_or_default(),
            Self::Period => token.period_secs.map(|it| it.to_string()).unwrap_or_default(),
            Self::Digits => token.digits.map(|it| it.to_string()).unwrap_or_default(),
            Self::Tenant => token.tenant.as_ref().map(|it| text(it.as_str())).unwrap_or_default(),
            Self::Device => token.device.as_ref().map(|it| text(it.as_str())).unwrap_or_default(),
            Self::Known => day(Some(token.known_since)),
            Self::Seen => day(token.seen_at),
        }
    }
}

/// User principal name, else display name, else id.
pub fn called(holder: &HeldBy) -> String {
    let name = holder.upn.as_deref().or(holder.name.as_deref());
    clean(name.unwrap_or_else(|| holder.id.as_str()))
}

/// The day of a moment, in UTC.
pub fn day(at: Option<Utc>) -> String {
    at.map(|at| at.to_string().chars().take(10).collect()).unwrap_or_default()
}

/// The stable word of an enum.
pub fn word(of: &impl serde::Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Everything known of it, for scripts; null and empty text mean: not known.
pub fn value(token: &Token) -> Value {
    let holder = token.holder.as_ref();
    let holder = holder.map(|it| json!({"id": it.id, "upn": it.upn, "name": it.name, "since": it.since}));
    let mark = token.mark.as_ref();
    let mark = mark.map(|it| json!({"mark": it.mark, "at": it.at, "by": it.by, "note": it.note}));
    json!({
        "serial": token.serial, "maker": token.maker, "model": token.model, "hash": token.hash,
        "period": token.period_secs, "digits": token.digits, "batch": token.batch, "location": token.location,
        "tenant": token.tenant, "device": token.device, "status": token.status.word(), "holder": holder,
        "proof": token.proof, "seed_origin": token.seed_origin,
        "drift": token.drift.map(|it| json!({"seconds": it.seconds, "at": it.at})),
        "first_used": token.first_used, "last_used": token.last_used, "battery_end": token.battery_end,
        "mark": mark, "seed_held": token.seed_held, "known_since": token.known_since, "seen_at": token.seen_at,
    })
}
