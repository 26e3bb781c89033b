//! Lists, look-ups, and which run is to be resumed.

use oathctl_core::journal::{CallId, CallResult, Journal, RowState, StepKind};
use oathctl_core::table::RowId;
use oathctl_core::token::{RunId, TenantId};
use oathctl_store::{Store, StoreError};

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0};

async fn opened(store: &Store, run: &str, tenant: &str, sha256: &str) {
    let mut head = fixture::head(run, 2);
    head.tenant = TenantId::new(tenant);
    head.plan.input.sha256 = sha256.into();
    Journal::open(store, &head).await.unwrap();
}

async fn ended(store: &Store, run: &str, complete: bool) {
    Journal::close(store, &RunId::new(run), &fixture::end(2, u8::from(!complete) * 3, complete))
        .await
        .unwrap();
}

async fn unfinished(store: &Store, tenant: Option<&str>, sha256: Option<&str>) -> Option<String> {
    let tenant = tenant.map(TenantId::new);
    let found = store.latest_unfinished(tenant.as_ref(), sha256).await.unwrap();
    found.map(|summary| summary.run.as_str().to_owned())
}

async fn a_list_tells_what_people_ask(desk: Desk) {
    let store = desk.open().await;
    opened(&store, "r1", "t1", "aa").await;
    ended(&store, "r1", false).await;
    opened(&store, "r2", "t1", "aa").await;
    store.supersede(&RunId::new("r1"), &RunId::new("r2")).await.unwrap();

    let runs = store.runs().await.unwrap();
    assert_eq!(runs.iter().map(|r| r.run.as_str()).collect::<Vec<_>>(), ["r2", "r1"]);
    let (new, old) = (&runs[0], &runs[1]);
    assert_eq!((new.finished_at, new.exit_code, new.complete, new.rows), (None, None, false, 2));
    assert_eq!((old.exit_code, old.complete, old.practice), (Some(3), false, true));
    assert_eq!(old.superseded_by, Some(RunId::new("r2")));
    assert_eq!(old.input_path.as_deref(), Some("box-17.csv"));
    assert!(new.is_unfinished() && !old.is_unfinished());
}

async fn the_unfinished_run_is_found_by_tenant_and_input(desk: Desk) {
    let store = desk.open().await;
    assert_eq!(unfinished(&store, None, None).await, None);
    opened(&store, "died", "t1", "aa").await;
    opened(&store, "whole", "t1", "bb").await;
    ended(&store, "whole", true).await;
    opened(&store, "other", "t2", "aa").await;
    ended(&store, "other", false).await;

    assert_eq!(unfinished(&store, None, None).await.as_deref(), Some("other"));
    assert_eq!(unfinished(&store, Some("t1"), None).await.as_deref(), Some("died"));
    assert_eq!(unfinished(&store, Some("t1"), Some("aa")).await.as_deref(), Some("died"));
    assert_eq!(unfinished(&store, Some("t1"), Some("bb")).await, None);
    assert_eq!(unfinished(&store, None, Some("aa")).await.as_deref(), Some("other"));

    store.supersede(&RunId::new("died"), &RunId::new("new")).await.unwrap();
    assert_eq!(unfinished(&store, Some("t1"), None).await, None);
    let latest = store.latest(Some(&TenantId::new("t1"))).await.unwrap().unwrap();
    assert_eq!(latest.run, RunId::new("whole"));
    assert_eq!(store.latest(None).await.unwrap().unwrap().run, RunId::new("other"));
    assert_eq!(store.latest(Some(&TenantId::new("t9"))).await.unwrap(), None);
}

async fn the_latest_is_the_last_opened_even_when_the_clock_stepped_back(desk: Desk) {
    let store = desk.open().await;
    opened(&store, "20261122T140509-aaaaaa", "t1", "aa").await;
    let mut earlier = fixture::head("20261122T130000-bbbbbb", 1);
    earlier.started_at = fixture::T0.plus_ms(-3_600_000);
    earlier.tenant = TenantId::new("t1");
    Journal::open(&store, &earlier).await.unwrap();
    assert_eq!(unfinished(&store, Some("t1"), None).await.as_deref(), Some("20261122T130000-bbbbbb"));
}

