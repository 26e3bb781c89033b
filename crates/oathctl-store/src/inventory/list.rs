//! Lists of tokens.
//!
//! Owns: [`Filter`], [`Inventory::list`], [`Inventory::find`], and the columns a [`Token`] is made of.

use std::cmp::Ordering;

use oathctl_core::report::Proof;
use oathctl_core::token::{TenantId, serial_key, upn_key};

use super::token::{Mark, Token, TokenStatus};
use super::{Inventory, TokenName};
use crate::db::{Sql, Value};
use crate::error::StoreError;
use crate::wire;

/// Which tokens, in which order, and how many. The default is every token we know, by serial.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this tenant's, and those in stock.
    pub tenant: Option<TenantId>,
    /// Only these; `gone` ones are left out unless they are asked for here.
    pub statuses: Vec<TokenStatus>,
    /// Only those held by this person: object id or user principal name.
    pub holder: Option<String>,
    /// Only this model, in any case.
    pub model: Option<String>,
    /// Only this batch, in any case.
    pub batch: Option<String>,
    /// Only what lies here, in any case.
    pub location: Option<String>,
    /// Only marked ones, or those without.
    pub mark: Option<Marking>,
    /// Only serials that begin like this.
    pub serial_prefix: Option<String>,
    /// Only with one of these.
    pub proofs: Vec<Proof>,
    /// Only those in a tenant that nobody ever signed in with.
    pub never_used: bool,
    /// Leave out those in stock.
    pub without_stock: bool,
    /// In which order; serials decide between equals.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Which mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// None.
    Without,
    /// Any.
    Any,
    /// This one.
    Is(Mark),
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By serial.
    #[default]
    Serial,
    /// By model.
    Model,
    /// By batch.
    Batch,
    /// By place.
    Location,
    /// By how they stand.
    Status,
    /// By the holder's user principal name.
    Holder,
    /// By the last use; unknown first.
    LastUsed,
    /// By the first use, from which batteries are counted; unknown first.
    FirstUsed,
}

/// Of a token in a tenant.
pub(super) const COLUMNS: &str =
    "SELECT t.serial, t.serial_key, t.maker, t.model, t.hash, t.digits, t.period, t.batch, t.location, t.known_at,
            t.mark, t.marked_at, t.marked_by, t.mark_note, t.first_used, d.tenant, d.device, d.status, d.holder,
            coalesce(d.holder_upn, p.upn) AS holder_upn, coalesce(d.holder_name, p.name) AS holder_name,
            d.held_since, d.proof, d.seed_origin, d.drift, d.drift_at, d.last_used, d.seen_at, d.gone_at,
            l.at AS listed_at, coalesce(m.battery_years, a.battery_years) AS battery_years,
            (SELECT count(*) FROM vault_seeds v
             WHERE v.serial_key = t.serial_key AND v.maker_key = t.maker_key) AS seeds
     FROM token_devices d JOIN tokens t ON t.id = d.token
     LEFT JOIN people p ON p.tenant = d.tenant AND p.person = d.holder
     LEFT JOIN listings l ON l.tenant = d.tenant
     LEFT JOIN token_models m ON m.model = t.model LEFT JOIN token_models a ON a.model = ''";

/// Of a token in stock, with the condition that it is.
pub(super) const STOCK: &str =
    "SELECT t.serial, t.serial_key, t.maker, t.model, t.hash, t.digits, t.period, t.batch, t.location, t.known_at,
            t.mark, t.marked_at, t.marked_by, t.mark_note, t.first_used, NULL AS tenant, NULL AS device,
            NULL AS status, NULL AS holder, NULL AS holder_upn, NULL AS holder_name, NULL AS held_since,
            NULL AS proof, NULL AS seed_origin, NULL AS drift, NULL AS drift_at, NULL AS last_used,
            NULL AS seen_at, NULL AS gone_at, NULL AS listed_at,
            coalesce(m.battery_years, a.battery_years) AS battery_years,
            (SELECT count(*) FROM vault_seeds v
             WHERE v.serial_key = t.serial_key AND v.maker_key = t.maker_key) AS seeds
     FROM tokens t LEFT JOIN token_models m ON m.model = t.model LEFT JOIN token_models a ON a.model = ''
     WHERE t.in_stock = 1";

