//! Locked files and what opens them, from the command line to the tenant.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::files::{self, folder_of, private};
use crate::host::Setting;
use crate::tenant::{Ran, Tenant, csv, run_in, seed};
use crate::transcript::holds;

const PASSPHRASE: &str = "correct horse";

/// A folder with fixtures, the passphrase of most of them and a wrong one.
fn folder(names: &[&str]) -> TempDir {
    let passphrase = format!("{PASSPHRASE}\n");
    let folder = folder_of(&[("right.txt", &passphrase), ("wrong.txt", "battery staple\r\n")]);
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    for name in names {
        private(&folder, name, std::fs::read(fixtures.join(name)).unwrap());
    }
    folder
}

fn run(folder: &TempDir, line: &str) -> Ran {
    files::run(folder, &format!("oathctl {line}"))
}

fn typed(folder: &TempDir, line: &str, typed: &str) -> Ran {
    let setting = Setting { terminal: true, typed: typed.into(), ..Setting::default() };
    run_in(folder.path(), &format!("oathctl {line} --color never"), setting, |_| {})
}

#[test]
fn an_archive_with_a_passphrase() {
    let folder = folder(&["ms-basic.zip"]);
    let none = run(&folder, "check ms-basic.zip");
    let wrong = run(&folder, "check ms-basic.zip --passphrase-file wrong.txt");
    let right = run(&folder, "check ms-basic.zip --passphrase-file wrong.txt --passphrase-file right.txt");
    holds("check_locked", &[&none, &wrong, &right]);
    assert_eq!((none.code, wrong.code, right.code), (6, 6, 0), "{}", right.out);
}

#[test]
fn a_workbook_with_a_password() {
    let folder = folder(&["tokens-enc.xlsx"]);
    let wrong = run(&folder, "check tokens-enc.xlsx --passphrase-file wrong.txt");
    let right = run(&folder, "check tokens-enc.xlsx --passphrase-file right.txt --rows");
    holds("check_workbook", &[&wrong, &right]);
    assert_eq!(wrong.code, 6, "{}", wrong.out);
    assert!(right.out.contains("0012345678903"), "{}", right.out);
}

#[test]
fn a_passphrase_is_asked_for_on_a_terminal_three_times_at_most() {
    let folder = folder(&["ms-basic.zip"]);
    let right = typed(&folder, "check ms-basic.zip", PASSPHRASE);
    assert_eq!(right.code, 0, "{}{}", right.out, right.err);
    let wrong = typed(&folder, "check ms-basic.zip --passphrase-file wrong.txt", "nonsense");
    assert_eq!(wrong.code, 6);
    assert!(wrong.out.contains("passphrase_wrong"), "{}", wrong.out);
    assert_eq!(wrong.err.matches("No passphrase that was given").count(), 1, "{}", wrong.err);
    assert_eq!(wrong.err.matches("That doesn't open it").count(), 2, "{}", wrong.err);
    let given_up = typed(&folder, "check ms-basic.zip", "");
    assert!(given_up.out.contains("passphrase_needed"), "{}", given_up.out);
}

