//! Everyday runs that were cut off, gone on with: the list is not needed again, the vault is.

use std::sync::Arc;

use tokio::sync::Notify;

use super::desk::{Helpdesk, in_stock};
use crate::host::OnNotice;
use crate::tenant::Ran;

/// Stops while the first call is under way.
pub fn stopped(desk: &Helpdesk, line: &str) -> Ran {
    let notice = Arc::new(Notify::new());
    let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
    let set = |setting: &mut crate::host::Setting| {
        setting.env.insert("OATHCTL_VAULT_KEY_FILE".into(), "desk.key".into());
        setting.interrupts = interrupts;
    };
    let ran = desk.tenant.run_with(&format!("oathctl {line} -v"), set, |err| err.when("call 1: ", &notice));
    assert_eq!(ran.code, 130, "{}{}", ran.out, ran.err);
    desk.tenant.set("latency_ms", "0");
    ran
}

#[test]
fn an_assignment_goes_on_without_its_list() {
    let desk = Helpdesk::new(2);
    let people = [desk.upn(1), desk.upn(2)];
    let rows: String = (0..2).map(|n| format!("{},{}\n", desk.serial(n), people[n])).collect();
    desk.tenant.write("monday.csv", &format!("serial,upn\n{rows}"));
    desk.tenant.set("latency_ms", "250");
    stopped(&desk, "tokens assign --file monday.csv --yes");
    std::fs::remove_file(desk.tenant.folder.path().join("monday.csv")).unwrap();
    let ran = desk.ok("resume --yes");
    assert!(ran.err.contains("Going on with run"), "{}", ran.err);
    (0..2).for_each(|n| assert_eq!(desk.signs_in(n, &people[n]), Ok(())));
    let nothing = desk.ok("resume");
    assert!(nothing.err.contains("nothing to go on with"), "{}", nothing.err);
}

#[test]
fn a_run_that_was_taken_over_is_not_advised_to_be_resumed() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.tenant.set("latency_ms", "250");
    stopped(&desk, &format!("tokens assign {} {ada} --yes", desk.serial(0)));
    let ids = || -> Vec<String> {
        let list: serde_json::Value = serde_json::from_str(&desk.ok("runs list --output json").out).unwrap();
        list["runs"].as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
    };
    let old = ids().remove(0);
    let before = desk.ok(&format!("runs show {old}"));
    assert!(
        before.err.contains("stopped on request") && before.err.contains(&format!("oathctl resume {old}")),
        "{}",
        before.err
    );
    desk.ok("resume --yes");
    let new = ids().into_iter().find(|run| *run != old).unwrap();
    let after = desk.ok(&format!("runs show {old}"));
    assert!(
        after.err.contains(&format!("oathctl runs show {new}")) && !after.err.contains("oathctl resume"),
        "{}",
        after.err
    );
    let list = desk.ok("runs list").out;
    assert!(list.contains(&format!("taken over by {new}")) && !list.contains("oathctl resume"), "{list}");
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn a_replacement_goes_on_in_its_order() {
    let desk = Helpdesk::new(2);
    let eve = desk.upn(8);
    desk.ok(&format!("tokens assign {} {eve} --yes", desk.serial(0)));
    desk.tenant.set("latency_ms", "250");
    stopped(&desk, &format!("tokens replace {} --with {} --in-hand --yes", desk.serial(0), desk.serial(1)));
    assert_eq!(desk.signs_in(0, &eve), Ok(()), "never without");
    desk.ok("resume --yes");
    assert_eq!((desk.state(0), desk.signs_in(1, &eve)), (in_stock(), Ok(())));
}

#[test]
fn h15_what_was_lost_meanwhile_is_not_revived() {
    let desk = Helpdesk::new(2);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {ada} --yes --up-to assigned", desk.serial(0)));
    desk.tenant.set("latency_ms", "250");
    stopped(&desk, &format!("tokens activate {} --yes", desk.serial(0)));
    let runs = desk.ok("runs list").out;
    // Before anybody goes on, it is lost; and Ben gets the other one.
    desk.ok(&format!(
        "tokens replace {} --with {} --lost --in-hand --no-revoke-sessions --yes",
        desk.serial(0),
        desk.serial(1)
    ));
    let cut_off = runs.lines().find(|line| line.contains("unfinished")).or_else(|| runs.lines().next());
    let id = cut_off.and_then(|line| line.split_whitespace().next()).unwrap().to_owned();
    let ran = desk.run(&format!("resume {id} --yes"));
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(desk.state(0), in_stock());
    assert_eq!(desk.signs_in(0, &ada), Err("wrong_code".into()));
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
    assert_eq!(desk.signs_in(1, &ben), Err("no_active_token".into()));
}
