//! `release --leavers` (H3).

use super::desk::{Helpdesk, in_stock, with};
use crate::transcript::holds;

const DAY_MS: i64 = 86_400_000;

/// Ada has gone, Ben's account is disabled, Cid is here.
fn three(switches: &[(&str, &str)]) -> (Helpdesk, [String; 3]) {
    let desk = Helpdesk::with(3, switches);
    let people = [desk.upn(1), desk.upn(2), desk.upn(3)];
    for (n, upn) in people.iter().enumerate() {
        desk.ok(&format!("tokens assign {} {upn} --yes", desk.serial(n)));
    }
    (desk, people)
}

fn leaves(desk: &Helpdesk, upn: &str) {
    let ix = desk.person(upn);
    desk.tenant.sim.with(|parts, now| parts.world.delete_person(ix, now));
}

#[test]
fn h03_the_deleted_go_and_the_disabled_stay() {
    let (desk, [ada, ben, cid]) = three(&[("deleted_holder", "keep")]);
    leaves(&desk, &ada);
    let ix = desk.person(&ben);
    desk.tenant.sim.with(|parts, _| parts.world.set_enabled(ix, false));
    let ran = desk.ok("tokens release --leavers --yes");
    assert_eq!(desk.state(0), in_stock());
    assert_eq!(desk.state(1), with("activated", &ben));
    assert!(ran.err.contains("--disabled-for"), "{}", ran.err);
    holds("tokens_leavers", &[&ran]);
    // Seen disabled for the first time just now: not for thirty days.
    let ran = desk.ok("tokens release --leavers --disabled-for 30 --yes");
    assert_eq!(desk.state(1), with("activated", &ben), "{}", ran.err);
    let line = "tokens release --leavers --disabled-for 30 --yes";
    let later = desk.run_with(line, |setting| setting.begins_ms += 31 * DAY_MS);
    assert_eq!((later.code, desk.state(1)), (0, in_stock()), "{}{}", later.out, later.err);
    assert_eq!(desk.signs_in(2, &cid), Ok(()));
}

#[test]
fn h03_whether_a_deleted_holder_can_be_freed_is_the_tenants_to_say() {
    let (desk, [ada, _, cid]) = three(&[("deleted_holder", "gone")]);
    leaves(&desk, &ada);
    let ran = desk.run("tokens release --leavers --yes");
    assert!(ran.code == 3 || ran.code == 0, "{}{}", ran.out, ran.err);
    if ran.code == 3 {
        assert!(ran.out.contains("holder_gone"), "{}", ran.out);
    }
    assert_eq!(desk.signs_in(2, &cid), Ok(()));
}

#[test]
fn h03_too_many_at_once_are_a_mistake() {
    let (desk, people) = three(&[("deleted_holder", "keep")]);
    people.iter().take(2).for_each(|upn| leaves(&desk, upn));
    let ran = desk.ends("tokens release --leavers --yes --max-delete 100", 7);
    assert!(ran.err.contains("and 1 may be at once"), "{}", ran.err);
    assert!(desk.state(0) != in_stock() && desk.state(1) != in_stock());
}
