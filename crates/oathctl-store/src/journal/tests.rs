use std::time::Duration;

use oathctl_core::journal::{Actor, RunHead};
use oathctl_core::plan::{Plan, PlanInput, PlanOptions, PlanTotals};
use oathctl_core::table::RowId;
use oathctl_core::tenant::Backend;
use oathctl_core::token::{TenantId, UserId};

use super::*;
use crate::StoreLocation;
use crate::db::Tuning;
use crate::schema::Schema;

fn head(run: &str, options: serde_json::Value) -> RunHead {
    let plan = Plan {
        schema: oathctl_core::plan::PLAN_SCHEMA.into(),
        tenant: TenantId::new("t"),
        tenant_name: "Practice".into(),
        host: "127.0.0.1".into(),
        practice: true,
        backend: Backend::Graph,
        made_at: Utc::default(),
        options: PlanOptions::default(),
        input: PlanInput::default(),
        limits: oathctl_core::plan::Limits::default(),
        totals: PlanTotals::default(),
        rows: Vec::new(),
        digest: String::new(),
    };
    RunHead {
        run: RunId::new(run),
        resumes: None,
        tenant: TenantId::new("t"),
        started_at: Utc::default(),
        actor: Actor::default(),
        options,
        plan: plan.sealed(),
    }
}

fn twenty_intents() -> Vec<Intent> {
    let user = || Some(UserId::new("00000000-0000-4000-8000-000000000000"));
    (0..20).map(|row| Intent { row: RowId(row), device: None, user: user() }).collect()
}

/// Good for nothing but this.
struct Counting(std::sync::atomic::AtomicU64);

impl oathctl_core::time::Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        for byte in buf {
            let n = self.0.fetch_add(0x9e37_79b9, std::sync::atomic::Ordering::Relaxed);
            *byte = n.to_be_bytes()[4];
        }
    }
}

async fn open(path: &std::path::Path, max_pages: Option<u32>) -> Store {
    let tuning = Tuning { busy: Duration::from_secs(5), max_pages };
    let store = Store::open_with(&StoreLocation::sqlite(path), &Schema::current(), tuning).await.unwrap();
    store.audited_by(path.parent().unwrap(), &[], std::sync::Arc::new(Counting(1.into())))
}

/// Writes calls until the disk is full; how many were durable before.
async fn fill(store: &Store, run: &RunId) -> u64 {
    for call in 1..10_000 {
        match store.intend(run, CallId(call), StepKind::Create, Utc::default(), &twenty_intents()).await {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error, JournalError::DiskFull);
                return call - 1;
            }
        }
    }
    0
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing_that_was_durable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oathctl.db");
    let small = open(&path, Some(90)).await;
    let run = RunId::new("r1");
    Journal::open(&small, &head("r1", serde_json::json!({}))).await.unwrap();
    let durable = fill(&small, &run).await;
    assert!(durable > 10, "{durable}");
    assert_eq!(small.run(&run).await.unwrap().unwrap().calls.len() as u64, durable);
    small.close().await;

    let roomy = open(&path, None).await;
    roomy.check().await.unwrap();
    assert_eq!(roomy.run(&run).await.unwrap().unwrap().calls.len() as u64, durable);
    let next = CallId(durable + 1);
    roomy.intend(&run, next, StepKind::Create, Utc::default(), &twenty_intents()).await.unwrap();
}

#[tokio::test]
async fn a_run_that_does_not_fit_is_not_opened_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("oathctl.db"), Some(90)).await;
    let large = head("large", serde_json::json!({ "filler": "x".repeat(400_000) }));
    assert_eq!(Journal::open(&store, &large).await, Err(JournalError::DiskFull));
    assert_eq!(store.runs().await.unwrap(), []);
    Journal::open(&store, &head("small", serde_json::json!({}))).await.unwrap();
    assert_eq!(store.runs().await.unwrap().len(), 1);
}
