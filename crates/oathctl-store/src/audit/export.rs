//! Records in the formats that collectors read.
//!
//! Owns: [`AuditFormat`]: JSON lines, CEF, CSV, one record a line. Does not own: where they go. Whatever comes from outside is
//! escaped: no record makes a second line, field or formula.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::AuditRecord;

/// A format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFormat {
    /// One JSON object a line; enough to verify the chain again with the key.
    Jsonl,
    /// ArcSight's Common Event Format, version 0.
    Cef,
    /// Comma-separated, for a spreadsheet.
    Csv,
}

const COLUMNS: &str =
    "chain,number,at,kind,tenant,run,os_user (self-asserted),signed_in_as,people,said,record\r\n";

impl AuditFormat {
    /// What comes before the first record.
    pub const fn head(self) -> &'static str {
        match self {
            Self::Csv => COLUMNS,
            Self::Jsonl | Self::Cef => "",
        }
    }

    /// One record, with its end of line.
    pub fn line(self, record: &AuditRecord) -> String {
        match self {
            Self::Jsonl => jsonl(record),
            Self::Cef => cef(record),
            Self::Csv => csv(record),
        }
    }
}

impl AuditRecord {
    /// Who did it, by the operating system: self-asserted.
    pub fn os_user(&self) -> Option<&str> {
        self.record.get("actor")?.get("os_user")?.as_str()
    }

    /// Who did it, to the tenant: the object id, or the pseudonym of somebody who was forgotten.
    pub fn signed_in_as(&self) -> Option<String> {
        let name = self.record.get("actor")?.get("signed_in_as")?.as_str()?;
        Some(self.named(name))
    }

    /// Everybody else it is about.
    pub fn others(&self) -> Vec<String> {
        let actor =
            self.record.get("actor").and_then(|actor| actor.get("signed_in_as")).and_then(Value::as_str);
        self.people.keys().filter(|name| Some(name.as_str()) != actor).map(|name| self.named(name)).collect()
    }

    fn named(&self, name: &str) -> String {
        let id = self.people.get(name).and_then(Option::as_ref);
        id.map_or_else(|| name.to_owned(), |id| id.as_str().to_owned())
    }

    /// As JSON, with the people it names.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": "oathctl.audit/1", "chain": self.chain, "number": self.number, "at": self.at, "kind": self.kind,
            "tenant": self.tenant, "run": self.run, "record": self.record, "people": self.people, "said": self.said,
            "mac": HEXLOWER.encode(&self.mac),
        })
    }
}

fn jsonl(record: &AuditRecord) -> String {
    record.to_json().to_string() + "\n"
}

/// Header fields escape `|` and `\`, extension values `=` and `\`; both have no line ends.
fn cef(record: &AuditRecord) -> String {
    let header = |text: &str| plain(text).replace('\\', "\\\\").replace('|', "\\|");
    let value = |text: &str| plain(text).replace('\\', "\\\\").replace('=', "\\=");
    let severity =
        if matches!(record.kind.as_str(), "code_shown" | "seeds_exported" | "inspected_tls_allowed") {
            6
        } else {
            3
        };
    let mut line = format!(
        "CEF:0|oathctl|oathctl|{}|{}|{}|{severity}|rt={} externalId={}",
        env!("CARGO_PKG_VERSION"),
        header(&record.kind),
        header(&record.kind.replace('_', " ")),
        record.at.unix_ms(),
        record.number,
    );
    let people = record.others().join(" ");
    for (label, text) in [
        ("cs1Label=chain cs1", Some(record.chain.clone())),
        ("cs2Label=tenant cs2", record.tenant.as_ref().map(|id| id.as_str().to_owned())),
        ("cs3Label=run cs3", record.run.as_ref().map(|id| id.as_str().to_owned())),
        ("cs4Label=selfAssertedUser cs4", record.os_user().map(str::to_owned)),
        ("suid", record.signed_in_as()),
        ("duid", Some(people).filter(|people| !people.is_empty())),
        ("reason", record.said.clone()),
        ("cs5Label=record cs5", Some(record.record.to_string())),
    ] {
        if let Some(text) = text {
            line.push_str(&format!(" {label}={}", value(&text)));
        }
    }
    line + "\n"
}

fn csv(record: &AuditRecord) -> String {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let cells = [
        record.chain.clone(),
        record.number.to_string(),
        record.at.to_string(),
        record.kind.clone(),
        text(record.tenant.as_ref().map(|id| id.as_str())),
        text(record.run.as_ref().map(|id| id.as_str())),
        text(record.os_user()),
        record.signed_in_as().unwrap_or_default(),
        record.others().join(" "),
        text(record.said.as_deref()),
        record.record.to_string(),
    ];
    cells.map(|cell| cell_of(&cell)).join(",") + "\r\n"
}

/// A cell that a spreadsheet takes as text (H23).
fn cell_of(text: &str) -> String {
    let text = plain(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Without control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use oathctl_core::time::Utc;

    use super::*;

    fn record() -> AuditRecord {
        let pseudonym = format!("p-{}", "0".repeat(32));
        AuditRecord {
            chain: "c0".into(),
            number: 7,
            at: Utc::from_unix_secs(1_790_000_000),
            kind: "code_shown".into(),
            tenant: None,
            run: None,
            record: json!({"actor": {"os_user": "=cmd|'x'\n", "signed_in_as": null}, "person": pseudonym}),
            people: BTreeMap::from([(pseudonym, None)]),
            said: Some("a=b|c\\d\r\ne, \"f\"".into()),
            mac: vec![1, 2],
        }
    }

    #[test]
    fn h23_no_record_makes_a_second_line_field_or_formula() {
        for format in [AuditFormat::Jsonl, AuditFormat::Cef, AuditFormat::Csv] {
            let line = format.line(&record());
            assert_eq!(line.trim_end().lines().count(), 1, "{line}");
        }
        let csv = AuditFormat::Csv.line(&record());
        assert!(csv.contains(",'=cmd|'x' ,"), "{csv}");
        assert!(csv.contains("\"a=b|c\\d  e, \"\"f\"\"\""), "{csv}");
        let cef = AuditFormat::Cef.line(&record());
        assert!(cef.starts_with("CEF:0|oathctl|oathctl|"), "{cef}");
        assert!(cef.contains("|code_shown|code shown|6|rt=1790000000000 externalId=7"), "{cef}");
        assert!(cef.contains("reason=a\\=b|c\\\\d  e, \"f\""), "{cef}");
        assert!(
            cef.contains(&format!("duid=p-{}", "0".repeat(32))),
            "a forgotten person keeps a pseudonym: {cef}"
        );
    }
}
