//! What scripts get of a run that is refused before it begins: one document, always.

use oathctl_core::token::TenantId;
use oathctl_store::RunLock;
use serde_json::{Value, json};

use crate::host::Setting;
use crate::schema::fits;
use crate::tenant::{Ran, Tenant, csv, row};
use crate::transcript::holds;

fn document(tenant: &Tenant, ran: &Ran) -> Value {
    fits(tenant, "run/1", &ran.out);
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["run"], Value::Null, "{}", ran.out);
    assert_eq!(value["exit_code"], ran.code, "{}", ran.out);
    assert!(value["stopped"]["message"].is_string(), "{}", ran.out);
    value
}

/// The transcript of a run whose document is shown without what differs from run to run.
fn holds_document(name: &str, tenant: &Tenant, mut ran: Ran) -> Value {
    let value = document(tenant, &ran);
    let cells = |row: &Value| {
        json!([row["serial"], row["source"]["line"], row["outcome"], row["reason"], row["message"]])
    };
    let rows: Vec<Value> = value["rows"].as_array().unwrap().iter().take(3).map(cells).collect();
    let shown = json!({
        "schema": value["schema"], "run": value["run"], "practice": value["practice"],
        "exit_code": value["exit_code"], "input": value["input"]["path"], "stopped": value["stopped"],
        "totals": value["totals"], "first_rows": rows,
    });
    ran.out = serde_json::to_string_pretty(&shown).unwrap();
    holds(name, &[&ran]);
    value
}

#[test]
fn a_refused_sign_in_is_a_document() {
    let tenant = Tenant::new();
    let text = csv(&[tenant.upn(1), tenant.upn(2)]) + &row(2, &tenant.upn(3)).replace(",30,", ",45,");
    tenant.write("tokens.csv", &text);
    let wrong = |setting: &mut Setting| {
        setting.env.insert("AZURE_CLIENT_SECRET".into(), "wrong~secret".into());
    };
    let line = "oathctl activate tokens.csv --yes --output json --report run.json --failed failed.csv";
    let ran = tenant.run_with(line, wrong, |_| {});
    assert_eq!(ran.code, 4);
    assert!(!ran.out.contains("wrong~secret"));
    let file: Value = serde_json::from_str(&tenant.read("run.json")).unwrap();
    let value = holds_document("refused_sign_in_json", &tenant, ran);
    assert_eq!(value, file);
    assert_eq!(value["stopped"]["reason"], "sign_in");
    assert_eq!((&value["tenant"], &value["plan_digest"]), (&Value::Null, &Value::Null));
    assert!(value["requests"]["total"].as_u64().unwrap() > 0);
    assert_eq!(value["rows"][2]["reason"], "period_unsupported");
    // The same rows once more, when the secret is right.
    let again = tenant.run("oathctl activate tokens.csv --yes --only failed.csv");
    assert_eq!((again.code, tenant.active()), (3, 2), "{}", again.err);
}

#[test]
fn a_refused_gate_is_a_document() {
    let tenant = Tenant::wanted_elsewhere();
    let ran =
        tenant.run("oathctl activate moved.csv --reassign --last-method-ok --yes --quiet --output json");
    assert_eq!(ran.code, 7);
    let value = holds_document("refused_gate_json", &tenant, ran);
    assert_eq!(value["stopped"]["reason"], "gate");
    assert!(value["stopped"]["message"].as_str().unwrap().contains("--max-reassign 12"), "{value}");
    assert_eq!(value["plan_digest"].as_str().map(str::len), Some(64));
    assert_eq!(value["totals"]["skipped"], 12);
    assert!(value["rows"][0]["device_id"].is_string());
}

