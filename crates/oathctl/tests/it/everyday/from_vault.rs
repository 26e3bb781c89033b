//! A run of a vendor's file, gone on with when the file isn't there any more: the vault has the seeds.

use super::desk::{HEADER, Helpdesk};
use super::resumed::stopped;
use crate::host::Setting;
use crate::schema::fits;

/// Three rows for three people, stopped while the first call was under way; then the file goes.
fn cut_off() -> (Helpdesk, [String; 3]) {
    let desk = Helpdesk::new(3);
    let people = [desk.upn(1), desk.upn(2), desk.upn(3)];
    let rows: String = people.iter().enumerate().map(|(n, upn)| desk.row(n, upn)).collect();
    desk.tenant.write("box.csv", &format!("{HEADER}{rows}"));
    desk.tenant.set("latency_ms", "250");
    stopped(&desk, "activate box.csv --yes");
    std::fs::remove_file(desk.tenant.folder.path().join("box.csv")).unwrap();
    (desk, people)
}

#[test]
fn the_file_is_gone_and_the_vault_goes_on() {
    let (desk, people) = cut_off();
    let ran = desk.ok("resume --yes");
    assert!(ran.err.contains("isn't there any more"), "{}", ran.err);
    (0..3).for_each(|n| assert_eq!(desk.signs_in(n, &people[n]), Ok(())));
    assert_eq!(desk.run("resume").code, 0, "nothing is left");
}

#[test]
fn it_can_be_asked_for_though_the_file_is_there() {
    let (desk, people) = cut_off();
    desk.tenant.write("box.csv", "somebody wrote over it");
    assert_eq!(desk.run("resume --yes").code, 7);
    let ran = desk.ok("resume --from-vault --yes --output json");
    fits(&desk.tenant, "run/1", &ran.out);
    assert_eq!(desk.signs_in(2, &people[2]), Ok(()));
}

#[test]
fn a_seed_that_is_not_there_is_told_and_its_row_left() {
    let (desk, people) = cut_off();
    desk.ok(&format!("vault forget {} --yes", desk.serial(1)));
    let ran = desk.ends("resume --yes", 3);
    assert!(ran.out.contains(&desk.serial(1)) && ran.out.contains("seed_not_held"), "{}", ran.out);
    assert_eq!((desk.signs_in(0, &people[0]), desk.signs_in(2, &people[2])), (Ok(()), Ok(())));
    assert_eq!(desk.signs_in(1, &people[1]), Err("no_active_token".into()));
    // The vendor sends the file once more.
    desk.tenant.write("again.csv", &format!("{HEADER}{}", desk.row(1, &people[1])));
    desk.ok("activate again.csv --yes");
    assert_eq!(desk.signs_in(1, &people[1]), Ok(()));
}

#[test]
fn a_seed_of_other_parameters_is_not_used() {
    let (desk, people) = cut_off();
    desk.ok(&format!("vault forget {} --yes", desk.serial(0)));
    let other = desk.row(0, "").replace(",30,", ",60,");
    desk.tenant.write("other.csv", &format!("{HEADER}{other}"));
    desk.ok("vault import other.csv");
    let ran = desk.ends("resume --yes", 3);
    assert!(ran.err.contains("60 s") && ran.out.contains("seed_not_held"), "{}{}", ran.err, ran.out);
    assert_eq!(desk.signs_in(0, &people[0]), Err("no_active_token".into()));
    assert_eq!(desk.signs_in(1, &people[1]), Ok(()));
}

#[test]
fn a_locked_vault_is_asked_for_and_a_missing_one_is_told() {
    let (desk, _) = cut_off();
    let locked = desk.run_with("resume --yes", |setting: &mut Setting| {
        setting.env.remove("OATHCTL_VAULT_KEY_FILE");
    });
    assert_eq!(locked.code, 2, "{}", locked.err);
    assert!(
        locked.err.contains("--vault-key-file") && locked.err.contains("OATHCTL_VAULT_KEY_FILE"),
        "{}",
        locked.err
    );
    let wrong = desk.run_with("resume", |setting: &mut Setting| {
        setting.env.remove("OATHCTL_VAULT_KEY_FILE");
        (setting.terminal, setting.typed) = (true, "not the words".into());
    });
    assert!(wrong.code != 0 && wrong.err.contains("opens this vault"), "{}", wrong.err);

    let bare = Helpdesk::without_vault(1, &[]);
    let upn = bare.upn(1);
    bare.tenant.write("box.csv", &format!("{HEADER}{}", bare.row(0, &upn)));
    bare.tenant.set("latency_ms", "250");
    stopped(&bare, "activate box.csv --yes");
    let none = bare.run("resume --from-vault --yes");
    assert!(none.code != 0 && none.err.contains("oathctl vault init"), "{} {}", none.code, none.err);
    bare.ok("resume --yes");
    assert_eq!(bare.signs_in(0, &upn), Ok(()));
}
