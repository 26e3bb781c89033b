//! Shapes by hand, as the documents and public clients show them.

use super::*;
use serde_json::json;

#[test]
fn flat_and_nested_devices() {
    let flat = json!({"id": "d-1", "serialNumber": "007", "timeIntervalInSeconds": "60", "status": "assigned",
        "hashFunction": "hmacsha256", "assignedTo": {"id": "u-1", "displayName": "A"}, "secretKey": null,
        "lastUsedDateTime": "2026-11-22T03:40:00Z"});
    let nested = json!({"id": "d-1", "device": flat});
    let read = device(&flat, None).unwrap();
    assert_eq!(device(&nested, None).unwrap(), read);
    assert_eq!(read.serial, "007");
    assert_eq!(read.period_secs, Some(60));
    assert_eq!(read.hash, Some(Hash::Sha256));
    assert_eq!(read.status, DeviceStatus::Assigned);
    assert!(read.is_held_by(&UserId::new("U-1")));
    assert!(read.last_used.is_some());
}

#[test]
fn unknown_words_are_kept() {
    let read = device(&json!({"id": "d", "status": "sleeping", "hashFunction": "unknownFutureValue"}), None)
        .unwrap();
    assert_eq!(read.status, DeviceStatus::Other("sleeping".into()));
    assert_eq!((read.hash, read.holder, read.name), (None, None, None));
}

#[test]
fn no_id_is_no_device() {
    assert_eq!(device(&json!({"serialNumber": "1"}), None), None);
    assert_eq!(device(&json!({"id": "00000000-0000-0000-0000-000000000000"}), None), None);
}

#[test]
fn names_in_another_case_are_found() {
    let read = device(&json!({"ID": "d", "SerialNumber": "1"}), None).unwrap();
    assert_eq!(read.serial, "1");
}

#[test]
fn users_without_the_two_guarded_members() {
    let read = user(&json!({"id": "u", "userPrincipalName": "A@x", "accountEnabled": null})).unwrap();
    assert_eq!((read.enabled, read.guest), (None, None));
    let guest = user(&json!({"value": {"id": "u", "userType": "Guest", "accountEnabled": false}})).unwrap();
    assert_eq!((guest.enabled, guest.guest), (Some(false), Some(true)));
}
