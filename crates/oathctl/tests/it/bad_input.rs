//! Every bad input gets its exit code and its reason, and nothing is sent.

use crate::tenant::{Tenant, csv, row, seed};

const HEADER: &str = "upn,serial number,secret key,time interval,manufacturer,model\n";

/// Runs `activate` on these bytes and looks for the code and the words; nothing reaches the tenant.
fn refused(bytes: &[u8], flags: &str, code: u8, words: &[&str]) {
    let tenant = Tenant::new();
    std::fs::write(tenant.folder.path().join("tokens.csv"), bytes).unwrap();
    let ran = tenant.run(&format!("oathctl activate tokens.csv --yes {flags}"));
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    for word in words {
        assert!(
            ran.err.contains(word) || ran.out.contains(word),
            "`{word}` is missing in: {}{}",
            ran.out,
            ran.err
        );
    }
    assert!(tenant.state().is_empty());
}

#[test]
fn an_empty_file() {
    refused(b"", "", 6, &["empty_file", "what to do"]);
    refused(b"\n\n  \n", "", 6, &["empty_file"]);
}

#[test]
fn a_binary_file() {
    refused(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0", "", 6, &["binary_file"]);
}

#[test]
fn a_file_that_is_not_there_or_a_folder() {
    let tenant = Tenant::new();
    let ran = tenant.run("oathctl activate nowhere.csv --yes");
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(ran.err.contains("file_unreadable"), "{}", ran.err);
    std::fs::create_dir(tenant.folder.path().join("folder")).unwrap();
    assert_eq!(tenant.run("oathctl activate folder --yes").code, 6);
}

#[test]
fn only_a_header() {
    refused(HEADER.as_bytes(), "", 6, &["only_header"]);
}

#[test]
fn headers_in_an_unknown_language() {
    let text = format!("käyttäjä,sarjanumero,salaisuus,väli\nanna,S1,{},30\n", seed(0));
    refused(text.as_bytes(), "", 6, &["headers_unknown", "sarjanumero"]);
}

#[test]
fn too_many_and_too_few_cells() {
    let text = format!("{HEADER}a@practice.example,S1,{},30,V,M,extra,more\n", seed(0));
    refused(text.as_bytes(), "", 6, &["cell_count"]);
    refused(format!("{HEADER}a@practice.example,S1\n").as_bytes(), "", 6, &["cell_count"]);
}

#[test]
fn a_serial_that_a_spreadsheet_damaged() {
    let text = format!("{HEADER}a@practice.example,1.23462E+12,{},30,V,M\n", seed(0));
    refused(text.as_bytes(), "", 6, &["serial_damaged", "1.23462E+12"]);
}

#[test]
fn a_stray_letter_in_a_seed() {
    let bad = "ABCDEFGH0JKLMNOPQRSTUVWXYZ234567";
    let text = format!("{HEADER}a@practice.example,S1,{bad},30,V,M\n");
    refused(text.as_bytes(), "", 6, &["seed_bad_character"]);
}

#[test]
fn a_period_of_45() {
    let text = format!("{HEADER}a@practice.example,S1,{},45,V,M\n", seed(0));
    refused(text.as_bytes(), "", 6, &["period_unsupported", "45"]);
}

#[test]
fn a_serial_twice_and_six_tokens_for_one_person() {
    let text = format!(
        "{HEADER}a@practice.example,S1,{},30,V,M\nb@practice.example,S1,{},30,V,M\n",
        seed(0),
        seed(1)
    );
    refused(text.as_bytes(), "", 6, &["serial_conflict"]);
    let six: Vec<String> = (0..6).map(|_| "a@practice.example".to_owned()).collect();
    refused(csv(&six).as_bytes(), "", 6, &["too_many_for_person"]);
}

#[test]
fn strict_refuses_for_any_fault() {
    let tenant = Tenant::new();
    let text = format!("{}{}", csv(&[tenant.upn(1)]), row(1, &tenant.upn(2)).replace(",30,", ",45,"));
    tenant.write("tokens.csv", &text);
    let ran = tenant.run("oathctl activate tokens.csv --yes --strict");
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(tenant.state().is_empty());
    let ran = tenant.run("oathctl activate tokens.csv --yes");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(tenant.active(), 1);
}

#[test]
fn strict_refuses_for_people_found_out_in_the_tenant() {
    let tenant = Tenant::new();
    let text = format!("{}{}", csv(&[tenant.upn(1)]), row(1, "nobody.there@practice.example"));
    tenant.write("tokens.csv", &text);
    for line in ["activate tokens.csv --yes --strict", "plan tokens.csv --out plan.json --strict"] {
        let ran = tenant.run(&format!("oathctl {line}"));
        assert_eq!(ran.code, 6, "{line}: {}", ran.err);
        for word in ["tokens.csv:3", "S00001", "nobody.there@practice.example", "(person_unknown)"] {
            assert!(ran.err.contains(word), "{line}: `{word}` is missing in: {}", ran.err);
        }
        assert!(!ran.err.contains("S00000"), "{line}: {}", ran.err);
    }
    assert!(tenant.state().is_empty());
    assert!(!tenant.folder.path().join("plan.json").exists());
    // A row that is left out on purpose is no fault.
    tenant.write("never.txt", "S00001\n");
    let ran = tenant.run("oathctl activate tokens.csv --yes --strict --exclude never.txt");
    assert_eq!((ran.code, tenant.active()), (0, 1), "{}", ran.err);
}

#[test]
fn entries_of_the_lists_without_a_row_are_told() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    tenant.write("list.txt", "S00001\nS0O002\n");
    for flag in ["--exclude", "--only"] {
        let ran = tenant.run(&format!("oathctl plan tokens.csv --out plan.json {flag} list.txt"));
        assert_eq!(ran.code, 0, "{flag}: {}", ran.err);
        assert!(ran.err.contains("1 of 2 entries") && ran.err.contains("S0O002 (line 2)"), "{}", ran.err);
    }
    tenant.write("list.txt", "S0O002\n");
    let ran = tenant.run("oathctl activate tokens.csv --yes --only list.txt");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(tenant.state().is_empty());
}

