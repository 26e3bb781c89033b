//! Lost, found, none left.

use super::scene::scene;

#[test]
fn lost() {
    scene(
        "lost",
        "İpek lost her token, the only method she has. The new one is on the desk, so she leaves with it.",
        2,
        |s| {
            s.run("tokens assign T000001 IPEK --yes");
            s.lets_in("IPEK", "T000001");
            s.run("tokens replace T000001 --next --lost --in-hand --revoke-sessions --yes");
            s.keeps_out("IPEK", "T000001", "wrong_code");
            s.note("Nobody gives the lost one out by mistake.");
            s.ends("tokens assign T000001 BJOERN --yes", 3);
            s.lets_in("IPEK", "T000002");
        },
    );
}

#[test]
fn lost_and_found_again() {
    scene(
        "lost_and_found_again",
        "Björn's token is lost, the new one is in the post; then the old one turns up.",
        2,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.run("tokens replace T000001 --with T000002 --lost --not-in-hand --no-revoke-sessions --yes");
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.days(2);
            s.note("It lay in the car. He wants it back, and the new one goes to stock.");
            s.run("tokens found T000001 --note car");
            s.run("tokens assign T000001 BJOERN --yes");
            s.run("tokens release T000002 --yes");
            s.keeps_out("BJOERN", "T000002", "wrong_code");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn lost_and_the_stock_is_empty() {
    scene("lost_and_the_stock_is_empty", "Björn lost his token, and no other one is left.", 2, |s| {
        s.run("tokens assign T000001 BJOERN --yes");
        s.run("tokens assign T000002 CHLOE --yes");
        s.ends("tokens replace T000001 --next --lost --in-hand --no-revoke-sessions --yes", 7);
        s.note("The lost one has to die all the same, as it says.");
        s.run("tokens release T000001 --lost --revoke-sessions --yes");
        s.keeps_out("BJOERN", "T000001", "no_active_token");
        s.note("Chloé hands hers in; then there is one, and the lost one isn't it.");
        s.run("tokens release T000002 --yes");
        s.run("tokens replace T000001 --next --lost --in-hand --no-revoke-sessions --yes");
        s.keeps_out("CHLOE", "T000002", "no_active_token");
        s.lets_in("BJOERN", "T000002");
    });
}
