//! Lists of people, assignments and selections.

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::fault::Fault;
use oathctl_core::table::Table;
use oathctl_files::{Input, Pair, PairResult, pair, read_selection, read_users_csv, write_pairs};

use crate::support::{SEEDS, errors, read_text};

fn list(text: &str) -> Input {
    Input::new(Some("people.txt".into()), text.as_bytes().to_vec())
}

fn tokens(serials: &[&str]) -> Table {
    let rows: String =
        serials.iter().zip(SEEDS).map(|(serial, seed)| format!("{serial},{seed},30\n")).collect();
    read_text(&format!("SN,Seed,period\n{rows}"))
}

fn words(faults: &[Fault]) -> Vec<(&'static str, Option<u64>)> {
    faults.iter().map(|f| (f.reason.word(), f.place.line)).collect()
}

fn pairs(result: &PairResult) -> Vec<(&str, &str)> {
    result.pairs.iter().map(|p| (p.serial.as_str(), p.upn.as_str())).collect()
}

const THREE: [&str; 3] = ["0011", "0012", "0013"];

#[test]
fn h4_pairs_by_position_before_validation() {
    let table = tokens(&["0011", "1.2E+12", "0013"]);
    let result = pair(&table, list("a@example.test\nb@example.test\nc@example.test\n"));
    assert_eq!(pairs(&result), [("0011", "a@example.test"), ("0013", "c@example.test")]);
    assert_eq!(words(&result.faults), [("serial_missing", Some(3))]);
    assert!(!result.is_refused(), "the damaged token keeps its place and costs its own pair");
    assert_eq!((result.pairs[1].token_line, result.pairs[1].person_line), (4, 3));
}

#[test]
fn h4_a_blank_line_keeps_its_position() {
    let result = pair(&tokens(&THREE), list("a@example.test\n\nc@example.test\n"));
    assert_eq!(words(&result.faults), [("upn_missing", Some(2))]);
    assert!(result.is_refused() && result.pairs.is_empty());
    let result = pair(&tokens(&THREE), list("upn;name\na@example.test;A\n;\nc@example.test;C\n"));
    assert_eq!(words(&result.faults), [("upn_missing", Some(3))]);
    let trailing = pair(&tokens(&THREE), list("a@example.test\nb@example.test\nc@example.test\n\n\n"));
    assert_eq!(trailing.pairs.len(), 3, "what follows the last shifts nobody");
}

#[test]
fn h4_refusals() {
    let refused = |people: &str| {
        let result = pair(&tokens(&THREE), list(people));
        assert!(result.is_refused() && result.pairs.is_empty(), "{people}");
        words(&result.faults)
    };
    assert_eq!(refused("a@example.test\nb@example.test\n"), [("counts_differ", None)]);
    assert_eq!(refused("a@example.test\nb@example.test\nA@EXAMPLE.test\n"), [("person_twice", Some(3))]);
    assert_eq!(refused("a@example.test\nupn\nc@example.test\n")[0].0, "upn_missing");
    assert_eq!(refused("a@example.test\nbob\nc@example.test\n"), [("upn_malformed", Some(2))]);
    assert_eq!(
        refused("Ada,a@example.test\nBob,b@example.test\nCat,c@example.test\n"),
        [("headers_unknown", None)]
    );
    assert_eq!(refused("=cmd@example.test\nb@example.test\nc@example.test\n"), [("unsafe_cell", Some(1))]);
    assert_eq!(refused("")[0].0, "empty_file");
    let same =
        pair(&tokens(&["0011", "0011", "0013"]), list("a@example.test\nb@example.test\nc@example.test\n"));
    assert_eq!(words(&same.faults), [("serial_conflict", Some(3))]);
}

#[test]
fn what_a_token_file_leaves_open_does_not_hinder_pairing() {
    let mut table = read_text(&format!("SN,Seed\n0011,{}\n", SEEDS[0]));
    check(&mut table, &CheckOptions::default());
    assert!(table.is_rejected(), "no period");
    assert_eq!(pair(&table, list("a@example.test\n")).pairs.len(), 1);
    let unread = read_text("\u{1}\u{2}");
    assert!(pair(&unread, list("a@example.test\n")).is_refused());
}

