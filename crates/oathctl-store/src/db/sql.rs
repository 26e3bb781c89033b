//! Statements that are written once and run on both databases.
//!
//! Owns: [`Sql`] (text with `$1`, `$2` … and its values), [`Row`], where one runs ([`On`]). The SQL is what both
//! understand; values are 64-bit integers, text and bytes, a truth value is 0 or 1. Text is only ever made of
//! literals of this crate; everything from outside is a value.

use std::borrow::Cow;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Postgres, Row as _, Sqlite, Type};

use super::{Db, Tx};
use crate::error::StoreError;

/// A value on its way in.
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty => |$given:ident| $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($given: $from) -> Self {
                $value
            }
        })*
    };
}

values! {
    i64 => |n| Self::Int(Some(n));
    Option<i64> => |n| Self::Int(n);
    bool => |yes| Self::Int(Some(i64::from(yes)));
    &str => |text| Self::Text(Some(text.to_owned()));
    String => |text| Self::Text(Some(text));
    Option<&str> => |text| Self::Text(text.map(str::to_owned));
    Option<String> => |text| Self::Text(text);
    &[u8] => |bytes| Self::Bytes(bytes.to_vec());
    &[u8; 16] => |bytes| Self::Bytes(bytes.to_vec());
    Vec<u8> => |bytes| Self::Bytes(bytes);
}

impl Value {
    /// About how many bytes it has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Int(_) => 8,
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Stands in a text for the place of a value, until the database is known.
const PLACE: char = '\u{1}';

/// A statement with its values.
pub(crate) struct Sql {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

impl Sql {
    /// A statement, or its beginning.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), values: Vec::new() }
    }

    /// A statement whose names were read from the database's own catalogue.
    pub(crate) fn of_names(text: String) -> Self {
        Self { text: Cow::Owned(text), values: Vec::new() }
    }

    /// The next value, for which the text has its `$n` already.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// More text.
    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// More text, with names as in [`Self::of_names`].
    #[cfg(test)]
    pub(crate) fn and_names(mut self, text: &str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// The next value with its place: for statements of thousands of values, which have no `$n` of their own.
    pub(crate) fn push_value(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.to_mut().push(PLACE);
        self
    }

    /// `(…, …)` of values, each with its place.
    pub(crate) fn push_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push("(");
        for (n, value) in values.into_iter().enumerate() {
            self.push(if n == 0 { "" } else { ", " }).push_value(value);
        }
        self.push(")")
    }

    /// Runs it; how many rows it changed.
    pub(crate) async fn run(self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        match tx {
            Tx::Sqlite(tx) => Ok(self.for_sqlite().execute(&mut **tx).await?.rows_affected()),
            Tx::Postgres(tx) => {
                let done = self.for_postgres().execute(&mut **tx).await;
                Ok(done.map_err(StoreError::of_postgres)?.rows_affected())
            }
        }
    }

    /// The rows it finds.
    pub(crate) async fn all<'c>(self, on: impl Into<On<'c>>) -> Result<Vec<Row>, StoreError> {
        let sqlite = |rows: Vec<SqliteRow>| rows.into_iter().map(Row::Sqlite).collect();
        let postgres = |rows: Vec<PgRow>| rows.into_iter().map(Row::Postgres).collect();
        match on.into() {
            On::Sqlite(conn) => Ok(sqlite(self.for_sqlite().fetch_all(conn).await?)),
            On::Readers(pool) => Ok(sqlite(self.for_sqlite().fetch_all(pool).await?)),
            On::Postgres(conn) => {
                self.for_postgres().fetch_all(conn).await.map(postgres).map_err(StoreError::of_postgres)
            }
            On::Server(pool) => {
                self.for_postgres().fetch_all(pool).await.map(postgres).map_err(StoreError::of_postgres)
            }
        }
    }

