//! The database's half of the vault: what is sealed, and an index in clear.
//!
//! Owns: queries on `vault_seeds` and `vault_meta`. Does not own: opening anything.

use oathctl_core::time::Utc;
use oathctl_core::token::{Hash, OtpKind};

use super::error::VaultError;
use super::keyfile::KeyId;
use super::payload::Parameters;
use crate::db::{self, On, Sql, Tx};
use crate::store::Store;

/// Which token is meant: 16 random bytes, made when it was first kept.
pub type TokenKey = [u8; 16];

/// Rows read at a time.
const PAGE: i64 = 1000;
/// Rows written in one statement.
const BATCH: usize = 200;
/// Rows that change what a table is like.
const MANY: usize = 1000;

/// One line of `vault_seeds`.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) token: TokenKey,
    pub(super) serial: String,
    pub(super) serial_key: String,
    pub(super) maker: String,
    pub(super) maker_key: String,
    pub(super) model: String,
    pub(super) parameters: Parameters,
    pub(super) added_at: Utc,
    pub(super) key_id: KeyId,
    pub(super) version: u64,
    pub(super) sealed: Vec<u8>,
}

/// One token of the vault, as its index says; nothing of it needs the vault open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which token.
    pub token: TokenKey,
    /// Its serial.
    pub serial: String,
    /// Its maker; empty when not known.
    pub maker: String,
    /// Its model; empty when not known.
    pub model: String,
    /// Hash, digits, period.
    pub parameters: Parameters,
    /// When it was kept.
    pub added_at: Utc,
}

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "token, serial, serial_key, maker, maker_key, model, kind, hash, digits, period, added_at, key_id, \
             version, sealed",
            $after
        )
    };
}

/// The vault's id and generation, as the database knows them.
pub(super) async fn meta<'c>(on: impl Into<On<'c>>) -> Result<Option<(String, u64)>, VaultError> {
    let row = Sql::new("SELECT vault, generation FROM vault_meta").first(on).await?;
    row.map(|row| Ok((row.get("vault")?, unsigned(row.get("generation")?)))).transpose()
}

/// Notes the generation; call after the key half was written.
pub(super) async fn put_meta(tx: &mut Tx<'_>, vault: &str, generation: u64) -> Result<(), VaultError> {
    Sql::new("DELETE FROM vault_meta").run(tx).await?;
    let add = "INSERT INTO vault_meta (vault, generation) VALUES ($1, $2)";
    Sql::new(add).bind(vault).bind(signed(generation)).run(tx).await?;
    Ok(())
}

pub(super) async fn one(store: &Store, token: &TokenKey) -> Result<Option<Row>, VaultError> {
    let select = columns!("SELECT ", " FROM vault_seeds WHERE token = $1");
    Sql::new(select).bind(token).first(store).await?.as_ref().map(row_of).transpose()
}

/// The next rows after a token, in the order of their keys.
pub(super) async fn page(store: &Store, after: Option<&TokenKey>) -> Result<Vec<Row>, VaultError> {
    let mut select = Sql::new(columns!("SELECT ", " FROM vault_seeds"));
    if let Some(token) = after {
        select.push(" WHERE token > ").push_value(token);
    }
    select.push(" ORDER BY token LIMIT ").push_value(PAGE);
    select.all(store).await?.iter().map(row_of).collect()
}

/// All rows whose serials are among these; several when makers share a serial.
pub(super) async fn by_serials(store: &Store, serial_keys: &[String]) -> Result<Vec<Row>, VaultError> {
    let mut found = Vec::new();
    for some in serial_keys.chunks(BATCH) {
        let mut select = Sql::new(columns!("SELECT ", " FROM vault_seeds WHERE serial_key IN ("));
        for (n, serial) in some.iter().enumerate() {
            select.push(if n == 0 { "" } else { ", " }).push_value(serial.as_str());
        }
        select.push(")");
        for row in select.all(store).await? {
            found.push(row_of(&row)?);
        }
    }
    Ok(found)
}

/// All rows of these tokens that are there, in no order.
pub(super) async fn by_tokens(store: &Store, tokens: &[TokenKey]) -> Result<Vec<Row>, VaultError> {
    let mut found = Vec::with_capacity(tokens.len());
    for some in tokens.chunks(BATCH) {
        let mut select = Sql::new(columns!("SELECT ", " FROM vault_seeds WHERE token IN ("));
        for (n, token) in some.iter().enumerate() {
            select.push(if n == 0 { "" } else { ", " }).push_value(token);
        }
        select.push(")");
        for row in select.all(store).await? {
            found.push(row_of(&row)?);
        }
    }
    Ok(found)
}