impl Inventory<'_> {
    /// The tokens that a filter lets through.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Token>, StoreError> {
        let mut there = Sql::new(COLUMNS);
        there.push(" WHERE 1 = 1");
        self.in_a_tenant(filter, &mut there).await?;
        let mut found = self.sorted(there, filter.sort.in_a_tenant(), filter).await?;
        if filter.takes_stock() {
            let mut stock = Sql::new(STOCK);
            filter.of_the_thing(&mut stock);
            let in_tenants = found.len();
            found.extend(self.sorted(stock, filter.sort.in_stock(), filter).await?);
            if in_tenants > 0 && in_tenants < found.len() {
                found.sort_by(|a, b| filter.order(a, b)); // two sorted runs: the sort merges them
            }
        }
        found.truncate(filter.limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)));
        Ok(found)
    }

    /// Every line of a token: one a tenant and device, those that are gone too; one in stock where none has it.
    ///
    /// # Errors
    /// As for [`Self::list`].
    pub async fn find(&self, token: impl Into<TokenName<'_>>) -> Result<Vec<Token>, StoreError> {
        let name = token.into();
        let mut found = Vec::new();
        for (start, tail) in [(COLUMNS, " WHERE t.serial_key = "), (STOCK, " AND t.serial_key = ")] {
            let mut select = Sql::new(start);
            select.push(tail).push_value(serial_key(name.serial));
            if let Some(maker) = name.maker {
                select.push(" AND t.maker_key = ").push_value(serial_key(maker));
            }
            select.push(" ORDER BY t.id");
            for row in select.all(self.0).await? {
                found.push(Token::of(&row)?);
            }
        }
        Ok(found)
    }

    async fn sorted(
        &self,
        mut select: Sql,
        order: &'static str,
        filter: &Filter,
    ) -> Result<Vec<Token>, StoreError> {
        select.push(" ORDER BY ").push(order);
        select.push(match (order.is_empty(), filter.descending) {
            (true, false) => "t.serial_key",
            (true, true) => "t.serial_key DESC",
            (false, false) => ", t.serial_key",
            (false, true) => " DESC, t.serial_key DESC",
        });
        if let Some(limit) = filter.limit {
            select.push(" LIMIT ").push_value(i64::from(limit));
        }
        let rows = select.all(self.0).await?;
        rows.iter().map(Token::of).collect()
    }

    /// The conditions on a token in a tenant.
    async fn in_a_tenant(&self, filter: &Filter, sql: &mut Sql) -> Result<(), StoreError> {
        if let Some(tenant) = &filter.tenant {
            sql.push(" AND d.tenant = ").push_value(tenant.as_str());
        } else if !(filter.statuses.is_empty() && filter.proofs.is_empty()) {
            // The indexes over both begin with the tenant; without one every line would be read.
            sql.push(" AND d.tenant IN ").push_list(self.tenants().await?);
        }
        filter.of_status(sql);
        if let Some(holder) = &filter.holder {
            sql.push(" AND (d.upn_key = ").push_value(upn_key(holder)).push(" OR d.holder IN ");
            sql.push_list(self.ids_of(holder).await?).push(")");
        }
        if !filter.proofs.is_empty() {
            let words = filter.proofs.iter().map(wire::to_word).collect::<Result<Vec<String>, _>>()?;
            sql.push(" AND d.proof IN ").push_list(words);
        }
        if filter.never_used {
            sql.push(" AND d.last_used IS NULL");
        }
        filter.of_the_thing(sql);
        Ok(())
    }

    /// The tenants that have a line, by a leap from one to the next; never empty, since `IN ()` is none of PostgreSQL's.
    async fn tenants(&self) -> Result<Vec<String>, StoreError> {
        let rows = Sql::new(
            "WITH RECURSIVE each_of (tenant) AS (
                 SELECT min(tenant) FROM token_devices UNION ALL
                 SELECT (SELECT min(tenant) FROM token_devices WHERE tenant > each_of.tenant) FROM each_of
                 WHERE each_of.tenant IS NOT NULL)
             SELECT tenant FROM each_of WHERE tenant IS NOT NULL",
        );
        let rows = rows.all(self.0).await?;
        let mut tenants = vec![String::new()];
        for row in &rows {
            tenants.push(row.get(0)?);
        }
        Ok(tenants)
    }

    /// The object ids that a person's name may mean: itself, and those of people with this user principal name.
    async fn ids_of(&self, holder: &str) -> Result<Vec<String>, StoreError> {
        let select = "SELECT DISTINCT person FROM people WHERE upn_key = $1";
        let rows = Sql::new(select).bind(upn_key(holder)).all(self.0).await?;
        let mut ids = vec![holder.trim().to_ascii_lowercase()];
        for row in &rows {
            ids.push(row.get(0)?);
        }
        Ok(ids)
    }
}

