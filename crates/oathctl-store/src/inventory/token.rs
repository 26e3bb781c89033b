//! What we know of a token, as values.
//!
//! Owns: [`Token`] and its parts, their words in the database. Does not own: any query.

use oathctl_core::report::{Proof, SeedOrigin};
use oathctl_core::tenant::DeviceStatus;
use oathctl_core::time::Utc;
pub use oathctl_core::token::Mark;
use oathctl_core::token::{DeviceId, Hash, TenantId, UserId};

use crate::db::Row;
use crate::error::StoreError;
use crate::wire;

/// One token as it stands in one tenant, or in none. A token in two tenants is two of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As printed on it.
    pub serial: String,
    /// Its maker; empty when not known.
    pub maker: String,
    /// Its model; empty when not known.
    pub model: String,
    /// Its hash.
    pub hash: Option<Hash>,
    /// Its period in seconds.
    pub period_secs: Option<u32>,
    /// Its digits.
    pub digits: Option<u8>,
    /// The delivery it came with; empty when not known.
    pub batch: String,
    /// Where it lies; empty when not known.
    pub location: String,
    /// The tenant; `None` in stock.
    pub tenant: Option<TenantId>,
    /// Its id there; `None` in stock.
    pub device: Option<DeviceId>,
    /// How it stands there.
    pub status: TokenStatus,
    /// Who has it.
    pub holder: Option<HeldBy>,
    /// How far it is known to work.
    pub proof: Proof,
    /// Whose seed the tenant holds.
    pub seed_origin: Option<SeedOrigin>,
    /// Its clock, when it was last measured.
    pub drift: Option<Drift>,
    /// The earliest use that any tenant showed us.
    pub first_used: Option<Utc>,
    /// When somebody last signed in with it, in this tenant.
    pub last_used: Option<Utc>,
    /// When its battery is expected to end; `None` while its first use or its model's years are unknown.
    pub battery_end: Option<Utc>,
    /// Lost, stolen or retired.
    pub mark: Option<Marked>,
    /// The vault has its seed.
    pub seed_held: bool,
    /// Since when we know of it.
    pub known_since: Utc,
    /// When the tenant last showed it to us.
    pub seen_at: Option<Utc>,
}

/// How a token stands in a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenStatus {
    /// In no tenant.
    Stock,
    /// As the tenant says.
    In(DeviceStatus),
    /// The tenant had it and shows it no more.
    Gone,
}

impl TokenStatus {
    /// `stock`, `available`, `assigned`, `activated`, `failedActivation`, `gone`; a word of the tenant that we do not
    /// know stands behind a `?`.
    pub fn word(&self) -> String {
        match self {
            Self::Stock => "stock".to_owned(),
            Self::Gone => "gone".to_owned(),
            Self::In(DeviceStatus::Available) => "available".to_owned(),
            Self::In(DeviceStatus::Assigned) => "assigned".to_owned(),
            Self::In(DeviceStatus::Activated) => "activated".to_owned(),
            Self::In(DeviceStatus::FailedActivation) => "failedActivation".to_owned(),
            Self::In(DeviceStatus::Other(word)) => format!("?{word}"),
        }
    }

    /// Reads what [`Self::word`] says, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        if let Some(other) = word.strip_prefix('?') {
            return Some(Self::In(DeviceStatus::Other(other.to_owned())));
        }
        Some(match word.to_ascii_lowercase().as_str() {
            "stock" => Self::Stock,
            "gone" => Self::Gone,
            "available" => Self::In(DeviceStatus::Available),
            "assigned" => Self::In(DeviceStatus::Assigned),
            "activated" => Self::In(DeviceStatus::Activated),
            "failedactivation" => Self::In(DeviceStatus::FailedActivation),
            _ => return None,
        })
    }
}

/// Who has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBy {
    /// Object id, in lower case.
    pub id: UserId,
    /// User principal name as last seen.
    pub upn: Option<String>,
    /// Display name as last seen.
    pub name: Option<String>,
    /// Since when, as far as we saw it begin.
    pub since: Option<Utc>,
}

/// A token's clock minus true time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// In seconds.
    pub seconds: i64,
    /// When it was so.
    pub at: Utc,
}

/// A mark with its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Which.
    pub mark: Mark,
    /// Since when.
    pub at: Utc,
    /// By whom, as he called himself.
    pub by: String,
    /// What else was said.
    pub note: String,
}

/// What is known of the thing itself. Empty text and `None` mean: not known; they never replace what is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// As printed on it.
    pub serial: String,
    /// Its maker.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// Its hash.
    pub hash: Option<Hash>,
    /// Its digits.
    pub digits: Option<u8>,
    /// Its period in seconds.
    pub period_secs: Option<u32>,
    /// The delivery it came with.
    pub batch: String,
    /// Where it lies.
    pub location: String,
}

