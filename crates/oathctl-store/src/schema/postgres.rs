//! A schema on a server brought to the present format.
//!
//! Owns: the look before, the upgrade, the copy kept as a schema of its own, reading everything, rewriting the
//! vault's tables. Catalogues: <https://www.postgresql.org/docs/current/catalogs.html>.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::{Found, Schema, judge, put_meta};
use crate::db::{Server, Sql, Tx};
use crate::error::StoreError;

/// The schema of the vault's key half: apart, so that it can be dumped apart.
pub(crate) fn keys_schema(server: &Server) -> String {
    format!("{}_keys", server.schema())
}

/// Brings the store to the present format, if it is not there already.
pub(crate) async fn bring_up(server: &Server, schema: &Schema) -> Result<(), StoreError> {
    let mut session = server.session("oathctl").await?;
    let done = make_ready(&mut session, server, schema).await;
    let _ = session.close().await; // what counts is committed or not by now
    done
}

async fn make_ready(session: &mut PgConnection, server: &Server, schema: &Schema) -> Result<(), StoreError> {
    let encoding: String = Sql::new("SELECT current_setting('server_encoding')").value(&mut *session).await?;
    if encoding != "UTF8" {
        return Err(StoreError::BadLocation { why: "its database is not in UTF-8" });
    }
    let found = {
        let mut tx = Tx::Postgres(session.begin().await.map_err(StoreError::of_postgres)?);
        look(&mut tx, server, schema).await?
    };
    if found == Found::Format(schema.format()) { Ok(()) } else { upgrade(session, server, schema).await }
}

async fn look(tx: &mut Tx<'_>, server: &Server, schema: &Schema) -> Result<Found, StoreError> {
    let tables = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
    let tables = Sql::new(tables).bind(server.schema()).value(&mut *tx).await?;
    let ours = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname IN ('meta', '_sqlx_migrations')";
    let ours = Sql::new(ours).bind(server.schema()).value(&mut *tx).await?;
    judge(tx, schema, tables, ours).await
}

/// Looks again under the lock: another process may have been here first.
async fn upgrade(session: &mut PgConnection, server: &Server, schema: &Schema) -> Result<(), StoreError> {
    let mut tx = server.begin_on(session).await?;
    match look(&mut tx, server, schema).await? {
        Found::Format(format) if format == schema.format() => return Ok(()),
        Found::Format(_) => keep_copy(&mut tx, server, schema.format()).await?,
        Found::Empty => {}
    }
    let keys = keys_schema(server);
    for name in [server.schema(), keys.as_str()] {
        make_schema(&mut tx, name).await?;
    }
    if let Tx::Postgres(tx) = &mut tx {
        schema.for_postgres().run_direct(None, &mut **tx, false).await?;
    }
    put_meta(&mut tx, schema).await?;
    tx.commit().await
}

/// Asks before it makes one: an administrator may have made it, for a role that may not.
async fn make_schema(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    let there = Sql::new("SELECT count(*) FROM pg_namespace WHERE nspname = $1").bind(name);
    if there.value::<i64>(&mut *tx).await? == 0 {
        Sql::of_names(format!("CREATE SCHEMA {name}")).run(tx).await?;
    }
    Ok(())
}

/// Copies every table, with its rows, keys and references, into a schema `NAME_before_vN`. Never replaces an earlier
/// one. The vault's key half is not in it.
async fn keep_copy(tx: &mut Tx<'_>, server: &Server, format: i64) -> Result<(), StoreError> {
    let (from, to) = (server.schema(), free_name(tx, server, format).await?);
    Sql::of_names(format!("CREATE SCHEMA {to}")).run(tx).await?;
    let tables = tables(tx, server).await?;
    for table in &tables {
        Sql::of_names(format!("CREATE TABLE {to}.{table} (LIKE {from}.{table} INCLUDING ALL)"))
            .run(tx)
            .await?;
        Sql::of_names(format!("INSERT INTO {to}.{table} SELECT * FROM {from}.{table}")).run(tx).await?;
    }
    let references = references(tx, server).await?;
    // In the copy's own schema, so that its references point into the copy.
    Sql::of_names(format!("SET LOCAL search_path TO {to}")).run(tx).await?;
    for (table, definition) in references {
        Sql::of_names(format!("ALTER TABLE {table} ADD {definition}")).run(tx).await?;
    }
    count_on(tx, &tables).await?;
    Sql::of_names(format!("SET LOCAL search_path TO {from}")).run(tx).await?;
    Ok(())
}

