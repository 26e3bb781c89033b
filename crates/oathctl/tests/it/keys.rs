//! What opens a locked file: flags, environment, and what is said of them.

use tempfile::TempDir;

use crate::files::{folder_of, private, run};
use crate::host::Setting;
use crate::tenant::{csv, run_in};

fn folder() -> TempDir {
    folder_of(&[("tokens.csv", &csv(&["anna@practice.example".into()]))])
}

#[test]
fn passphrases_that_cannot_be_read_are_wrong_use() {
    let folder = folder();
    private(&folder, "empty.txt", b"\nsecond line\n");
    private(&folder, "binary.txt", b"\x80\x81\n");
    for (flags, word) in [
        ("--passphrase-file nowhere.txt", "no such file"),
        ("--passphrase-file empty.txt", "empty line"),
        ("--passphrase-file binary.txt", "UTF-8"),
        ("--passphrase-file - --passphrase-file -", "standard input"),
        ("--passphrase-fd 4711", "4711"),
        ("--key-file nowhere.key", "no such file"),
    ] {
        let ran = run(&folder, &format!("oathctl check tokens.csv {flags}"));
        assert_eq!(ran.code, 2, "{flags}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(word), "{flags}: {}", ran.err);
        assert!(!ran.err.contains("second"), "{}", ran.err);
    }
    let stdin_twice = run(&folder, "oathctl check - --passphrase-file -");
    assert_eq!(stdin_twice.code, 2, "{}", stdin_twice.err);
}

#[test]
fn the_environment_names_a_passphrase_or_its_file_and_not_both() {
    let folder = folder();
    let with = |names: &[&str]| {
        let env = names.iter().map(|name| ((*name).to_owned(), "nowhere.txt".to_owned())).collect();
        run_in(folder.path(), "oathctl check tokens.csv", Setting { env, ..Setting::default() }, |_| {}).code
    };
    assert_eq!(with(&["OATHCTL_FILE_PASSPHRASE"]), 0);
    assert_eq!(with(&["OATHCTL_FILE_PASSPHRASE_FILE"]), 2);
    assert_eq!(with(&["OATHCTL_FILE_PASSPHRASE", "OATHCTL_FILE_PASSPHRASE_FILE"]), 2);
}

#[cfg(unix)]
#[test]
fn h23_a_passphrase_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    private(&folder, "pass.txt", b"correct horse\n");
    private(&folder, "key.bin", [7; 16]);
    let line = "oathctl check tokens.csv --passphrase-file pass.txt --key-file key.bin";
    assert_eq!(run(&folder, line).err, "");
    for name in ["pass.txt", "key.bin"] {
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(folder.path().join(name), open).unwrap();
    }
    let ran = run(&folder, line);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.err.matches("can be read by others").count(), 2, "{}", ran.err);
    assert!(!ran.err.contains("horse"), "{}", ran.err);
}

#[test]
fn no_output_is_written_over_a_key() {
    let folder = folder();
    private(&folder, "pass.txt", b"correct horse\n");
    for line in [
        "oathctl check tokens.csv --passphrase-file pass.txt --log-file pass.txt",
        "oathctl check tokens.csv --key-file pass.txt --log-file pass.txt",
    ] {
        assert_eq!(run(&folder, line).code, 2, "{line}");
        assert_eq!(std::fs::read(folder.path().join("pass.txt")).unwrap(), b"correct horse\n");
    }
}