#[test]
fn a_passphrase_by_stdin_descriptor_and_environment() {
    let folder = folder(&["ms-basic.zip"]);
    let by_stdin = Setting { stdin: format!("{PASSPHRASE}\n"), ..Setting::default() };
    let line = "oathctl check ms-basic.zip --passphrase-file -";
    assert_eq!(run_in(folder.path(), line, by_stdin, |_| {}).code, 0);
    for (name, value) in
        [("OATHCTL_FILE_PASSPHRASE", PASSPHRASE), ("OATHCTL_FILE_PASSPHRASE_FILE", "right.txt")]
    {
        let env = [(name.to_owned(), value.to_owned())].into_iter().collect();
        let ran = run_in(
            folder.path(),
            "oathctl check ms-basic.zip",
            Setting { env, ..Setting::default() },
            |_| {},
        );
        assert_eq!(ran.code, 0, "{name}: {}", ran.out);
    }
    #[cfg(unix)]
    {
        use std::os::fd::AsRawFd;
        let file = std::fs::File::open(folder.path().join("right.txt")).unwrap();
        let ran = run(&folder, &format!("check ms-basic.zip --passphrase-fd {}", file.as_raw_fd()));
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
}

#[test]
fn keys_of_every_kind() {
    let names = ["ms-basic.csv.age", "sample-age.key", "pskc-x509-oaep.xml", "recipient.key.pem"];
    let folder = folder(&names);
    for (file, key) in [("ms-basic.csv.age", "sample-age.key"), ("pskc-x509-oaep.xml", "recipient.key.pem")] {
        let without = run(&folder, &format!("check {file}"));
        assert!(without.code == 6 && without.out.contains("key_needed"), "{file}: {}", without.out);
        let with = run(&folder, &format!("check {file} --key-file {key}"));
        assert!(!with.out.contains("key_needed") && !with.out.contains("key_wrong"), "{file}: {}", with.out);
        assert!(!with.out.contains(" 0 usable"), "{file}: {}", with.out);
    }
    let wrong = run(&folder, "check ms-basic.csv.age --key-file recipient.key.pem");
    assert_eq!(wrong.code, 6, "{}", wrong.out);
}

#[cfg(unix)]
#[test]
fn ones_own_gpg_decrypts() {
    let folder = folder(&["ms-basic.csv.asc", "ms-basic.csv"]);
    let script = "#!/bin/sh\ncat > seen.asc\necho '[GNUPG:] DECRYPTION_OKAY' >&2\ncat ms-basic.csv\n";
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    private(
        &folder,
        "bin/gpg",
        script
            .replace("ms-basic", &format!("{}/ms-basic", folder.path().display()))
            .replace("seen", &format!("{}/seen", folder.path().display()))
            .as_bytes(),
    );
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(folder.path().join("bin/gpg"), executable).unwrap();
    let env = || {
        let path = format!("{}/bin:/usr/bin:/bin", folder.path().display());
        [("PATH".to_owned(), path)].into_iter().collect()
    };
    let ran = |line: &str| run_in(folder.path(), line, Setting { env: env(), ..Setting::default() }, |_| {});
    let without = ran("oathctl check ms-basic.csv.asc");
    assert_eq!(without.code, 6, "{}", without.out);
    let with = ran("oathctl check ms-basic.csv.asc --gpg");
    assert_eq!(with.code, 0, "{}{}", with.out, with.err);
    assert!(folder.path().join("seen.asc").exists());
}

#[test]
fn a_plan_for_a_locked_file_holds_no_passphrase_and_apply_needs_it_again() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    tenant.write("right.txt", &format!("{PASSPHRASE}\n"));
    let made = tenant.run("oathctl convert tokens.csv tokens.xml --out-passphrase-file right.txt");
    assert_eq!(made.code, 0, "{}", made.err);
    let plan = tenant.run("oathctl plan tokens.xml --out plan.json --passphrase-file right.txt");
    assert_eq!(plan.code, 0, "{}", plan.err);
    let without = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(without.code, 6, "{}{}", without.out, without.err);
    assert!(without.err.contains("passphrase_needed"), "{}", without.err);
    let with = tenant.run("oathctl apply plan.json --yes --passphrase-file right.txt");
    assert_eq!(with.code, 0, "{}{}", with.out, with.err);
    assert_eq!(tenant.state().len(), 2);
    assert!(!tenant.read("plan.json").contains(PASSPHRASE));
}

#[test]
fn every_format_that_is_written_is_read_again() {
    let folder = folder(&[]);
    let people = ["anna@practice.example", "bert@practice.example"].map(str::to_owned);
    private(&folder, "tokens.csv", csv(&people).as_bytes());
    for (n, out) in ["a.csv", "b.json", "c.xml", "d.txt", "e.oath.csv"].into_iter().enumerate() {
        // One in age's wrapping, one in PSKC's own: making a key of a passphrase is slow on purpose.
        let is_locked = n % 2 == 0 && n < 4;
        let how = if is_locked { "--out-passphrase-file right.txt" } else { "--plaintext" };
        let sealed = run(&folder, &format!("convert tokens.csv {out} {how}"));
        assert_eq!(sealed.code, 0, "{out}: {}", sealed.err);
        let without = run(&folder, &format!("check {out}"));
        assert_eq!(without.code, if is_locked { 6 } else { 0 }, "{out}: {}", without.out);
        let back = format!("back{n}.csv");
        let opened = run(&folder, &format!("convert {out} {back} --plaintext --passphrase-file right.txt"));
        assert_eq!(opened.code, 0, "{out}: {}", opened.err);
        let text = std::fs::read_to_string(folder.path().join(back)).unwrap();
        for row in 0..2 {
            assert!(text.contains(&seed(row)) && text.contains(&format!("S{row:05}")), "{out}: {text}");
        }
    }
}
