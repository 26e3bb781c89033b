//! The store put aside, put back and looked over, as its user meets it.

use tempfile::TempDir;

use crate::files::private as write;
use crate::schema;
use crate::tenant::{Ran, Tenant};
use crate::transcript;
use crate::vault::{folder, made, run};

/// A vault with two seeds, and a backup of it.
fn kept() -> TempDir {
    let folder = folder();
    made(&folder);
    let ran = run(&folder, "vault import tokens.csv --vault-key-file desk.key");
    assert_eq!(ran.code, 0, "{}", ran.err);
    folder
}

fn run_on(folder: &TempDir, state: &str, line: &str) -> Ran {
    crate::tenant::run_in(
        folder.path(),
        &format!("oathctl {line} --state-dir {state}"),
        crate::host::Setting::default(),
        |_| {},
    )
}

#[test]
fn a_backup_from_its_writing_to_its_trial() {
    let folder = kept();
    let shown = [
        run(&folder, "store check"),
        run(&folder, "store backup copy --keys safe.vault-keys"),
        run(&folder, "vault forget 1200000000001 --vault-key-file desk.key --yes"),
        run_on(&folder, "trial", "store restore copy"),
        run_on(&folder, "trial", "store restore copy --keys safe.vault-keys"),
        run_on(&folder, "trial", "vault verify --vault-key-file desk.key"),
        run_on(&folder, "trial", "store restore copy --keys safe.vault-keys"),
        run(&folder, "store backup copy --keys another.vault-keys"),
        run(&folder, "store backup copy-2 --keys safe.vault-keys"),
        run(&folder, "store restore nowhere"),
    ];
    let codes: Vec<u8> = shown.iter().map(|ran| ran.code).collect();
    assert_eq!(codes, [0, 0, 0, 2, 0, 0, 2, 2, 2, 2], "{}", shown[4].err);
    assert!(shown[5].err.contains("2 seeds opened"), "what was forgotten since is back: {}", shown[5].err);
    transcript::holds("store", &shown.iter().collect::<Vec<_>>());
}

/// Without a word about keys they lie beside the folder, and are found there.
#[test]
fn h27_keys_go_apart_unless_told() {
    let folder = kept();
    assert_eq!(run(&folder, "store backup copy").code, 0);
    let is_there = |name: &str| folder.path().join(name).exists();
    assert!(is_there("copy.vault-keys") && !is_there("copy/oathctl.vault-keys"));
    let ran = run_on(&folder, "trial", "store restore copy");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(run(&folder, "store backup whole --together").code, 0);
    assert!(is_there("whole/oathctl.vault-keys") && !is_there("whole.vault-keys"));
    let ran = run_on(&folder, "other", "store restore whole");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = run_on(&folder, "other", "vault verify --vault-key-file desk.key");
    assert!(ran.err.contains("2 seeds opened"), "{}", ran.err);
}

#[test]
fn a_damaged_backup_is_told_and_leaves_nothing() {
    let folder = kept();
    assert_eq!(run(&folder, "store backup copy").code, 0);
    let database = folder.path().join("copy/oathctl.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    std::fs::write(&database, bytes).unwrap();
    let ran = run_on(&folder, "trial", "store restore copy");
    assert_eq!((ran.code, ran.err.contains("damaged")), (1, true), "{}", ran.err);
    let ran = run_on(&folder, "trial", "store check");
    assert!(ran.err.contains("0 runs, 0 seeds"), "{}", ran.err);
    write(&folder, "rubbish.keys", "rubbish\n");
    assert_eq!(run(&folder, "store backup again").code, 0);
    let ran = run_on(&folder, "third", "store restore again --keys rubbish.keys");
    assert_eq!((ran.code, ran.err.contains("altered")), (1, true), "{}", ran.err);
}

#[test]
fn what_scripts_get_fits_its_schema() {
    let folder = kept();
    let lines = ["store backup copy --output json", "store check --output json"];
    let tenant = Tenant::new();
    for line in lines {
        let ran = run(&folder, line);
        assert_eq!(ran.code, 0, "{}", ran.err);
        schema::fits(&tenant, "store/1", &ran.out);
    }
    let ran = run_on(&folder, "trial", "store restore copy --output json");
    schema::fits(&tenant, "store/1", &ran.out);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&found["seeds"], &found["has_vault"]), (&2.into(), &true.into()), "{}", ran.out);
}
