//! What a device shows, held against the vault (`verify`), and what a token in stock would show (`code`).

use serde_json::Value;

use super::desk::Helpdesk;
use crate::schema::fits;
use crate::tenant::Ran;

/// What the true device shows so many seconds from now.
fn shown(desk: &Helpdesk, n: usize, later_s: i64) -> String {
    let serial = desk.serial(n);
    let press =
        desk.tenant.sim.with(|parts, now| parts.devices.get(&serial).unwrap().press(now + later_s * 1000));
    press.expect("it shows a code").code.open().clone()
}

/// Two codes, one after the other, as somebody wrote them down for `serial`.
fn two_codes(desk: &Helpdesk, serial: usize, of: usize) -> Vec<String> {
    let codes = vec![shown(desk, of, 0), shown(desk, of, 30)];
    let serial = desk.serial(serial);
    desk.tenant.write("codes.txt", &format!("{serial} {}\n{serial} {}\n", codes[0], codes[1]));
    codes
}

fn hides(ran: &Ran, codes: &[String]) {
    for code in codes {
        assert!(
            !ran.out.contains(code) && !ran.err.contains(code),
            "a code is shown: {}{}",
            ran.out,
            ran.err
        );
    }
}

fn token(desk: &Helpdesk, n: usize) -> Value {
    let shown = desk.ok(&format!("tokens show {} --output json --cached", desk.serial(n)));
    let document: Value = serde_json::from_str(&shown.out).unwrap();
    document["tokens"][0].clone()
}

#[test]
fn a_device_with_a_slow_clock_is_known_by_two_codes() {
    let desk = Helpdesk::new(2);
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(1)));
    let serial = desk.serial(0);
    desk.tenant.sim.with(|parts, _| parts.devices.get_mut(&serial).unwrap().drift_s = -240);
    let codes = two_codes(&desk, 0, 0);
    let ran = desk.ok(&format!("verify {serial} --codes codes.txt"));
    assert!(ran.out.contains(&format!("This is token {serial}")), "{}", ran.out);
    assert!(ran.out.contains("4 min 0 s behind") && ran.out.contains("What to do"), "{}", ran.out);
    hides(&ran, &codes);
    let known = token(&desk, 0);
    assert_eq!(known["proof"], "device");
    // A code stands for a period, so that a clock is known to a period.
    let drift = known["drift"]["seconds"].as_i64().expect("a measured drift");
    assert!((-270..=-210).contains(&drift), "{drift}");
    let json = desk.ok(&format!("verify {serial} --codes codes.txt --output json"));
    fits(&desk.tenant, "verify/1", &json.out);
}

#[test]
fn a_clock_that_nobody_checked_is_not_remembered() {
    let desk = Helpdesk::new(1);
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(1)));
    let before = token(&desk, 0)["drift"].clone();
    let codes = two_codes(&desk, 0, 0);
    let ran = desk.ok(&format!("verify {} --cached --codes codes.txt", desk.serial(0)));
    assert!(ran.out.contains("nobody checked"), "{}", ran.out);
    hides(&ran, &codes);
    assert_eq!(token(&desk, 0)["drift"], before);
}

#[test]
fn another_device_is_told_from_the_one_of_the_serial() {
    let desk = Helpdesk::new(2);
    let codes = two_codes(&desk, 0, 1);
    let ran = desk.ends(&format!("verify {} --codes codes.txt", desk.serial(0)), 3);
    assert!(ran.out.contains("These aren't codes of token"), "{}", ran.out);
    hides(&ran, &codes);
    let none = desk.ends(&format!("verify {} --codes codes.txt", desk.serial(1)), 2);
    assert!(none.err.contains("no code of this token"), "{}", none.err);
    let nobody = desk.ends(&format!("verify {}", desk.serial(0)), 2);
    assert!(nobody.err.contains("--codes FILE"), "{}", nobody.err);
}

