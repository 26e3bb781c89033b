//! The lists of `--only` and `--exclude`.
//!
//! Owns: what they choose, the warning about entries without a row. Does not own: their form (`oathctl-files`).

use std::collections::BTreeSet;

use oathctl_core::report::Exit;
use oathctl_core::table::Table;
use oathctl_core::token::{serial_key, upn_key};
use oathctl_files::{Selected, Selection, read_selection};

use super::{open, refused_list};
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::tell;
use crate::words::en::foreign::clean;

/// What `--only` and `--exclude` choose, as the planner takes it.
#[derive(Default)]
pub struct Chosen {
    /// Serial keys, sorted.
    pub only: Option<Vec<String>>,
    /// Serial and person keys.
    pub exclude: Vec<String>,
}

/// Reads the two lists.
pub fn selection(
    desk: &Desk,
    table: &Table,
    only: Option<&str>,
    exclude: Option<&str>,
) -> Result<Chosen, Failure> {
    let mut chosen = Chosen::default();
    // Such a file is refused for its own faults.
    if table.is_rejected() || table.is_empty() {
        return Ok(chosen);
    }
    if let Some(path) = only {
        let list = list(desk, "--only", path)?;
        let named = table.rows().filter(|row| list.selects(row.serial(), row.upn(), row.line()));
        let mut keys: Vec<String> = named.map(|row| serial_key(row.serial())).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            return Err(Failure::usage(format!(
                "The list {} of `--only` names no row of the file.",
                quoted(path)
            ))
            .advice("See whether list and file belong together. Nothing was sent."));
        }
        tell_strays(desk, "--only", &list, table);
        chosen.only = Some(keys);
    }
    if let Some(path) = exclude {
        let list = list(desk, "--exclude", path)?;
        tell_strays(desk, "--exclude", &list, table);
        let serials = list.entries.iter().filter_map(|entry| entry.serial.as_deref().map(serial_key));
        let people = list.entries.iter().filter_map(|entry| entry.upn.as_deref().map(upn_key));
        chosen.exclude = serials.chain(people).filter(|key| !key.is_empty()).collect();
        chosen.exclude.sort();
        chosen.exclude.dedup();
    }
    Ok(chosen)
}

/// So many entries without a row are named.
const NAMED: usize = 5;

/// Warns of entries that no row of the file has: a typing error in `--exclude` would touch whom it was to spare.
fn tell_strays(desk: &Desk, flag: &str, list: &Selection, table: &Table) {
    let serials: BTreeSet<String> = table.rows().map(|row| serial_key(row.serial())).collect();
    let people: BTreeSet<String> = table.rows().filter_map(|row| row.upn().map(upn_key)).collect();
    let lines: BTreeSet<u64> = table.rows().map(|row| row.line()).collect();
    let has_row = |entry: &&Selected| {
        let by_serial = entry.serial.as_deref().is_some_and(|serial| serials.contains(&serial_key(serial)));
        let by_person = entry.upn.as_deref().is_some_and(|upn| people.contains(&upn_key(upn)));
        let by_line = entry.source_line.is_some_and(|line| lines.contains(&line));
        match flag {
            "--exclude" => by_serial || by_person,
            _ if entry.serial.is_some() => by_serial,
            _ => by_line || by_person,
        }
    };
    let strays: Vec<&Selected> = list.entries.iter().filter(|entry| !has_row(entry)).collect();
    if strays.is_empty() {
        return;
    }
    let named: Vec<String> = strays.iter().take(NAMED).map(|entry| named_entry(entry)).collect();
    let more = if strays.len() > NAMED { ", …" } else { "" };
    desk.ui.wrong(&format!(
        "warning: in the list of `{flag}` {} of {} entries match no row of the file: {}{more}",
        strays.len(),
        list.entries.len(),
        named.join(", ")
    ));
}

/// As a person would look for it in the list.
fn named_entry(entry: &Selected) -> String {
    let text = entry.serial.as_deref().or(entry.upn.as_deref()).map(clean).unwrap_or_default();
    format!("{text} (line {})", entry.line)
}

/// One such list.
pub fn list(desk: &Desk, flag: &str, path: &str) -> Result<Selection, Failure> {
    let input = open(desk, path).map_err(|reason| refused_list(flag, path, &reason))?;
    let list = read_selection(input);
    if list.is_rejected() {
        tell::faults::on_stderr(desk, list.faults.iter());
        return Err(Failure::new(
            Exit::Input,
            format!("The list of `{flag}` can't be used. Nothing was sent."),
        ));
    }
    Ok(list)
}

/// The keys of a list of `--exclude`, where no file says which of them have a row.
pub fn excluded(desk: &Desk, path: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let list = list(desk, "--exclude", path)?;
    let serials = list.entries.iter().filter_map(|entry| entry.serial.as_deref().map(serial_key));
    let people = list.entries.iter().filter_map(|entry| entry.upn.as_deref().map(upn_key));
    let keys: BTreeSet<String> = serials.chain(people).filter(|key| !key.is_empty()).collect();
    Ok(keys.into_iter().collect())
}
