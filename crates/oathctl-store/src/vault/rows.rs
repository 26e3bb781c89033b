//! The database's half of the vault: what is sealed, and an index in clear.
//!
//! Owns: queries on `vault_seeds` and `vault_meta`. Does not own: opening anything.

use oathctl_core::time::Utc;
use oathctl_core::token::{Hash, OtpKind};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, Transaction};

use super::error::VaultError;
use super::keyfile::KeyId;
use super::payload::Parameters;
use crate::store::Store;

/// Which token is meant: 16 random bytes, made when it was first kept.
pub type TokenKey = [u8; 16];

/// Rows read at a time.
const PAGE: i64 = 1000;
/// Rows written in one statement.
const BATCH: usize = 200;

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

const COLUMNS: &str = "token, serial, serial_key, maker, maker_key, model, kind, hash, digits, period, added_at, \
                       key_id, version, sealed";

/// The vault's id and generation, as the database knows them.
pub(super) async fn meta(store: &Store) -> Result<Option<(String, u64)>, VaultError> {
    let row = sqlx::query("SELECT vault, generation FROM vault_meta").fetch_optional(store.readers()).await?;
    row.map(|row| Ok((row.try_get("vault")?, unsigned(row.try_get("generation")?)))).transpose()
}

/// Notes the generation; call after the key file was written.
pub(super) async fn set_meta(store: &Store, vault: &str, generation: u64) -> Result<(), VaultError> {
    let mut tx = store.begin().await?;
    put_meta(&mut tx, vault, generation).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn put_meta(
    tx: &mut Transaction<'static, Sqlite>,
    vault: &str,
    generation: u64,
) -> Result<(), VaultError> {
    sqlx::query("DELETE FROM vault_meta").execute(&mut **tx).await?;
    let add = "INSERT INTO vault_meta (vault, generation) VALUES ($1, $2)";
    sqlx::query(add).bind(vault.to_owned()).bind(signed(generation)).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn one(store: &Store, token: &TokenKey) -> Result<Option<Row>, VaultError> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(COLUMNS).push(" FROM vault_seeds WHERE token = ").push_bind(token.to_vec());
    query.build().fetch_optional(store.readers()).await?.as_ref().map(row_of).transpose()
}

/// The next rows after a token, in the order of their keys.
pub(super) async fn page(store: &Store, after: Option<&TokenKey>) -> Result<Vec<Row>, VaultError> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(COLUMNS).push(" FROM vault_seeds");
    if let Some(token) = after {
        query.push(" WHERE token > ").push_bind(token.to_vec());
    }
    query.push(" ORDER BY token LIMIT ").push_bind(PAGE);
    query.build().fetch_all(store.readers()).await?.iter().map(row_of).collect()
}

/// All rows whose serials are among these; several when makers share a serial.
pub(super) async fn by_serials(store: &Store, serial_keys: &[String]) -> Result<Vec<Row>, VaultError> {
    let mut found = Vec::new();
    for some in serial_keys.chunks(BATCH) {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(COLUMNS).push(" FROM vault_seeds WHERE serial_key IN (");
        let mut list = query.separated(", ");
        some.iter().for_each(|serial| {
            list.push_bind(serial.clone());
        });
        query.push(")");
        for row in query.build().fetch_all(store.readers()).await? {
            found.push(row_of(&row)?);
        }
    }
    Ok(found)
}

/// Adds rows, or none of them.
pub(super) async fn insert(tx: &mut Transaction<'static, Sqlite>, rows: &[Row]) -> Result<(), VaultError> {
    for some in rows.chunks(BATCH) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO vault_seeds (");
        query.push(COLUMNS).push(") ");
        query.push_values(some, |mut values, row| {
            values
                .push_bind(row.token.to_vec())
                .push_bind(row.serial.clone())
                .push_bind(row.serial_key.clone())
                .push_bind(row.maker.clone())
                .push_bind(row.maker_key.clone())
                .push_bind(row.model.clone())
                .push_bind(kind_word(row.parameters.kind))
                .push_bind(row.parameters.hash.word())
                .push_bind(i64::from(row.parameters.digits))
                .push_bind(i64::from(row.parameters.period_secs))
                .push_bind(row.added_at.unix_ms())
                .push_bind(row.key_id.to_vec())
                .push_bind(signed(row.version))
                .push_bind(row.sealed.clone());
        });
        query.build().persistent(true).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Puts a seed under another key.
pub(super) async fn reseal(tx: &mut Transaction<'static, Sqlite>, row: &Row) -> Result<(), VaultError> {
    let set = "UPDATE vault_seeds SET key_id = $1, version = $2, sealed = $3 WHERE token = $4";
    sqlx::query(set)
        .bind(row.key_id.to_vec())
        .bind(signed(row.version))
        .bind(row.sealed.clone())
        .bind(row.token.to_vec())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes a line away; SQLite overwrites it (`secure_delete`).
pub(super) async fn delete(
    tx: &mut Transaction<'static, Sqlite>,
    token: &TokenKey,
) -> Result<(), VaultError> {
    sqlx::query("DELETE FROM vault_seeds WHERE token = $1").bind(token.to_vec()).execute(&mut **tx).await?;
    Ok(())
}

fn row_of(row: &SqliteRow) -> Result<Row, VaultError> {
    let bytes = |name: &str| -> Result<[u8; 16], VaultError> {
        let found: Vec<u8> = row.try_get(name)?;
        found.try_into().map_err(|_| VaultError::tampered("a key's length"))
    };
    Ok(Row {
        token: bytes("token")?,
        serial: row.try_get("serial")?,
        serial_key: row.try_get("serial_key")?,
        maker: row.try_get("maker")?,
        maker_key: row.try_get("maker_key")?,
        model: row.try_get("model")?,
        parameters: parameters_of(row)?,
        added_at: Utc::from_unix_ms(row.try_get("added_at")?),
        key_id: bytes("key_id")?,
        version: unsigned(row.try_get("version")?),
        sealed: row.try_get("sealed")?,
    })
}

fn parameters_of(row: &SqliteRow) -> Result<Parameters, VaultError> {
    let odd = || VaultError::tampered("a token's parameters");
    let (kind, hash): (String, String) = (row.try_get("kind")?, row.try_get("hash")?);
    let (digits, period): (i64, i64) = (row.try_get("digits")?, row.try_get("period")?);
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
