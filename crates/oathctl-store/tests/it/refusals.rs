//! H9: refused codes are remembered across runs.

use oathctl_core::journal::{CallId, CallResult, Journal, StepKind};
use oathctl_core::token::TenantId;

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{T0, device, head, intents, states, tenant};

async fn h09_refusals_are_counted_per_device_across_openings(desk: Desk) {
    let store = desk.open().await;
    let day = 86_400_000;
    let old = [(device(1), T0.plus_ms(-day - 1)), (device(1), T0.plus_ms(-day))];
    store.note_refusals(&tenant(), &old).await.unwrap();
    store.close().await;

    let again = desk.open().await;
    let new = [(device(1), T0), (device(1), T0), (device(2), T0), (device(3), T0)];
    again.note_refusals(&tenant(), &new).await.unwrap();
    again.note_refusals(&TenantId::new("another"), &[(device(1), T0)]).await.unwrap();
    again.note_refusals(&tenant(), &[]).await.unwrap();

    let asked = [device(1), device(2), device(4)];
    let found = again.refusals_since(&tenant(), &asked, T0.plus_ms(-day)).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(device(1), 3), (device(2), 1)]);
    assert!(again.refusals_since(&tenant(), &asked, T0.plus_ms(1)).await.unwrap().is_empty());
}

async fn h09_a_refused_code_is_remembered_with_the_answer_itself(desk: Desk) {
    let store = desk.open().await;
    let head = head("20260302T080000-000001", 3);
    store.open(&head).await.unwrap();
    for (call, step) in [(1, StepKind::Assign), (2, StepKind::Activate)] {
        let mut answers = states(0..3);
        answers[0].result = CallResult::Refused;
        answers[0].status = Some(400);
        answers[1].result = CallResult::Refused;
        answers[1].status = Some(403);
        store.intend(&head.run, CallId(call), step, T0, &intents(0..3, step)).await.unwrap();
        store.observed(&head.run, CallId(call), &answers).await.unwrap();
    }
    // The run is never closed: as if it had been killed here.
    let asked = [device(0), device(1), device(2)];
    let found = store.refusals_since(&head.tenant, &asked, T0.plus_ms(-1)).await.unwrap();
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [(device(0), 1)],
        "codes only, and only what speaks about them"
    );
}

on_both!(
    h09_refusals_are_counted_per_device_across_openings,
    h09_a_refused_code_is_remembered_with_the_answer_itself,
);
