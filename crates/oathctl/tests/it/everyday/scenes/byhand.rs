//! What others do beside oathctl: users in Security info, administrators in the portal.

use oathctl_sim::hands::Act;

use super::scene::scene;

#[test]
fn the_user_deleted_it() {
    scene(
        "user_deleted_it",
        "Björn removed his token in Security info, and now he can't sign in.",
        1,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.by_hand("T000001", Act::Remove);
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.run("tokens activate T000001 --yes");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn claimed_by_the_wrong_person() {
    scene(
        "claimed_by_the_wrong_person",
        "Two tokens were mixed up: Chloé registers the one that was meant for Björn.",
        2,
        |s| {
            s.run("activate tokens.csv --up-to imported --yes");
            s.by_hand("T000001", Act::Claim { upn: "CHLOE".into(), code: None });
            s.lets_in("CHLOE", "T000001");
            s.note("Björn's list says otherwise; nothing is taken from her without a word.");
            s.ends("tokens assign T000001 BJOERN --yes", 3);
            s.note("They have swapped devices by now.");
            s.run("tokens assign T000001 BJOERN --reassign --yes");
            s.run("tokens assign T000002 CHLOE --yes");
            s.keeps_out("CHLOE", "T000001", "wrong_code");
            s.lets_in("CHLOE", "T000002");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn deleted_by_hand() {
    scene(
        "deleted_by_hand",
        "An administrator deleted Björn's token in the portal. The vault still has its seed.",
        1,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.by_hand("T000001", Act::Unassign);
            s.by_hand("T000001", Act::Delete);
            s.run("tokens refresh");
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.run("tokens assign T000001 BJOERN --yes");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn changed_in_between() {
    scene(
        "changed_in_between",
        "A list from the morning; at noon somebody moved one of its tokens by hand.",
        2,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.run("tokens assign T000002 CHLOE --yes");
            s.file("back.csv", "serial,upn\nT000001,BJOERN\nT000002,CHLOE\n");
            s.by_hand("T000002", Act::Unassign);
            s.by_hand("T000002", Act::Assign { upn: "DILEK".into() });
            s.activates_by_hand("T000002");
            s.note("The list says Chloé, so Dilek's token isn't touched.");
            s.ends("tokens release --file back.csv --yes", 3);
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.run("tokens refresh");
            s.lets_in("DILEK", "T000002");
        },
    );
}

#[test]
fn the_serial_is_at_somebody() {
    scene(
        "serial_at_somebody",
        "A serial was mistyped: the token that Chloé is to get is Björn's.",
        2,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.ends("tokens assign T000001 CHLOE --yes", 3);
            s.ends("tokens replace T000001 --with T000001 --in-hand --yes", 2);
            s.lets_in("BJOERN", "T000001");
            s.note("The right one.");
            s.run("tokens assign T000002 CHLOE --yes");
            s.lets_in("CHLOE", "T000002");
        },
    );
}
