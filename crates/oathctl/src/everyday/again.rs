//! A run that was cut off, gone on with by its own plan: its rows are read back from there, its seeds come from the
//! vault. That is so for everyday runs, which had no seed file, and for those of a file that isn't there any more.
//!
//! Owns: [`go_on`]. Does not own: which run, whether it is fresh enough, whether its file is needed (`cli::resume`).

use oathctl_core::engine::resume;
use oathctl_core::fault::Severity;
use oathctl_core::journal::RunRecord;
use oathctl_core::plan::{Plan, PlanRow, Wish};
use oathctl_core::report::{Exit, Outcome};
use oathctl_store::Store;

use super::request::{Named, Who};
use super::sheet::{self, Wanted};
use super::{Begun, through};
use crate::cli::Unlock;
use crate::failure::Failure;
use crate::walk::{Attempt, Delivery, Recorded, Walk};

/// Goes on with the last run of a chain.
pub async fn go_on(
    attempt: &Attempt<'_>,
    walk: &Walk<'_>,
    store: &Store,
    chain: Vec<RunRecord>,
    recorded: Recorded,
    unlock: &Unlock,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let Some(head) = chain.last().map(|record| record.head.clone()) else {
        return Err(Failure::own("There is no run to go on with."));
    };
    let rows: Vec<Wanted> = head.plan.rows.iter().map(|row| wanted(row, &head.plan)).collect();
    let mut sheet = sheet::of_wanted(store, head.plan.input.clone(), &rows).await?;
    sheet.keep_as_planned(&head.plan).iter().for_each(|told| attempt.desk.ui.wrong(told));
    let begun = Begun {
        resumes: Some(head.run),
        adopt: Some(Box::new(move |fresh| resume::adopt(&chain, fresh))),
        ..Begun::default()
    };
    let recorded = Recorded { command: "resume".into(), plan: head.plan.options.clone(), ..recorded };
    attempt.read(&sheet.loaded, &recorded);
    through(walk, store, sheet, (recorded, begun, &[]), unlock, to).await
}

/// A row as it was asked for. One that was faulty from the start stays so.
fn wanted(row: &PlanRow, plan: &Plan) -> Wanted {
    // Whoever was to get it, by object id: a name may be another account's by now (H15).
    let given = matches!(row.asked.wish, Wish::Give);
    let who = match (&row.user, &row.upn) {
        (Some(id), _) if given => Some(Who::Id(id.clone())),
        (_, Some(upn)) => Some(Who::Upn(upn.clone())),
        _ => None,
    };
    let file_fault = row.end.as_ref().filter(|end| matches!(end.outcome, Outcome::Failed | Outcome::Skipped));
    let fault = file_fault.and_then(|end| {
        let why = end.why.clone()?;
        (why.info().class == oathctl_core::reason::Class::File).then_some((Severity::Error, why))
    });
    let line = if plan.input.path.is_some() { row.source.line.unwrap_or(0) } else { 0 };
    Wanted {
        named: Named { serial: row.serial.clone(), who, new: None, line, fault },
        asked: row.asked.clone(),
    }
}
