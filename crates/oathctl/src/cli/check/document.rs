//! What `check` gives to scripts: `oathctl.check/1`.
//!
//! Owns: the document. Its schema stands under `docs/schemas/`; within a major version fields are only added.

use oathctl_core::fault::Severity;
use oathctl_core::report::Exit;
use oathctl_core::table::{RowView, Verdict};
use oathctl_core::token::OtpKind;
use serde_json::{Value, json};

use super::codes::Said;
use super::{all_faults, errors, of_severity, of_verdict, verdict};
use crate::input::Loaded;
use crate::tell::faults;

/// `oathctl.check/1`.
pub(super) fn document(loaded: &Loaded, rows: bool, said: Option<&Said>, exit: Exit) -> Value {
    let found = faults::sorted(all_faults(loaded));
    json!({
        "schema": "oathctl.check/1",
        "version": env!("CARGO_PKG_VERSION"),
        "exit_code": exit.code(),
        "input": {"path": loaded.input.path, "sha256": Some(&loaded.input.sha256).filter(|sha| !sha.is_empty())},
        "rejected": loaded.table.is_rejected(),
        "decisions": loaded.table.decisions(),
        "totals": {
            "rows": loaded.input.rows,
            "usable": of_verdict(loaded, Verdict::Usable),
            "faulty": of_verdict(loaded, Verdict::Faulty),
            "duplicates": of_verdict(loaded, Verdict::Duplicate),
            "errors": errors(loaded),
            "warnings": of_severity(loaded, Severity::Warning),
            "notes": of_severity(loaded, Severity::Note),
        },
        "faults": found.into_iter().map(faults::value).collect::<Vec<_>>(),
        "codes": said.map(Said::value),
        "rows": rows.then(|| loaded.table.rows().map(|row| row_value(&row)).collect::<Vec<_>>()),
    })
}

fn row_value(row: &RowView<'_>) -> Value {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    json!({
        "place": row.place(None),
        "serial": some(row.serial()),
        "upn": row.upn(),
        "kind": kind(row.kind()),
        "hash": row.hash(),
        "digits": row.digits(),
        "period_s": row.period_secs(),
        "counter": row.counter(),
        "key_id": row.key_id(),
        "issue_no": row.issue_no(),
        "seed_bytes": row.seed_len(),
        "manufacturer": some(row.manufacturer()),
        "model": some(row.model()),
        "verdict": verdict(row.verdict()),
    })
}

const fn kind(kind: OtpKind) -> &'static str {
    match kind {
        OtpKind::Totp => "totp",
        OtpKind::Hotp => "hotp",
        OtpKind::Other => "other",
    }
}
