//! Pieces of text that several commands show.
//!
//! Owns: lines about tenants, places, small tables. Does not own: reasons ([`crate::words`]).

pub mod faults;

use oathctl_core::place::Place;
use oathctl_core::tenant::{Backend, Identity};

use crate::ui::PRACTICE;
use crate::words::en::foreign::clean;

/// Name, domain, id; marked on loopback, for output that carries no mark of its own.
pub fn marked_tenant_line(identity: &Identity) -> String {
    let line = tenant_line(identity);
    if identity.practice { format!("{PRACTICE} · {line}") } else { line }
}

/// Name, domain, id.
pub fn tenant_line(identity: &Identity) -> String {
    let name = if identity.name.is_empty() { "name not readable".to_owned() } else { clean(&identity.name) };
    let domain = identity.domains.first().map_or_else(|| "domains not readable".to_owned(), |d| clean(d));
    format!("Tenant \"{name}\" · {domain} · {}", identity.tenant)
}

/// The back end's word.
pub fn backend(backend: Backend) -> &'static str {
    match backend {
        Backend::Graph => "graph",
        Backend::Portal => "portal",
    }
}

/// `file!member!sheet:line:column path`, as far as known.
pub fn place(place: &Place) -> String {
    let mut text = place.file.as_deref().map_or_else(|| "standard input".to_owned(), clean);
    for part in [&place.member, &place.sheet].into_iter().flatten() {
        text.push_str(&format!("!{}", clean(part)));
    }
    if let Some(line) = place.line {
        text.push_str(&format!(":{line}"));
        if let Some(column) = place.column {
            text.push_str(&format!(":{column}"));
        }
    }
    if let Some(path) = &place.path {
        text.push_str(&format!(" {}", clean(path)));
    }
    text
}

/// Two columns, indented, the second one to the right.
pub fn table(rows: &[(String, String)]) -> Vec<String> {
    let left = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let right = rows.iter().map(|(_, value)| value.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("  {name:<left$}  {value:>right$}")).collect()
}

/// `1 row`, `2 rows`.
pub fn rows(n: u64) -> String {
    counted(usize::try_from(n).unwrap_or(usize::MAX), "row")
}

/// `1 error`, `2 errors`.
pub fn counted(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// `840 ms`, `12.3 s`, `4 min 10 s`.
pub fn span(ms: i64) -> String {
    match ms.max(0) {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..120_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        ms => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}
