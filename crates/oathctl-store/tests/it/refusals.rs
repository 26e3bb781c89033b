//! H9: refused codes are remembered across runs.

use oathctl_core::token::TenantId;

use crate::fixture::{Desk, T0, device, tenant};

#[tokio::test]
async fn h09_refusals_are_counted_per_device_across_openings() {
    let desk = Desk::new();
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
