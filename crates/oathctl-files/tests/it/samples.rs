//! Every fixture gives exactly what `fixtures/expected.json` says.

use std::collections::BTreeSet;

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowView, Table};
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::{
    ColumnMap, Input, KeyFile, KeyRing, Locked, Passphrase, ReadOptions, SeedEncoding, read,
};
use serde_json::{Value, json};

use crate::support::{errors, fault, hex, remarks};

#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn expectations() -> serde_json::Map<String, Value> {
    let expected: Value = serde_json::from_slice(&sample("expected.json")).unwrap();
    expected.as_object().unwrap().clone()
}

/// The seeds of a fixture's tokens, in hex and in Base32.
pub(crate) fn seeds_of(name: &str) -> Vec<String> {
    let expected = expectations();
    let seeds = expected[name]["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["secret_hex"].as_str().unwrap().to_owned());
    seeds
        .flat_map(|hex| {
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
            [hex, data_encoding::BASE32_NOPAD.encode(&bytes)]
        })
        .collect()
}

/// Lends what `credential` names.
struct Keys {
    files: Vec<KeyFile>,
    password: Option<Passphrase>,
}

impl Keys {
    fn of(credential: &Value) -> Self {
        let mut keys = Self { files: Vec::new(), password: None };
        for (kind, value) in credential.as_object().into_iter().flatten() {
            let value = value.as_str().unwrap();
            match kind.as_str() {
                "password" => keys.password = Some(Passphrase::new(value.into())),
                "key_hex" => keys.files.push(KeyFile::new("shared.key".into(), value.into())),
                "age_identity" | "pgp_secret_key" | "private_key" => {
                    keys.files.push(KeyFile::new(value.into(), sample(value)));
                }
                "verify_with" => {}
                other => panic!("unknown credential {other}"),
            }
        }
        keys
    }
}

impl KeyRing for Keys {
    fn key_files(&self) -> Vec<KeyFile> {
        self.files.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        self.password.clone().filter(|_| locked.attempt == 0)
    }
}

fn options(stated: &Value) -> ReadOptions {
    let mut options = ReadOptions::default();
    for (name, value) in stated.as_object().into_iter().flatten() {
        let word = value.as_str().unwrap_or("");
        match name.as_str() {
            "hash" => options.hash = Some(Hash::parse(word).unwrap()),
            "period" => options.period_secs = Some(serde_json::from_value(value.clone()).unwrap()),
            "digits" => options.digits = Some(serde_json::from_value(value.clone()).unwrap()),
            "serial-width" => options.serial_width = Some(serde_json::from_value(value.clone()).unwrap()),
            "secret-encoding" => options.secret_encoding = Some(SeedEncoding::parse(word).unwrap()),
            "columns" => options.columns = Some(ColumnMap::parse(word).unwrap()),
            "allow-soft" => options.allow_soft = true,
            "allow-unknown-policy" => options.allow_unknown_policy = true,
            "allow-unauthenticated" => options.allow_unauthenticated = true,
            other => panic!("unknown option {other}"),
        }
    }
    options
}

pub(crate) fn checked_sample(name: &str) -> Table {
    let expected = expectations();
    let entry = expected.get(name).unwrap_or(&Value::Null);
    let input = Input::new(Some(name.into()), sample(name));
    let mut table = read(input, &options(&entry["options"]), &mut Keys::of(&entry["credential"]));
    check(&mut table, &CheckOptions::default());
    table
}

/// What Entra does not take is a token all the same; what is damaged or contradicted is none.
fn only_entra_refuses(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NotTotp { .. }
            | Reason::PeriodUnsupported { .. }
            | Reason::DigitsUnsupported { .. }
            | Reason::HashUnsupported { .. }
            | Reason::EpochUnsupported { .. }
            | Reason::CodeFormUnsupported { .. }
            | Reason::PolicyForbids { .. }
            | Reason::SeedForTests
            | Reason::SeedTooShort { .. }
            | Reason::SeedTooLong { .. }
            | Reason::UpnMalformed { .. }
            | Reason::PersonGuest
    )
}

fn is_token(table: &Table, row: RowView<'_>) -> bool {
    let undecided = table.faults().iter().any(|f| matches!(f.reason, Reason::SeedEncodingUndecidable { .. }));
    let mut faults = table.faults().iter().filter(|f| f.row == Some(row.id()));
    let spoilt = faults.any(|f| {
        let duplicate = matches!(f.reason, Reason::DuplicateRow { .. });
        duplicate || f.severity == Severity::Error && !only_entra_refuses(&f.reason)
    });
    row.seed_len() > 0 && !row.serial().is_empty() && !spoilt && !undecided
}

/// The fields a fixture's expectation names, taken from a row.
fn as_expected(row: RowView<'_>, wanted: &Value) -> Value {
    let mut found = serde_json::Map::new();
    for key in wanted.as_object().unwrap().keys() {
        let value = match key.as_str() {
            "serial" => row.serial().into(),
            "secret_hex" => hex(row).into(),
            "period" => row.period_secs().into(),
            "digits" => row.digits().into(),
            "counter" => row.counter().into(),
            "upn" => row.upn().into(),
            "assign_to" => row.user_id().into(),
            "key_id" => row.key_id().into(),
            "manufacturer" => row.manufacturer().into(),
            "model" => row.model().into(),
            "sheet" => row.place(None).sheet.into(),
            "line" => row.line().into(),
            "type" => match row.kind() {
                OtpKind::Totp => "totp".into(),
                OtpKind::Hotp => "hotp".into(),
                OtpKind::Other => "other".into(),
            },
            "hash" => row.hash().map(|hash| hash.word()).into(),
            key => panic!("unknown key {key}"),
        };
        found.insert(key.clone(), value);
    }
    Value::Object(found)
}

