//! What happened to a token, in order.
//!
//! Owns: the table `token_events`, [`Event`], [`Inventory::life`]. Never a seed or a code.

use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, RunId, TenantId, UserId, serial_key};
use serde::{Deserialize, Serialize};

use super::{Inventory, TokenName};
use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::wire;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// We got to know it without a tenant: from the vault or a file.
    Known,
    /// A tenant showed it for the first time.
    Appeared,
    /// A tenant no longer shows it.
    Vanished,
    /// A tenant shows it again.
    Returned,
    /// Somebody else has it than we knew.
    HolderChanged,
    /// It stands otherwise than we knew; `detail` is `before → after`.
    StatusChanged,
    /// It was used for the first time that we know of.
    FirstUsed,
    /// A run or a command of ours did something; `detail` says what.
    Done,
    /// Marked; `detail` is the mark and what was said.
    Marked,
    /// The mark was taken off.
    Found,
    /// It lies elsewhere; `detail` is where.
    Moved,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Utc,
    /// What.
    pub what: EventKind,
    /// Of which maker's token, where several carry the serial.
    pub maker: String,
    /// In which tenant.
    pub tenant: Option<TenantId>,
    /// As which device.
    pub device: Option<DeviceId>,
    /// By which run.
    pub run: Option<RunId>,
    /// By whom, as he called himself.
    pub actor: Option<String>,
    /// Who had it before.
    pub holder_before: Option<UserId>,
    /// Who has had it since.
    pub holder_after: Option<UserId>,
    /// More.
    pub detail: String,
}

/// An event to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct NewEvent {
    pub(super) token: i64,
    pub(super) tenant: Option<String>,
    pub(super) device: Option<String>,
    pub(super) run: Option<String>,
    pub(super) actor: Option<String>,
    pub(super) holder_before: Option<String>,
    pub(super) holder_after: Option<String>,
    pub(super) detail: String,
}

/// Adds events of one moment.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    at: Utc,
    events: Vec<(EventKind, NewEvent)>,
) -> Result<(), StoreError> {
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let mut insert = Sql::new(
            "INSERT INTO token_events
                 (token, at, what, tenant, device, run, actor, holder_before, holder_after, detail) VALUES ",
        );
        for (n, (what, event)) in events.by_ref().take(super::BATCH).enumerate() {
            insert.push(if n == 0 { "(" } else { ", (" }).push_value(event.token);
            insert.push(", ").push_value(at.unix_ms()).push(", ").push_value(wire::to_word(what)?);
            let ids = [event.tenant, event.device, event.run, event.actor];
            for text in ids.into_iter().chain([event.holder_before, event.holder_after]) {
                insert.push(", ").push_value(text);
            }
            insert.push(", ").push_value(event.detail).push(")");
        }
        insert.run(tx).await?;
    }
    Ok(())
}

impl Inventory<'_> {
    /// The whole life of the tokens of this name, the oldest event first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn life(&self, token: impl Into<TokenName<'_>>) -> Result<Vec<Event>, StoreError> {
        let name = token.into();
        let rows = Sql::new(
            "SELECT t.maker, e.at, e.what, e.tenant, e.device, e.run, e.actor, e.holder_before, e.holder_after,
                    e.detail
             FROM tokens t JOIN token_events e ON e.token = t.id
             WHERE t.serial_key = $1 AND ($2 IS NULL OR t.maker_key = $2) ORDER BY e.id",
        )
        .bind(serial_key(name.serial))
        .bind(name.maker.map(serial_key))
        .all(self.0)
        .await?;
        rows.iter().map(event).collect()
    }
}

fn event(row: &Row) -> Result<Event, StoreError> {
    let what: String = row.get("what")?;
    let text = |name: &'static str| row.get::<Option<String>>(name);
    Ok(Event {
        at: Utc::from_unix_ms(row.get("at")?),
        what: wire::from_word(&what, "an event of a token")?,
        maker: row.get("maker")?,
        tenant: text("tenant")?.map(TenantId::new),
        device: text("device")?.map(DeviceId::new),
        run: text("run")?.map(RunId::new),
        actor: text("actor")?,
        holder_before: text("holder_before")?.map(UserId::new),
        holder_after: text("holder_after")?.map(UserId::new),
        detail: row.get("detail")?,
    })
}
