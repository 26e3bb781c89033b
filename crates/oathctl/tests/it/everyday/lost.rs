//! Replacing: in hand, not yet in hand, lost, found again (H15).

use oathctl_sim::hands::{Act, Deed};

use super::desk::{Helpdesk, in_stock, with};
use crate::transcript::holds;

fn one_given(devices: usize) -> (Helpdesk, String) {
    let desk = Helpdesk::new(devices);
    let ada = desk.upn(1);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    (desk, ada)
}

#[test]
fn with_the_new_one_in_hand_the_person_is_never_without() {
    let (desk, ada) = one_given(2);
    let (old, new) = (desk.serial(0), desk.serial(1));
    desk.ok(&format!("tokens replace {old} --with {new} --in-hand --yes"));
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
    assert_eq!(desk.state(0), in_stock());
    assert_eq!(desk.signs_in(0, &ada), Err("wrong_code".into()));
}

#[test]
fn h02_even_somebody_who_has_nothing_else_keeps_a_method() {
    let desk = Helpdesk::new(2);
    let eve = desk.upn(8);
    desk.ok(&format!("tokens assign {} {eve} --yes", desk.serial(0)));
    let (old, new) = (desk.serial(0), desk.serial(1));
    desk.ok(&format!("tokens replace {old} --with {new} --in-hand --yes"));
    assert_eq!((desk.state(0), desk.signs_in(1, &eve)), (in_stock(), Ok(())));
}

