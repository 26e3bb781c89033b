//! Each verb in bulk.

use super::desk::{Helpdesk, in_stock, with};

#[test]
fn a_list_of_serials_and_people() {
    let desk = Helpdesk::new(3);
    let people: Vec<String> = (1..4).map(|n| desk.upn(n)).collect();
    let rows: String = (0..3).map(|n| format!("{},{}\n", desk.serial(n), people[n])).collect();
    desk.tenant.write("monday.csv", &format!("serial,upn\n{rows}"));
    desk.ok("tokens assign --file monday.csv --yes");
    (0..3).for_each(|n| assert_eq!(desk.signs_in(n, &people[n]), Ok(())));
    // Serials alone, one a line.
    let serials: String = (0..3).map(|n| format!("{}\n", desk.serial(n))).collect();
    desk.tenant.write("back.csv", &format!("serial\n{serials}"));
    desk.ok("tokens release --file back.csv --yes");
    (0..3).for_each(|n| assert_eq!(desk.state(n), in_stock()));
    desk.ok("tokens rename Spare-{serial} --file back.csv --yes");
    desk.ok("tokens delete --file back.csv --yes");
    (0..3).for_each(|n| assert_eq!(desk.state(n), None));
}

#[test]
fn faults_stand_by_their_line_and_the_rest_goes_on() {
    let desk = Helpdesk::new(2);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    let text = format!(
        "serial,upn\n{},{ada}\n2,30E+09,{ben}\n{},\n{},{ben}\n{},{ben}\n",
        desk.serial(0),
        "777",
        desk.serial(1),
        desk.serial(1)
    );
    desk.tenant.write("list.csv", &text);
    let strict = desk.run("tokens assign --file list.csv --yes --strict");
    assert_eq!((strict.code, desk.state(0)), (6, None), "{}{}", strict.out, strict.err);
    let ran = desk.ends("tokens assign --file list.csv --yes --failed failed.csv --report run.json", 3);
    assert_eq!((desk.state(0), desk.state(1)), (with("activated", &ada), with("activated", &ben)));
    assert!(ran.err.contains("list.csv:3"), "{}", ran.err);
    assert!(desk.tenant.read("failed.csv").contains("777"), "{}", desk.tenant.read("failed.csv"));
    let report: serde_json::Value = serde_json::from_str(&desk.tenant.read("run.json")).unwrap();
    assert_eq!(report["totals"]["activated"], 2);
    assert_eq!(report["totals"]["skipped"], 1);
    assert_eq!(report["totals"]["failed"], 2);
}

#[test]
fn what_is_no_list_is_refused() {
    let desk = Helpdesk::new(1);
    for (text, name) in [("", "empty"), ("a,b\nc,d\n", "headless"), ("serial,upn\n", "only a header")] {
        desk.tenant.write("list.csv", text);
        let ran = desk.ends("tokens assign --file list.csv --yes", 6);
        assert!(ran.err.contains("list"), "{name}: {}", ran.err);
    }
    assert_eq!(desk.run("tokens assign --file nowhere.csv --yes").code, 6);
    assert_eq!(desk.run("tokens release").code, 2);
}

#[test]
fn several_are_replaced_from_stock() {
    let desk = Helpdesk::new(4);
    let people = [desk.upn(1), desk.upn(2)];
    for (n, upn) in people.iter().enumerate() {
        desk.ok(&format!("tokens assign {} {upn} --yes", desk.serial(n)));
    }
    desk.tenant.write(
        "old.csv",
        &format!("serial,upn\n{},{}\n{},{}\n", desk.serial(0), people[0], desk.serial(1), people[1]),
    );
    desk.ok("tokens replace --file old.csv --next --in-hand --yes");
    assert_eq!((desk.state(0), desk.state(1)), (in_stock(), in_stock()));
    let lets_in = |n, upn: &String| desk.signs_in(n, upn).is_ok();
    for upn in &people {
        assert!(lets_in(2, upn) || lets_in(3, upn), "{upn}");
    }
}

#[test]
fn several_are_replaced_by_pairs() {
    let desk = Helpdesk::new(7);
    let people = [desk.upn(1), desk.upn(2), desk.upn(3)];
    for (n, upn) in people.iter().enumerate() {
        desk.ok(&format!("tokens assign {} {upn} --yes", desk.serial(n)));
    }
    let s = |n: usize| desk.serial(n);
    // The third pair's new token is somebody's, the fourth's old one nobody ever had.
    let text =
        format!("old,new\n{},{}\n{},{}\n{},{}\n{},{}\n", s(0), s(3), s(1), s(4), s(2), s(5), s(6), "T000099");
    desk.tenant.write("pairs.csv", &text);
    desk.ok(&format!("tokens assign {} {} --yes", s(5), desk.upn(4)));
    let ran = desk.ends("tokens replace --file pairs.csv --in-hand --yes --report run.json", 3);
    assert!(ran.out.contains("held_by_other") && ran.out.contains("upn_missing"), "{}{}", ran.out, ran.err);
    assert_eq!((desk.state(0), desk.state(1)), (in_stock(), in_stock()));
    assert_eq!((desk.signs_in(3, &people[0]), desk.signs_in(4, &people[1])), (Ok(()), Ok(())));
    assert_eq!(desk.signs_in(2, &people[2]), Ok(()), "left alone");
    let report: serde_json::Value = serde_json::from_str(&desk.tenant.read("run.json")).unwrap();
    assert_eq!((&report["totals"]["activated"], &report["totals"]["failed"]), (&2.into(), &2.into()));
    desk.tenant.write("pairs.csv", &format!("old,new\n{},{}\n{},{}\n", s(3), s(0), s(4), s(0)));
    let twice = desk.ends("tokens replace --file pairs.csv --in-hand --yes", 3);
    assert!(twice.err.contains("serial_conflict"), "{}", twice.err);
    assert_eq!(desk.signs_in(3, &people[0]), Ok(()));
    desk.tenant.write("olds.csv", &format!("serial\n{}\n", s(3)));
    let without = desk.ends("tokens replace --file olds.csv --in-hand --yes", 6);
    assert!(without.err.contains("`old,new`"), "{}", without.err);
}

#[test]
fn activate_without_a_file_takes_what_the_vault_holds() {
    let desk = Helpdesk::new(3);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    for (n, upn) in [(0, &ada), (1, &ben)] {
        desk.ok(&format!("tokens assign {} {upn} --up-to assigned --yes", desk.serial(n)));
    }
    desk.ok("activate --yes");
    assert_eq!((desk.signs_in(0, &ada), desk.signs_in(1, &ben)), (Ok(()), Ok(())));
    assert_eq!(desk.state(2), None, "it has no person");
    let nothing = desk.ok("activate --yes");
    assert!(nothing.err.contains("nothing to change"), "{}", nothing.err);
    // H4: a list may not give somebody a second one without a word.
    desk.tenant.write("people.csv", &format!("serial,upn\n{},{ada}\n", desk.serial(2)));
    let second = desk.ends("activate --users people.csv --yes", 7);
    assert!(second.err.contains("--additional"), "{}", second.err);
    desk.ok("activate --users people.csv --additional --yes");
    assert_eq!(desk.signs_in(2, &ada), Ok(()));
    assert_eq!(desk.run("activate --keep --yes").code, 2);
}