async fn free_name(tx: &mut Tx<'_>, server: &Server, format: i64) -> Result<String, StoreError> {
    let first = format!("{}_before_v{format}", server.schema());
    let mut name = first.clone();
    for n in 2..1000 {
        let there = Sql::new("SELECT count(*) FROM pg_namespace WHERE nspname = $1").bind(name.as_str());
        if there.value::<i64>(&mut *tx).await? == 0 {
            return Ok(name);
        }
        name = format!("{first}_{n}");
    }
    Err(StoreError::BadLocation { why: "it has too many copies from before an upgrade" })
}

/// Our tables, in the order in which they were made: what is referred to comes first.
pub(crate) async fn tables(tx: &mut Tx<'_>, server: &Server) -> Result<Vec<String>, StoreError> {
    let names = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY c.oid";
    let rows = Sql::new(names).bind(server.schema()).all(tx).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

async fn references(tx: &mut Tx<'_>, server: &Server) -> Result<Vec<(String, String)>, StoreError> {
    let found = "SELECT c.relname::text, pg_get_constraintdef(f.oid) FROM pg_constraint f
                 JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE f.contype = 'f' AND n.nspname = $1 ORDER BY f.oid";
    let rows = Sql::new(found).bind(server.schema()).all(tx).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Lets numbers that the database gives go on after the largest there is.
pub(crate) async fn count_on(tx: &mut Tx<'_>, tables: &[String]) -> Result<(), StoreError> {
    for table in tables {
        let column =
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attidentity <> ''";
        let Some(row) = Sql::new(column).bind(table.as_str()).first(&mut *tx).await? else { continue };
        let column: String = row.get(0)?;
        let set = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table} HAVING count(*) > 0"
        );
        Sql::of_names(set).first(&mut *tx).await?;
    }
    Ok(())
}

/// Reads every row, so that a page the server can't read is found.
pub(crate) async fn read_all(server: &Server) -> Result<(), StoreError> {
    let mut tx = server.snapshot().await?;
    for table in tables(&mut tx, server).await? {
        let read = format!("SELECT coalesce(sum(length(t::text)), 0)::bigint FROM {table} t");
        Sql::of_names(read).value::<i64>(&mut tx).await?;
    }
    Ok(())
}

/// Rewrites the vault's tables without what was deleted; needs their owner, and nobody reading an older state.
pub(crate) async fn rewrite_vault(server: &Server) -> Result<(), StoreError> {
    wait_for_older_readers(server).await?;
    let keys = keys_schema(server);
    for table in ["vault_seeds".to_owned(), format!("{keys}.vault_keys")] {
        let rewrite = sqlx::AssertSqlSafe(format!("VACUUM (FULL) {table}"));
        sqlx::query(rewrite).execute(server.pool()).await.map_err(StoreError::of_postgres)?;
    }
    Ok(())
}

/// A rewriting keeps the rows that some transaction of this database may still see: so it waits until those that began
/// before now have ended, the writing ones too, as long as for a lock.
async fn wait_for_older_readers(server: &Server) -> Result<(), StoreError> {
    const LOOKS: u32 = 500;
    let now = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
    let now: String = Sql::new(now).value(server.pool()).await?;
    for _ in 0..LOOKS {
        let older = Sql::new(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND greatest(age(backend_xmin), age(backend_xid)) > age($1::xid8::xid)",
        );
        if older.bind(now.as_str()).value::<i64>(server.pool()).await? == 0 {
            return Ok(());
        }
        Sql::new("SELECT pg_sleep(0.02)::text").first(server.pool()).await?;
    }
    Err(StoreError::Locked)
}
