//! A vault on a bad day: newer, on a full disk, on one that can't be written to.

use std::process::{Command, Stdio};

use crate::files::private as write;
use crate::vault::{folder, made, run};

#[test]
fn a_newer_vault_is_named_and_left_alone() {
    let folder = folder();
    made(&folder);
    let keys = folder.path().join("state/oathctl.vault-keys");
    let mut bytes = std::fs::read(&keys).unwrap();
    bytes[9] = 9;
    std::fs::write(&keys, &bytes).unwrap();
    for line in
        ["vault import tokens.csv --vault-key-file desk.key", "vault verify --vault-key-file desk.key"]
    {
        let ran = run(&folder, line);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("format 9") && ran.err.contains("newer"), "{}", ran.err);
    }
    assert_eq!(std::fs::read(&keys).unwrap(), bytes);
}

#[test]
fn halves_of_two_times_are_told_apart() {
    let folder = folder();
    made(&folder);
    let keys = folder.path().join("state/oathctl.vault-keys");
    let old = std::fs::read(&keys).unwrap();
    assert_eq!(run(&folder, "vault import tokens.csv --vault-key-file desk.key").code, 0);
    assert_eq!(run(&folder, "vault rekey --vault-key-file desk.key --yes").code, 0);
    std::fs::write(&keys, old).unwrap();
    let ran = run(&folder, "vault verify --vault-key-file desk.key");
    assert_eq!((ran.code, ran.err.contains("older than its other half")), (1, true), "{}", ran.err);
    std::fs::remove_file(&keys).unwrap();
    let ran = run(&folder, "store check");
    assert_eq!((ran.code, ran.err.contains("key file is gone")), (1, true), "{}", ran.err);
}

/// A room of its own to run commands in; `None` where the system gives none.
fn in_a_room(folder: &tempfile::TempDir, script: &str) -> Option<(Option<i32>, String)> {
    let tried = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    tried.ok().filter(std::process::ExitStatus::success)?;
    std::fs::create_dir(folder.path().join("room")).unwrap();
    let ran = Command::new("unshare")
        .args(["-rm", "sh", "-c", script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("OATHCTL", env!("CARGO_BIN_EXE_oathctl"))
        .env("OATHCTL_STATE_DIR", "room/state")
        .env("OATHCTL_VAULT_KEY_FILE", "desk.key")
        .output()
        .unwrap();
    Some((ran.status.code(), String::from_utf8(ran.stderr).unwrap()))
}

#[test]
fn a_full_disk_keeps_what_was_there() {
    let folder = folder();
    let header = "upn,serial number,secret key,time interval,manufacturer,model\n";
    let rows: Vec<String> =
        (0..3000).map(|n| format!(",F{n:05},{},30,Examplar,XT-1\n", crate::tenant::seed(n + 100))).collect();
    write(&folder, "many.csv", format!("{header}{}", rows.concat()));
    let script = "mount -t tmpfs -o size=700k none room \
        && $OATHCTL vault init --new-passphrase-file words.txt --new-key-file desk.key \
        && $OATHCTL vault import tokens.csv || exit 90; \
        $OATHCTL vault import many.csv; code=$?; $OATHCTL vault verify || exit 91; exit $code";
    let Some((code, err)) = in_a_room(&folder, script) else { return };
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("No space is left"), "{err}");
    assert!(err.contains("2 seeds opened"), "{err}");
}

#[test]
fn a_disk_that_takes_nothing_is_told() {
    let folder = folder();
    let script = "mount -t tmpfs -o size=9m none room \
        && $OATHCTL vault init --new-passphrase-file words.txt --new-key-file desk.key || exit 90; \
        mount -o remount,ro room || exit 92; $OATHCTL vault import tokens.csv";
    let Some((code, err)) = in_a_room(&folder, script) else { return };
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("can be written to"), "{err}");
    assert!(!err.contains("kept and read back"), "{err}");
}
