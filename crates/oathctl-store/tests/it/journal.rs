//! What was written is what is read, and records out of order are refused.

use oathctl_core::journal::{CallId, Journal, JournalError, MemoryJournal, RunRecord, StepKind};
use oathctl_core::report::{Outcome, Totals};
use oathctl_core::token::RunId;

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0};

/// The same run on any journal: two calls, the second never answered.
async fn write(journal: &dyn Journal) {
    let run = RunId::new("r1");
    journal.open(&fixture::head("r1", 40)).await.unwrap();
    let intents = fixture::intents(0..20, StepKind::Create);
    journal.intend(&run, CallId(1), StepKind::Create, T0.plus_ms(10), &intents).await.unwrap();
    let intents = fixture::intents(20..40, StepKind::Activate);
    journal.intend(&run, CallId(2), StepKind::Activate, T0.plus_ms(11), &intents).await.unwrap();
    journal.observed(&run, CallId(1), &fixture::states(0..20)).await.unwrap();
}

async fn in_memory_and_here(desk: &Desk) -> (RunRecord, RunRecord) {
    let memory = MemoryJournal::new();
    write(&memory).await;
    let store = desk.open().await;
    write(&store).await;
    store.close().await;
    let again = desk.open().await;
    let read = again.run(&RunId::new("r1")).await.unwrap().unwrap();
    (memory.record(&RunId::new("r1")).unwrap(), read)
}

async fn a_run_that_died_reads_as_the_memory_journal_has_it(desk: Desk) {
    let (memory, read) = in_memory_and_here(&desk).await;
    assert_eq!(read, memory);
    assert_eq!(read.calls[1].observed, None);
    assert!(read.head.plan.is_intact());
}

async fn an_ended_run_keeps_every_row_and_its_counts(desk: Desk) {
    let store = desk.open().await;
    let run = RunId::new("r1");
    Journal::open(&store, &fixture::head("r1", 3)).await.unwrap();
    let mut end = fixture::end(3, 3, false);
    end.rows[1].outcome = Outcome::Unknown;
    end.rows[2].remote = Some(fixture::remote_words());
    Journal::close(&store, &run, &end).await.unwrap();
    assert_eq!(store.run(&run).await.unwrap().unwrap().end, Some(end.clone()));
    assert_eq!(store.runs().await.unwrap()[0].totals, Some(Totals::of(&end.rows)));
}

async fn records_that_do_not_follow_are_refused(desk: Desk) {
    let store = desk.open().await;
    let run = RunId::new("r1");
    let intents = fixture::intents(0..1, StepKind::Create);
    let intend = |call| store.intend(&run, CallId(call), StepKind::Create, T0, &intents);
    let refused = |result| matches!(result, Err(JournalError::Failed(_)));

    assert!(refused(intend(1).await), "no such run");
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    assert!(refused(Journal::open(&store, &fixture::head("r1", 1)).await), "open twice");
    assert!(refused(store.observed(&run, CallId(1), &[]).await), "an answer without its call");
    intend(1).await.unwrap();
    assert!(refused(intend(1).await), "the same call twice");
    Journal::close(&store, &run, &fixture::end(1, 0, true)).await.unwrap();
    assert!(refused(intend(2).await), "after the end");
    assert!(refused(Journal::close(&store, &run, &fixture::end(1, 0, true)).await), "ended twice");
    assert_eq!(store.run(&run).await.unwrap().unwrap().calls.len(), 1);
}

async fn h15_a_run_that_was_taken_over_intends_nothing_more(desk: Desk) {
    let store = desk.open().await;
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    let mut resumed = fixture::head("r2", 1);
    resumed.resumes = Some(RunId::new("r1"));
    Journal::open(&store, &resumed).await.unwrap();

    let intents = fixture::intents(0..1, StepKind::Create);
    let late = store.intend(&RunId::new("r1"), CallId(1), StepKind::Create, T0, &intents).await;
    assert!(matches!(late, Err(JournalError::Failed(_))));
    let old = store.run(&RunId::new("r1")).await.unwrap().unwrap();
    assert_eq!(old.superseded_by, Some(RunId::new("r2")));

    let mut rival = fixture::head("r3", 1);
    rival.resumes = Some(RunId::new("r1"));
    assert!(Journal::open(&store, &rival).await.is_err(), "one run goes on with it, not two");
    assert_eq!(store.runs().await.unwrap().len(), 2, "and the rival left nothing behind");
}

on_both!(
    a_run_that_died_reads_as_the_memory_journal_has_it,
    an_ended_run_keeps_every_row_and_its_counts,
    records_that_do_not_follow_are_refused,
    h15_a_run_that_was_taken_over_intends_nothing_more,
);
