//! A list reads by an index what it shows, and not every line there is.

use oathctl_core::tenant::DeviceStatus;

use super::*;
use crate::store::Store;
use crate::{StoreLocation, db};

/// What SQLite reads first, and how: <https://www.sqlite.org/eqp.html>.
async fn read_first(store: &Store, filter: &Filter) -> String {
    let mut explain = Sql::new("EXPLAIN QUERY PLAN ");
    explain.push(COLUMNS).push(" WHERE 1 = 1");
    store.inventory().in_a_tenant(filter, &mut explain).await.unwrap();
    explain.push(" ORDER BY t.serial_key");
    let rows: Vec<db::Row> = explain.all(store).await.unwrap();
    rows[0].get("detail").unwrap()
}

#[tokio::test]
async fn every_narrow_filter_has_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreLocation::sqlite(folder.path().join("oathctl.db"))).await.unwrap();
    let f = Filter::default;
    let tenant = Some(TenantId::new("11111111-2222-4333-8444-555555555555"));
    let active = vec![TokenStatus::In(DeviceStatus::Activated)];
    for (filter, index) in [
        (Filter { statuses: active.clone(), ..f() }, "token_devices_status"),
        (Filter { statuses: active.clone(), tenant: tenant.clone(), ..f() }, "token_devices_status"),
        (Filter { statuses: active, never_used: true, ..f() }, "token_devices_unused"),
        (Filter { proofs: vec![Proof::Device], tenant, ..f() }, "token_devices_proof"),
        (Filter { proofs: vec![Proof::Device], ..f() }, "token_devices_proof"),
        (Filter { model: Some("xt-1".into()), ..f() }, "tokens_model"),
        (Filter { batch: Some("box-7".into()), ..f() }, "tokens_batch"),
        (Filter { location: Some("store 7".into()), ..f() }, "tokens_location"),
        (Filter { mark: Some(Marking::Any), ..f() }, "tokens_mark"),
        (Filter { mark: Some(Marking::Is(Mark::Lost)), ..f() }, "tokens_mark"),
        (Filter { serial_prefix: Some("2308".into()), ..f() }, "serial_key>?"),
        (Filter { holder: Some("ada@contoso.example".into()), ..f() }, "MULTI-INDEX OR"),
    ] {
        let first = read_first(&store, &filter).await;
        assert!(first.contains(index) && !first.starts_with("SCAN"), "{filter:?}: {first}");
    }
}
