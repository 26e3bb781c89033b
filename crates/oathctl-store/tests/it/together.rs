//! Several at once, and callers that go away in the middle.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use oathctl_core::journal::{CallId, Journal, StepKind};
use oathctl_core::token::RunId;
use oathctl_store::{AuditFilter, Store};

use crate::both::on_both;
use crate::desk::{Desk, audited};
use crate::fixture::{self, T0};

async fn all_open_at_once(desk: &Desk) {
    let open = |n: u32| {
        let (location, folder) = (desk.location(), desk.folder.path().to_owned());
        tokio::spawn(async move {
            let store = audited(Store::open(&location).await.unwrap(), &folder);
            Journal::open(&store, &fixture::head(&format!("r{n}"), 1)).await.unwrap();
        })
    };
    let tasks: Vec<_> = (0..6).map(open).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(desk.open().await.runs().await.unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_a_new_file_at_once() {
    for _ in 0..10 {
        all_open_at_once(&Desk::sqlite()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_a_new_schema_at_once() {
    for _ in 0..3 {
        let Some(desk) = Desk::postgres() else { return };
        all_open_at_once(&desk).await;
    }
}

/// Polled so many times, each time when it asked for it, then dropped where it waits: at the k-th answer of the database or
/// of its thread. False when it came to its end.
pub async fn cut_at(polls: u32, work: impl Future) -> bool {
    let (mut work, mut left) = (pin!(work), polls);
    poll_fn(|context| match (left.checked_sub(1), work.as_mut().poll(context)) {
        (_, Poll::Ready(_)) => Poll::Ready(false),
        (None, Poll::Pending) => Poll::Ready(true),
        (Some(fewer), Poll::Pending) => {
            left = fewer;
            Poll::Pending
        }
    })
    .await
}

/// Polls a few times, then drops: what Ctrl-C twice does to a run.
async fn abandon(polls: u32, work: impl Future) {
    let mut work = pin!(work);
    for _ in 0..polls {
        if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn an_abandoned_write_blocks_nobody_and_leaves_all_or_nothing(desk: Desk) {
    let store = desk.open().await;
    for polls in 0..40 {
        let (name, run) = (format!("r{polls}"), RunId::new(format!("r{polls}")));
        abandon(polls, Journal::open(&store, &fixture::head(&name, 50))).await;
        let begun = store.run(&run).await.unwrap().is_some();
        if !begun && Journal::open(&store, &fixture::head(&name, 50)).await.is_err() {
            // It was on its way and has arrived since.
            assert!(store.run(&run).await.unwrap().is_some());
        }
        let intents = fixture::intents(0..20, StepKind::Create);
        abandon(polls, store.intend(&run, CallId(1), StepKind::Create, T0, &intents)).await;
        store.intend(&run, CallId(2), StepKind::Create, T0, &intents).await.unwrap();
        abandon(polls, Journal::close(&store, &run, &fixture::end(50, 0, true))).await;
        let record = store.run(&run).await.unwrap().unwrap();
        assert_eq!(record.calls.last().unwrap().intents, intents);
        assert!(record.end.is_none_or(|end| end.rows.len() == 50));
    }
    store.check().await.unwrap();
    // What was taken back left nothing in the audit, and no pseudonym that stands for nobody.
    let found = store.audit().verify(&[]).await.unwrap();
    assert_eq!((found.chains.len(), found.broken_at()), (1, None));
    let records = store.audit().list(&AuditFilter::default()).await.unwrap();
    assert!(records.iter().flat_map(|record| record.people.values()).all(Option::is_some));
    let of = |kind: &str| records.iter().filter(|record| record.kind == kind).count();
    assert_eq!(of("run_opened"), store.runs().await.unwrap().len());
}

/// A session whose beginning was given up must not be left inside a transaction that nobody knows of: there a reader
/// would see an old state for ever, and a writer might not write.
async fn a_reading_that_was_given_up_leaves_no_session_inside_it(desk: Desk) {
    let store = desk.open().await;
    let run = RunId::new("r1");
    Journal::open(&store, &fixture::head("r1", 40)).await.unwrap();
    for call in 1..=24_u32 {
        for polls in 0..6 {
            cut_at(polls, store.run(&run)).await;
        }
        assert_eq!(store.runs().await.unwrap().len(), 1);
        fixture::call(&store, &run, call.into(), StepKind::Create, 0..20).await;
        assert_eq!(store.run(&run).await.unwrap().unwrap().calls.len(), call as usize);
    }
}

/// Everybody whom a record names is found again, also where the first to name him was given up in the middle.
async fn people_of_a_record_that_was_given_up_are_not_taken_for_known(desk: Desk) {
    let store = desk.open().await;
    Journal::open(&store, &fixture::head("r0", 1)).await.unwrap();
    let many = fixture::head("r1", 1200);
    let mut polls = 0;
    while cut_at(polls, Journal::open(&store, &many)).await {
        let name = format!("after {polls}");
        Journal::open(&store, &fixture::head(&name, 600)).await.unwrap();
        polls += 2;
    }
    let records = store.audit().list(&AuditFilter::default()).await.unwrap();
    assert!(records.len() > 4, "it was given up a few times");
    assert!(records.iter().flat_map(|record| record.people.values()).all(Option::is_some));
}

on_both!(
    an_abandoned_write_blocks_nobody_and_leaves_all_or_nothing,
    a_reading_that_was_given_up_leaves_no_session_inside_it,
    people_of_a_record_that_was_given_up_are_not_taken_for_known,
);