const YEAR_MS: i64 = 31_557_600_000; // of 365.25 days

impl Token {
    /// A line of [`super::list::COLUMNS`].
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        let device: Option<String> = row.get("device")?;
        let first_used = time(row, "first_used")?;
        let years: Option<i64> = row.get("battery_years")?;
        let hash: Option<String> = row.get("hash")?;
        let gone = time(row, "gone_at")?;
        let listed = time(row, "listed_at")?.filter(|_| gone.is_none());
        Ok(Self {
            serial: row.get("serial")?,
            maker: row.get("maker")?,
            model: row.get("model")?,
            hash: hash.as_deref().and_then(Hash::parse),
            period_secs: small(row, "period")?,
            digits: small(row, "digits")?,
            batch: row.get("batch")?,
            location: row.get("location")?,
            tenant: row.get::<Option<String>>("tenant")?.map(TenantId::new),
            status: match (&device, gone) {
                (None, _) => TokenStatus::Stock,
                (Some(_), Some(_)) => TokenStatus::Gone,
                (Some(_), None) => status_of(row)?,
            },
            device: device.map(DeviceId::new),
            holder: holder_of(row)?,
            proof: proof_of(row)?,
            seed_origin: word(row, "seed_origin", "where a seed comes from")?,
            drift: drift_of(row)?,
            battery_end: battery_end(first_used, years),
            first_used,
            last_used: time(row, "last_used")?,
            mark: mark_of(row)?,
            seed_held: row.get::<i64>("seeds")? > 0,
            known_since: Utc::from_unix_ms(row.get("known_at")?),
            seen_at: time(row, "seen_at")?.max(listed),
        })
    }
}

/// When a battery is expected to end that has been used since then.
pub(super) fn battery_end(first_used: Option<Utc>, years: Option<i64>) -> Option<Utc> {
    first_used.zip(years).map(|(at, years)| at.plus_ms(years.saturating_mul(YEAR_MS)))
}

fn status_of(row: &Row) -> Result<TokenStatus, StoreError> {
    let status: String = row.get("status")?;
    TokenStatus::parse(&status).ok_or_else(|| StoreError::damaged("the status of a token"))
}

fn proof_of(row: &Row) -> Result<Proof, StoreError> {
    Ok(word(row, "proof", "the proof of a token")?.unwrap_or(Proof::None))
}

fn holder_of(row: &Row) -> Result<Option<HeldBy>, StoreError> {
    let Some(id) = row.get::<Option<String>>("holder")? else { return Ok(None) };
    Ok(Some(HeldBy {
        id: UserId::new(id),
        upn: row.get("holder_upn")?,
        name: row.get("holder_name")?,
        since: time(row, "held_since")?,
    }))
}

fn drift_of(row: &Row) -> Result<Option<Drift>, StoreError> {
    let seconds: Option<i64> = row.get("drift")?;
    Ok(seconds.zip(time(row, "drift_at")?).map(|(seconds, at)| Drift { seconds, at }))
}

/// The mark in a line that has its four columns.
pub(super) fn mark_of(row: &Row) -> Result<Option<Marked>, StoreError> {
    let Some(mark) = word(row, "mark", "the mark of a token")? else { return Ok(None) };
    let text = |name: &'static str| row.get::<Option<String>>(name).map(Option::unwrap_or_default);
    let at = time(row, "marked_at")?.unwrap_or_default();
    Ok(Some(Marked { mark, at, by: text("marked_by")?, note: text("mark_note")? }))
}

/// A time that may be unknown.
pub(super) fn time(row: &Row, name: &'static str) -> Result<Option<Utc>, StoreError> {
    Ok(row.get::<Option<i64>>(name)?.map(Utc::from_unix_ms))
}

/// An enum without content, by its word.
pub(super) fn word<T: serde::de::DeserializeOwned>(
    row: &Row,
    name: &'static str,
    what: &str,
) -> Result<Option<T>, StoreError> {
    row.get::<Option<String>>(name)?.map(|word| wire::from_word(&word, what)).transpose()
}

fn small<T: TryFrom<i64>>(row: &Row, name: &'static str) -> Result<Option<T>, StoreError> {
    let number: Option<i64> = row.get(name)?;
    number.map(|n| T::try_from(n).map_err(|_| StoreError::damaged("a token's parameters"))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_both_ways() {
        for word in ["stock", "gone", "available", "assigned", "activated", "failedActivation", "?suspended"]
        {
            assert_eq!(TokenStatus::parse(word).unwrap().word(), word);
        }
        assert_eq!(TokenStatus::parse("?gone").unwrap(), TokenStatus::In(DeviceStatus::Other("gone".into())));
        assert_eq!(TokenStatus::parse("suspended"), None);
    }
}
