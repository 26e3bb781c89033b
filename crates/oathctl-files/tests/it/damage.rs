//! Cells and rows as real files have them.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::table::Verdict;
use oathctl_files::ReadOptions;

use crate::support::{HEX, MS, SEEDS, checked, checked_with, errors, fault, hex, remarks, tokens};

/// One row beside a good one.
fn row(upn: &str, serial: &str, seed: &str, period: &str) -> String {
    format!("{MS},1200000000012,{},30,,\n{upn},{serial},{seed},{period},,\n", SEEDS[1])
}

fn row_errors(
    upn: &str,
    serial: &str,
    seed: &str,
    period: &str,
) -> Vec<(&'static str, Option<u64>, Option<u32>)> {
    errors(&checked(&row(upn, serial, seed, period)))
}

#[test]
fn serials_a_spreadsheet_destroyed() {
    for serial in ["1.23462E+12", "\"1,20000E+12\"", "####", "1-Mar", "03/01/2026", "#REF!"] {
        let table = checked(&row("", serial, SEEDS[0], "30"));
        assert_eq!(errors(&table), [("serial_damaged", Some(3), Some(2))], "{serial}");
        let Reason::SerialDamaged { shown } = &fault(&table, "serial_damaged").reason else { panic!() };
        assert_eq!(shown, serial.trim_matches('"'), "as it stands");
        assert_eq!(table.rows().nth(1).unwrap().serial(), "");
    }
}

#[test]
fn serials_a_spreadsheet_only_rewrote() {
    for serial in ["1.234620000123E+12", "1234620000123.0"] {
        let table = checked(&row("", serial, SEEDS[0], "30"));
        assert_eq!(errors(&table), []);
        assert_eq!(table.rows().nth(1).unwrap().serial(), "1234620000123");
        assert_eq!(fault(&table, "serial_rewritten").severity, Severity::Note);
    }
}

#[test]
fn leading_zeros_stay_and_can_be_filled() {
    let text = format!("SN,Seed,period\n0012,{},30\n14,{},30\n", SEEDS[0], SEEDS[1]);
    assert_eq!(tokens(&checked(&text))[0].0, "0012");
    assert!(remarks(&checked(&text)).contains(&"serial_width"));
    let table = checked_with(&text, &ReadOptions { serial_width: Some(4), ..ReadOptions::default() });
    assert_eq!(tokens(&table)[1].0, "0014");
    assert!(!remarks(&table).contains(&"serial_width"));
}

#[test]
fn wrapped_cells_are_unwrapped() {
    let text = format!(
        "{MS}\"mailto:ada@example.test\",\"=\"\"0012\"\"\",\u{a0}{}\u{200b},\u{ff13}\u{ff10},\u{201c}Examplar\u{201d},'XT\u{2013}1\n",
        SEEDS[0]
    );
    let table = checked(&text);
    assert_eq!(errors(&table), []);
    let row = table.rows().next().unwrap();
    assert_eq!((row.serial(), row.upn()), ("0012", Some("ada@example.test")));
    assert_eq!((row.period_secs(), row.manufacturer(), row.model()), (Some(30), "Examplar", "XT-1"));
    assert_eq!(hex(row), HEX[0]);
}

#[test]
fn seeds_in_every_spelling() {
    let b32 = SEEDS[0];
    let grouped: Vec<&str> = b32.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect();
    for seed in
        [b32.to_lowercase(), grouped.join(" "), grouped.join("-"), grouped.join(":"), format!("{b32}==")]
    {
        let table = checked(&row("", "1200000000011", &seed, "30"));
        assert_eq!(errors(&table), [], "{seed}");
        assert_eq!(hex(table.rows().nth(1).unwrap()), HEX[0]);
    }
    assert_eq!(remarks(&checked(&row("", "1200000000011", &format!("{b32}=="), "30"))), ["seed_padding"]);
    let text = format!("SN,Seed,period\n1200000000011,0x{},30\n", HEX[0].to_uppercase());
    assert_eq!(tokens(&checked(&text))[0].1, HEX[0]);
}

#[test]
fn seeds_that_cannot_be() {
    assert_eq!(row_errors("", "1200000000011", "", "30"), [("seed_missing", Some(3), Some(3))]);
    assert_eq!(row_errors("", "1200000000011", &SEEDS[0][..31], "30"), []);
    assert_eq!(
        row_errors("", "1200000000011", &SEEDS[0][..30], "30"),
        [("seed_bad_length", Some(3), Some(3))]
    );
    assert_eq!(
        row_errors("", "1200000000011", &SEEDS[0][..13], "30"),
        [("seed_too_short", Some(3), Some(3))]
    );
    assert_eq!(
        row_errors("", "1200000000011", &SEEDS[0].repeat(5), "30"),
        [("seed_too_long", Some(3), Some(3))]
    );
    assert_eq!(
        row_errors("", "1200000000011", &SEEDS[0].repeat(50), "30"),
        [("seed_too_long", Some(3), Some(3))]
    );
    assert_eq!(
        row_errors("", "1200000000011", "JBSWY3DPEHPK3PXP", "30"),
        [("seed_for_tests", Some(3), Some(3))]
    );
    for character in ['0', '1', '8', '9', '!', 'é'] {
        let seed = SEEDS[0].replacen('N', &character.to_string(), 1);
        let table = checked(&row("", "1200000000011", &seed, "30"));
        let Reason::SeedBadCharacter { character: found, position, .. } =
            &fault(&table, "seed_bad_character").reason
        else {
            panic!()
        };
        assert_eq!((*found, *position), (character, 6));
    }
}

