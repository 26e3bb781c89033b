//! Moves between places.

use super::scene::scene;

#[test]
fn to_another_site() {
    scene("other_site", "Chloé moves to the other site and gets a token of the stock there.", 3, |s| {
        s.run("tokens assign T000001 CHLOE --yes");
        s.run("tokens replace T000001 --with T000003 --not-in-hand --yes");
        s.note("Until she picks it up, the old one goes on.");
        s.lets_in("CHLOE", "T000001");
        s.keeps_out("CHLOE", "T000003", "wrong_code");
        s.days(5);
        s.run("tokens replace T000001 --with T000003 --in-hand --yes");
        s.keeps_out("CHLOE", "T000001", "wrong_code");
        s.lets_in("CHLOE", "T000003");
    });
}
