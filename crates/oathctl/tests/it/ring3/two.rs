//! Two processes at once, and an old copy brought back: both end well, or one says clearly why not.

use super::drawer::Drawer;
use super::practice::upn;
use super::process::Ended;
use super::server::Served;

/// Both are under way together.
fn at_once(drawer: &Drawer, lines: [&str; 2]) -> [Ended; 2] {
    let both = lines.map(|line| drawer.practice.start(line));
    both.map(super::process::Process::end)
}

fn two_fill_the_vault(served: Option<Served>) {
    let mut drawer = Drawer::new(81, served);
    let (first, second) = (drawer.extra_file("one.csv"), drawer.extra_file("two.csv"));
    for ended in at_once(&drawer, ["vault import one.csv", "vault import two.csv"]) {
        assert_eq!(ended.code, Some(0), "{}", ended.all());
    }
    let opened = drawer.assert_sound("two imports at once");
    assert_eq!(opened as usize, super::drawer::TOKENS + first.len() + second.len());
    let listed = drawer.ok("tokens list --cached").out;
    assert!(first.iter().chain(&second).all(|serial| listed.contains(serial)), "{listed}");
}

#[test]
fn ring3_two_imports_at_once_keep_both_on_sqlite() {
    two_fill_the_vault(None);
}

#[test]
fn ring3_two_imports_at_once_keep_both_on_postgres() {
    Served::fresh().into_iter().for_each(|served| two_fill_the_vault(Some(served)));
}

/// The second run of a tenant waits for nobody: it says who is at it.
fn two_runs(served: Option<Served>) {
    let drawer = Drawer::new(82, served);
    let line = |n: usize| format!("tokens assign {} {} --yes", drawer.serial(n), upn(n));
    let both = at_once(&drawer, [&line(0), &line(1)]);
    let codes = both.each_ref().map(|ended| ended.code);
    let well = codes.iter().filter(|code| **code == Some(0)).count();
    assert!(well > 0, "{}{}", both[0].all(), both[1].all());
    for ended in both.iter().filter(|ended| ended.code != Some(0)) {
        assert_eq!(ended.code, Some(7), "{}", ended.all());
        assert!(ended.err.contains("under way"), "{}", ended.err);
    }
    drawer.assert_sound("two runs at once");
    drawer.practice.later();
    for (n, code) in codes.iter().enumerate().filter(|(_, code)| **code != Some(0)) {
        let again = drawer.run(&line(n));
        assert_eq!(again.code, Some(0), "after {code:?}: {}", again.all());
    }
    assert_eq!(drawer.practice.active(), 2);
}

#[test]
fn ring3_two_runs_at_once_end_well_or_say_why_on_sqlite() {
    two_runs(None);
}

#[test]
fn ring3_two_runs_at_once_end_well_or_say_why_on_postgres() {
    Served::fresh().into_iter().for_each(|served| two_runs(Some(served)));
}

/// A backup is put in the place of the store that went on since: whole by itself, and told by the checkpoint.
#[test]
fn h29_ring3_an_old_backup_brought_back_is_told_by_the_checkpoint() {
    let drawer = Drawer::new(83, None);
    drawer.ok(&format!("tokens assign {} {} --yes", drawer.serial(0), upn(0)));
    drawer.ok("store backup old --together");
    drawer.practice.later();
    drawer.ok(&format!("tokens assign {} {} --yes", drawer.serial(1), upn(1)));
    for name in ["oathctl.db", "oathctl.db-wal", "oathctl.db-shm", "oathctl.vault-keys"] {
        let _ = std::fs::remove_file(drawer.practice.path("state").join(name));
    }
    drawer.ok("store restore old");
    drawer.ok("store check");
    let told = drawer.run("audit verify");
    assert_eq!(told.code, Some(1), "{}", told.all());
    assert!(told.err.contains("an older copy of the store was brought back"), "{}", told.err);
}