async fn a_run_is_named_by_any_unique_beginning(desk: Desk) {
    let store = desk.open().await;
    for run in ["20261122T140509-1f0c9a", "20261122T140511-22aa00", "20261122T140509"] {
        opened(&store, run, "t1", "aa").await;
    }
    let found = |given: &'static str| store.find_run(given);
    assert_eq!(found("20261122T140511").await.unwrap(), RunId::new("20261122T140511-22aa00"));
    assert_eq!(found(" 20261122T140509-1\n").await.unwrap(), RunId::new("20261122T140509-1f0c9a"));
    assert_eq!(found("20261122T140509").await.unwrap(), RunId::new("20261122T140509"), "the whole id wins");
    let ambiguous = StoreError::AmbiguousRun { given: "20261122T1405".into(), matches: 3 };
    assert_eq!(found("20261122T1405").await.unwrap_err(), ambiguous);
    for wrong in ["2027", "%", "20261122T140509-1f0c9a0", ""] {
        assert_eq!(found(wrong).await.unwrap_err(), StoreError::NoSuchRun { given: wrong.into() });
    }
    assert_eq!(store.run(&RunId::new("2027")).await.unwrap(), None);
}

async fn superseding_holds_and_can_be_said_twice(desk: Desk) {
    let store = desk.open().await;
    opened(&store, "r1", "t1", "aa").await;
    let [one, two, three] = ["r1", "r2", "r3"].map(RunId::new);
    store.supersede(&one, &two).await.unwrap();
    store.supersede(&one, &two).await.unwrap();
    assert!(matches!(store.supersede(&one, &three).await, Err(StoreError::OutOfOrder { .. })));
    assert!(matches!(store.supersede(&three, &one).await, Err(StoreError::OutOfOrder { .. })));
    assert_eq!(store.runs().await.unwrap()[0].superseded_by, Some(two));
}

async fn h10_what_was_made_is_known_by_tenant_and_input(desk: Desk) {
    let store = desk.open().await;
    let head = fixture::head("20260101T000000-a", 4);
    store.open(&head).await.unwrap();
    fixture::call(&store, &head.run, 1, StepKind::Create, 0..2).await;
    fixture::call(&store, &head.run, 2, StepKind::Assign, 0..2).await;
    // One refused, one never answered.
    store
        .intend(&head.run, CallId(3), StepKind::Create, T0, &fixture::intents(2..3, StepKind::Create))
        .await
        .unwrap();
    let refused = RowState { result: CallResult::Refused, ..fixture::states(2..3).remove(0) };
    store.observed(&head.run, CallId(3), &[refused]).await.unwrap();
    store
        .intend(&head.run, CallId(4), StepKind::Create, T0, &fixture::intents(3..4, StepKind::Create))
        .await
        .unwrap();
    let made = store.made(&head.tenant, "ab12").await.unwrap();
    let found: Vec<_> = made.iter().map(|made| (made.row, made.device.clone())).collect();
    assert_eq!(found, [(RowId(0), fixture::device(0)), (RowId(1), fixture::device(1))]);
    assert_eq!((&made[0].run, &made[0].options), (&head.run, &head.options));
    assert!(store.made(&head.tenant, "ab13").await.unwrap().is_empty());
    assert!(store.made(&TenantId::new("other"), "ab12").await.unwrap().is_empty());
}

on_both!(
    a_list_tells_what_people_ask,
    the_unfinished_run_is_found_by_tenant_and_input,
    the_latest_is_the_last_opened_even_when_the_clock_stepped_back,
    a_run_is_named_by_any_unique_beginning,
    superseding_holds_and_can_be_said_twice,
    h10_what_was_made_is_known_by_tenant_and_input,
);
