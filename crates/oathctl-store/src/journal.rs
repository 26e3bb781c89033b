//! The journal on the database: each of the four records is one durable transaction.
//!
//! Owns: the writes. Each is one transaction with its record in the audit: no record, no write. Does not own: reading
//! back (`runs`). Records have to follow from what is there: a call needs an open run that nobody took over, an answer
//! needs its call, a run ends once. Anything else is refused, because a run that writes to a tenant on a journal that
//! contradicts it could not be resumed.

use async_trait::async_trait;

use oathctl_core::journal::{
    CallId, CallResult, Intent, Journal, JournalError, RowState, RunEnd, RunHead, StepKind,
};
use oathctl_core::report::Totals;
use oathctl_core::time::Utc;
use oathctl_core::token::RunId;

use crate::db::{Sql, Tx};
use crate::error::StoreError;
use crate::store::Store;
use crate::wire;

pub(crate) mod records;

#[async_trait]
impl Journal for Store {
    /// Also marks the run it resumes as taken over.
    async fn open(&self, head: &RunHead) -> Result<(), JournalError> {
        Ok(self.open_run(head).await?)
    }

    async fn intend(
        &self,
        run: &RunId,
        call: CallId,
        step: StepKind,
        at: Utc,
        intents: &[Intent],
    ) -> Result<(), JournalError> {
        Ok(self.record_intent(run, call, step, at, intents).await?)
    }

    async fn observed(&self, run: &RunId, call: CallId, states: &[RowState]) -> Result<(), JournalError> {
        Ok(self.record_answer(run, call, states).await?)
    }

    async fn close(&self, run: &RunId, end: &RunEnd) -> Result<(), JournalError> {
        Ok(self.close_run(run, end).await?)
    }
}

impl Store {
    async fn open_run(&self, head: &RunHead) -> Result<(), StoreError> {
        let plan = wire::to_text(&head.plan)?;
        let mut tx = self.begin().await?;
        let id = insert_head(&mut tx, head).await?;
        Sql::new("INSERT INTO run_plans (run_id, plan) VALUES ($1, $2)")
            .bind(id)
            .bind(plan)
            .run(&mut tx)
            .await?;
        if let Some(old) = &head.resumes {
            take_over(&mut tx, old, &head.run).await?;
        }
        records::opened(self, &mut tx, head).await?;
        tx.commit().await
    }

    async fn record_intent(
        &self,
        run: &RunId,
        call: CallId,
        step: StepKind,
        at: Utc,
        intents: &[Intent],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.leases().still_held(&mut tx).await?;
        let done = Sql::new(
            "INSERT INTO calls (run_id, call, step, intended_at, intents)
             SELECT id, $2, $3, $4, $5 FROM runs
             WHERE run = $1 AND finished_at IS NULL AND superseded_by IS NULL",
        )
        .bind(run.as_str())
        .bind(number(call.0)?)
        .bind(wire::to_word(step)?)
        .bind(at.unix_ms())
        .bind(wire::intents_to_text(intents)?)
        .run(&mut tx)
        .await?;
        expect_one(done, "the run is not open, or another took over")?;
        records::intended(self, &mut tx, run, call, step, at, intents).await?;
        tx.commit().await
    }

    /// What came back, and with it, in one transaction, the codes that were refused: a killed run must not forget
    /// them (H9).
    async fn record_answer(&self, run: &RunId, call: CallId, states: &[RowState]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = Sql::new(
            "UPDATE calls SET observed = $3
             WHERE call = $2 AND run_id = (SELECT id FROM runs WHERE run = $1)",
        )
        .bind(run.as_str())
        .bind(number(call.0)?)
        .bind(wire::states_to_text(states)?)
        .run(&mut tx)
        .await?;
        expect_one(done, "an answer without its call")?;
        for device in
            states.iter().filter(|state| is_refused_code(state)).filter_map(|state| state.device.as_ref())
        {
            Sql::new(
                "INSERT INTO code_refusals (tenant, device, at)
                 SELECT runs.tenant, $3, calls.intended_at FROM calls JOIN runs ON runs.id = calls.run_id
                 WHERE runs.run = $1 AND calls.call = $2 AND calls.step = 'activate'",
            )
            .bind(run.as_str())
            .bind(number(call.0)?)
            .bind(device.as_str())
            .run(&mut tx)
            .await?;
        }
        records::observed(self, &mut tx, run, call, states).await?;
        tx.commit().await
    }

    async fn close_run(&self, run: &RunId, end: &RunEnd) -> Result<(), StoreError> {
        let rows = wire::to_text(&end.rows)?;
        let totals = wire::to_text(&Totals::of(&end.rows))?;
        let mut tx = self.begin().await?;
        let done = Sql::new(
            "UPDATE runs SET finished_at = $2, exit_code = $3, complete = $4, totals = $5
             WHERE run = $1 AND finished_at IS NULL",
        )
        .bind(run.as_str())
        .bind(end.finished_at.unix_ms())
        .bind(i64::from(end.exit_code))
        .bind(end.complete)
        .bind(totals)
        .run(&mut tx)
        .await?;
        expect_one(done, "the run is not open")?;
        Sql::new("INSERT INTO run_ends (run_id, rows) SELECT id, $2 FROM runs WHERE run = $1")
            .bind(run.as_str())
            .bind(rows)
            .run(&mut tx)
            .await?;
        records::closed(self, &mut tx, run, end).await?;
        tx.commit().await?;
        self.audit().checkpoint_everywhere(end.finished_at).await;
        Ok(())
    }
}

/// A refusal that speaks about the code: not one about permissions, and not one about something that is not there.
fn is_refused_code(state: &RowState) -> bool {
    state.result == CallResult::Refused && !matches!(state.status, Some(401 | 403 | 404))
}

async fn insert_head(tx: &mut Tx<'_>, head: &RunHead) -> Result<i64, StoreError> {
    Sql::new(
        "INSERT INTO runs (run, resumes, tenant, practice, started_at, actor, options, input_path, input_sha256,
                           row_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(head.run.as_str())
    .bind(head.resumes.as_ref().map(RunId::as_str))
    .bind(head.tenant.as_str())
    .bind(head.plan.practice)
    .bind(head.started_at.unix_ms())
    .bind(wire::to_text(&head.actor)?)
    .bind(wire::to_text(&head.options)?)
    .bind(head.plan.input.path.as_deref())
    .bind(head.plan.input.sha256.as_str())
    .bind(i64::try_from(head.plan.rows.len()).unwrap_or(i64::MAX))
    .value(tx)
    .await
}

/// Marks `old` as taken over by `new`, once: two runs that both go on with a third would each undo the other.
pub(crate) async fn take_over(tx: &mut Tx<'_>, old: &RunId, new: &RunId) -> Result<(), StoreError> {
    let done = Sql::new(
        "UPDATE runs SET superseded_by = $2 WHERE run = $1 AND (superseded_by IS NULL OR superseded_by = $2)",
    )
    .bind(old.as_str())
    .bind(new.as_str())
    .run(tx)
    .await?;
    expect_one(done, "the run to go on with is unknown, or another took over")
}

fn expect_one(changed: u64, what: &'static str) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::OutOfOrder { what }) }
}

/// A count as databases hold it.
pub(crate) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::OutOfOrder { what: "a number beyond 63 bits" })
}

#[cfg(test)]
mod tests;
