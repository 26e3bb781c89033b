//! The JSON Schemas of everything oathctl writes, as they stand under `docs/schemas/`.
//!
//! Owns: their list. A test holds each against what is really written.

/// Name, text.
const ALL: &[(&str, &str)] = &[
    ("run/1", include_str!("../../../docs/schemas/run-1.json")),
    ("plan/1", include_str!("../../../docs/schemas/plan-1.json")),
    ("check/1", include_str!("../../../docs/schemas/check-1.json")),
    ("convert/1", include_str!("../../../docs/schemas/convert-1.json")),
    ("error/1", include_str!("../../../docs/schemas/error-1.json")),
    ("event/1", include_str!("../../../docs/schemas/event-1.json")),
    ("store/1", include_str!("../../../docs/schemas/store-1.json")),
    ("vault_export/1", include_str!("../../../docs/schemas/vault_export-1.json")),
    ("audit/1", include_str!("../../../docs/schemas/audit-1.json")),
    ("audit-verify/1", include_str!("../../../docs/schemas/audit-verify-1.json")),
    ("tokens/1", include_str!("../../../docs/schemas/tokens-1.json")),
    ("verify/1", include_str!("../../../docs/schemas/verify-1.json")),
    ("code/1", include_str!("../../../docs/schemas/code-1.json")),
    ("users/1", include_str!("../../../docs/schemas/users-1.json")),
    ("stock/1", include_str!("../../../docs/schemas/stock-1.json")),
    ("sim/1", include_str!("../../../docs/schemas/sim-1.json")),
];

/// All names.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).collect()
}

/// By `run/1`, `run`, `oathctl.run/1`.
pub fn by_name(name: &str) -> Option<&'static str> {
    let name = name.trim().trim_start_matches("oathctl.");
    ALL.iter()
        .find(|(known, _)| *known == name || known.split('/').next() == Some(name))
        .map(|(_, text)| *text)
}
