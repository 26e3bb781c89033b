//! Hash, period and digits that a file states in a way that is easily passed over.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::{ColumnMap, ReadOptions};

use crate::support::{HEX, SEEDS, checked, checked_with, decision, errors, fault};

/// Two tokens under a heading, with one cell each.
fn under(heading: &str, cells: [&str; 2]) -> String {
    format!(
        "serial,seed,{heading},interval\n1200000000011,{},{},30\n1200000000012,{},{},30\n",
        SEEDS[0], cells[0], SEEDS[1], cells[1]
    )
}

fn undecidable(field: &str) -> Reason {
    Reason::ColumnsUndecidable { field: field.into() }
}

fn with_hash() -> ReadOptions {
    ReadOptions { hash: Some(Hash::Sha256), ..ReadOptions::default() }
}

#[test]
fn a_hash_by_any_heading() {
    for heading in ["Hash Algo", "hashalgorithm", "HMAC Type", "hmac_algorithm", "algo", "OTP Hash", "type"] {
        let table = checked(&under(heading, ["SHA256", "sha-256"]));
        assert_eq!(errors(&table), [], "{heading}");
        assert!(table.rows().all(|row| row.hash() == Some(Hash::Sha256)), "{heading}");
    }
}

#[test]
fn a_column_of_hashes_that_nobody_claims_is_asked_about() {
    for cells in [["SHA256", "SHA256"], ["", "hmac-sha512"], ["sha1", "n.n."], ["SHA3-256", "SHA3-256"]] {
        for heading in ["Prüfverfahren", "model"] {
            let table = checked(&under(heading, cells));
            assert!(table.is_rejected());
            assert_eq!(fault(&table, "columns_undecidable").reason, undecidable("hash"), "{cells:?}");
        }
    }
    let text = under("Prüfverfahren", ["SHA256", "SHA256"]);
    assert_eq!(errors(&checked_with(&text, &with_hash())), []);
    let columns = Some(ColumnMap::parse("hash=3").unwrap());
    let table = checked_with(&text, &ReadOptions { columns, ..ReadOptions::default() });
    assert_eq!(errors(&table), []);
    assert!(table.rows().all(|row| row.hash() == Some(Hash::Sha256)));
    assert_eq!(errors(&checked(&under("Prüfverfahren", ["ok", "ok"]))), []);
}

#[test]
fn columns_by_number_leave_no_hash_behind() {
    let text = format!("1200000000011,{},SHA256\n1200000000012,{},SHA256\n", SEEDS[0], SEEDS[1]);
    let columns = Some(ColumnMap::parse("serial=1,seed=2").unwrap());
    let options = ReadOptions { columns, period_secs: Some(30), ..ReadOptions::default() };
    assert_eq!(fault(&checked_with(&text, &options), "columns_undecidable").reason, undecidable("hash"));
    assert_eq!(errors(&checked_with(&text, &ReadOptions { hash: Some(Hash::Sha256), ..options })), []);
}

#[test]
fn a_column_of_periods_or_digits_that_nobody_claims() {
    let text = format!("serial,seed,Takt\n1200000000011,{},60\n1200000000012,{},30\n", SEEDS[0], SEEDS[1]);
    assert_eq!(fault(&checked(&text), "columns_undecidable").reason, undecidable("period"));
    let stated = ReadOptions { period_secs: Some(30), ..ReadOptions::default() };
    assert_eq!(errors(&checked_with(&text, &stated)), []);
    let severity = |cells| fault(&checked(&under("Breite", cells)), "column_ignored").severity;
    assert_eq!(severity(["8", "8"]), Severity::Warning);
    assert_eq!(severity(["8", "9"]), Severity::Note);
}

#[test]
fn a_row_without_a_hash_among_rows_with_one() {
    for (heading, cell) in [("hash", ""), ("hash", "TOTP"), ("algorithm", ""), ("algorithm", "TOTP")] {
        let text = under(heading, ["sha256", cell]);
        assert_eq!(errors(&checked(&text)), [("hash_unsupported", Some(3), Some(3))], "{heading} {cell}");
        let unsupported = Reason::HashUnsupported { shown: cell.into() };
        assert_eq!(fault(&checked(&text), "hash_unsupported").reason, unsupported);
        if (heading, cell) != ("hash", "TOTP") {
            assert_eq!(errors(&checked_with(&text, &with_hash())), [], "{heading} {cell}");
        }
    }
    let table = checked(&under("algorithm", ["TOTP", "TOTP"]));
    assert_eq!(errors(&table), []);
    assert!(table.rows().all(|row| (row.kind(), row.hash()) == (OtpKind::Totp, Some(Hash::Sha1))));
    assert_eq!(errors(&checked(&under("hash", ["", ""]))), []);
}

#[test]
fn one_ocra_row_leaves_the_oath_dialect_to_the_others() {
    let text = format!(
        "tok-b, {}, totp, 6, 30\ntok-c, {}, TOTP, 6, 60, sha256\ntok-d, {}, ocra, OCRA-1:HOTP-SHA1-6:QN08\n",
        HEX[0], HEX[1], HEX[2]
    );
    let table = checked(&text);
    assert_eq!(decision(&table, "dialect").0, "oath");
    assert_eq!(errors(&table), [("not_totp", Some(3), Some(3))]);
    let rows: Vec<_> = table.rows().map(|row| (row.period_secs(), row.hash())).take(2).collect();
    assert_eq!(rows, [(Some(30), Some(Hash::Sha1)), (Some(60), Some(Hash::Sha256))]);
}
