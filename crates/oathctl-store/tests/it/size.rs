//! A run of many rows stays small. `cargo run --release -p oathctl-store --example journal_load` prints the whole
//! figures.

use oathctl_core::journal::{Journal, StepKind};
use oathctl_core::token::RunId;

use crate::desk::Desk;
use crate::fixture;

/// Bytes a row may cost: its plan, two calls, its end.
const BYTES_PER_ROW: u64 = 2_200;

#[tokio::test]
async fn a_row_costs_little() {
    let desk = Desk::sqlite();
    let store = desk.open().await;
    let (run, rows) = (RunId::new("r1"), 2_000);
    Journal::open(&store, &fixture::head("r1", rows)).await.unwrap();
    let mut call = 0;
    for step in [StepKind::Create, StepKind::Activate] {
        for first in (0..rows).step_by(20) {
            call += 1;
            fixture::call(&store, &run, call, step, first..first + 20).await;
        }
    }
    Journal::close(&store, &run, &fixture::end(rows, 0, true)).await.unwrap();
    assert_eq!(store.run(&run).await.unwrap().unwrap().calls.len(), 200);
    store.close().await;
    let size = std::fs::metadata(desk.folder.path().join("oathctl.db")).unwrap().len();
    assert!(size < u64::from(rows) * BYTES_PER_ROW, "{} bytes a row", size / u64::from(rows));
}