#[test]
fn a_new_one_that_fails_leaves_the_old_one_alone() {
    let (desk, ada) = one_given(2);
    let (old, new) = (desk.serial(0), desk.serial(1));
    desk.ok(&format!("vault forget {new} --yes"));
    let ran = desk.ends(&format!("tokens replace {old} --with {new} --in-hand --yes"), 3);
    assert!(ran.out.contains("not_replaced") && ran.out.contains("seed_not_held"), "{}", ran.out);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn without_the_new_one_in_hand_it_is_assigned_and_the_old_one_stays() {
    let (desk, ada) = one_given(2);
    let (old, new) = (desk.serial(0), desk.serial(1));
    let ran = desk.ok(&format!("tokens replace {old} --with {new} --not-in-hand --yes"));
    assert_eq!((desk.state(1), desk.signs_in(0, &ada)), (with("assigned", &ada), Ok(())));
    let then = format!("oathctl tokens replace {old} --with {new} --in-hand");
    assert!(ran.err.contains(&then), "{}", ran.err);
    // A week later, in the words it said itself.
    desk.ok(&format!("{} --yes", then.strip_prefix("oathctl ").unwrap()));
    assert_eq!((desk.state(0), desk.signs_in(1, &ada)), (in_stock(), Ok(())));
}

#[test]
fn what_needs_an_answer_needs_a_flag_where_nobody_can_be_asked() {
    let (desk, ada) = one_given(2);
    let line = format!("tokens replace {} --with {}", desk.serial(0), desk.serial(1));
    let ran = desk.ends(&format!("{line} --yes"), 7);
    assert!(ran.err.contains("--in-hand") && ran.err.contains("--not-in-hand"), "{}", ran.err);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
    let asked = desk.typed(&line, "yes\nyes\n");
    assert_eq!(asked.code, 0, "{}{}", asked.out, asked.err);
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
}

#[test]
fn h15_lost_and_nothing_revives_it_until_it_is_found() {
    let desk = Helpdesk::new(2);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    let (old, new) = (desk.serial(0), desk.serial(1));
    let given = desk.ok(&format!("tokens assign {old} {ada} --yes"));
    let lost = desk.ok(&format!("tokens replace {old} --next --lost --not-in-hand --revoke-sessions --yes"));
    assert_eq!((desk.state(0), desk.state(1)), (in_stock(), with("assigned", &ada)));
    let refused = desk.ends(&format!("tokens assign {old} {ben} --yes"), 3);
    assert!(refused.out.contains("marked"), "{}", refused.out);
    desk.tenant.write("ben.csv", &format!("{}{}", super::desk::HEADER, desk.row(0, &ben)));
    let by_file = desk.ends("activate ben.csv --yes", 3);
    assert!(by_file.out.contains("marked"), "{}", by_file.out);
    let handed = desk.ok(&format!("tokens activate {new} --yes"));
    let found = desk.ok(&format!("tokens found {old}"));
    let audited = desk.ok("audit list --output json").out;
    assert!(audited.contains("token_marked") && audited.contains("token_found"), "{audited}");
    holds("tokens_lost", &[&given, &lost, &refused, &handed, &found]);
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
    assert_eq!(desk.signs_in(0, &ada), Err("wrong_code".into()));
    desk.ok(&format!("tokens assign {old} {ben} --yes"));
    assert_eq!(desk.signs_in(0, &ben), Ok(()));
}

#[test]
fn a_lost_token_dies_even_when_it_is_the_last_method() {
    let desk = Helpdesk::new(2);
    let eve = desk.upn(8);
    desk.ok(&format!("tokens assign {} {eve} --yes", desk.serial(0)));
    desk.ok(&format!(
        "tokens replace {} --with {} --lost --in-hand --no-revoke-sessions --yes",
        desk.serial(0),
        desk.serial(1)
    ));
    assert_eq!((desk.state(0), desk.signs_in(1, &eve)), (in_stock(), Ok(())));
}

#[test]
fn the_sessions_of_a_lost_token_end_even_when_its_person_took_it_back() {
    let (desk, ada) = one_given(2);
    let revoked = |upn: &str| {
        let ix = desk.person(upn);
        desk.tenant.sim.with(|parts, _| parts.world.people.get(ix).sessions_revoked.len())
    };
    let serial = desk.serial(0);
    desk.tenant.sim.with(|parts, now| {
        parts.by_hand(Deed { serial: serial.clone(), act: Act::Remove }, now).unwrap();
    });
    assert_eq!((desk.state(0), revoked(&ada)), (in_stock(), 0));
    let line =
        format!("tokens replace {serial} --with {} --lost --not-in-hand --revoke-sessions", desk.serial(1));
    let ran = desk.ok(&format!("{line} --yes"));
    assert!(ran.err.contains("is nobody's already; the sign-in sessions of"), "{}", ran.err);
    assert_eq!((revoked(&ada), desk.state(1)), (1, with("assigned", &ada)));
    assert_eq!(desk.run(&format!("tokens assign {serial} {ada} --yes")).code, 3, "it is marked");
}

#[test]
fn a_token_in_use_takes_nobodys_place() {
    let (desk, ada) = one_given(2);
    let ben = desk.upn(2);
    desk.ok(&format!("tokens assign {} {ben} --yes", desk.serial(1)));
    for lost in ["", " --lost --no-revoke-sessions"] {
        let line =
            format!("tokens replace {} --with {} --in-hand --yes{lost}", desk.serial(0), desk.serial(1));
        let ran = desk.ends(&line, 7);
        assert!(ran.err.contains("is in use"), "{}", ran.err);
    }
    assert_eq!((desk.signs_in(0, &ada), desk.signs_in(1, &ben)), (Ok(()), Ok(())));
}

#[test]
fn the_next_one_is_of_the_same_model_and_the_stock_ends() {
    let (desk, ada) = one_given(2);
    let taken = desk.ok(&format!("tokens replace {} --next --in-hand --yes", desk.serial(0)));
    holds("tokens_replace", &[&taken]);
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
    // What went back to stock is the next one now.
    desk.ok(&format!("tokens replace {} --next --in-hand --lost --no-revoke-sessions --yes", desk.serial(1)));
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
    let none = desk.ends(&format!("tokens replace {} --next --in-hand --yes", desk.serial(0)), 7);
    assert!(none.err.contains("No token of the model XT-1"), "{}", none.err);
}
