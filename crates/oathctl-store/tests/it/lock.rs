//! One applying run per tenant and state folder.

use oathctl_core::token::TenantId;
use oathctl_store::{RunLock, StoreError};

use crate::desk::Desk;

fn take(desk: &Desk, tenant: &str) -> Result<RunLock, StoreError> {
    RunLock::take(desk.folder.path(), &TenantId::new(tenant))
}

#[test]
fn a_tenant_is_taken_once_and_given_back() {
    let desk = Desk::sqlite();
    let first = take(&desk, "t1").unwrap();
    let holder = format!("pid {}", std::process::id());
    assert_eq!(take(&desk, "t1").unwrap_err(), StoreError::Busy { holder: holder.clone() });
    assert_eq!(take(&desk, "T1").unwrap_err(), StoreError::Busy { holder }, "a GUID in capitals is the same");
    let _other = take(&desk, "t2").unwrap();
    drop(first);
    assert!(take(&desk, "t1").is_ok());
}

#[test]
fn a_holder_that_can_not_be_read_is_unknown_and_still_holds() {
    let desk = Desk::sqlite();
    let _first = take(&desk, "t1").unwrap();
    let busy = StoreError::Busy { holder: "holder unknown".into() };
    for text in ["", "pid", "pid 12; rm", "\u{1b}[2Jpid 1"] {
        std::fs::write(desk.folder.path().join("locks/t1.holder"), text).unwrap();
        assert_eq!(take(&desk, "t1").unwrap_err(), busy, "{text:?}");
    }
}
