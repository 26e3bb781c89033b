//! Commands that need no tenant: `check`, help, `explain`, completions.

use serde_json::Value;
use tempfile::TempDir;

use crate::host::Setting;
use crate::tenant::{Ran, csv, row, run_in, seed};
use crate::transcript::holds;

fn run(folder: &TempDir, line: &str) -> Ran {
    run_in(folder.path(), line, Setting::default(), |_| {})
}

#[test]
fn check_tells_every_fault_by_place() {
    let folder = TempDir::new().unwrap();
    let mut text = csv(&["anna@practice.example".into(), "bert@practice.example".into()]);
    text.push_str(&format!("carla@practice.example,1.23462E+12,{},30,Vendor,T-1\n", seed(2)));
    text.push_str("dora@practice.example,S00003,JBSW0189EHPK3PXPJBSWY3DPEHPK3PXQ,30,Vendor,T-1\n");
    text.push_str(&format!("emil@practice.example,S00004,{},45,Vendor,T-1\n", seed(4)));
    text.push_str("frida@practice.example,S00005\n");
    text.push_str(&row(0, "anna@practice.example"));
    text.push_str(&format!("gina,S00006,{},30,Vendor,T-1\n", seed(6)));
    std::fs::write(folder.path().join("damaged.csv"), text).unwrap();
    let ran = run(&folder, "oathctl check damaged.csv");
    holds("check_damaged", &[&ran]);
    assert_eq!(ran.code, 6);
    assert!(!ran.out.contains("JBSW0189"), "no part of a seed is shown");
}

#[test]
fn h24_check_rows_never_show_a_seed() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tokens.csv"), csv(&["anna@practice.example".into()])).unwrap();
    for line in ["oathctl check tokens.csv --rows", "oathctl check tokens.csv --rows --output json"] {
        let ran = run(&folder, line);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("20"), "the length is shown");
        assert!(!ran.out.contains(&seed(0)[..8]), "{}", ran.out);
    }
}

#[test]
fn a_seed_out_of_documentation_is_taken_only_where_that_is_said() {
    let folder = TempDir::new().unwrap();
    let text = "serial/secret/period\nS1/GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ/30\n";
    std::fs::write(folder.path().join("tokens.txt"), text).unwrap();
    let refused = run(&folder, "oathctl check tokens.txt --separator /");
    assert_eq!(refused.code, 6);
    assert!(
        refused.out.contains("(seed_for_tests)") && refused.out.contains("--allow-test-seeds"),
        "{}",
        refused.out
    );
    let taken = run(&folder, "oathctl check tokens.txt --separator / --allow-test-seeds");
    assert!(taken.out.contains("1 row: 1 usable") && taken.out.contains("warning: "), "{}", taken.out);
    let unknown = run(&folder, "oathctl check tokens.txt --separator ab");
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}

#[test]
fn help_names_what_there_is() {
    let folder = TempDir::new().unwrap();
    let ran = run(&folder, "oathctl");
    holds("help", &[&ran]);
    for missing in ["migrate", "doctor", "login"] {
        assert!(!ran.out.contains(&format!("\n  {missing} ")), "{missing} isn't built yet");
    }
    let version = run(&folder, "oathctl --version");
    assert_eq!((version.code, version.out.starts_with("oathctl ")), (0, true));
}

#[test]
fn wrong_use_ends_with_2() {
    let folder = TempDir::new().unwrap();
    for line in [
        "oathctl frobnicate",
        "oathctl activate",
        "oathctl activate a.csv --pace fast",
        "oathctl activate a.csv --max-reassign 3",
        "oathctl activate a.csv --client-secret hunter2",
        "oathctl schema nonsense",
        "oathctl explain nonsense",
    ] {
        assert_eq!(run(&folder, line).code, 2, "{line}");
    }
}

#[test]
fn explain_completions_and_man() {
    let folder = TempDir::new().unwrap();
    let page = run(&folder, "oathctl explain seed_differs");
    assert_eq!(page.code, 0);
    assert!(page.out.contains("seed_differs"));
    let page = run(&folder, "oathctl explain seed-differs --output json");
    let value: Value = serde_json::from_str(&page.out).unwrap();
    assert_eq!((value["reason"].as_str(), value["class"].as_str()), (Some("seed_differs"), Some("tenant")));
    assert!(value["advice"].is_string() && value["retryable"] == false);
    let all: Value = serde_json::from_str(&run(&folder, "oathctl explain --output json").out).unwrap();
    assert!(all.as_array().unwrap().contains(&value));
    assert_eq!(run(&folder, "oathctl explain nonsense --output json").code, 2);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&folder, &format!("oathctl completions {shell}"));
        assert!(ran.code == 0 && ran.out.contains("activate"), "{shell}");
    }
    std::fs::create_dir(folder.path().join("man")).unwrap();
    assert_eq!(run(&folder, "oathctl man man").code, 0);
    assert!(folder.path().join("man/oathctl-activate.1").is_file());
}

#[test]
fn settings_by_file_environment_and_flag() {
    let folder = TempDir::new().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("c.toml"), text).unwrap();
    write("tenant = \"contoso.example\"\nshoe = 1\n");
    let ran = run(&folder, "oathctl runs list --config c.toml");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("shoe"), "{}", ran.err);
    write("client_secret = \"hunter2\"\n");
    let ran = run(&folder, "oathctl runs list --config c.toml");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("client_secret_file") && !ran.err.contains("hunter2"), "{}", ran.err);
    assert_eq!(run(&folder, "oathctl runs list --config nowhere.toml").code, 2);
    write("state_dir = \"by-file\"\n");
    assert_eq!(run(&folder, "oathctl runs list --config c.toml").code, 0);
    assert!(folder.path().join("by-file/oathctl.db").is_file());
    let ran = run(&folder, "oathctl runs list --config c.toml --state-dir by-flag");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(folder.path().join("by-flag/oathctl.db").is_file());
}

#[test]
fn json_of_check_is_for_scripts() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tokens.csv"), csv(&["anna@practice.example".into()])).unwrap();
    let ran = run(&folder, "oathctl check tokens.csv --output json");
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["schema"], "oathctl.check/1");
    assert_eq!(value["rows"], Value::Null);
    assert_eq!(value["totals"]["usable"], 1);
}

/// A standard output that takes nothing.
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_takes_nothing_is_no_success() {
    let folder = TempDir::new().unwrap();
    let (mut host, _, err) = crate::host::host(folder.path(), Setting::default());
    host.stdout = Box::new(Full);
    let code = oathctl::run_code(["oathctl", "explain"].map(Into::into), host);
    assert_eq!(code, 1);
    assert!(err.text().contains("standard output"), "{}", err.text());
}