#[test]
fn h13_seeds_that_are_only_likely_hex() {
    // Valid both ways, of a length that is usual in hex.
    let hex = |n: u32| format!("{:a<40}", format!("2{n}3{n}4{n}5{n}6{n}7{n}abcdef"));
    let text = format!("serial,secret\nS1,{}\nS2,{}\nS3,{}\n", hex(2), hex(3), hex(4));
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &text);
    let ran = tenant.run("oathctl activate tokens.csv --yes --period 30");
    assert_eq!(ran.code, 6, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("--secret-encoding"), "{}", ran.err);
}

#[test]
fn h13_a_seed_of_32_bytes_without_a_hash() {
    let long = format!("{}{}", seed(0), &seed(1)[..20]);
    let text = format!("{HEADER}a@practice.example,S1,{long},30,V,M\n");
    refused(text.as_bytes(), "", 6, &["hash_unstated", "--hash"]);
}

#[test]
fn a_report_onto_a_full_disk_is_told_and_the_rest_is_delivered() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv --yes --report /dev/full --failed failed.csv");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("no space is left"), "{}", ran.err);
    assert!(ran.out.contains("activated"), "{}", ran.out);
    assert!(tenant.read("failed.csv").starts_with("serial,"));
}

#[test]
fn no_secret_and_no_terminal() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let unset = |setting: &mut crate::host::Setting| {
        setting.env.remove("AZURE_CLIENT_SECRET");
    };
    let ran = tenant.run_with("oathctl activate tokens.csv --yes", unset, |_| {});
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("AZURE_CLIENT_SECRET_FILE"), "{}", ran.err);
    // From a file it works.
    tenant.write("secret.txt", &format!("{}\n", tenant.ready.client_secret));
    let by_file = |setting: &mut crate::host::Setting| {
        setting.env.remove("AZURE_CLIENT_SECRET");
        setting.env.insert("AZURE_CLIENT_SECRET_FILE".into(), "secret.txt".into());
    };
    assert_eq!(tenant.run_with("oathctl activate tokens.csv --yes", by_file, |_| {}).code, 0);
}

#[test]
fn a_refused_file_is_a_document_for_scripts() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", HEADER);
    let ran = tenant.run("oathctl activate tokens.csv --yes --output json");
    assert_eq!(ran.code, 6);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["schema"], "oathctl.check/1");
    assert_eq!(value["faults"][0]["reason"], "only_header");
}