#[test]
fn a_strict_refusal_is_a_document() {
    let tenant = Tenant::new();
    let text = format!("{}{}", csv(&[tenant.upn(1)]), row(1, "nobody.there@practice.example"));
    tenant.write("tokens.csv", &text);
    let ran = tenant.run("oathctl activate tokens.csv --yes --strict --output json");
    let value = holds_document("refused_strict_json", &tenant, ran);
    assert_eq!(value["stopped"]["reason"], "strict");
    assert_eq!(value["rows"][1]["reason"], "person_unknown");
    let ran = tenant.run("oathctl plan tokens.csv --out plan.json --strict --output json");
    assert_eq!(document(&tenant, &ran)["stopped"]["reason"], "strict");
}

#[test]
fn every_other_refusal_is_a_document_too() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    let told = |line: &str, reason: &str, change: &dyn Fn(&mut Setting)| {
        let ran = tenant.run_with(&format!("oathctl {line} --output json"), change, |_| {});
        let value = document(&tenant, &ran);
        assert_eq!(value["stopped"]["reason"], reason, "{line}: {}", ran.out);
        value
    };
    let as_it_is = |_: &mut Setting| {};
    let value = told("activate tokens.csv", "nobody_to_confirm", &as_it_is);
    assert_eq!(value["rows"][0]["reason"], "run_stopped");
    assert_eq!(value["tenant"], tenant.ready.tenant_id);
    told("activate tokens.csv", "not_confirmed", &|setting| {
        setting.terminal = true;
        setting.stdin = "no\n".into();
    });
    told("activate tokens.csv --yes", "usage", &|setting| {
        setting.env.remove("AZURE_CLIENT_ID");
    });
    told("activate tokens.csv --yes --report nowhere/run.json", "usage", &as_it_is);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    told("activate tokens.csv --yes --max-wait 1s", "unreachable", &|setting| {
        setting.env.insert("OATHCTL_GRAPH_URL".into(), format!("http://127.0.0.1:{port}/beta"));
        setting.env.insert("AZURE_AUTHORITY_HOST".into(), format!("http://127.0.0.1:{port}"));
    });
    assert_eq!(tenant.run("oathctl plan tokens.csv --out plan.json").code, 0);
    let id = TenantId::new(tenant.ready.tenant_id.clone());
    let lock = RunLock::take(&tenant.folder.path().join("state"), &id).unwrap();
    told("activate tokens.csv --yes", "run_under_way", &as_it_is);
    told("apply plan.json --yes", "run_under_way", &as_it_is);
    drop(lock);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    told("apply plan.json --yes", "input_changed", &as_it_is);
    told("resume nothing", "usage", &as_it_is);
    assert!(tenant.state().is_empty());
}

#[test]
fn a_missing_permission_is_a_document() {
    let tenant = Tenant::with(&[("permissions", "User.Read.All")]);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv --yes --output json");
    let value = document(&tenant, &ran);
    assert_eq!((value["stopped"]["reason"].as_str(), ran.code), (Some("permission_missing"), 4));
}

#[test]
fn events_end_with_why_nothing_began() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = tenant.run("oathctl activate tokens.csv --output ndjson");
    assert_eq!(ran.code, 7);
    for line in ran.out.lines() {
        fits(&tenant, "event/1", line);
    }
    let last: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!((last["event"].as_str(), last["why"].as_str()), (Some("stopped"), Some("nobody_to_confirm")));
}

#[test]
fn no_report_of_a_refusal_goes_over_an_input() {
    let tenant = Tenant::new();
    let text = csv(&[tenant.upn(1)]);
    tenant.write("tokens.csv", &text);
    let yesterday = |setting: &mut Setting| setting.begins_ms -= 25 * 3_600_000;
    assert_eq!(tenant.run_with("oathctl plan tokens.csv --out plan.json", yesterday, |_| {}).code, 0);
    for flag in ["--report", "--failed"] {
        let ran = tenant.run(&format!("oathctl apply plan.json --yes {flag} tokens.csv"));
        assert_eq!((ran.code, tenant.read("tokens.csv")), (2, text.clone()), "{flag}: {}", ran.err);
    }
    let ran = tenant.run("oathctl apply plan.json --yes --report run.json");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(tenant.read("run.json").contains("\"stale\""));
}
