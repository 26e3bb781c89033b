//! The journal port: what is about to be sent is durable before it is sent.
//!
//! Owns: the [`Journal`] trait, its records, [`MemoryJournal`] for tests and for commands without a store.
//! Does not own: any storage. Holds ids and words, never a seed or a code.

use std::sync::Mutex;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::report::RowReport;
use crate::table::RowId;
use crate::time::{ServerTime, Utc};
use crate::token::{DeviceId, RunId, TenantId, UserId};

/// One kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Create the device (with its person, where the back end can).
    Create,
    /// Give it to its person.
    Assign,
    /// Activate it with a code.
    Activate,
    /// Make it inactive.
    Deactivate,
    /// Take it from its holder.
    Unassign,
    /// Delete it.
    Delete,
    /// Change its display name.
    Rename,
    /// End its last holder's sign-in sessions.
    RevokeSessions,
}

/// A call's number within its run, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// What one row of a call is about to undergo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The row.
    pub row: RowId,
    /// The device, where it is known already.
    pub device: Option<DeviceId>,
    /// The person.
    pub user: Option<UserId>,
}

/// What came of one row of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowState {
    /// The row.
    pub row: RowId,
    /// What became of it.
    pub result: CallResult,
    /// The device, where the reply named one.
    pub device: Option<DeviceId>,
    /// The tenant's time of the reply.
    pub at: Option<ServerTime>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The reply to a creation showed the person as holder.
    #[serde(default)]
    pub held: bool,
}

/// A [`crate::tenant::Reply`] without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    /// Acknowledged.
    Done,
    /// Refused.
    Refused,
    /// Throttled.
    Throttled,
    /// Never left.
    NotSent,
    /// Nobody knows yet.
    InDoubt,
}

/// One call as a journal holds it. `observed` is `None` when the run died in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Its number.
    pub call: CallId,
    /// What kind.
    pub step: StepKind,
    /// When it was intended (our clock).
    pub intended_at: Utc,
    /// Whom it was about.
    pub intents: Vec<Intent>,
    /// What came back.
    pub observed: Option<Vec<RowState>>,
}

/// Who did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The operating system's user; self-asserted.
    pub os_user: Option<String>,
    /// Who we are to the tenant.
    pub signed_in_as: Option<String>,
}

/// The head of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHead {
    /// Its id.
    pub run: RunId,
    /// The run this one goes on with.
    pub resumes: Option<RunId>,
    /// The tenant.
    pub tenant: TenantId,
    /// When it began (our clock).
    pub started_at: Utc,
    /// Who.
    pub actor: Actor,
    /// The command's options as they bind (for `resume`): an opaque object of the binary, without secrets.
    pub options: serde_json::Value,
    /// What it was to do.
    pub plan: Plan,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// When (our clock).
    pub finished_at: Utc,
    /// The exit code.
    pub exit_code: u8,
    /// True when every row has its final outcome: nothing to resume.
    pub complete: bool,
    /// Where every row ended.
    pub rows: Vec<RowReport>,
}

/// A run as a journal gives it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its head.
    pub head: RunHead,
    /// Its calls, in order.
    pub calls: Vec<CallRecord>,
    /// Its end; `None` for a run that died.
    pub end: Option<RunEnd>,
    /// The run that took over: a resumed or superseding one.
    pub superseded_by: Option<RunId>,
}

/// Why the journal could not be written. The run stops: no journal, no write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// No space left.
    #[error("no space left for the journal")]
    DiskFull,
    /// Anything else, in the store's words.
    #[error("the journal could not be written: {0}")]
    Failed(String),
}

/// Two transactions a call. `intend` is durable when it returns.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Begins a run.
    async fn open(&self, head: &RunHead) -> Result<(), JournalError>;
    /// A call is about to leave.
    async fn intend(
        &self,
        run: &RunId,
        call: CallId,
        step: StepKind,
        at: Utc,
        intents: &[Intent],
    ) -> Result<(), JournalError>;
    /// A call came back.
    async fn observed(&self, run: &RunId, call: CallId, states: &[RowState]) -> Result<(), JournalError>;
    /// The run has ended.
    async fn close(&self, run: &RunId, end: &RunEnd) -> Result<(), JournalError>;
}

/// Keeps only what `intend` and `observed` had returned; lives as long as the process. Runs stand in the order in
/// which they were opened: their ids follow the wall clock, which may step back.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Vec<RunRecord>>);

impl MemoryJournal {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A run as recorded so far.
    pub fn record(&self, run: &RunId) -> Option<RunRecord> {
        self.lock().iter().find(|record| record.head.run == *run).cloned()
    }

    /// The run opened last.
    pub fn latest(&self) -> Option<RunRecord> {
        self.lock().last().cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<RunRecord>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn with_run(&self, run: &RunId, f: impl FnOnce(&mut RunRecord)) -> Result<(), JournalError> {
        let mut runs = self.lock();
        let record = runs.iter_mut().rev().find(|record| record.head.run == *run);
        f(record.ok_or_else(|| JournalError::Failed("run not opened".into()))?);
        Ok(())
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn open(&self, head: &RunHead) -> Result<(), JournalError> {
        let mut runs = self.lock();
        if let Some(old) = runs.iter_mut().find(|record| Some(&record.head.run) == head.resumes.as_ref()) {
            old.superseded_by = Some(head.run.clone());
        }
        runs.push(RunRecord { head: head.clone(), calls: Vec::new(), end: None, superseded_by: None });
        Ok(())
    }

    async fn intend(
        &self,
        run: &RunId,
        call: CallId,
        step: StepKind,
        at: Utc,
        intents: &[Intent],
    ) -> Result<(), JournalError> {
        let record = CallRecord { call, step, intended_at: at, intents: intents.to_vec(), observed: None };
        self.with_run(run, |r| r.calls.push(record))
    }

    async fn observed(&self, run: &RunId, call: CallId, states: &[RowState]) -> Result<(), JournalError> {
        self.with_run(run, |r| {
            if let Some(found) = r.calls.iter_mut().rev().find(|c| c.call == call) {
                found.observed = Some(states.to_vec());
            }
        })
    }

    async fn close(&self, run: &RunId, end: &RunEnd) -> Result<(), JournalError> {
        self.with_run(run, |r| r.end = Some(end.clone()))
    }
}
