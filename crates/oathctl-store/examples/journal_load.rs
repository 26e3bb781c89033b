//! What a large run costs its journal: `cargo run --release -p oathctl-store --example journal_load [ROWS]`, in a
//! new file, or with `OATHCTL_STORE=postgres://…` in the (empty) store it names.
//!
//! Prints size and time for a run of 20,000 rows in calls of 20: opening, all calls there and back, the end, and
//! reading it again.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

#[path = "../tests/it/fixture.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests")]
mod fixture;

use std::time::Instant;

use oathctl_core::journal::{Journal, StepKind};
use oathctl_core::token::RunId;
use oathctl_store::{Store, StoreLocation};

/// Not random, and not meant for anything but this.
struct Counting(std::sync::atomic::AtomicU64);

impl oathctl_core::time::Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        for piece in buf.chunks_mut(8) {
            let n = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed);
            piece.copy_from_slice(&n.wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes()[..piece.len()]);
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: u32 = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let named = std::env::var("OATHCTL_STORE").ok();
    let file = format!("sqlite:{}", folder.path().join("oathctl.db").display());
    let store = Store::open(&StoreLocation::parse(&named.unwrap_or(file))?).await?;
    let store = store.audited_by(folder.path(), &[], std::sync::Arc::new(Counting(1.into())));
    let run = RunId::new("r1");
    let (head, end) = (fixture::head("r1", rows), fixture::end(rows, 0, true));

    let began = Instant::now();
    Journal::open(&store, &head).await?;
    println!("open    {:>8.1?}", began.elapsed());

    let began = Instant::now();
    let mut calls = 0;
    for step in [StepKind::Create, StepKind::Activate] {
        for first in (0..rows).step_by(20) {
            calls += 1;
            fixture::call(&store, &run, calls, step, first..rows.min(first + 20)).await;
        }
    }
    println!("calls   {:>8.1?} for {calls} calls, two durable transactions each", began.elapsed());

    let began = Instant::now();
    Journal::close(&store, &run, &end).await?;
    println!("close   {:>8.1?}", began.elapsed());

    let began = Instant::now();
    let listed = store.runs().await?.len();
    println!("list    {:>8.1?} for {listed} run", began.elapsed());

    let began = Instant::now();
    let read = store.run(&run).await?.map_or(0, |record| record.calls.len());
    println!("read    {:>8.1?} for {read} calls", began.elapsed());

    let path = store.path().map(std::path::Path::to_owned);
    store.close().await;
    if let Some(path) = path {
        let size = std::fs::metadata(path)?.len();
        println!("size    {:>8.1} MB, {} bytes a row", size as f64 / 1e6, size / u64::from(rows.max(1)));
    }
    Ok(())
}