#[test]
fn intervals() {
    for period in ["30s", "30.0", "00:00:30", "30 sec"] {
        assert_eq!(row_errors("", "1200000000011", SEEDS[0], period), [], "{period}");
    }
    for (period, shown) in [("45", "45"), ("abc", "abc"), ("", "")] {
        let table = checked(&row("", "1200000000011", SEEDS[0], period));
        assert_eq!(errors(&table), [("period_unsupported", Some(3), Some(4))], "{period}");
        assert_eq!(
            fault(&table, "period_unsupported").reason,
            Reason::PeriodUnsupported { shown: shown.into() }
        );
    }
}

#[test]
fn people() {
    for nobody in ["", "upn", "user", "n/a", "-"] {
        let table = checked(&row(nobody, "1200000000011", SEEDS[0], "30"));
        assert_eq!((errors(&table), table.rows().nth(1).unwrap().upn()), (vec![], None), "{nobody}");
    }
    assert_eq!(row_errors("ada", "1200000000011", SEEDS[0], "30"), [("upn_malformed", Some(3), Some(1))]);
    assert_eq!(
        row_errors("a_b.test#EXT#@example.test", "1200000000011", SEEDS[0], "30"),
        [("person_guest", Some(3), Some(1))]
    );
}

#[test]
fn too_many_and_too_few_cells() {
    let table = checked(&format!(
        "{MS},1200000000012,{},30,,\n,1200000000011,{},30\n,1200000000013,{},30,,,x\n,1200000000014,{},30,,,,\n",
        SEEDS[1], SEEDS[0], SEEDS[2], "5TXWKZ3MNRQXG2LPNZSXE43UPF2GK3LP"
    ));
    assert_eq!(errors(&table), [("cell_count", Some(3), None), ("cell_count", Some(4), None)]);
    assert_eq!(fault(&table, "cell_count").reason, Reason::CellCount { expected: 6, found: 4 });
    let usable = table.rows().filter(|row| row.verdict() == Verdict::Usable).count();
    assert_eq!((table.len(), usable), (4, 2), "trailing empty cells do no harm");
}

#[test]
fn an_unclosed_quote_costs_its_row_only() {
    let text = format!(
        "{MS},1200000000012,{},30,,\n,\"1200000000011,{},30,,\n,1200000000013,{},30,,\n",
        SEEDS[1], SEEDS[0], SEEDS[2]
    );
    let table = checked(&text);
    assert_eq!(errors(&table), [("quote_unclosed", Some(3), None)]);
    assert_eq!(table.len(), 3, "every record has its row");
}

#[test]
fn quotes_that_never_pair_cost_time_in_proportion() {
    let rows: String = (0..40_000).map(|n| format!("\"a{n}\n\",")).collect();
    let table = checked(&format!("{MS}{rows}x\"y\n,1200000000011,{},30,,\n", SEEDS[0]));
    assert_eq!(table.rows().filter(|row| row.verdict() == Verdict::Usable).count(), 1);
}

#[test]
fn quoted_line_breaks_keep_lines_physical() {
    let header = MS.trim_end();
    let row = format!(",1200000000012,{},30,\"Exam\r\nplar\",", SEEDS[1]);
    let text = format!("{header}\r\n{row}\r\n\r\n,1200000000011,bad!,30,,\r\n");
    let table = checked(&text);
    let lines: Vec<_> = table.rows().map(|row| row.line()).collect();
    let physical = text.split("\r\n").position(|line| line.contains("bad!")).unwrap() as u64 + 1;
    assert_eq!(lines[1], physical);
    assert_eq!(table.rows().next().unwrap().manufacturer(), "Exam plar");
}

#[test]
fn identical_rows_conflicting_rows_and_six_tokens() {
    let a = format!("ada@example.test,1200000000011,{},30,,\n", SEEDS[0]);
    let table = checked(&format!("{MS}{a}{a}"));
    assert_eq!((errors(&table), remarks(&table)), (vec![], vec!["duplicate_row"]));
    let b = format!("ada@example.test,1200000000011,{},30,,\n", SEEDS[1]);
    let words: Vec<_> = errors(&checked(&format!("{MS}{a}{b}"))).iter().map(|e| (e.0, e.1)).collect();
    assert_eq!(words, [("serial_conflict", Some(2)), ("serial_conflict", Some(3)), ("no_usable_row", None)]);
}
