//! `--recreate`: what it makes anew, and what it leaves alone.

use serde_json::Value;

use crate::tenant::{Ran, Tenant, csv, row, seed};

/// Reason and origin of each row, and the ids of their devices.
fn rows(ran: &Ran) -> (Vec<String>, Vec<String>) {
    let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
    let rows = report["rows"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let ends = rows.iter().map(|row| format!("{} {}", text(&row["outcome"]), text(&row["seed_origin"])));
    (ends.collect(), rows.iter().map(|row| text(&row["device_id"])).collect())
}

#[test]
fn h10_what_this_store_made_from_the_file_is_not_made_anew() {
    let tenant = Tenant::new();
    // Somebody imported these serials with other seeds.
    let wrong =
        csv(&[tenant.upn(1), tenant.upn(2)]).replace(&seed(0), &seed(70)).replace(&seed(1), &seed(71));
    tenant.write("wrong.csv", &wrong);
    assert_eq!(tenant.run("oathctl activate wrong.csv --yes").code, 0);
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    let line = "oathctl activate tokens.csv --recreate --yes --output json";
    let (ends, made) = rows(&tenant.run(line));
    assert_eq!(ends, ["activated created", "activated created"]);
    let (ends, kept) = rows(&tenant.run(line));
    assert_eq!((ends, &kept), (vec!["already_active created".to_owned(); 2], &made));
    let plan = tenant.run("oathctl plan tokens.csv --out plan.json --recreate");
    assert_eq!(plan.code, 0, "{}", plan.err);
    let plan: Value = serde_json::from_str(&tenant.read("plan.json")).unwrap();
    assert_eq!((plan["totals"]["delete"].as_u64(), plan["totals"]["already"].as_u64()), (Some(0), Some(2)));
    // Read in another way, the same bytes may mean other seeds.
    let plan = tenant.run("oathctl plan tokens.csv --out plan.json --recreate --digits 6");
    assert_eq!(plan.code, 0, "{}", plan.err);
    let plan: Value = serde_json::from_str(&tenant.read("plan.json")).unwrap();
    assert_eq!(plan["totals"]["delete"].as_u64(), Some(2));
}

#[test]
fn h02_a_last_method_is_not_taken_away_to_be_made_anew() {
    let tenant = Tenant::new();
    tenant.write("wrong.csv", &row(0, &tenant.upn(8)).replace(&seed(0), &seed(70)));
    tenant.write("wrong.csv", &format!("{}{}", csv(&[]), tenant.read("wrong.csv")));
    assert_eq!(tenant.run("oathctl activate wrong.csv --yes").code, 0);
    tenant.write("tokens.csv", &csv(&[tenant.upn(8)]));
    let ran = tenant.run("oathctl activate tokens.csv --recreate --yes");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.out.contains("last_method") && ran.out.contains("--last-method-ok"), "{}", ran.out);
    let ran = tenant.run("oathctl activate tokens.csv --recreate --last-method-ok --yes");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("1  person gets the only method"), "{}", ran.err);
}