    /// The first row it finds.
    pub(crate) async fn first<'c>(self, on: impl Into<On<'c>>) -> Result<Option<Row>, StoreError> {
        match on.into() {
            On::Sqlite(conn) => Ok(self.for_sqlite().fetch_optional(conn).await?.map(Row::Sqlite)),
            On::Readers(pool) => Ok(self.for_sqlite().fetch_optional(pool).await?.map(Row::Sqlite)),
            On::Postgres(conn) => {
                let found = self.for_postgres().fetch_optional(conn).await;
                found.map(|row| row.map(Row::Postgres)).map_err(StoreError::of_postgres)
            }
            On::Server(pool) => {
                let found = self.for_postgres().fetch_optional(pool).await;
                found.map(|row| row.map(Row::Postgres)).map_err(StoreError::of_postgres)
            }
        }
    }

    /// The rows it finds, one by one: for more than should stand in memory.
    pub(crate) fn stream<'c>(self, tx: &'c mut Tx<'_>) -> BoxStream<'c, Result<Row, StoreError>> {
        match tx {
            Tx::Sqlite(tx) => {
                let found = self.for_sqlite().fetch(&mut **tx);
                found.map(|row| Ok(Row::Sqlite(row?))).boxed()
            }
            Tx::Postgres(tx) => {
                let found = self.for_postgres().fetch(&mut **tx);
                found.map(|row| row.map(Row::Postgres).map_err(StoreError::of_postgres)).boxed()
            }
        }
    }

    /// The one value of the one row that it must find.
    pub(crate) async fn value<'c, T: Column>(self, on: impl Into<On<'c>>) -> Result<T, StoreError> {
        let row = self.first(on).await?.ok_or_else(|| StoreError::damaged("a record is missing"))?;
        row.get(0)
    }

    fn for_sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        // SQLite looks for a named place, such as `$1`, among all of them: thousands have to be nameless.
        let text = if self.text.contains(PLACE) { self.text.replace(PLACE, "?").into() } else { self.text };
        let query = sqlx::query(AssertSqlSafe(text));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Int(n) => query.bind(n),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }

    fn for_postgres(self) -> Query<'static, Postgres, PgArguments> {
        let query = sqlx::query(AssertSqlSafe(numbered(self.text)));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Int(n) => query.bind(n),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }
}

/// Each place with its number.
fn numbered(text: Cow<'static, str>) -> Cow<'static, str> {
    let mut pieces = text.split(PLACE);
    let mut with_numbers = pieces.next().unwrap_or_default().to_owned();
    let mut number = 0;
    for piece in pieces {
        number += 1;
        with_numbers.push_str(&format!("${number}{piece}"));
    }
    if number == 0 { text } else { with_numbers.into() }
}

/// Where a statement runs: inside a transaction, or anywhere for reading.
pub(crate) enum On<'c> {
    Sqlite(&'c mut SqliteConnection),
    Readers(&'c SqlitePool),
    Postgres(&'c mut PgConnection),
    Server(&'c PgPool),
}

impl<'c> From<&'c mut Tx<'_>> for On<'c> {
    fn from(tx: &'c mut Tx<'_>) -> Self {
        match tx {
            Tx::Sqlite(tx) => Self::Sqlite(&mut *tx),
            Tx::Postgres(tx) => Self::Postgres(&mut *tx),
        }
    }
}

impl<'c> From<&'c Db> for On<'c> {
    fn from(db: &'c Db) -> Self {
        match db {
            Db::Sqlite { readers, .. } => Self::Readers(readers),
            Db::Postgres(server) => Self::Server(server.pool()),
        }
    }
}

impl<'c> From<&'c PgPool> for On<'c> {
    fn from(pool: &'c PgPool) -> Self {
        Self::Server(pool)
    }
}

impl<'c> From<&'c mut SqliteConnection> for On<'c> {
    fn from(conn: &'c mut SqliteConnection) -> Self {
        Self::Sqlite(conn)
    }
}

impl<'c> From<&'c mut PgConnection> for On<'c> {
    fn from(conn: &'c mut PgConnection) -> Self {
        Self::Postgres(conn)
    }
}

/// A row that was found.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of a column, by its name or number.
    pub(crate) fn get<T: Column>(&self, column: impl Place) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => Ok(row.try_get(column)?),
            Self::Postgres(row) => row.try_get(column).map_err(StoreError::of_postgres),
        }
    }
}

/// What can be read out of a column on both.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

/// How a column is named on both.
pub(crate) trait Place: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> {}

impl<I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>> Place for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_get_their_numbers() {
        let mut sql = Sql::new("SELECT a FROM t WHERE b IN (");
        sql.push_value(1_i64).push(", ").push_value("x").push(")");
        assert_eq!(numbered(sql.text), "SELECT a FROM t WHERE b IN ($1, $2)");
        assert!(matches!(numbered(Cow::Borrowed("SELECT $1")), Cow::Borrowed("SELECT $1")));
    }
}
