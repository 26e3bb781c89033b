//! How a PostgreSQL server is reached: a few sessions, each with what our promises rest on.
//!
//! Owns: [`Server`], its pool, sessions apart (for locks), the write lock. Settings of a session:
//! <https://www.postgresql.org/docs/current/runtime-config-client.html>.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use super::{Sql, Tuning, Tx};
use crate::error::StoreError;
use crate::location::ServerLocation;

/// Sessions at a time, beside those that hold locks.
const SESSIONS: u32 = 5;
/// How long we wait for a session.
const PATIENCE: Duration = Duration::from_secs(20);

/// A database on a server, and the schema in it that is ours.
#[derive(Clone)]
pub(crate) struct Server {
    pool: PgPool,
    options: Arc<PgConnectOptions>,
    schema: Arc<str>,
}

impl Server {
    /// Ready to connect; nothing is sent yet.
    pub(crate) fn new(location: &ServerLocation, tuning: Tuning) -> Result<Self, StoreError> {
        let schema = location.schema().to_owned();
        let waits = format!("{}ms", tuning.busy.as_millis());
        let settings = [
            ("search_path", schema.as_str()),
            ("lock_timeout", waits.as_str()),
            ("synchronous_commit", "on"), // a confirmed record has reached the disk, whatever the server's default
            ("default_transaction_isolation", "read committed"),
            ("plan_cache_mode", "force_custom_plan"), // a plan made for an empty table would stay for a full one
            ("client_min_messages", "warning"),
        ];
        let options = location.options()?.options(settings).disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(SESSIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(true) // a session that went away is replaced, and the call goes on
            .connect_lazy_with(options.clone());
        Ok(Self { pool, options: Arc::new(options), schema: schema.into() })
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The schema that holds the tables.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// A session of its own. Unlike the pool it does not wait for a server that is down.
    pub(crate) async fn session(&self, name: &str) -> Result<PgConnection, StoreError> {
        let options = PgConnectOptions::clone(&self.options).application_name(name);
        options.connect().await.map_err(StoreError::of_postgres)
    }

    /// A number that stands for `what` of this store, for advisory locks: they know numbers only.
    pub(crate) fn number(&self, what: &[&str]) -> i64 {
        let parts = ["oathctl", &*self.schema].into_iter().chain(what.iter().copied());
        let digest = Sha256::digest(parts.collect::<Vec<_>>().join("\0"));
        digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
    }

    /// A writing transaction.
    pub(super) async fn begin(&self) -> Result<Tx<'static>, StoreError> {
        self.alone(self.begun("BEGIN").await?).await
    }

    /// Begins in a task of its own, which comes to its end also when its caller is given up; what nobody takes is then
    /// rolled back. Given up between `BEGIN` and its answer, the library would put the session back into the pool with
    /// a transaction that it does not know of, and whoever got that session next would be inside it.
    async fn begun(&self, begin: &'static str) -> Result<Tx<'static>, StoreError> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(begin).await });
        let lost = |_| StoreError::Away { detail: "the session was given up".to_owned() };
        Ok(Tx::Postgres(begun.await.map_err(lost)?.map_err(StoreError::of_postgres)?))
    }

    /// A writing transaction on a session apart.
    pub(crate) async fn begin_on<'c>(&self, session: &'c mut PgConnection) -> Result<Tx<'c>, StoreError> {
        let tx = session.begin().await.map_err(StoreError::of_postgres)?;
        self.alone(Tx::Postgres(tx)).await
    }

    async fn alone<'c>(&self, mut tx: Tx<'c>) -> Result<Tx<'c>, StoreError> {
        Sql::new("SELECT pg_advisory_xact_lock($1)").bind(self.number(&["write"])).run(&mut tx).await?;
        Ok(tx)
    }

    pub(crate) async fn snapshot(&self) -> Result<Tx<'static>, StoreError> {
        self.begun("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
