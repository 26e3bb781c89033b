//! What lies where, and moving it.

use serde_json::Value;

use super::desk::Helpdesk;
use crate::schema::fits;
use crate::transcript::holds;

/// Of five, one is Ada's, one is lost, one has no seed here any more.
fn a_shelf() -> Helpdesk {
    let desk = Helpdesk::without_vault(5, &[]);
    desk.ok("vault init --new-key-file desk.key");
    desk.ok("vault import tokens.csv --batch 2026-11 --location Berlin");
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(1)));
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(1), desk.upn(2)));
    let replaced =
        format!("tokens replace {} --with {} --lost --not-in-hand", desk.serial(1), desk.serial(2));
    desk.ok(&format!("{replaced} --no-revoke-sessions --yes"));
    desk.ok(&format!("vault forget {} --yes", desk.serial(3)));
    desk
}

fn json(desk: &Helpdesk, line: &str) -> Value {
    let ran = desk.ok(&format!("{line} --output json"));
    fits(&desk.tenant, "stock/1", &ran.out);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn what_lies_where_and_what_to_reorder() {
    let desk = a_shelf();
    let counted = desk.ok("stock --reorder-below 2");
    let moved = desk.ok(&format!("stock move {} {} --to Bonn", desk.serial(4), desk.serial(3)));
    let cached = desk.ok("stock --cached --location bonn");
    let listed = desk.ok("stock list --cached");
    holds("stock", &[&counted, &moved, &cached, &listed]);
    let document = json(&desk, "stock --cached --reorder-below 2");
    assert_eq!(document["low"], serde_json::json!([{"model": "XT-1", "free": 1, "below": 2}]));
    let shelves = document["shelves"].as_array().unwrap();
    let sum = |what: &str| shelves.iter().map(|shelf| shelf[what].as_u64().unwrap()).sum::<u64>();
    assert_eq!(["tokens", "free", "held", "lost", "without_seed"].map(sum), [5, 1, 2, 1, 1], "{document}");
    let audited = desk.ok("audit list --kind token_moved --output json").out;
    assert!(audited.contains("in Bonn") && audited.contains(&desk.serial(4)), "{audited}");
    let life = desk.ok(&format!("tokens show {} --cached", desk.serial(4)));
    assert!(life.out.contains("moved: Bonn") && life.out.contains("location     Bonn"), "{}", life.out);
    assert_eq!(desk.ok("audit verify").code, 0);
}

#[test]
fn thresholds_come_from_the_configuration() {
    let desk = a_shelf();
    desk.ok("tokens refresh");
    for (text, low) in [
        ("[stock]\nreorder_below = 2\n", vec!["Reorder XT-1: 1 free, fewer than 2"]),
        (
            "[stock]\nreorder_below = { \"xt-1\" = 1, \"XT-9\" = 3 }\n",
            vec!["Reorder XT-9: 0 free, fewer than 3"],
        ),
        ("[stock.reorder_below]\n\"*\" = 5\nXT-1 = 0\n", vec![]),
        ("", vec![]),
    ] {
        desk.tenant.write("own.toml", text);
        let ran = desk.ok("stock --cached --config own.toml");
        let found: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("Reorder")).collect();
        assert_eq!(found.len(), low.len(), "{text}: {}", ran.out);
        assert!(found.iter().zip(&low).all(|(found, low)| found.starts_with(low)), "{text}: {found:?}");
    }
    for wrong in [
        "[stock]\nreorder_below = \"many\"\n",
        "[stock]\nreorder_below = -1\n",
        "[stock]\nreorder = 1\n",
        "stock = 3\n",
    ] {
        desk.tenant.write("own.toml", wrong);
        let ran = desk.ends("stock --cached --config own.toml", 2);
        assert!(ran.err.contains("stock") || ran.err.contains("reorder"), "{wrong}: {}", ran.err);
    }
}

#[test]
fn a_list_moves_what_it_can_and_tells_the_rest() {
    let desk = a_shelf();
    let text = format!(
        "serial,location,batch\n{},Bonn,\n{},,box-7\nNOSUCH,Bonn,\n{},Ulm,\n{},Kiel,\n{},,\n",
        desk.serial(0),
        desk.serial(1),
        desk.serial(2),
        desk.serial(2),
        desk.serial(3)
    );
    desk.tenant.write("boxes.csv", &text);
    let ran = desk.ends("stock move --file boxes.csv", 3);
    for words in [
        "boxes.csv:5",
        "boxes.csv:6",
        "serial_conflict",
        "boxes.csv:7",
        "NOSUCH (line 4)",
        "2 tokens moved, 4 failed",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    let line = "tokens list --cached --output json";
    let tokens: Value = serde_json::from_str(&desk.ok(line).out).unwrap();
    let of = |n: usize, what: &str| {
        let mut all = tokens["tokens"].as_array().unwrap().iter();
        all.find(|token| token["serial"] == desk.serial(n)).unwrap()[what].as_str().unwrap().to_owned()
    };
    assert_eq!((of(0, "location"), of(0, "batch")), ("Bonn".into(), "2026-11".into()));
    assert_eq!((of(1, "location"), of(1, "batch")), ("Berlin".into(), "box-7".into()));
    assert_eq!((of(2, "location"), of(3, "location")), ("Berlin".into(), "Berlin".into()));
    let again = desk.run("stock move --file boxes.csv --output json");
    fits(&desk.tenant, "stock/1", &again.out);
    let document: Value = serde_json::from_str(&again.out).unwrap();
    let moves = document["moves"].as_array().unwrap();
    assert!(moves.len() == 6 && moves.iter().all(|it| it["moved"] == false), "{document}");
    assert!(moves.iter().any(|it| it["reason"] == "token_unknown" && it["line"] == 4), "{document}");
}

#[test]
fn what_is_no_move_is_refused() {
    let desk = a_shelf();
    let unknown = desk.ends("stock move NOSUCH --to Bonn", 3);
    assert!(unknown.err.contains("doesn't know a token"), "{}", unknown.err);
    let long = "x".repeat(101);
    for wrong in [
        "stock move".to_owned(),
        "stock move A1".into(),
        format!("stock move A1 --to {long}"),
        "stock move A1 --file boxes.csv".into(),
        "stock --reorder-below few".into(),
        "stock list --cached --model".into(),
    ] {
        assert_eq!(desk.run(&wrong).code, 2, "{wrong}");
    }
    for (text, code) in [("", 6), ("serial\nA1\n", 6), ("serial,location\n", 6)] {
        desk.tenant.write("boxes.csv", text);
        assert_eq!(desk.run("stock move --file boxes.csv").code, code, "{text:?}");
    }
    assert_eq!(desk.run("stock move --file nowhere.csv").code, 6);
    let audited = desk.ok("audit list --kind token_moved").out;
    assert!(!audited.contains("token_moved"), "{audited}");
}
