//! The vault's key half as a table on a server: the same bytes as the file, in pieces.
//!
//! Owns: reading it in one state, replacing it in one transaction, the lock that lets one session at a time change
//! the vault. Does not own: the table itself (a migration makes it), leaving nothing of older bytes (`clean_up`).

use sqlx::postgres::PgConnection;

use crate::db::{Db, Server, Sql};
use crate::error::StoreError;
use crate::schema::postgres::keys_schema;

/// Bytes of a piece: far from any limit of a message, and few pieces for many keys.
const PIECE: usize = 1 << 18;

/// The table `vault_keys` of a store.
#[derive(Clone)]
pub(crate) struct Table {
    server: Server,
    name: String,
}

impl Table {
    pub(super) fn of(server: &Server) -> Self {
        Self { server: server.clone(), name: format!("{}.vault_keys", keys_schema(server)) }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) async fn exists(&self) -> Result<bool, StoreError> {
        let count = Sql::of_names(format!("SELECT count(*) FROM {}", self.name));
        Ok(count.value::<i64>(&self.db()).await? > 0)
    }

    /// The whole of it; `None` when there is none. One statement sees one state.
    pub(super) async fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let select = format!("SELECT bytes FROM {} ORDER BY piece", self.name);
        let rows = Sql::of_names(select).all(&self.db()).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        for row in &rows {
            bytes.extend(row.get::<Vec<u8>>(0)?);
        }
        Ok(Some(bytes))
    }

    /// Replaces it by the session that holds the lock.
    pub(super) async fn replace(&self, session: &mut PgConnection, bytes: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.server.begin_on(session).await?;
        Sql::of_names(format!("DELETE FROM {}", self.name)).run(&mut tx).await?;
        for (number, piece) in (0_i64..).zip(bytes.chunks(PIECE)) {
            let insert = format!("INSERT INTO {} (piece, bytes) VALUES ($1, $2)", self.name);
            Sql::of_names(insert).bind(number).bind(piece).run(&mut tx).await?;
        }
        tx.commit().await
    }

    /// A session that holds the lock until it is dropped; waits for it as long as it takes.
    pub(super) async fn lock(&self) -> Result<PgConnection, StoreError> {
        let mut session = self.server.session("oathctl vault").await?;
        let patience: String = Sql::new("SELECT current_setting('lock_timeout')").value(&mut session).await?;
        let set = || Sql::new("SELECT set_config('lock_timeout', $1, false)");
        set().bind("0").first(&mut session).await?;
        let lock = Sql::new("SELECT pg_advisory_lock($1)").bind(self.server.number(&["vault"]));
        lock.first(&mut session).await?;
        set().bind(patience).first(&mut session).await?;
        Ok(session)
    }

    fn db(&self) -> Db {
        Db::Postgres(self.server.clone())
    }
}
