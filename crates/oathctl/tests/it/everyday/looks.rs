//! Looking: lists, one token's life, what somebody else changed.

use serde_json::Value;

use super::desk::Helpdesk;
use crate::schema::fits;
use crate::transcript::holds;

/// Somebody else works in the same tenant, with a store of his own.
fn elsewhere(desk: &Helpdesk, line: &str) {
    desk.ok(&format!("{line} --state-dir elsewhere --yes"));
}

fn two_given() -> Helpdesk {
    let desk = Helpdesk::new(3);
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(1)));
    desk.ok(&format!("tokens assign {} {} --yes --up-to assigned", desk.serial(1), desk.upn(2)));
    desk
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn serials(document: &Value) -> Vec<&str> {
    let tokens = document["tokens"].as_array().unwrap();
    tokens.iter().map(|token| token["serial"].as_str().unwrap()).collect()
}

#[test]
fn what_was_changed_by_hand_is_told_once() {
    let desk = two_given();
    let first = desk.ok("tokens list");
    elsewhere(&desk, &format!("tokens release {}", desk.serial(0)));
    elsewhere(&desk, &format!("tokens delete {} --seed-lost", desk.serial(1)));
    let told = desk.ok("tokens list");
    for words in [
        format!("Token {} was taken from {}.", desk.serial(0), desk.upn(1)),
        format!("Token {} was deleted.", desk.serial(1)),
    ] {
        assert!(told.err.contains(&words), "{words} is missing in {}", told.err);
    }
    let again = desk.ok("tokens refresh");
    assert!(again.err.contains("Nothing was changed by anybody else."), "{}", again.err);
    let cached = desk.ok("tokens list --cached --status gone,available");
    let shown = desk.ok(&format!("tokens show {} --cached", desk.serial(0)));
    holds("tokens_list", &[&first, &told, &cached]);
    holds("tokens_show", &[&shown]);
}

#[test]
fn what_this_store_did_itself_is_no_change() {
    let desk = two_given();
    let listed = json(&desk.ok("tokens list --output json").out);
    assert_eq!(
        (&listed["changes"], &listed["asked_tenant"]),
        (&Value::Array(Vec::new()), &Value::Bool(true))
    );
    desk.ok(&format!("tokens release {} --yes", desk.serial(0)));
    let after = json(&desk.ok("tokens refresh --output json").out);
    assert_eq!(after["changes"], Value::Array(Vec::new()));
    assert_eq!(after["first_look"], false);
}

#[test]
fn even_the_first_look_tells_what_was_changed_of_a_known_token() {
    let desk = two_given();
    elsewhere(&desk, &format!("tokens release {}", desk.serial(0)));
    let first = desk.ok("tokens list");
    let words = format!("Token {} was taken from {}.", desk.serial(0), desk.upn(1));
    assert!(first.err.contains("first look") && first.err.contains(&words), "{}", first.err);
}

#[test]
fn filters_order_and_columns() {
    let desk = two_given();
    let of = |flags: &str| json(&desk.ok(&format!("tokens list --output json {flags}")).out);
    let (one, two, three) = (desk.serial(0), desk.serial(1), desk.serial(2));
    assert_eq!(serials(&of("--descending")), [&three, &two, &one]);
    assert_eq!(serials(&of("--status stock")), [&three]);
    assert_eq!(serials(&of("--status activated,assigned --sort status")), [&one, &two]);
    assert_eq!(serials(&of(&format!("--holder {}", desk.upn(2).to_uppercase()))), [&two]);
    assert_eq!(serials(&of("--holder nobody@practice.example")), Vec::<&str>::new());
    assert_eq!(serials(&of("--never-used --limit 1")), [&one]);
    assert_eq!(serials(&of(&format!("--serial {}", three.to_lowercase()))), [&three]);
    assert_eq!(serials(&of("--proof read-back")), [&one]);
    assert_eq!(serials(&of("--model xt-1 --mark none")).len(), 3);
    assert_eq!(serials(&of("--model XT-2")).len() + serials(&of("--mark any")).len(), 0);
    let csv = desk.ok("tokens list --cached --csv --columns serial,holder --status activated");
    assert_eq!(csv.out, format!("serial,holder\r\n{one},{}\r\n", desk.upn(1)));
    for wrong in ["--status lost", "--proof perhaps", "--mark gone", "--sort weight", "--columns secret"] {
        assert_eq!(desk.run(&format!("tokens list --cached {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn the_inventory_answers_without_a_tenant() {
    let desk = two_given();
    desk.ok("tokens refresh");
    let line = "tokens list --cached --output json";
    let cached =
        desk.run_with(line, |setting| setting.env.retain(|name, _| !name.starts_with("AZURE_CLIENT")));
    assert_eq!(cached.code, 0, "{}", cached.err);
    let document = json(&cached.out);
    assert_eq!((serials(&document).len(), &document["asked_tenant"]), (3, &Value::Bool(false)));
    assert!(document["tenants"][0]["as_of"].is_string(), "{document}");
    assert!(cached.err.contains("From the inventory: tenant"), "{}", cached.err);
    fits(&desk.tenant, "tokens/1", &cached.out);
    let shown = desk.ok(&format!("tokens show {} --output json", desk.serial(0)));
    fits(&desk.tenant, "tokens/1", &shown.out);
    let life = json(&shown.out)["life"].as_array().unwrap().clone();
    assert!(life.iter().any(|event| event["holder_after"]["upn"] == desk.upn(1)), "{life:?}");
    fits(&desk.tenant, "tokens/1", &desk.ok("tokens refresh --output json").out);
}

#[test]
fn a_token_that_nobody_knows_is_no_empty_page() {
    let desk = Helpdesk::new(1);
    for line in ["tokens show NOSUCH", "tokens show NOSUCH --cached"] {
        let ran = desk.ends(line, 2);
        assert!(ran.err.contains("a token NOSUCH") && ran.out.is_empty(), "{}", ran.err);
    }
}

#[test]
fn what_goes_into_the_vault_is_known_with_its_delivery_and_place() {
    let desk = Helpdesk::new(2);
    desk.ok("vault import tokens.csv --batch 2026-11 --location Berlin");
    let listed = json(&desk.ok("tokens list --cached --batch 2026-11 --location berlin --output json").out);
    assert_eq!(serials(&listed).len(), 2);
    assert!(listed["tokens"].as_array().unwrap().iter().all(|token| token["seed_held"] == true), "{listed}");
}

#[test]
fn one_answer_about_one_token_does_not_prove_it_gone() {
    let desk = two_given();
    desk.ok("tokens refresh");
    elsewhere(&desk, &format!("tokens delete {} --seed-lost", desk.serial(1)));
    let shown = desk.ok(&format!("tokens show {}", desk.serial(1)));
    assert!(shown.err.contains("doesn't show token"), "{}", shown.err);
    assert!(shown.out.contains("assigned"), "{}", shown.out);
    desk.ok("tokens refresh");
    let gone = desk.ok(&format!("tokens show {}", desk.serial(1)));
    assert!(gone.out.contains("gone from the tenant"), "{}", gone.out);
}
