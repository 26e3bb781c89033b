//! Looking at people: what they hold, what else they sign in with, what may not be read.

use serde_json::Value;

use super::desk::Helpdesk;
use crate::schema::fits;
use crate::transcript::holds;

/// Everything but one permission.
fn all_but(desk: &Helpdesk, permission: &str) {
    let all = "Policy.ReadWrite.AuthenticationMethod,UserAuthenticationMethod.ReadWrite.All,User.Read.All,Directory.Read.All";
    let left: Vec<&str> = all.split(',').filter(|it| *it != permission).collect();
    desk.tenant.set("permissions", &left.join(","));
}

fn with_a_token(devices: usize) -> (Helpdesk, String) {
    let desk = Helpdesk::new(devices);
    let ada = desk.upn(1);
    desk.ok(&format!("tokens assign {} {ada} --yes", desk.serial(0)));
    (desk, ada)
}

fn person(desk: &Helpdesk, line: &str) -> Value {
    let ran = desk.ok(&format!("{line} --output json"));
    fits(&desk.tenant, "users/1", &ran.out);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    document["people"][0].clone()
}

#[test]
fn a_person_with_tokens_methods_and_room() {
    let (desk, ada) = with_a_token(2);
    let shown = desk.ok(&format!("users show {ada}"));
    desk.tenant.sim.with(|parts, _| parts.world.set_enabled(parts.world.people.by_upn(&ada).unwrap(), false));
    let found = desk.ok("users search bjo");
    let cached = desk.ok(&format!("users show {ada} --cached"));
    holds("users", &[&shown, &found, &cached]);
    let json = person(&desk, &format!("users show {ada}"));
    assert_eq!(json["tokens"][0]["serial"], desk.serial(0));
    assert_eq!((&json["all_tokens"], &json["admin"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(json["methods"]["microsoft_authenticator"], 1, "{json}");
    assert_eq!((&json["room"], &json["enabled"]), (&Value::from(3), &Value::Bool(false)));
    assert!(json["disabled_since"].is_string(), "{json}");
    assert_eq!(json["unknown"], Value::Array(Vec::new()));
    // By id it is the same person.
    let id = json["id"].as_str().unwrap().to_uppercase();
    assert_eq!(person(&desk, &format!("users show {id}"))["upn"], json["upn"]);
}

#[test]
fn what_may_not_be_read_is_unknown_and_never_none() {
    let (desk, ada) = with_a_token(1);
    all_but(&desk, "UserAuthenticationMethod.ReadWrite.All");
    let shown = desk.ok(&format!("users show {ada}"));
    for words in
        ["methods  unknown", "room     unknown", "tokens   unknown; this store remembers 1", &desk.serial(0)]
    {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    assert!(shown.err.contains("UserAuthenticationMethod.Read.All"), "{}", shown.err);
    let json = person(&desk, &format!("users show {ada}"));
    assert_eq!((&json["methods"], &json["room"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&json["all_tokens"], &json["unknown"][0]["remote"]["status"]),
        (&Value::Bool(false), &Value::from(403))
    );
    all_but(&desk, "Directory.Read.All");
    let json = person(&desk, &format!("users show {ada}"));
    assert_eq!((&json["admin"], &json["room"]), (&Value::Null, &Value::from(3)));
    let nobody = desk.upn(2);
    all_but(&desk, "UserAuthenticationMethod.ReadWrite.All");
    let shown = desk.ok(&format!("users show {nobody}"));
    assert!(shown.out.contains("tokens   unknown\n"), "{}", shown.out);
    desk.tenant.set("permissions", "Policy.Read.All");
    assert_eq!(desk.run(&format!("users show {ada}")).code, 4);
    assert_eq!(desk.run("users search ada").code, 4);
}

#[test]
fn a_piece_of_a_name_will_do_where_one_person_fits() {
    let (desk, ada) = with_a_token(1);
    let several = desk.ends("users show Almeida", 2);
    assert!(
        several.err.contains("Several people fit Almeida") && several.err.contains(&ada),
        "{}",
        several.err
    );
    let one = desk.ok(&format!("users show {}", ada.split('@').next().unwrap()));
    assert!(one.out.contains(&ada), "{}", one.out);
    for who in ["nosuchname", "nobody@practice.example", "11111111-1111-4111-8111-111111111111"] {
        let ran = desk.ends(&format!("users show {who}"), 2);
        assert!(ran.err.contains(&format!("nobody called {who}")) && ran.out.is_empty(), "{}", ran.err);
        let ran = desk.ends(&format!("users show {who} --cached"), 2);
        assert!(ran.err.contains("never seen anybody"), "{}", ran.err);
    }
    let nobody = desk.ok("users search nosuchname --output json");
    fits(&desk.tenant, "users/1", &nobody.out);
    assert!(desk.ok("users search nosuchname").err.contains("Nobody fits."));
    for wrong in ["users search", "users search a --limit 0", "users show"] {
        assert_eq!(desk.run(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn a_search_says_when_more_fit_and_gives_a_line_each() {
    let desk = Helpdesk::new(1);
    let some = desk.ok("users search Almeida --limit 3");
    assert_eq!(some.out.lines().count(), 4, "{}", some.out);
    assert!(some.err.contains("The first 3; more fit"), "{}", some.err);
    let lines = desk.ok("users search Almeida --limit 3 --output ndjson");
    assert_eq!(lines.out.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 3);
}

#[test]
fn who_was_deleted_is_told_apart_from_who_never_was() {
    let (desk, ada) = with_a_token(1);
    let ix = desk.person(&ada);
    desk.tenant.sim.with(|parts, now| parts.world.delete_person(ix, now));
    let gone = desk.ends(&format!("users show {ada}"), 2);
    assert!(gone.err.contains(&format!("{ada} was deleted")), "{}", gone.err);
    let cached = desk.ok(&format!("users show {ada} --cached"));
    assert!(cached.out.contains("gone, seen so since"), "{}", cached.out);
}

#[test]
fn a_token_that_somebody_else_took_is_told() {
    let (desk, ada) = with_a_token(1);
    desk.ok("tokens refresh");
    desk.ok(&format!("tokens release {} --state-dir elsewhere --yes", desk.serial(0)));
    let shown = desk.ok(&format!("users show {ada}"));
    assert!(
        shown.err.contains(&format!("doesn't show token {} with {ada}", desk.serial(0))),
        "{}",
        shown.err
    );
    assert!(shown.out.contains("tokens   none"), "{}", shown.out);
}

#[test]
fn a_store_that_is_not_there_yet_will_do() {
    let desk = Helpdesk::without_vault(1, &[]);
    let shown = desk.ok(&format!("users show {}", desk.upn(1)));
    assert!(
        shown.out.contains("tokens   none") && !shown.err.contains("somebody else"),
        "{}{}",
        shown.out,
        shown.err
    );
}
