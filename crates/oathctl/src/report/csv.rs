//! The rows to try again, as `--only` takes them back: serial, upn, line, reason, advice. No seeds.
//!
//! Owns: the file's form, safe for spreadsheets (H23).

use oathctl_core::report::{Outcome, RowReport};

/// The whole file; only the header when nothing failed.
pub fn failed_rows(rows: &[RowReport]) -> String {
    let mut csv = String::from("serial,upn,line,reason,advice\r\n");
    let again = rows.iter().filter(|row| is_to_try_again(row));
    for row in again {
        let line = row.source.line.map(|line| line.to_string());
        let cells = [&row.serial, &row.upn, &line, &row.reason, &row.advice];
        let cells: Vec<String> =
            cells.into_iter().map(|cell| quoted(cell.as_deref().unwrap_or(""))).collect();
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    }
    csv
}

/// Failed and unknown rows, and those a stopped run never began.
fn is_to_try_again(row: &RowReport) -> bool {
    match row.outcome {
        Outcome::Failed | Outcome::Unknown => true,
        Outcome::Skipped => row.reason.as_deref() == Some("run_stopped"),
        Outcome::Activated
        | Outcome::AlreadyActive
        | Outcome::Assigned
        | Outcome::Imported
        | Outcome::Deleted => false,
    }
}

/// A cell no spreadsheet runs as a formula: one that begins like one gets a leading apostrophe, which our own reader
/// takes off again.
pub fn quoted(cell: &str) -> String {
    let cell: String = cell.chars().filter(|c| !c.is_control()).collect();
    let formula = cell.starts_with(['=', '+', '-', '@']);
    let cell = if formula { format!("'{cell}") } else { cell };
    if formula || cell.contains([',', '"', ';', ' ']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h23_cells_like_formulas_are_defused() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("@sum"), "\"'@sum\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted("P000001"), "P000001");
    }
}