impl Sort {
    const fn in_a_tenant(self) -> &'static str {
        match self {
            Self::Status => "CASE WHEN d.gone_at IS NOT NULL THEN 'gone' ELSE d.status END",
            Self::Holder => "lower(coalesce(d.holder_upn, p.upn, ''))",
            Self::LastUsed => "coalesce(d.last_used, 0)",
            other => other.in_stock(),
        }
    }

    /// Empty where all of them are equal.
    const fn in_stock(self) -> &'static str {
        match self {
            Self::Model => "lower(t.model)",
            Self::Batch => "lower(t.batch)",
            Self::Location => "lower(t.location)",
            Self::FirstUsed => "coalesce(t.first_used, 0)",
            Self::Serial | Self::Status | Self::Holder | Self::LastUsed => "",
        }
    }
}

impl Filter {
    /// False where a condition can only hold in a tenant.
    fn takes_stock(&self) -> bool {
        let asks_for_it = self.statuses.is_empty() || self.statuses.contains(&TokenStatus::Stock);
        let may_be_unproven = self.proofs.is_empty() || self.proofs.contains(&Proof::None);
        !self.without_stock && !self.never_used && self.holder.is_none() && asks_for_it && may_be_unproven
    }

    fn of_status(&self, sql: &mut Sql) {
        if self.statuses.is_empty() {
            sql.push(" AND d.gone_at IS NULL");
            return;
        }
        let words = self.statuses.iter().filter(|it| **it != TokenStatus::Gone).map(TokenStatus::word);
        let words: Vec<String> = words.collect();
        match (words.is_empty(), self.statuses.contains(&TokenStatus::Gone)) {
            (true, _) => sql.push(" AND d.gone_at IS NOT NULL"),
            (false, true) => {
                sql.push(" AND (d.gone_at IS NOT NULL OR d.status IN ").push_list(words).push(")")
            }
            (false, false) => sql.push(" AND d.gone_at IS NULL AND d.status IN ").push_list(words),
        };
    }

    /// The conditions on the thing itself.
    fn of_the_thing(&self, sql: &mut Sql) {
        let plain = |text: &String| Value::from(text.trim().to_ascii_lowercase());
        for (condition, text) in [
            (" AND lower(t.model) = ", &self.model),
            (" AND lower(t.batch) = ", &self.batch),
            (" AND lower(t.location) = ", &self.location),
        ] {
            if let Some(text) = text {
                sql.push(condition).push_value(plain(text));
            }
        }
        match self.mark {
            None => {}
            Some(Marking::Without) => _ = sql.push(" AND t.mark IS NULL"),
            Some(Marking::Any) => {
                // By their words, so that the index of marks is taken and not the order of serials.
                let words = [Mark::Lost, Mark::Stolen, Mark::Retired].map(Mark::word);
                sql.push(" AND t.mark IS NOT NULL AND t.mark IN ").push_list(words);
            }
            Some(Marking::Is(mark)) => {
                sql.push(" AND t.mark IS NOT NULL AND t.mark = ").push_value(mark.word());
            }
        }
        if let Some(prefix) = &self.serial_prefix {
            let from = serial_key(prefix);
            let to = format!("{from}\u{10ffff}");
            sql.push(" AND t.serial_key >= ").push_value(from).push(" AND t.serial_key < ").push_value(to);
        }
    }

    /// As the database sorts.
    fn order(&self, a: &Token, b: &Token) -> Ordering {
        let key = |token: &Token| -> (String, i64) {
            let text = |text: &str| (text.to_ascii_lowercase(), 0);
            let time = |at: Option<oathctl_core::time::Utc>| (String::new(), at.map_or(0, |at| at.unix_ms()));
            match self.sort {
                Sort::Serial => (String::new(), 0),
                Sort::Model => text(&token.model),
                Sort::Batch => text(&token.batch),
                Sort::Location => text(&token.location),
                Sort::Status => (token.status.word(), 0),
                Sort::Holder => text(token.holder.as_ref().and_then(|it| it.upn.as_deref()).unwrap_or("")),
                Sort::LastUsed => time(token.last_used),
                Sort::FirstUsed => time(token.first_used),
            }
        };
        let serial = |token: &Token| serial_key(&token.serial);
        let order = key(a).cmp(&key(b)).then_with(|| serial(a).cmp(&serial(b)));
        if self.descending { order.reverse() } else { order }
    }
}

#[cfg(test)]
mod tests;