#[test]
fn h28_the_code_of_a_token_in_stock_is_shown_and_written_down() {
    let desk = Helpdesk::new(2);
    let serial = desk.serial(1);
    desk.tenant.sim.with(|parts, _| parts.devices.get_mut(&serial).unwrap().drift_s = 0);
    let before = shown(&desk, 1, 0);
    let ran = desk.ok(&format!("code {serial} --output json"));
    let after = shown(&desk, 1, 0);
    fits(&desk.tenant, "code/1", &ran.out);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert!([before, after].iter().any(|code| document["code"] == code.as_str()));
    assert_eq!(document["clock"], "tenant");
    let audit = desk.ok("audit list --kind code_shown");
    assert!(audit.out.contains("code_shown") && audit.out.contains(&serial), "{}", audit.out);
}

#[test]
fn h28_nobody_gets_the_code_of_a_token_that_is_somebodys() {
    let desk = Helpdesk::new(2);
    desk.ok(&format!("tokens assign {} {} --yes --up-to assigned", desk.serial(0), desk.upn(1)));
    for line in [format!("code {}", desk.serial(0)), format!("code {} --cached", desk.serial(0))] {
        let ran = desk.ends(&line, 7);
        assert!(ran.err.contains(&desk.upn(1)) && ran.err.contains("Temporary Access Pass"), "{}", ran.err);
        assert_eq!(ran.out, "");
        hides(&ran, &[shown(&desk, 0, 0)]);
    }
    let audit = desk.ok("audit list --kind code_shown");
    assert!(!audit.out.contains(&desk.serial(0)), "{}", audit.out);
}

/// A vault whose sealed compartment only an identity in the safe opens.
fn with_a_safe() -> Helpdesk {
    let desk = Helpdesk::without_vault(2, &[]);
    desk.tenant.write("safe.txt", include_str!("../../../../../fixtures/sample-age.key"));
    let recovery = "--recovery age17cvdvft3py3j4wrskjma4wp04c7ls69jy42w5kq0n6t0dna75vls0v646l";
    desk.ok(&format!("vault init --new-key-file desk.key {recovery} --recovery-identity safe.txt --seal"));
    desk
}

#[test]
fn h28_seeds_of_active_tokens_are_sealed() {
    let desk = with_a_safe();
    desk.ok("vault import tokens.csv");
    desk.ok(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(1)));
    let verified = desk.ok("vault verify");
    assert!(verified.err.contains("1 seed opened"), "{}", verified.err);
    assert!(verified.err.contains("1 sealed for another unlocker"), "{}", verified.err);
    let again = desk.ok("vault import tokens.csv");
    assert!(again.err.contains("1 were there already, 1 lie sealed"), "{}", again.err);
    // Assigned and in the parcel: its code is still to be made here.
    desk.ok(&format!("tokens assign {} {} --up-to assigned --yes", desk.serial(1), desk.upn(2)));
    assert!(desk.ok("vault verify").err.contains("1 sealed"));
    desk.ok(&format!("tokens release {} --yes", desk.serial(0)));
    let again = desk.ends(&format!("tokens assign {} {} --yes", desk.serial(0), desk.upn(3)), 3);
    assert!(again.err.contains("1 needed seed sealed"), "{}", again.err);
    let safe = |setting: &mut crate::host::Setting| {
        setting.env.remove("OATHCTL_VAULT_KEY_FILE");
    };
    let line = format!("tokens assign {} {} --yes --vault-identity safe.txt", desk.serial(0), desk.upn(3));
    assert_eq!(desk.run_with(&line, safe).code, 0);
    assert_eq!(desk.signs_in(0, &desk.upn(3)), Ok(()));
}

#[test]
fn h28_seeds_kept_on_the_way_are_sealed_once_active() {
    let desk = with_a_safe();
    desk.tenant.write("people.csv", &format!("{}{}", super::desk::HEADER, desk.row(0, &desk.upn(1))));
    desk.ok("activate people.csv --keep --yes");
    assert!(desk.ok("vault verify").err.contains("0 seeds opened"));
}
