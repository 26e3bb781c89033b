//! Leaving, being away, coming back, being called otherwise.

use super::scene::{Account, scene, scene_in};
use crate::everyday::desk::Helpdesk;

#[test]
fn parental_leave() {
    scene(
        "parental_leave",
        "Chloé is away for three months; her account is disabled, and her token stays hers.",
        1,
        |s| {
            s.run("tokens assign T000001 CHLOE --yes");
            s.account("CHLOE", Account::Disabled);
            s.keeps_out("CHLOE", "T000001", "disabled_user");
            s.note("Whoever tidies up meanwhile takes nothing from her.");
            s.run("tokens release --leavers --yes");
            s.days(90);
            s.account("CHLOE", Account::Enabled);
            s.run("tokens show T000001");
            s.lets_in("CHLOE", "T000001");
        },
    );
}

#[test]
fn a_leaver_with_two_tokens() {
    let desk = Helpdesk::with(3, &[("deleted_holder", "keep")]);
    scene_in(
        desk,
        "leaver_with_two_tokens",
        "Björn leaves; both his tokens come back, and nobody signs in with them.",
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.run("tokens assign T000002 BJOERN --yes");
            s.note("On his last day, before the account goes.");
            s.run("tokens release --user BJOERN --yes");
            s.account("BJOERN", Account::Deleted);
            s.keeps_out("BJOERN", "T000001", "unknown_user");
            s.note("The next one gets his token; it needs no seed file, the tenant has kept the seed.");
            s.run("tokens assign T000001 CHLOE --yes");
            s.lets_in("CHLOE", "T000001");
            s.keeps_out("CHLOE", "T000002", "wrong_code");
        },
    );
}

#[test]
fn a_leaver_who_is_restored() {
    let desk = Helpdesk::with(1, &[("deleted_holder", "keep")]);
    scene_in(
        desk,
        "leaver_restored",
        "Björn was deleted by mistake; his token was taken back before anybody noticed.",
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.account("BJOERN", Account::Deleted);
            s.run("tokens release --leavers --yes");
            s.days(1);
            s.account("BJOERN", Account::Restored);
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.note("This store remembers whose it was.");
            s.run("tokens activate T000001 --yes");
            s.lets_in("BJOERN", "T000001");
        },
    );
}

#[test]
fn a_new_name() {
    scene(
        "new_name",
        "Chloé marries. Her user principal name changes, her account and her token stay.",
        1,
        |s| {
            s.run("tokens assign T000001 CHLOE --yes");
            s.account("CHLOE", Account::Renamed("chloe.neumann@practice.example"));
            s.lets_in("chloe.neumann@practice.example", "T000001");
            s.note("A list with the old name finds nobody, and says so.");
            s.file("old.csv", "serial,upn\nT000001,chloe.almeida@practice.example\n");
            s.ends("tokens deactivate --file old.csv --yes", 3);
            s.run("tokens list --holder chloe.neumann@practice.example");
            s.lets_in("chloe.neumann@practice.example", "T000001");
        },
    );
}

#[test]
fn handed_on() {
    scene(
        "handed_on",
        "Björn gives his token back, and Chloé gets it; his sign-ins with it end.",
        1,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.lets_in("BJOERN", "T000001");
            s.run("tokens release T000001 --yes");
            s.run("tokens assign T000001 CHLOE --yes");
            s.keeps_out("BJOERN", "T000001", "no_active_token");
            s.lets_in("CHLOE", "T000001");
            s.run("tokens show T000001 --cached");
            s.lets_in("CHLOE", "T000001");
        },
    );
}
