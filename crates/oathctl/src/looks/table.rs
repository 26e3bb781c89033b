//! Rows as a table for people, or as CSV.
//!
//! Owns: widths, and cells that no spreadsheet runs. Does not own: what stands in them.

use crate::report::csv_cell;

/// Columns to the width of their longest cell, under their names; nothing when there is no row.
pub fn text(names: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let widest = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count());
        cells.chain([names[n].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(widest).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    let mut out = line(&mut names.iter().copied());
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

/// With a heading, also when there is no row.
pub fn csv(names: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = names.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
        out.push_str(&(cells.join(",") + "\r\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_need() {
        let rows = [vec!["a".to_owned(), "long cell".into()], vec!["wider".into(), String::new()]];
        assert_eq!(text(&["one", "two"], &rows), "one    two\na      long cell\nwider\n");
        assert_eq!(text(&["one", "two"], &[]), "");
    }

    #[test]
    fn h23_a_cell_is_no_formula() {
        assert_eq!(csv(&["name"], &[vec!["=1+1".into()]]), "name\r\n\"'=1+1\"\r\n");
    }
}