/// Reason, severity and line of everything told, in the form of the expectations.
fn told(table: &Table) -> Vec<Value> {
    let told = table.faults().iter().map(|fault| {
        let mut told = json!({"reason": fault.reason.word(), "severity": fault.severity});
        if let Some(line) = fault.place.line {
            told["line"] = line.into();
        }
        told
    });
    told.collect()
}

/// What is told must contain what is wanted; errors are listed completely.
fn diagnostics_differ(wanted: &[Value], told: &[Value]) -> Option<String> {
    let fits = |want: &Value, told: &Value| want.as_object().unwrap().iter().all(|(k, v)| &told[k] == v);
    let missing = wanted.iter().find(|want| !told.iter().any(|told| fits(want, told)));
    if let Some(want) = missing {
        return Some(format!("{want} is not among {}", json!(told)));
    }
    let errors = |list: &[Value]| -> Vec<String> {
        let errors = list.iter().filter(|one| one["severity"] == "error");
        let mut words: Vec<String> = errors.map(|one| one["reason"].as_str().unwrap().to_owned()).collect();
        words.sort();
        words
    };
    (errors(told) != errors(wanted)).then(|| format!("more errors than listed: {}", json!(told)))
}

/// What is wrong with the reading of one fixture.
fn difference(name: &str, expected: &Value) -> Option<String> {
    let table = checked_sample(name);
    let told = told(&table);
    let wanted = expected["tokens"].as_array().unwrap();
    let rows: Vec<_> = table.rows().filter(|row| is_token(&table, *row)).collect();
    if rows.len() != wanted.len() {
        return Some(format!("{} tokens, {} expected; {}", rows.len(), wanted.len(), json!(told)));
    }
    let found = rows.into_iter().zip(wanted).map(|(row, wanted)| (as_expected(row, wanted), wanted));
    let token = found.filter(|(found, wanted)| found != *wanted).map(|(f, w)| format!("{w} is {f}")).next();
    token.or_else(|| diagnostics_differ(expected["diagnostics"].as_array().unwrap(), &told))
}

#[test]
fn fixtures_give_exactly_what_is_expected() {
    let expected = expectations();
    let wrong =
        expected.iter().filter_map(|(name, entry)| Some(format!("{name}: {}", difference(name, entry)?)));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
fn every_fixture_has_its_entry_and_every_entry_its_fixture() {
    let folder = format!("{}/../../fixtures", env!("CARGO_MANIFEST_DIR"));
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let aside = |name: &String| {
        let own = ["README.md", "LICENSE", "run.py", "expected.json", "expected.schema.json", "__pycache__"];
        own.contains(&name.as_str()) || [".pem", ".key", ".sec.asc"].iter().any(|end| name.ends_with(end))
    };
    let files: BTreeSet<String> = names.filter(|name| !aside(name)).collect();
    assert_eq!(files, expectations().keys().cloned().collect());
}

#[test]
fn entries_have_only_the_keys_of_the_schema() {
    let schema: Value = serde_json::from_slice(&sample("expected.schema.json")).unwrap();
    let known = |properties: &Value, value: &Value| {
        let properties = properties.as_object().unwrap();
        value.as_object().unwrap().keys().all(|key| properties.contains_key(key))
    };
    for (name, entry) in expectations() {
        assert!(known(&schema["additionalProperties"]["properties"], &entry), "{name}");
        let all = |list: &str, kind: &str| {
            let mut items = entry[list].as_array().unwrap().iter();
            items.all(|item| known(&schema["$defs"][kind]["properties"], item))
        };
        assert!(all("tokens", "token") && all("diagnostics", "diagnostic"), "{name}");
    }
}

#[test]
fn the_mangled_fixture_is_told_by_place() {
    let table = checked_sample("ms-mangled.csv");
    assert_eq!(errors(&table), [("serial_damaged", Some(6), Some(2)), ("hash_unstated", None, None)]);
    assert_eq!(fault(&table, "line_ignored").place.line, Some(8));
    assert_eq!(remarks(&table), ["line_ignored", "mixed_models"], "the total counts the damaged row too");
}

#[test]
fn the_fixture_of_duplicates_leaves_nothing_usable() {
    let table = checked_sample("ms-dups.csv");
    let lines = |word: &str| -> Vec<_> {
        errors(&table)
            .iter()
            .filter(|(found, _, _)| *found == word)
            .filter_map(|(_, line, _)| *line)
            .collect()
    };
    assert_eq!(lines("too_many_for_person"), [2, 3, 4, 5, 6, 7]);
    assert_eq!(lines("serial_conflict"), [2, 8, 10]);
    assert_eq!(lines("seed_shared"), [3, 9]);
    assert_eq!(errors(&table).last().unwrap().0, "no_usable_row");
}