/// Adds rows, or none of them.
pub(super) async fn insert(tx: &mut Tx<'_>, rows: &[Row]) -> Result<(), VaultError> {
    for some in rows.chunks(BATCH) {
        let mut insert = Sql::new(columns!("INSERT INTO vault_seeds (", ") VALUES "));
        for (n, row) in some.iter().enumerate() {
            insert.push(if n == 0 { "(" } else { ", (" });
            push_row(&mut insert, row);
            insert.push(")");
        }
        insert.run(tx).await?;
    }
    if rows.len() >= MANY {
        tx.look_over("vault_seeds").await?;
    }
    Ok(())
}

/// The values of a row, in the order of the columns.
fn push_row(insert: &mut Sql, row: &Row) {
    let next = |insert: &mut Sql, value: db::Value| {
        insert.push(", ").push_value(value);
    };
    insert.push_value(&row.token);
    for text in [&row.serial, &row.serial_key, &row.maker, &row.maker_key, &row.model] {
        next(insert, text.as_str().into());
    }
    next(insert, kind_word(row.parameters.kind).into());
    next(insert, row.parameters.hash.word().into());
    next(insert, i64::from(row.parameters.digits).into());
    next(insert, i64::from(row.parameters.period_secs).into());
    next(insert, row.added_at.unix_ms().into());
    next(insert, (&row.key_id).into());
    next(insert, signed(row.version).into());
    next(insert, row.sealed.as_slice().into());
}

/// Puts a seed under another key.
pub(super) async fn reseal(tx: &mut Tx<'_>, row: &Row) -> Result<(), VaultError> {
    let set = "UPDATE vault_seeds SET key_id = $1, version = $2, sealed = $3 WHERE token = $4";
    let set = Sql::new(set).bind(&row.key_id).bind(signed(row.version));
    set.bind(row.sealed.as_slice()).bind(&row.token).run(tx).await?;
    Ok(())
}

/// Takes a line away; SQLite overwrites it (`secure_delete`).
pub(super) async fn delete(tx: &mut Tx<'_>, token: &TokenKey) -> Result<(), VaultError> {
    Sql::new("DELETE FROM vault_seeds WHERE token = $1").bind(token).run(tx).await?;
    Ok(())
}

fn row_of(row: &db::Row) -> Result<Row, VaultError> {
    let bytes = |name: &'static str| -> Result<[u8; 16], VaultError> {
        let found: Vec<u8> = row.get(name)?;
        found.try_into().map_err(|_| VaultError::tampered("a key's length"))
    };
    Ok(Row {
        token: bytes("token")?,
        serial: row.get("serial")?,
        serial_key: row.get("serial_key")?,
        maker: row.get("maker")?,
        maker_key: row.get("maker_key")?,
        model: row.get("model")?,
        parameters: parameters_of(row)?,
        added_at: Utc::from_unix_ms(row.get("added_at")?),
        key_id: bytes("key_id")?,
        version: unsigned(row.get("version")?),
        sealed: row.get("sealed")?,
    })
}

fn parameters_of(row: &db::Row) -> Result<Parameters, VaultError> {
    let odd = || VaultError::tampered("a token's parameters");
    let (kind, hash): (String, String) = (row.get("kind")?, row.get("hash")?);
    let (digits, period): (i64, i64) = (row.get("digits")?, row.get("period")?);
    Ok(Parameters {
        kind: [OtpKind::Totp, OtpKind::Hotp].into_iter().find(|it| kind_word(*it) == kind).ok_or_else(odd)?,
        hash: Hash::parse(&hash).ok_or_else(odd)?,
        digits: u8::try_from(digits).map_err(|_| odd())?,
        period_secs: u32::try_from(period).map_err(|_| odd())?,
    })
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let Row { token, serial, maker, model, parameters, added_at, .. } = row;
        Self { token, serial, maker, model, parameters, added_at }
    }
}

impl From<&Row> for Listed {
    fn from(row: &Row) -> Self {
        Self::from(Row { sealed: Vec::new(), ..row.clone() })
    }
}

const fn kind_word(kind: OtpKind) -> &'static str {
    match kind {
        OtpKind::Totp => "totp",
        OtpKind::Hotp => "hotp",
        OtpKind::Other => "other",
    }
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
