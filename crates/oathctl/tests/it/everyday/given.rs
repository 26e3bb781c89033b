//! Giving: assign, activate.

use oathctl_sim::hands::{Act, Deed};
use serde_json::Value;

use super::desk::{HEADER, Helpdesk, in_stock, with};
use crate::tenant::Ran;
use crate::transcript::holds;

#[test]
fn a_token_is_given_out_and_taken_back() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
    desk.ok(&format!("tokens release {} --yes", desk.serial(0)));
    assert_eq!(desk.state(0), in_stock());
    assert_eq!(desk.signs_in(0, &ada), Err("no_active_token".into()));
    let again = desk.ok(&format!("tokens release {} --yes", desk.serial(0)));
    assert!(again.out.contains("in stock already"), "{}", again.out);
}

#[test]
fn what_is_said_of_giving_and_taking() {
    let desk = Helpdesk::new(2);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    let lines = [
        format!("tokens assign {} {ada} --yes", desk.serial(0)),
        format!("tokens deactivate {} --yes", desk.serial(0)),
        format!("tokens activate {} --yes", desk.serial(0)),
        format!("tokens assign {} {ben} --yes", desk.serial(0)),
        format!("tokens release {} --yes", desk.serial(0)),
        format!("tokens rename {} Spare --yes", desk.serial(0)),
        format!("tokens delete {} --yes", desk.serial(0)),
        format!("tokens assign {} {ben}", desk.serial(1)),
    ];
    let ran: Vec<Ran> = lines.iter().map(|line| desk.run(line)).collect();
    holds("tokens", &ran.iter().collect::<Vec<_>>());
    assert_eq!(ran.iter().map(|ran| ran.code).collect::<Vec<_>>(), [0, 0, 0, 3, 0, 0, 0, 7]);
}

#[test]
fn from_stock_to_the_next_person_without_any_seed() {
    let desk = Helpdesk::new(1);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    desk.ok(&format!("tokens release {} --yes", desk.serial(0)));
    // Nothing that opens the vault is at hand: assigning needs no seed.
    let line = format!("tokens assign {} {ben} --up-to assigned --yes", desk.serial(0));
    let ran = desk.run_with(&line, |setting| {
        setting.env.remove("OATHCTL_VAULT_KEY_FILE");
    });
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(desk.state(0), with("assigned", &ben));
    assert_eq!(desk.signs_in(0, &ben), Err("no_active_token".into()));
    desk.ok(&format!("tokens activate {} --yes", desk.serial(0)));
    assert_eq!(desk.signs_in(0, &ben), Ok(()));
}

#[test]
fn a_token_of_somebody_else_stays_where_it_is() {
    let desk = Helpdesk::new(1);
    let (ada, ben) = (desk.upn(1), desk.upn(2));
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    let line = format!("tokens assign {} {ben} --yes", desk.serial(0));
    let refused = desk.ends(&line, 3);
    assert!(refused.out.contains("held_by_other"), "{}", refused.out);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
    desk.ok(&format!("{line} --reassign"));
    assert_eq!(desk.signs_in(0, &ben), Ok(()));
    assert_eq!(desk.signs_in(0, &ada), Err("no_active_token".into()));
}

#[test]
fn the_user_deleted_the_method_himself() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    // As Entra does it: the token is in stock again.
    take_away(&desk, 0);
    assert_eq!(desk.state(0), in_stock());
    let line = format!("tokens activate {} --yes", desk.serial(0));
    let again = desk.ok(&line);
    assert!(again.err.contains(&ada), "the person is remembered: {}", again.err);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn whose_it_was_nobody_knows() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    desk.ok("activate tokens.csv --yes");
    assert_eq!(desk.state(0), in_stock());
    let line = format!("tokens activate {} --yes", desk.serial(0));
    let ran = desk.ends(&line, 2);
    assert!(ran.err.contains("--user"), "{}", ran.err);
    desk.ok(&format!("{line} --user {ada}"));
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn without_a_seed_nothing_is_activated_and_the_way_out_is_named() {
    let desk = Helpdesk::without_vault(1, &[]);
    let ada = desk.upn(1);
    desk.tenant.write("ada.csv", &format!("{HEADER}{}", desk.row(0, &ada)));
    desk.ok("activate ada.csv --yes --up-to assigned");
    let line = format!("tokens activate {} --yes", desk.serial(0));
    let ran = desk.ends(&line, 3);
    assert!(ran.out.contains("seed_not_held") && ran.out.contains("vault import"), "{}", ran.out);
    assert_eq!(desk.state(0), with("assigned", &ada));
    desk.ok("vault init --new-key-file desk.key");
    desk.ok("vault import tokens.csv");
    desk.ok(&line);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

#[test]
fn the_report_is_the_same_document_as_everywhere() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    let line = format!("tokens assign {} {ada} --yes --output json --report run.json", desk.serial(0));
    let ran = desk.ok(&line);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let written: Value = serde_json::from_str(&desk.tenant.read("run.json")).unwrap();
    assert_eq!(told, written);
    assert_eq!(told["schema"], "oathctl.run/1");
    assert_eq!(told["options"]["command"], "tokens assign");
    assert_eq!(told["rows"][0]["outcome"], "activated");
    assert_eq!(told["rows"][0]["proof"], "read_back");
    assert_eq!(told["totals"]["activated"], 1);
}

#[test]
fn nobody_confirms_and_nothing_happens() {
    let desk = Helpdesk::new(1);
    let ada = desk.upn(1);
    let line = format!("tokens assign {} {ada}", desk.serial(0));
    desk.ends(&line, 7);
    assert_eq!(desk.state(0), None);
    let no = desk.typed(&line, "no\n");
    assert_eq!((no.code, desk.state(0)), (7, None), "{}", no.err);
    let yes = desk.typed(&line, "yes\n");
    assert_eq!(yes.code, 0, "{}", yes.err);
    assert_eq!(desk.signs_in(0, &ada), Ok(()));
}

/// What a user does on his own Security info page.
pub fn take_away(desk: &Helpdesk, n: usize) {
    let deed = Deed { serial: desk.serial(n), act: Act::Remove };
    desk.tenant.sim.with(|parts, now| parts.by_hand(deed, now)).expect("it can be removed");
}
