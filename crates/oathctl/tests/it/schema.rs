//! The schemas under `docs/schemas/` hold for what is really written.
//!
//! Owns: a validator for the few words of JSON Schema that they use; an unknown word is a fault of the schema.

use oathctl_core::event::{RunEvent, What};
use oathctl_core::journal::{CallId, CallResult, StepKind};
use oathctl_core::plan::PlanTotals;
use oathctl_core::reason::Reason;
use oathctl_core::report::{Outcome, Totals};
use oathctl_core::table::RowId;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId};
use serde_json::Value;

use crate::tenant::{Tenant, csv, row};

#[test]
fn everything_written_fits_its_schema() {
    let tenant = Tenant::new();
    let text =
        csv(&[tenant.upn(1), tenant.upn(13)]) + &row(2, "nobody@practice.example").replace(",30,", ",45,");
    tenant.write("tokens.csv", &text);
    let plan = tenant.run("oathctl plan tokens.csv --out plan.json");
    assert_eq!(plan.code, 0, "{}", plan.err);
    fits(&tenant, "plan/1", &tenant.read("plan.json"));
    fits(&tenant, "check/1", &tenant.run("oathctl check tokens.csv --output json --rows").out);
    tenant.write("codes.txt", "S00000 123456\nX 1234567\n");
    let with_codes = "oathctl check tokens.csv --codes codes.txt --output json";
    fits(&tenant, "check/1", &tenant.run(with_codes).out);
    fits(&tenant, "run/1", &tenant.run("oathctl activate tokens.csv --yes --output json").out);
    tenant.write("more.csv", &csv(&[tenant.upn(1), tenant.upn(2)]).replace("S0", "T0"));
    let events = tenant.run("oathctl activate more.csv --yes --output ndjson");
    for line in events.out.lines() {
        fits(&tenant, "event/1", line);
    }
    fits(&tenant, "sim/1", &serde_json::to_string(&tenant.ready).unwrap());
}

#[test]
fn whoever_asked_for_json_gets_a_document_in_every_case() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    for (line, code) in [
        ("oathctl check tokens.csv --passphrase-file nowhere.txt --output json", 2),
        ("oathctl check --output json", 2),
        ("oathctl chekc tokens.csv --output=json", 2),
        ("oathctl check tokens.csv --log-file tokens.csv --output json", 2),
        ("oathctl runs show 2019 --output json", 2),
        ("oathctl explain no_such_reason --output json", 2),
    ] {
        let ran = tenant.run(line);
        assert_eq!(ran.code, code, "{line}: {}", ran.err);
        fits(&tenant, "error/1", &ran.out);
        assert!(!ran.err.is_empty(), "{line}");
    }
    // Nobody else does.
    assert_eq!(tenant.run("oathctl check --output text").out, "");
    assert_eq!(tenant.run("oathctl check").out, "");
}

#[test]
fn every_kind_of_event_fits() {
    let tenant = Tenant::new();
    let totals = PlanTotals::default();
    let reason = Some(Reason::PersonGuest);
    let run = || RunId::new("r");
    let kinds = [
        What::RunOpened {
            run: run(),
            tenant: TenantId::new("t"),
            tenant_name: "T".into(),
            practice: true,
            rows: 1,
        },
        What::Faults { errors: 1, warnings: 2 },
        What::Clock { offset_ms: -3 },
        What::Snapshot { devices: 1, people: 1 },
        What::Planned { totals },
        What::Gated,
        What::CallSent { call: CallId(1), step: StepKind::Create, items: 1 },
        What::CallAnswered { call: CallId(1), step: StepKind::Assign, results: vec![(CallResult::Done, 1)] },
        What::RowChanged {
            row: RowId(0),
            serial: "S".into(),
            reached: String::new(),
            outcome: Some(Outcome::Failed),
            reason: reason.clone(),
        },
        What::Throttled { step: Some(StepKind::Activate), operations: 1, wait_ms: None },
        What::Waiting { what: "quota".into(), wait_ms: 1, rows: 1 },
        What::Stopped { why: "systemic".into(), reason },
        What::RunClosed { totals: Totals::default(), exit_code: 0 },
    ];
    for what in kinds {
        let event = RunEvent { seq: 1, at: Utc::from_unix_secs(0), what };
        fits(&tenant, "event/1", &serde_json::to_string(&event).unwrap());
    }
}

/// Holds a document against its schema.
pub fn fits(tenant: &Tenant, name: &str, text: &str) {
    let schema: Value = serde_json::from_str(&tenant.run(&format!("oathctl schema {name}")).out).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let faults = judge(&schema, &schema, &value, name);
    assert!(faults.is_empty(), "{}\nin {text}", faults.join("\n"));
}

fn judge(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (word, rule) in schema.as_object().expect(at) {
        faults.extend(match word.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => Vec::new(),
            "required" | "additionalProperties" => Vec::new(),
            "$ref" => {
                judge(root, root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap(), value, at)
            }
            "type" => wrong(is_of_type(rule, value), at, "another type", value),
            "const" => wrong(rule == value, at, "another value", value),
            "enum" => wrong(rule.as_array().unwrap().contains(value), at, "no such word", value),
            "minimum" => {
                wrong(value.as_i64().is_none_or(|n| n >= rule.as_i64().unwrap()), at, "too small", value)
            }
            "items" => items(root, rule, value, at),
            "properties" => properties(root, schema, value, at),
            "oneOf" => one_of(root, rule, value, at),
            other => vec![format!("{at}: the schema uses `{other}`, which isn't judged here")],
        });
    }
    if schema.get("properties").is_none()
        && let (Some(rule), Some(map)) =
            (schema.get("additionalProperties").filter(|r| r.is_object()), value.as_object())
    {
        faults.extend(map.iter().flat_map(|(key, value)| judge(root, rule, value, &format!("{at}.{key}"))));
    }
    faults
}

fn wrong(is_right: bool, at: &str, what: &str, value: &Value) -> Vec<String> {
    if is_right { Vec::new() } else { vec![format!("{at}: {what}: {value}")] }
}

fn is_of_type(rule: &Value, value: &Value) -> bool {
    let is = |word: &str| match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    };
    match rule {
        Value::String(word) => is(word),
        Value::Array(words) => words.iter().any(|word| is(word.as_str().unwrap())),
        _ => false,
    }
}

fn items(root: &Value, rule: &Value, value: &Value, at: &str) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().enumerate().flat_map(|(n, item)| judge(root, rule, item, &format!("{at}[{n}]"))).collect()
}

fn properties(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(map) = value.as_object() else { return Vec::new() };
    let known = schema["properties"].as_object().unwrap();
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let missing = required.iter().filter(|key| !map.contains_key(key.as_str().unwrap()));
    let mut faults: Vec<String> = missing.map(|key| format!("{at}: {key} is missing")).collect();
    for (key, value) in map {
        match known.get(key) {
            Some(rule) => faults.extend(judge(root, rule, value, &format!("{at}.{key}"))),
            None if schema["additionalProperties"] == false => {
                faults.push(format!("{at}.{key} is not in the schema"))
            }
            None => {}
        }
    }
    faults
}

fn one_of(root: &Value, rule: &Value, value: &Value, at: &str) -> Vec<String> {
    let tried: Vec<Vec<String>> =
        rule.as_array().unwrap().iter().map(|one| judge(root, one, value, at)).collect();
    match tried.iter().filter(|faults| faults.is_empty()).count() {
        1 => Vec::new(),
        0 => tried.into_iter().min_by_key(Vec::len).unwrap_or_default(),
        more => vec![format!("{at}: fits {more} ways")],
    }
}
