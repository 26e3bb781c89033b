//! How it begins: somebody starts, gets a second one, may not have one.

use super::scene::scene;

#[test]
fn a_starter_on_monday() {
    scene(
        "starter_on_monday",
        "Björn starts on Monday. His token is prepared, and activated when he has it.",
        1,
        |s| {
            s.run("tokens assign T000001 BJOERN --up-to assigned --yes");
            s.note("In the drawer it opens nothing yet.");
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.days(3);
            s.note("Monday, nine o'clock: he has it in his hand.");
            s.run("tokens activate T000001 --yes");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn two_tokens_for_one_person() {
    scene(
        "two_tokens",
        "One token at the office, one at home: both are Björn's, and either lets him in.",
        2,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.run("tokens assign T000002 BJOERN --yes");
            s.lets_in("BJOERN", "T000001");
            s.lets_in("BJOERN", "T000002");
            s.note("The one at home isn't needed any more.");
            s.run("tokens release T000002 --yes");
            s.keeps_out("BJOERN", "T000002", "wrong_code");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn a_sixth_one_is_too_many() {
    scene(
        "sixth_token",
        "Five authenticators are the most that Entra allows; the sixth is refused before it is sent.",
        6,
        |s| {
            let rows: String = (1..=5).map(|n| format!("T00000{n},CHLOE\n")).collect();
            s.file("chloe.csv", &format!("serial,upn\n{rows}"));
            s.note("She has an authenticator app as well, so there is room for four.");
            s.ends("tokens assign --file chloe.csv --yes", 3);
            s.lets_in("CHLOE", "T000001");
            s.lets_in("CHLOE", "T000004");
            s.keeps_out("CHLOE", "T000005", "wrong_code");
            s.note("One comes back, and there is room for another.");
            s.run("tokens release T000001 --yes");
            s.run("tokens assign T000006 CHLOE --yes");
            s.lets_in("CHLOE", "T000006");
        },
    );
}

#[test]
fn an_administrator_is_left_out_unless_meant() {
    scene("administrator", "A person with a directory role gets nothing by accident.", 1, |s| {
        s.ends("tokens assign T000001 ADMIN --yes", 3);
        s.keeps_out("ADMIN", "T000001", "no_active_token");
        s.note("It is meant.");
        s.run("tokens assign T000001 ADMIN --include-admins --yes");
        s.lets_in("ADMIN", "T000001");
    });
}
