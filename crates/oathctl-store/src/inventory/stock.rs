//! What lies where, and what is running out.
//!
//! Owns: counts, thresholds, the next token to hand out. Does not own: moving tokens ([`super::places`]).

use std::collections::BTreeMap;

use oathctl_core::tenant::DeviceStatus;
use oathctl_core::time::Utc;
use oathctl_core::token::TenantId;

use super::Inventory;
use super::list::{COLUMNS, STOCK};
use super::token::{self, Mark, Token, TokenStatus};
use crate::db::{Row, Sql};
use crate::error::StoreError;

/// How many tokens are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLine {
    /// Model; empty when not known.
    pub model: String,
    /// Batch; empty when not known.
    pub batch: String,
    /// Place; empty when not known.
    pub location: String,
    /// How they stand.
    pub status: TokenStatus,
    /// Their mark.
    pub mark: Option<Mark>,
    /// Somebody has them.
    pub is_held: bool,
    /// The vault has their seeds.
    pub seed_held: bool,
    /// How many.
    pub count: u64,
    /// Since when the one known longest is known.
    pub known_since: Utc,
    /// When the first of their batteries is expected to end, as far as that is known.
    pub battery_end: Option<Utc>,
}

impl StockLine {
    /// They can be handed out now: nobody has them, and the tenant knows them or the vault can give them to it.
    pub fn is_free(&self) -> bool {
        let can_be_given = match &self.status {
            TokenStatus::In(DeviceStatus::Available) => true,
            TokenStatus::Stock | TokenStatus::Gone => self.seed_held,
            TokenStatus::In(_) => false,
        };
        can_be_given && !self.is_held && self.mark.is_none()
    }

    /// They lie in stock, and no tenant can be given them: nobody here has their seeds.
    pub fn lacks_seed(&self) -> bool {
        matches!(self.status, TokenStatus::Stock | TokenStatus::Gone)
            && !self.seed_held
            && self.mark.is_none()
    }
}

/// Below how many free tokens a model is to be reordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// Every model that has no line of its own.
    pub others: Option<u64>,
    /// By model, in any case.
    pub models: BTreeMap<String, u64>,
}

impl Thresholds {
    fn of(&self, model: &str) -> Option<u64> {
        let own = self.models.iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(model.trim()));
        own.map(|(_, below)| *below).or(self.others)
    }

    /// Models of which too few are free; one that has a threshold and no token at all has none left.
    pub fn low(&self, lines: &[StockLine]) -> Vec<Low> {
        let key = |model: &str| model.trim().to_ascii_lowercase();
        let mut free: BTreeMap<String, u64> = BTreeMap::new();
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for line in lines.iter().filter(|line| !line.model.trim().is_empty()) {
            names.entry(key(&line.model)).or_insert(&line.model);
            *free.entry(key(&line.model)).or_insert(0) += if line.is_free() { line.count } else { 0 };
        }
        self.models.keys().for_each(|model| _ = names.entry(key(model)).or_insert(model));
        let low = |(model, name): (&String, &&str)| {
            let (left, below) = (free.get(model).copied().unwrap_or(0), self.of(name)?);
            (left < below).then(|| Low { model: (*name).to_owned(), left, below })
        };
        names.iter().filter_map(low).collect()
    }
}

/// A model of which too few are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Low {
    /// Which.
    pub model: String,
    /// How many are free.
    pub left: u64,
    /// Below how many one reorders.
    pub below: u64,
}

/// What is to be known of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Its name; empty for all that have no line of their own.
    pub model: String,
    /// Reorder below so many.
    pub reorder_below: Option<u64>,
    /// How many years a battery lasts after the first use.
    pub battery_years: Option<u64>,
}

