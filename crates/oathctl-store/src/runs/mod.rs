//! The runs as they are read back.
//!
//! Owns: [`RunSummary`], lists, look-ups, whole records, and marking a run as superseded. Lists read small rows
//! only; a whole record is read in one transaction, so that it is one state of the journal.

mod line;
mod made;

use oathctl_core::journal::{CallId, CallRecord, RunRecord};
use oathctl_core::report::Totals;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId};

use crate::db::{Row, Sql, Tx};
use crate::error::StoreError;
use crate::journal::records::superseded;
use crate::journal::take_over;
use crate::store::Store;
use crate::wire;

use line::{RunLine, count};
pub use made::Made;

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub run: RunId,
    /// The run it went on with.
    pub resumes: Option<RunId>,
    /// The run that took over.
    pub superseded_by: Option<RunId>,
    /// The tenant.
    pub tenant: TenantId,
    /// True on the practice tenant.
    pub practice: bool,
    /// When it began (our clock).
    pub started_at: Utc,
    /// When it ended; `None` while it runs, and for one that died.
    pub finished_at: Option<Utc>,
    /// Its exit code, 0 to 255; `None` as above.
    pub exit_code: Option<u8>,
    /// True when every row had its final outcome.
    pub complete: bool,
    /// Rows of its plan.
    pub rows: u64,
    /// The counts of its outcomes; `None` while it runs, and for one that died.
    pub totals: Option<Totals>,
    /// Its input as it was named.
    pub input_path: Option<String>,
    /// SHA-256 of its input, lower-case hex.
    pub input_sha256: String,
}

impl RunSummary {
    /// True when there is something to resume: it did not end completely, and no other run took over.
    pub fn is_unfinished(&self) -> bool {
        !self.complete && self.superseded_by.is_none()
    }
}

macro_rules! select_runs {
    ($tail:literal) => {
        concat!(
            "SELECT id, run, resumes, superseded_by, tenant, practice, started_at, actor, options, input_path,
                    input_sha256, row_count, finished_at, exit_code, complete, totals
             FROM runs ",
            $tail
        )
    };
}

impl Store {
    /// All runs, the latest first.
    ///
    /// # Errors
    /// As for every reading: [`StoreError::Damaged`], [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn runs(&self) -> Result<Vec<RunSummary>, StoreError> {
        let rows = Sql::new(select_runs!("ORDER BY id DESC")).all(self).await?;
        rows.iter().map(|row| RunLine::of(row)?.summary()).collect()
    }

    /// The latest run, of one tenant or of all.
    ///
    /// # Errors
    /// As for [`Store::runs`].
    pub async fn latest(&self, tenant: Option<&TenantId>) -> Result<Option<RunSummary>, StoreError> {
        let row = Sql::new(select_runs!("WHERE ($1 IS NULL OR tenant = $1) ORDER BY id DESC LIMIT 1"))
            .bind(tenant.map(TenantId::as_str))
            .first(self)
            .await?;
        row.map(|row| RunLine::of(&row)?.summary()).transpose()
    }

    /// The latest run that could be resumed ([`RunSummary::is_unfinished`]), of one tenant or of all, of one input
    /// (lower-case hex) or of any.
    ///
    /// # Errors
    /// As for [`Store::runs`].
    pub async fn latest_unfinished(
        &self,
        tenant: Option<&TenantId>,
        input_sha256: Option<&str>,
    ) -> Result<Option<RunSummary>, StoreError> {
        let row = Sql::new(select_runs!(
            "WHERE ($1 IS NULL OR tenant = $1) AND ($2 IS NULL OR input_sha256 = $2)
               AND superseded_by IS NULL AND (complete IS NULL OR complete = 0)
             ORDER BY id DESC LIMIT 1"
        ))
        .bind(tenant.map(TenantId::as_str))
        .bind(input_sha256)
        .first(self)
        .await?;
        row.map(|row| RunLine::of(&row)?.summary()).transpose()
    }

    /// The run meant by an id or by its beginning, as people type it.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], [`StoreError::AmbiguousRun`], and as for [`Store::runs`].
    pub async fn find_run(&self, given: &str) -> Result<RunId, StoreError> {
        let given = given.trim();
        let rows = Sql::new("SELECT run FROM runs WHERE substr(run, 1, length($1)) = $1 ORDER BY run")
            .bind(given)
            .all(self)
            .await?;
        let found = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, _>>()?;
        match found.as_slice() {
            _ if given.is_empty() => Err(StoreError::NoSuchRun { given: String::new() }),
            [] => Err(StoreError::NoSuchRun { given: given.to_owned() }),
            [only] => Ok(RunId::new(only)),
            [first, ..] if first == given => Ok(RunId::new(first)),
            many => Err(StoreError::AmbiguousRun { given: given.to_owned(), matches: many.len() as u64 }),
        }
    }

    /// A whole run, with its plan, its calls and its rows.
    ///
    /// # Errors
    /// As for [`Store::runs`].
    pub async fn run(&self, run: &RunId) -> Result<Option<RunRecord>, StoreError> {
        let mut tx = self.db().snapshot().await?;
        let line = Sql::new(select_runs!("WHERE run = $1")).bind(run.as_str()).first(&mut tx).await?;
        let Some(line) = line else { return Ok(None) };
        let line = RunLine::of(&line)?;
        let plan: String =
            Sql::new("SELECT plan FROM run_plans WHERE run_id = $1").bind(line.id).value(&mut tx).await?;
        let rows =
            Sql::new("SELECT rows FROM run_ends WHERE run_id = $1").bind(line.id).first(&mut tx).await?;
        let rows: Option<String> = rows.map(|row| row.get(0)).transpose()?;
        let calls = calls(&mut tx, line.id).await?;
        line.record(&plan, calls, rows.as_deref()).map(Some)
    }

    /// Marks `old` as taken over by `new`; saying it twice is the same as once. A run that resumes another does so
    /// by itself when it opens.
    ///
    /// # Errors
    /// [`StoreError::OutOfOrder`] when `old` is unknown or a third run took over; [`StoreError::DiskFull`],
    /// [`StoreError::Locked`], [`StoreError::Io`].
    pub async fn supersede(&self, old: &RunId, new: &RunId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        take_over(&mut tx, old, new).await?;
        superseded(self, &mut tx, old, new).await?;
        tx.commit().await
    }
}

async fn calls(tx: &mut Tx<'_>, run_id: i64) -> Result<Vec<CallRecord>, StoreError> {
    let rows = Sql::new(
        "SELECT call, step, intended_at, intents, observed FROM calls WHERE run_id = $1 ORDER BY call",
    )
    .bind(run_id)
    .all(tx)
    .await?;
    rows.iter().map(call).collect()
}

fn call(row: &Row) -> Result<CallRecord, StoreError> {
    let (step, intents): (String, String) = (row.get("step")?, row.get("intents")?);
    let observed: Option<String> = row.get("observed")?;
    Ok(CallRecord {
        call: CallId(count(row.get("call")?)?),
        step: wire::from_word(&step, "the step of a call")?,
        intended_at: Utc::from_unix_ms(row.get("intended_at")?),
        intents: wire::intents_from_text(&intents)?,
        observed: observed.as_deref().map(wire::states_from_text).transpose()?,
    })
}
