//! Many at once: a list with a wrong name, a run that is stopped, two helpdesks.

use oathctl_core::token::TenantId;
use oathctl_store::RunLock;

use super::scene::scene;

#[test]
fn a_list_with_a_wrong_name() {
    scene("bulk_with_a_wrong_name", "Three starters on one list, and one name is misspelt.", 3, |s| {
        s.file(
            "monday.csv",
            "serial,upn\nT000001,BJOERN\nT000002,chlo.almeida@practice.example\nT000003,DILEK\n",
        );
        s.ends("tokens assign --file monday.csv --failed left.csv --yes", 3);
        s.lets_in("BJOERN", "T000001");
        s.lets_in("DILEK", "T000003");
        s.note("The name is mended in the list; who is done stays done.");
        s.file("monday.csv", "serial,upn\nT000001,BJOERN\nT000002,CHLOE\nT000003,DILEK\n");
        s.run("tokens assign --file monday.csv --yes");
        s.lets_in("CHLOE", "T000002");
    });
}

#[test]
fn ctrl_c_in_the_middle_of_a_release() {
    scene(
        "ctrl_c_in_a_release",
        "Seven tokens come back from a course; somebody presses Ctrl-C in the middle.",
        7,
        |s| {
            let people = (1..=7).map(|n| format!("T00000{n},{}\n", s.desk.upn(n + 60)));
            let list = people.fold("serial,upn\n".to_owned(), |list, row| list + &row);
            let (first, last) = (s.desk.upn(61), s.desk.upn(67));
            s.desk.tenant.write("course.csv", &list);
            s.desk.ok("tokens assign --file course.csv --yes");
            s.note("course.csv has seven serials, each with its person; all of them are active.");
            s.lets_in(&last, "T000007");
            s.stopped("tokens release --file course.csv --yes");
            s.run("resume --yes");
            s.keeps_out(&first, "T000001", "no_active_token");
            s.keeps_out(&last, "T000007", "no_active_token");
        },
    );
}

#[test]
fn two_helpdesks_at_once() {
    scene("two_helpdesks", "Two helpdesks give out tokens at the same moment; one of them waits.", 1, |s| {
        let id = TenantId::new(s.desk.tenant.ready.tenant_id.clone());
        let lock = RunLock::take(&s.desk.tenant.folder.path().join("state"), &id).unwrap();
        s.note("A run of the other helpdesk is under way.");
        s.ends("tokens assign T000001 BJOERN --yes", 7);
        s.keeps_out("BJOERN", "T000001", "no_active_token");
        drop(lock);
        s.note("It has come to its end.");
        s.run("tokens assign T000001 BJOERN --yes");
        s.lets_in("BJOERN", "T000001");
    });
}
