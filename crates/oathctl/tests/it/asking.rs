//! What a file leaves open is asked on a terminal, and a fault elsewhere.

use serde_json::Value;
use tempfile::TempDir;

use crate::files::folder_of;
use crate::host::Setting;
use crate::tenant::{Ran, Tenant, run_in};
use crate::transcript::holds;

/// One seed of 32 characters that is as good in hex as in Base32.
const UNDECIDABLE: &str =
    "serial,secret,period,manufacturer,model\nA-1,234567ABCDEF234567ABCDEF23456723,30,Vendor,T-1\n";

fn run(folder: &TempDir, line: &str, terminal: bool, typed: &str) -> Ran {
    let setting = Setting { terminal, stdin: typed.into(), ..Setting::default() };
    run_in(folder.path(), line, setting, |_| {})
}

fn folder(text: &str) -> TempDir {
    folder_of(&[("tokens.csv", text)])
}

#[test]
fn a_spelling_nobody_can_tell_is_asked_on_a_terminal() {
    let folder = folder(UNDECIDABLE);
    let alone = run(&folder, "oathctl check tokens.csv", false, "");
    let asked = run(&folder, "oathctl check tokens.csv --color never", true, "octal\nhex\n");
    holds("check_asks", &[&alone, &asked]);
    assert_eq!((alone.code, asked.code), (6, 0), "{}{}", alone.out, asked.err);
    assert!(asked.out.contains("hex (you said so)"), "{}", asked.out);
    // An empty line leaves it as it is.
    assert_eq!(run(&folder, "oathctl check tokens.csv", true, "\n").code, 6);
    let json = run(&folder, "oathctl check tokens.csv --output json", true, "base32\n");
    let value: Value = serde_json::from_str(&json.out).unwrap();
    let of =
        |what: &str| value["decisions"].as_array().unwrap().iter().find(|it| it["what"] == what).cloned();
    assert_eq!(of("seed_encoding").unwrap()["why"], "stated_by_answer");
    assert_eq!(of("seed_encoding").unwrap()["chosen"], "base32");
}

#[test]
fn h13_hash_and_period_are_asked_one_after_the_other() {
    let folder = folder(&format!(
        "serial,secret base32\nA-1,{}\n",
        "MFZWIZTHNBVG23TQOFZHG5DV".repeat(3)[..52].to_owned()
    ));
    let alone = run(&folder, "oathctl check tokens.csv", false, "");
    assert_eq!(alone.code, 6);
    assert!(alone.out.contains("period_unstated") && alone.out.contains("hash_unstated"), "{}", alone.out);
    let asked = run(&folder, "oathctl check tokens.csv --rows", true, "60\nsha256\n");
    assert_eq!(asked.code, 0, "{}{}", asked.out, asked.err);
    assert!(asked.out.contains("sha256 · 6 digits · 60 s"), "{}", asked.out);
    let asked = run(&folder, "oathctl check tokens.csv --rows", true, "SHA-256\n60\nSHA-256\n60\n");
    assert_eq!(asked.code, 0, "{}{}", asked.out, asked.err);
}

#[test]
fn a_plan_keeps_the_answer() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &UNDECIDABLE.replace("A-1", "A00001"));
    let on_terminal = |setting: &mut Setting| {
        setting.terminal = true;
        setting.stdin = "hex\n".into();
    };
    let plan = tenant.run_with("oathctl plan tokens.csv --out plan.json", on_terminal, |_| {});
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
    assert!(
        tenant.read("plan.json").contains("\"secret_encoding\":\"hex\"")
            || tenant.read("plan.json").contains("\"secret_encoding\": \"hex\"")
    );
    let applied = tenant.run("oathctl apply plan.json --yes");
    assert_eq!(applied.code, 0, "{}", applied.err);
}

#[test]
fn h13_what_is_only_likely_is_asked_before_anything_is_planned() {
    let tenant = Tenant::new();
    let rows: String =
        (2..5).map(|n| format!("A0000{n},{n}34567ABCDEF234567ABCDEF2345672{n},30\n")).collect();
    tenant.write("tokens.csv", &format!("serial,secret,period\n{rows}"));
    let plan = tenant.run("oathctl plan tokens.csv --out plan.json");
    assert_eq!(plan.code, 6, "{}", plan.err);
    let on_terminal = |setting: &mut Setting| {
        setting.terminal = true;
        setting.stdin = "hex\n".into();
    };
    let plan = tenant.run_with("oathctl plan tokens.csv --out plan.json", on_terminal, |_| {});
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
}
