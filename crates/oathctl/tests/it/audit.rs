//! The audit as the auditor meets it: after runs and deeds on the practice tenant.

use serde_json::Value;

use crate::schema::fits;
use crate::tenant::{Ran, Tenant, csv};
use crate::transcript;

fn worked() -> Tenant {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    let ran = tenant.run("oathctl activate tokens.csv --yes --state-dir state");
    assert_eq!(ran.code, 0, "{}", ran.err);
    tenant
}

fn run(tenant: &Tenant, line: &str) -> Ran {
    tenant.run(&format!("oathctl audit {line} --state-dir state"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Hex, base64 and ids differ from run to run.
fn without_ids(mut ran: Ran) -> Ran {
    let plain = |word: &str| {
        let bare = word.trim_end_matches(':');
        let is_id = (bare.len() == 8 || bare.len() == 36)
            && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_id { format!("ID{}", &word[bare.len()..]) } else { word.to_owned() }
    };
    for text in [&mut ran.err, &mut ran.out] {
        *text = text.split(' ').map(plain).collect::<Vec<_>>().join(" ");
    }
    ran
}

#[test]
fn h29_an_audit_from_its_first_run_to_a_forgotten_person() {
    let tenant = worked();
    let records = json(&run(&tenant, "list --kind run_opened --output json").out);
    let people = records["records"][0]["people"].as_object().unwrap().clone();
    let rows = records["records"][0]["record"]["rows"].as_array().unwrap().clone();
    let person = people[rows[0][2].as_str().unwrap()].as_str().unwrap().to_owned();

    let steps = [
        "list --kind run_closed".to_owned(),
        "verify".to_owned(),
        "checkpoint --to elsewhere.jsonl".to_owned(),
        "verify --checkpoints elsewhere.jsonl".to_owned(),
        "forget-person nobody --yes".to_owned(),
        format!("forget-person {person}"),
        format!("forget-person {person} --yes"),
        "verify".to_owned(),
        "export --format csv --kind person_forgotten --out audit.csv".to_owned(),
    ];
    let ran: Vec<Ran> = steps.iter().map(|line| run(&tenant, line)).collect();
    let codes: Vec<u8> = ran.iter().map(|ran| ran.code).collect();
    assert_eq!(
        codes,
        [0, 0, 0, 0, 2, 7, 0, 0, 0],
        "{:?}",
        ran.iter().map(|ran| &ran.err).collect::<Vec<_>>()
    );
    let mut shown: Vec<Ran> = ran.into_iter().map(without_ids).collect();
    let folder = tenant.folder.path().display().to_string();
    for ran in &mut shown {
        ran.err = ran.err.replace(&folder, "FOLDER");
        ran.args = ran.args.iter().map(|word| word.replace(&person, "ID")).collect();
    }
    transcript::holds("audit", &shown.iter().collect::<Vec<_>>());
    assert_eq!(tenant.read("audit.csv").lines().count(), 2);
    let after = run(&tenant, "list --output json").out;
    assert!(!after.contains(&person), "nobody can say any more whom the records name");
}

#[test]
fn h29_every_call_stands_in_it_before_and_after() {
    let tenant = worked();
    let records = json(&run(&tenant, "list --output json").out);
    let records = records["records"].as_array().unwrap();
    let of = |kind: &str| records.iter().filter(|record| record["kind"] == kind).count();
    assert_eq!((of("run_opened"), of("run_closed")), (1, 1));
    assert!(of("call_intended") >= 2);
    assert_eq!(of("call_intended"), of("call_observed"));
    assert_eq!(records[0]["record"]["actor"]["os_user_is"], "self_asserted");
    let ndjson = run(&tenant, "export --format jsonl");
    assert_eq!(ndjson.out.lines().count(), records.len());
    for line in ndjson.out.lines() {
        fits(&tenant, "audit/1", line);
    }
    fits(&tenant, "audit-verify/1", &run(&tenant, "verify --output json").out);
    let cef = run(&tenant, "export --format cef").out;
    assert!(cef.lines().all(|line| line.starts_with("CEF:0|oathctl|oathctl|")), "{cef}");
}

#[test]
fn h29_an_older_copy_of_the_database_is_told_by_the_checkpoint() {
    let tenant = worked();
    let path = tenant.folder.path().join("state/oathctl.db");
    let before = std::fs::read(&path).unwrap();
    tenant.write("more.csv", &csv(&[tenant.upn(1), tenant.upn(2), tenant.upn(3)]));
    assert_eq!(tenant.run("oathctl activate more.csv --yes --state-dir state").code, 0);
    assert_eq!(run(&tenant, "verify").code, 0);
    std::fs::write(&path, before).unwrap();
    let ran = run(&tenant, "verify");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("an older copy of the store was brought back"), "{}", ran.err);
    let found = json(&run(&tenant, "verify --output json").out);
    assert_eq!(
        (&found["is_whole"], &found["chains"][0]["fault"]),
        (&false.into(), &"not_as_checkpointed".into())
    );
}

#[test]
fn h29_without_its_key_a_chain_is_told_apart_and_nothing_is_said_of_it() {
    let tenant = worked();
    std::fs::remove_file(tenant.folder.path().join("state/audit.key")).unwrap();
    let ran = run(&tenant, "verify");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("of another audit key"), "{}", ran.err);
}
