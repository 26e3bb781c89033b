//! What lies where, and what is running out.
//!
//! Owns: counts, places, thresholds, the next token to hand out.

use oathctl_core::time::Utc;
use oathctl_core::token::TenantId;

use super::history::EventKind;
use super::list::{COLUMNS, STOCK};
use super::token::{self, Mark, Token, TokenStatus};
use super::{Inventory, TokenName, marks};
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
    /// How many.
    pub count: u64,
}

/// A model of which too few are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Low {
    /// Which.
    pub model: String,
    /// How many nobody has.
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
            "SELECT model, batch, location, status, mark, count(*) AS n FROM (
                 SELECT t.model, t.batch, t.location, d.status, t.mark
                 FROM token_devices d JOIN tokens t ON t.id = d.token
                 WHERE d.gone_at IS NULL AND ($1 IS NULL OR d.tenant = $1)
                 UNION ALL
                 SELECT model, batch, location, 'stock', mark FROM tokens WHERE in_stock = 1) all_of_them
             GROUP BY model, batch, location, status, mark ORDER BY model, batch, location, status, mark",
        )
        .bind(tenant.map(TenantId::as_str))
        .all(self.0)
        .await?;
        rows.iter().map(stock_line).collect()
    }

    /// Says where tokens lie from now on; those that are not known.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Locked`], [`StoreError::Io`]; then nothing moved.
    pub async fn move_to(
        &self,
        serials: &[&str],
        location: &str,
        actor: &str,
        at: Utc,
    ) -> Result<Vec<String>, StoreError> {
        let mut tx = self.0.begin().await?;
        let (mut moved, mut unknown) = (Vec::new(), Vec::new());
        for serial in serials {
            let tokens = marks::of_name(&mut tx, TokenName::from(*serial)).await?;
            if tokens.is_empty() {
                unknown.push((*serial).to_owned());
            }
            for id in tokens {
                let set = Sql::new("UPDATE tokens SET location = $2 WHERE id = $1 AND location <> $2");
                let done = set.bind(id).bind(location.trim()).run(&mut tx).await?;
                moved.extend((done == 1).then_some(id));
            }
        }
        marks::note_each(&mut tx, &moved, EventKind::Moved, location.trim(), actor, at).await?;
        tx.commit().await?;
        Ok(unknown)
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

    /// Models with fewer tokens left that nobody has than their threshold.
    ///
    /// # Errors
    /// As for [`Self::stock`].
    pub async fn low(&self) -> Result<Vec<Low>, StoreError> {
        let rows = Sql::new(
            "SELECT m.model, m.reorder_below, count(t.id) AS n FROM token_models m
             LEFT JOIN tokens t ON lower(t.model) = lower(m.model) AND t.mark IS NULL AND NOT EXISTS
                 (SELECT 1 FROM token_devices d
                  WHERE d.token = t.id AND d.gone_at IS NULL AND d.holder IS NOT NULL)
             WHERE m.reorder_below IS NOT NULL AND m.model <> ''
             GROUP BY m.model, m.reorder_below HAVING count(t.id) < m.reorder_below ORDER BY m.model",
        )
        .all(self.0)
        .await?;
        let number = |row: &Row, name| row.get::<i64>(name).map(i64::unsigned_abs);
        let low = |row: &Row| {
            Ok(Low {
                model: row.get("model")?,
                left: number(row, "n")?,
                below: number(row, "reorder_below")?,
            })
        };
        rows.iter().map(low).collect()
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
        count: row.get::<i64>("n")?.unsigned_abs(),
    })
}