impl Inventory<'_> {
    /// Counts tokens by model, batch, place and how they stand: those of a tenant and those in stock, or all.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn stock(&self, tenant: Option<&TenantId>) -> Result<Vec<StockLine>, StoreError> {
        let rows = Sql::new(
            "SELECT s.model, s.batch, s.location, s.status, s.mark, s.held, s.seed, count(*) AS n,
                    min(s.known_at) AS known_at, min(s.first_used) AS first_used,
                    max(coalesce(m.battery_years, a.battery_years)) AS battery_years
             FROM (SELECT t.model, t.batch, t.location, d.status, t.mark, t.known_at, t.first_used,
                          CAST(CASE WHEN d.holder IS NULL THEN 0 ELSE 1 END AS BIGINT) AS held,
                          (SELECT count(*) FROM vault_seeds v
                           WHERE v.serial_key = t.serial_key AND v.maker_key = t.maker_key) AS seed
                   FROM token_devices d JOIN tokens t ON t.id = d.token
                   WHERE d.gone_at IS NULL AND ($1 IS NULL OR d.tenant = $1)
                   UNION ALL
                   SELECT t.model, t.batch, t.location, 'stock', t.mark, t.known_at, t.first_used,
                          CAST(0 AS BIGINT),
                          (SELECT count(*) FROM vault_seeds v
                           WHERE v.serial_key = t.serial_key AND v.maker_key = t.maker_key)
                   FROM tokens t WHERE t.in_stock = 1) s
             LEFT JOIN token_models m ON m.model = s.model LEFT JOIN token_models a ON a.model = ''
             GROUP BY s.model, s.batch, s.location, s.status, s.mark, s.held, s.seed
             ORDER BY s.model, s.batch, s.location, s.status, s.mark, s.held, s.seed",
        )
        .bind(tenant.map(TenantId::as_str))
        .all(self.0)
        .await?;
        rows.iter().map(stock_line).collect()
    }

    /// What is to be known of models.
    ///
    /// # Errors
    /// As for [`Self::stock`].
    pub async fn models(&self) -> Result<Vec<ModelFacts>, StoreError> {
        let select = "SELECT model, reorder_below, battery_years FROM token_models ORDER BY model";
        let rows = Sql::new(select).all(self.0).await?;
        let number = |row: &Row, name| row.get::<Option<i64>>(name).map(|n| n.map(i64::unsigned_abs));
        let facts = |row: &Row| {
            let (reorder_below, battery_years) =
                (number(row, "reorder_below")?, number(row, "battery_years")?);
            Ok(ModelFacts { model: row.get("model")?, reorder_below, battery_years })
        };
        rows.iter().map(facts).collect()
    }

    /// Sets what is to be known of a model, all of it.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn set_model(&self, facts: &ModelFacts) -> Result<(), StoreError> {
        let number = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let mut tx = self.0.begin().await?;
        Sql::new(
            "INSERT INTO token_models (model, reorder_below, battery_years) VALUES ($1, $2, $3)
             ON CONFLICT (model) DO UPDATE SET reorder_below = excluded.reorder_below,
                 battery_years = excluded.battery_years",
        )
        .bind(facts.model.trim())
        .bind(number(facts.reorder_below))
        .bind(number(facts.battery_years))
        .run(&mut tx)
        .await?;
        tx.commit().await
    }

    /// The token to hand out next: one that the tenant has and nobody holds, anywhere; else one in stock whose seed
    /// is in the vault. The one we have known longest; never a marked one.
    ///
    /// # Errors
    /// As for [`Self::stock`].
    pub async fn next_in_stock(
        &self,
        tenant: &TenantId,
        model: Option<&str>,
    ) -> Result<Option<Token>, StoreError> {
        let mut there = Sql::new(COLUMNS);
        there
            .push(" WHERE d.status = 'available' AND d.holder IS NULL AND d.gone_at IS NULL AND d.tenant = ");
        there.push_value(tenant.as_str()).push(
            " AND t.mark IS NULL AND NOT EXISTS
              (SELECT 1 FROM token_devices o
               WHERE o.token = t.id AND o.gone_at IS NULL AND o.holder IS NOT NULL)",
        );
        of_model(&mut there, model);
        if let Some(row) = there.first(self.0).await? {
            return Token::of(&row).map(Some);
        }
        let mut kept = Sql::new(STOCK);
        kept.push(
            " AND t.mark IS NULL AND EXISTS (SELECT 1 FROM vault_seeds v
                  WHERE v.serial_key = t.serial_key AND v.maker_key = t.maker_key)
              AND NOT EXISTS (SELECT 1 FROM tokens s JOIN token_devices o ON o.token = s.id
                  WHERE s.serial_key = t.serial_key AND o.gone_at IS NULL AND o.tenant = ",
        );
        kept.push_value(tenant.as_str()).push(")");
        of_model(&mut kept, model);
        kept.first(self.0).await?.map(|row| Token::of(&row)).transpose()
    }
}

fn of_model(sql: &mut Sql, model: Option<&str>) {
    if let Some(model) = model {
        sql.push(" AND lower(t.model) = ").push_value(model.trim().to_ascii_lowercase());
    }
    sql.push(" ORDER BY t.id LIMIT 1");
}

fn stock_line(row: &Row) -> Result<StockLine, StoreError> {
    let status: String = row.get("status")?;
    Ok(StockLine {
        model: row.get("model")?,
        batch: row.get("batch")?,
        location: row.get("location")?,
        status: TokenStatus::parse(&status).ok_or_else(|| StoreError::damaged("the status of a token"))?,
        mark: token::word(row, "mark", "the mark of a token")?,
        is_held: row.get::<i64>("held")? != 0,
        seed_held: row.get::<i64>("seed")? != 0,
        count: row.get::<i64>("n")?.unsigned_abs(),
        known_since: Utc::from_unix_ms(row.get("known_at")?),
        battery_end: token::battery_end(token::time(row, "first_used")?, row.get("battery_years")?),
    })
}
