//! One row of a table, as it is read.
//!
//! Owns: [`RowView`], everything that may be asked of a row, with the one door to its seed. Does not own: changing
//! a row ([`super::Table`]).

use super::{Record, RowId, Table, Verdict};
use crate::place::{Field, Place};
use crate::seed::SeedKey;
use crate::token::{Hash, OtpKind, TotpParams};

/// One row, borrowed from its table.
#[derive(Clone, Copy)]
pub struct RowView<'a> {
    table: &'a Table,
    record: &'a Record,
    id: RowId,
}

impl<'a> RowView<'a> {
    pub(super) fn of(table: &'a Table, record: &'a Record, id: RowId) -> Self {
        Self { table, record, id }
    }

    /// Its number.
    pub fn id(&self) -> RowId {
        self.id
    }

    /// The serial as text; empty when the input had none that could be used.
    pub fn serial(&self) -> &'a str {
        self.table.text(self.record.serial)
    }

    /// The person's user principal name.
    pub fn upn(&self) -> Option<&'a str> {
        Some(self.table.text(self.record.upn)).filter(|t| !t.is_empty())
    }

    /// The person's object id, where the format gave one.
    pub fn user_id(&self) -> Option<&'a str> {
        Some(self.table.text(self.record.user_id)).filter(|t| !t.is_empty())
    }

    /// Length of the seed in bytes; zero when there is none.
    pub fn seed_len(&self) -> usize {
        self.record.seed.len as usize
    }

    /// The door: the seed's bytes, for checks across rows and for lending.
    pub fn expose_seed(&self) -> &'a [u8] {
        self.table.bytes(self.record.seed)
    }

    /// The key under which this row's seed is lent.
    pub fn seed_key(&self) -> SeedKey {
        SeedKey(self.id.0)
    }

    /// Kind of code.
    pub fn kind(&self) -> OtpKind {
        self.record.kind
    }

    /// The hash, if stated or defined.
    pub fn hash(&self) -> Option<Hash> {
        self.record.hash
    }

    /// Digits, if stated or defined.
    pub fn digits(&self) -> Option<u8> {
        Some(self.record.digits).filter(|d| *d != 0)
    }

    /// Period in seconds, if stated or defined.
    pub fn period_secs(&self) -> Option<u32> {
        Some(self.record.period_secs).filter(|p| *p != 0)
    }

    /// All parameters, once nothing is open any more.
    pub fn params(&self) -> Option<TotpParams> {
        Some(TotpParams { hash: self.hash()?, digits: self.digits()?, period_secs: self.period_secs()? })
    }

    /// Manufacturer; empty when not stated.
    pub fn manufacturer(&self) -> &'a str {
        self.table.names.get(self.record.manufacturer as usize).map_or("", String::as_str)
    }

    /// Model; empty when not stated.
    pub fn model(&self) -> &'a str {
        self.table.names.get(self.record.model as usize).map_or("", String::as_str)
    }

    /// Physical line, from 1.
    pub fn line(&self) -> u64 {
        u64::from(self.record.line)
    }

    /// HOTP's moving factor, if stated.
    pub fn counter(&self) -> Option<u64> {
        self.table.extra(self.id)?.counter
    }

    /// What tells several keys of one serial apart.
    pub fn key_id(&self) -> Option<&'a str> {
        Some(self.table.text(self.table.extra(self.id)?.key_id)).filter(|id| !id.is_empty())
    }

    /// Which issue of the device it is, where the file says so.
    pub fn issue_no(&self) -> Option<&'a str> {
        Some(self.table.text(self.table.extra(self.id)?.issue_no)).filter(|issue| !issue.is_empty())
    }

    /// Where the row, or one field of it, stands.
    pub fn place(&self, field: Option<Field>) -> Place {
        let source = self.table.sources.get(usize::from(self.record.source.0));
        let path = self.table.extra(self.id).map(|extra| self.table.text(extra.path).to_owned());
        let place = source.map(|s| s.place(self.line(), field)).unwrap_or_default();
        Place { path: path.filter(|path| !path.is_empty()), ..place }
    }

    /// What the checks made of it.
    pub fn verdict(&self) -> Verdict {
        self.record.verdict
    }
}