#[test]
fn pairs_are_written_and_read_back() {
    let result =
        pair(&tokens(&THREE), list("UPN,Name\na@example.test,x\n\"o'b@example.test\",y\nc@example.test,z\n"));
    let text = write_pairs(&result.pairs).unwrap();
    assert_eq!(text, "serial,upn\n0011,a@example.test\n0012,o'b@example.test\n0013,c@example.test\n");
    let users = read_users_csv(list(&text));
    assert_eq!(users.by_serial["0012"].upn, "o'b@example.test");
    let bad = Pair { serial: "+1".into(), upn: "a@b".into(), token_line: 1, person_line: 1 };
    assert_eq!(write_pairs(&[bad]).unwrap_err().word(), "unsafe_cell");
}

#[test]
fn h4_users_need_serials() {
    for text in ["a@example.test\nb@example.test\n", "upn,name\na@example.test,A\n", "serial,name\n0011,A\n"]
    {
        let users = read_users_csv(list(text));
        assert!(users.is_rejected(), "{text}");
        assert_eq!(users.faults[0].reason.word(), "headers_unknown");
    }
}

#[test]
fn users_are_given_to_their_rows() {
    let mut table = tokens(&THREE);
    let users = read_users_csv(list(
        "upn\tS/N\nb@example.test\t0012\na@example.test\t 0011 \nx@example.test\t9999\n",
    ));
    assert!(!users.is_rejected());
    let faults = users.apply(&mut table);
    assert_eq!(words(&faults), [("serial_not_in_file", Some(4))]);
    let people: Vec<_> = table.rows().map(|row| row.upn().map(str::to_owned)).collect();
    assert_eq!(people, [Some("a@example.test".into()), Some("b@example.test".into()), None]);
    check(&mut table, &CheckOptions::default());
    assert_eq!(errors(&table), []);
}

#[test]
fn users_that_contradict() {
    let users = read_users_csv(list(
        "serial,upn\n0011,a@example.test\n0011,b@example.test\n0012,c@example.test\n0012,C@example.test\n0013,nobody\n1E5,d@example.test\n",
    ));
    assert!(!users.is_rejected());
    assert_eq!(users.by_serial.keys().collect::<Vec<_>>(), ["0012"]);
    let mut found = words(&users.faults);
    found.sort_by_key(|(_, line)| *line);
    assert_eq!(
        found,
        [
            ("serial_conflict", Some(2)),
            ("serial_conflict", Some(3)),
            ("duplicate_row", Some(5)),
            ("upn_malformed", Some(6)),
            ("serial_damaged", Some(7))
        ]
    );
    let mut table = read_text(&format!("upn,SN,Seed,period\nz@example.test,0012,{},30\n", SEEDS[0]));
    users.apply(&mut table);
    assert_eq!(errors(&table), [("person_conflict", Some(2), Some(1))]);
}

#[test]
fn a_selection_of_failed_rows() {
    let failed = "serial,upn,line,reason,advice\n0011,a@example.test,2,code_refused,\"try, again\"\n,,5,serial_damaged,x\n";
    let selection = read_selection(list(failed));
    assert!(!selection.is_rejected());
    assert!(selection.selects("0011", None, 99));
    assert!(selection.selects("", None, 5));
    assert!(!selection.selects("0012", Some("a@example.test"), 3), "a person is no choice of all his tokens");
    assert_eq!(selection.entries.len(), 2);
}

#[test]
fn a_list_to_exclude() {
    let selection = read_selection(list("0011\n\nboss@example.test\n"));
    assert!(selection.excludes("0011", None));
    assert!(selection.excludes("0099", Some("BOSS@example.test")));
    assert!(!selection.excludes("0012", Some("a@example.test")));
    assert!(!selection.excludes("", None));
    let by_column = read_selection(list("upn;name\nboss@example.test;Boss\n"));
    assert!(by_column.excludes("0001", Some("boss@example.test")));
    assert!(read_selection(list("name;shoe\nx;y\n")).is_rejected());
}
