//! Taking: deactivate, release, delete, reseed; and the last method (H2, H6, H17, H18).

use super::desk::{HEADER, Helpdesk, in_stock, with};
use super::given::take_away;
use crate::tenant::seed;

/// Nobody's phone, nobody's app: of the invented people every eighth has nothing but a password.
const ALONE: u32 = 8;

#[test]
fn parental_leave_and_back() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    desk.ok(&format!("tokens deactivate {} --yes", desk.serial(0)));
    assert_eq!(desk.state(0), with("assigned", &ada));
    assert_eq!(desk.signs_in(0, &ada), Err("no_active_token".into()));
    let again = desk.ok(&format!("tokens deactivate {} --yes", desk.serial(0)));
    assert!(again.out.contains("inactive already"), "{}", again.out);
    desk.ok(&format!("tokens activate {} --yes", desk.serial(0)));
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn h02_the_last_method_stays_unless_somebody_says_so() {
    let desk = Helpdesk::new(1);
    let eve = desk.upn(ALONE);
    desk.ok(&format!("tokens assign {} {eve} --yes", desk.serial(0)));
    for verb in ["release", "deactivate", "unassign", "delete"] {
        let refused = desk.ends(&format!("tokens {verb} {} --yes", desk.serial(0)), 3);
        assert!(refused.out.contains("last_method"), "{verb}: {}", refused.out);
        assert!(refused.out.contains("Temporary Access Pass"), "{verb}: {}", refused.out);
    }
    assert_eq!(desk.signs_in(0, &eve), Ok(()));
    let let_through = desk.ok(&format!("tokens release {} --yes --last-method-ok", desk.serial(0)));
    assert!(let_through.err.contains("1 person is left without any method"), "{}", let_through.err);
    assert_eq!(desk.state(0), in_stock());
}

#[test]
fn h06_administrators_and_those_on_the_list_are_spared() {
    let desk = Helpdesk::new(2);
    let (root, ada) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {root} --yes", desk.serial(0)));
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(1)));
    let ix = desk.person(&root);
    desk.tenant.sim.with(|parts, _| parts.world.grant_role(ix, 0));
    let refused = desk.ends(&format!("tokens release {} --yes", desk.serial(0)), 3);
    assert!(refused.out.contains("admin_target"), "{}", refused.out);
    // A list that names the person spares the person's token, though no command line names the person.
    desk.tenant.write("never.csv", &format!("upn\n{ada}\n"));
    desk.ok(&format!("tokens release {} --exclude never.csv --yes", desk.serial(1)));
    assert_eq!(desk.signs_in(1, &ada), Ok(()));
    assert_eq!(desk.signs_in(0, &root), Ok(()));
    desk.ok(&format!("tokens release {} --include-admins --yes", desk.serial(0)));
    assert_eq!(desk.state(0), in_stock());
}

#[test]
fn h17_nothing_is_deleted_whose_seed_nobody_holds() {
    let desk = Helpdesk::without_vault(1, &[]);
    desk.ok("activate tokens.csv --yes");
    let line = format!("tokens delete {} --yes", desk.serial(0));
    let refused = desk.ends(&line, 3);
    assert!(refused.out.contains("seed_not_held"), "{}", refused.out);
    assert_eq!(desk.state(0), in_stock());
    let refused = desk.ends(&format!("tokens reseed {} --yes", desk.serial(0)), 3);
    assert!(refused.out.contains("seed_not_held"), "{}", refused.out);
    desk.ok(&format!("{line} --seed-lost"));
    assert_eq!(desk.state(0), None);
}

#[test]
fn a_wrong_seed_in_the_tenant_is_mended() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    let wrong = format!("{HEADER}{ada},{},{},30,Examplar,XT-1\n", desk.serial(0), seed(7));
    desk.tenant.write("wrong.csv", &wrong);
    desk.ok("activate wrong.csv --yes");
    assert_eq!(desk.signs_in(0, &ada), Err("wrong_code".into()));
    desk.ok(&format!("tokens reseed {} --yes", desk.serial(0)));
    assert_eq!(desk.state(0), with("activated", &ada));
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn deleted_and_imported_again_from_the_vault() {
    let desk = Helpdesk::new(1);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    desk.ok(&format!("tokens delete {} --yes", desk.serial(0)));
    assert_eq!(desk.state(0), None);
    desk.ok(&format!("tokens assign {} {ben} --yes", desk.serial(0)));
    assert_eq!(desk.signs_in(0, &ben), Ok(()));
}

#[test]
fn all_of_one_person() {
    let desk = Helpdesk::new(3);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    for (n, upn) in [(0, &ada), (1, &ada), (2, &ben)] {
        desk.ok(&format!("tokens assign {} {upn} --yes", desk.serial(n)));
    }
    desk.ok(&format!("tokens release --user {ada} --yes"));
    assert_eq!((desk.state(0), desk.state(1)), (in_stock(), in_stock()));
    assert_eq!(desk.signs_in(2, &ben), Ok(()));
    let nothing = desk.ok(&format!("tokens release --user {ada} --yes"));
    assert!(nothing.err.contains("nothing to change"), "{}", nothing.err);
    let nobody = desk.ends("tokens release --user nobody@elsewhere.example --yes", 6);
    assert!(nobody.err.contains("--leavers"), "{}", nobody.err);
}

#[test]
fn only_what_lies_in_stock_gets_another_name() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.ok("activate tokens.csv --yes");
    desk.ok(&format!("tokens rename {} Spare --yes", desk.serial(0)));
    let again = desk.ok(&format!("tokens rename {} Spare --yes", desk.serial(0)));
    assert!(again.out.contains("already"), "{}", again.out);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    let refused = desk.ends(&format!("tokens rename {} Hers --yes", desk.serial(0)), 3);
    assert!(refused.out.contains("backend_cannot"), "{}", refused.out);
    take_away(&desk, 0);
    desk.ok(&format!("tokens rename {} Hers --yes", desk.serial(0)));
}

#[test]
fn h18_who_holds_it_meanwhile_is_left_alone() {
    let desk = Helpdesk::new(1);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {ben} --yes", desk.serial(0)));
    // The list is of last week: the token was Ada's then.
    desk.tenant.write("back.csv", &format!("serial,upn\n{},{ada}\n", desk.serial(0)));
    let refused = desk.ends("tokens release --file back.csv --yes", 3);
    assert!(refused.out.contains("held_by_other"), "{}", refused.out);
    assert_eq!(desk.signs_in(0, &ben), Ok(()));
}

#[test]
fn a_serial_that_the_tenant_does_not_have() {
    let desk = Helpdesk::new(1);
    for verb in ["release", "deactivate", "unassign"] {
        let ran = desk.ends(&format!("tokens {verb} 999999 --yes"), 3);
        assert!(ran.out.contains("not_in_tenant"), "{verb}: {}", ran.out);
    }
    let ran = desk.ends(&format!("tokens assign 999999 {} --yes", desk.upn(1)), 3);
    assert!(ran.out.contains("seed_not_held"), "{}", ran.out);
}
