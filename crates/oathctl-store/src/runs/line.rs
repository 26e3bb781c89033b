//! A line of the table `runs`, and what it becomes.
//!
//! Owns: [`RunLine`] and the checks on reading: a number out of its range is damage, never a guess.

use oathctl_core::journal::{CallRecord, RunEnd, RunHead, RunRecord};
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId};

use crate::db::Row;
use crate::error::StoreError;
use crate::runs::RunSummary;
use crate::wire;

/// A line of `runs` as it stands in the database.
pub(super) struct RunLine {
    pub(super) id: i64,
    run: String,
    resumes: Option<String>,
    superseded_by: Option<String>,
    tenant: String,
    practice: bool,
    started_at: i64,
    actor: String,
    options: String,
    input_path: Option<String>,
    input_sha256: String,
    row_count: i64,
    finished_at: Option<i64>,
    exit_code: Option<i64>,
    complete: Option<bool>,
    totals: Option<String>,
}

impl RunLine {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            run: row.get("run")?,
            resumes: row.get("resumes")?,
            superseded_by: row.get("superseded_by")?,
            tenant: row.get("tenant")?,
            practice: row.get::<i64>("practice")? != 0,
            started_at: row.get("started_at")?,
            actor: row.get("actor")?,
            options: row.get("options")?,
            input_path: row.get("input_path")?,
            input_sha256: row.get("input_sha256")?,
            row_count: row.get("row_count")?,
            finished_at: row.get("finished_at")?,
            exit_code: row.get("exit_code")?,
            complete: row.get::<Option<i64>>("complete")?.map(|yes| yes != 0),
            totals: row.get("totals")?,
        })
    }

    pub(super) fn summary(self) -> Result<RunSummary, StoreError> {
        Ok(RunSummary {
            run: RunId::new(self.run),
            resumes: self.resumes.map(RunId::new),
            superseded_by: self.superseded_by.map(RunId::new),
            tenant: TenantId::new(self.tenant),
            practice: self.practice,
            started_at: Utc::from_unix_ms(self.started_at),
            finished_at: self.finished_at.map(Utc::from_unix_ms),
            exit_code: self.exit_code.map(exit_code).transpose()?,
            complete: self.complete.unwrap_or(false),
            rows: count(self.row_count)?,
            totals: self.totals.map(|text| wire::from_text(&text, "the totals of a run")).transpose()?,
            input_path: self.input_path,
            input_sha256: self.input_sha256,
        })
    }

    pub(super) fn record(
        self,
        plan: &str,
        calls: Vec<CallRecord>,
        rows: Option<&str>,
    ) -> Result<RunRecord, StoreError> {
        let end = rows.map(|rows| self.end(rows)).transpose()?;
        let head = RunHead {
            run: RunId::new(self.run),
            resumes: self.resumes.map(RunId::new),
            tenant: TenantId::new(self.tenant),
            started_at: Utc::from_unix_ms(self.started_at),
            actor: wire::from_text(&self.actor, "the actor of a run")?,
            options: wire::from_text(&self.options, "the options of a run")?,
            plan: wire::from_text(plan, "the plan of a run")?,
        };
        Ok(RunRecord { head, calls, end, superseded_by: self.superseded_by.map(RunId::new) })
    }

    fn end(&self, rows: &str) -> Result<RunEnd, StoreError> {
        let (Some(at), Some(code), Some(complete)) = (self.finished_at, self.exit_code, self.complete) else {
            return Err(StoreError::damaged("the end of a run"));
        };
        let rows = wire::from_text(rows, "the rows of a run")?;
        Ok(RunEnd { finished_at: Utc::from_unix_ms(at), exit_code: exit_code(code)?, complete, rows })
    }
}

fn exit_code(value: i64) -> Result<u8, StoreError> {
    u8::try_from(value).map_err(|_| StoreError::damaged("the exit code of a run"))
}

/// A count as it was before [`crate::journal`] wrote it.
pub(super) fn count(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::damaged("a count below zero"))
}
