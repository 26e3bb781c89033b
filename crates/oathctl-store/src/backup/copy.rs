//! All rows of all tables, from one database into another of the same format.
//!
//! Owns: [`tables`], [`rows`], [`must_be_empty`]. Tables and columns are read from the catalogue of the SQLite side
//! (one side always is), so a new table is copied without a word here.

use futures_util::StreamExt;

use crate::db::{Row, Sql, Tx, Value};
use crate::error::StoreError;

/// Values in one statement at most; both databases take many more.
const VALUES: usize = 2_000;
/// Bytes in one statement, about.
const BYTES: usize = 1 << 20;

/// A table and its columns.
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<(String, Kind)>,
}

#[derive(Clone, Copy)]
enum Kind {
    Int,
    Text,
    Bytes,
}

/// The tables of a SQLite store, those that are referred to first; not those that say which format it is.
pub(super) async fn tables(tx: &mut Tx<'_>) -> Result<Vec<Table>, StoreError> {
    let names =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                 AND name NOT IN ('meta', '_sqlx_migrations') ORDER BY rowid";
    let mut tables = Vec::new();
    for row in Sql::new(names).all(&mut *tx).await? {
        let name: String = row.get(0)?;
        let select =
            Sql::new("SELECT name, type FROM pragma_table_info($1) ORDER BY cid").bind(name.as_str());
        let columns = select.all(&mut *tx).await?.iter().map(column).collect::<Result<_, _>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

fn column(row: &Row) -> Result<(String, Kind), StoreError> {
    let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
    let kind = match kind.as_str() {
        "INTEGER" => Kind::Int,
        "TEXT" => Kind::Text,
        "BLOB" => Kind::Bytes,
        _ => return Err(StoreError::damaged("a column of a type that no store has")),
    };
    Ok((name, kind))
}

/// Fails when any of the tables has a row.
pub(super) async fn must_be_empty(tables: &[Table], tx: &mut Tx<'_>) -> Result<(), StoreError> {
    for table in tables {
        let count = Sql::of_names(format!("SELECT count(*) FROM {}", table.name));
        if count.value::<i64>(&mut *tx).await? > 0 {
            return Err(StoreError::NotEmpty { what: "the store" });
        }
    }
    Ok(())
}

/// Copies every row.
pub(super) async fn rows(tables: &[Table], from: &mut Tx<'_>, to: &mut Tx<'_>) -> Result<(), StoreError> {
    for table in tables {
        let mut found = Sql::of_names(format!("SELECT {} FROM {}", table.list(), table.name)).stream(from);
        let mut batch = Batch::of(table);
        while let Some(row) = found.next().await {
            batch.take(&row?)?;
            if batch.is_full() {
                std::mem::replace(&mut batch, Batch::of(table)).write(to).await?;
            }
        }
        batch.write(to).await?;
    }
    Ok(())
}

impl Table {
    fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Rows on their way.
struct Batch<'t> {
    table: &'t Table,
    values: Vec<Value>,
    bytes: usize,
}

impl<'t> Batch<'t> {
    fn of(table: &'t Table) -> Self {
        Self { table, values: Vec::new(), bytes: 0 }
    }

    fn take(&mut self, row: &Row) -> Result<(), StoreError> {
        for (n, (_, kind)) in self.table.columns.iter().enumerate() {
            let value = match kind {
                Kind::Int => Value::Int(row.get(n)?),
                Kind::Text => Value::Text(row.get(n)?),
                Kind::Bytes => Value::Bytes(row.get(n)?),
            };
            self.bytes += value.size();
            self.values.push(value);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.values.len() + self.table.columns.len() > VALUES || self.bytes > BYTES
    }

    async fn write(self, to: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.values.is_empty() {
            return Ok(());
        }
        let width = self.table.columns.len();
        let mut insert =
            Sql::of_names(format!("INSERT INTO {} ({}) VALUES ", self.table.name, self.table.list()));
        for (n, value) in self.values.into_iter().enumerate() {
            insert.push(match (n, n % width) {
                (0, _) => "(",
                (_, 0) => "), (",
                _ => ", ",
            });
            insert.push_value(value);
        }
        insert.push(")");
        insert.run(to).await?;
        Ok(())
    }
}
