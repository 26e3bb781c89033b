use super::{CheckOptions, Purpose, check};
use crate::fault::Severity;
use crate::place::{Field, Source};
use crate::reason::Reason;
use crate::table::{RowDraft, RowId, Table, TableBuilder, Verdict};
use crate::token::{Hash, OtpKind};

/// A seed that no other number gives.
fn seed(n: u8, len: usize) -> Vec<u8> {
    (0..len).map(|k| (k as u8).wrapping_mul(37) ^ n.wrapping_mul(101) ^ 0x5c).collect()
}

fn good<'a>(serial: &'a str, line: u64) -> RowDraft<'a> {
    RowDraft { line, serial, period_secs: Some(30), ..RowDraft::default() }
}

fn table(rows: &[(RowDraft<'_>, &[u8])]) -> Table {
    let mut builder = TableBuilder::with_capacity(rows.len());
    let columns = vec![(Field::Serial, 2), (Field::Seed, 3)];
    let source = builder.source(Source { file: Some("t.csv".into()), columns, ..Source::default() });
    for (draft, seed) in rows {
        builder.push(source, *draft, Some(seed));
    }
    builder.finish()
}

fn checked(rows: &[(RowDraft<'_>, &[u8])]) -> Table {
    let mut table = table(rows);
    check(&mut table, &CheckOptions::default());
    table
}

fn words(table: &Table) -> Vec<(&'static str, Option<u32>)> {
    table.faults().iter().map(|f| (f.reason.word(), f.row.map(|r| r.0))).collect()
}

fn one(draft: RowDraft<'_>, seed: &[u8]) -> Vec<(&'static str, Option<u32>)> {
    // A good row beside it, so that the file as a whole stays usable.
    let other = self::seed(200, 20);
    words(&checked(&[(good("A-2", 3), &other), (draft, seed)]))
}

#[test]
fn a_good_row_is_usable_and_its_gaps_are_settled_by_definition() {
    let table = checked(&[(good("A-1", 2), &seed(1, 20))]);
    let row = table.row(RowId(0)).unwrap();
    assert_eq!(row.verdict(), Verdict::Usable);
    let params = row.params().unwrap();
    assert_eq!((params.hash, params.digits, params.period_secs), (Hash::Sha1, 6, 30));
    let decided: Vec<_> = table.decisions().iter().map(|d| (d.what.as_str(), d.chosen.as_str())).collect();
    assert_eq!(decided, [("digits", "6"), ("hash", "sha1")]);
    assert!(words(&table).is_empty());
}

#[test]
fn period_thirty_or_sixty_only() {
    let draft = |period| RowDraft { period_secs: Some(period), ..good("A-1", 2) };
    assert!(one(draft(60), &seed(1, 20)).is_empty());
    assert_eq!(one(draft(45), &seed(1, 20)), [("period_unsupported", Some(1))]);
}

#[test]
fn six_digits_two_hashes_and_totp_only() {
    let eight = RowDraft { digits: Some(8), ..good("A-1", 2) };
    assert_eq!(one(eight, &seed(1, 20)), [("digits_unsupported", Some(1))]);
    let sha512 = RowDraft { hash: Some(Hash::Sha512), ..good("A-1", 2) };
    assert_eq!(one(sha512, &seed(1, 64)), [("hash_unsupported", Some(1))]);
    let hotp = RowDraft { kind: Some(OtpKind::Hotp), period_secs: None, ..good("A-1", 2) };
    assert_eq!(one(hotp, &seed(1, 20)), [("not_totp", Some(1))]);
}

#[test]
fn seed_lengths_at_their_edges() {
    let row = |len| one(RowDraft { hash: Some(Hash::Sha1), ..good("A-1", 2) }, &seed(1, len));
    assert_eq!(row(0), [("seed_missing", Some(1))]);
    assert_eq!(row(9), [("seed_too_short", Some(1))]);
    assert_eq!(row(10), [("seed_weak", Some(1))]);
    assert_eq!(row(15), [("seed_weak", Some(1))]);
    assert!(row(16).is_empty());
    assert!(row(80).is_empty());
    assert_eq!(row(81), [("seed_too_long", Some(1))]);
}

#[test]
fn seeds_of_documentation_are_refused_unless_permitted() {
    assert_eq!(one(good("A-1", 2), b"12345678901234567890"), [("seed_for_tests", Some(1))]);
    let mut table = table(&[(good("A-1", 2), b"12345678901234567890")]);
    check(&mut table, &CheckOptions { allow_test_seeds: true, ..CheckOptions::default() });
    assert_eq!(table.faults()[0].severity, Severity::Warning);
    assert!(!table.is_rejected());
}

#[test]
fn a_seed_that_is_hex_text_is_told() {
    assert_eq!(one(good("A-1", 2), b"ccb624b7cbd69c64624c"), [("seed_double_encoded", Some(1))]);
}

#[test]
fn h13_a_long_seed_without_a_stated_hash_rejects_the_file() {
    let table = checked(&[(good("A-1", 2), &seed(1, 32)), (good("A-2", 3), &seed(2, 20))]);
    assert_eq!(words(&table), [("hash_unstated", None)]);
    assert!(table.is_rejected());
    assert_eq!(table.row(RowId(0)).unwrap().hash(), None);
    assert_eq!(table.row(RowId(1)).unwrap().hash(), Some(Hash::Sha1));
    let stated = RowDraft { hash: Some(Hash::Sha256), ..good("A-1", 2) };
    assert!(one(stated, &seed(1, 32)).is_empty());
    let faulty = RowDraft { period_secs: Some(45), ..good("A-1", 2) };
    assert_eq!(
        one(faulty, &seed(1, 32)),
        [("period_unsupported", Some(1))],
        "an unusable row asks for nothing"
    );
}

#[test]
fn a_period_nobody_states_rejects_the_file() {
    let table = checked(&[(RowDraft { period_secs: None, ..good("A-1", 2) }, &seed(1, 20))]);
    assert_eq!(words(&table), [("period_unstated", None)]);
}

#[test]
fn guests_and_names_without_a_domain() {
    let of = |upn| one(RowDraft { upn: Some(upn), ..good("A-1", 2) }, &seed(1, 20));
    assert!(of("zoë.o'hara@example.test").is_empty());
    assert_eq!(of("ada_other.test#ext#@example.test"), [("person_guest", Some(1))]);
    for upn in
        ["ada", "DOMAIN\\ada", "@example.test", "ada@", "a@b@c", "ada l@example.test", "a@b,c", "a@b c"]
    {
        assert_eq!(of(upn), [("upn_malformed", Some(1))], "{upn}");
    }
}

#[test]
fn the_same_row_again_is_passed_over() {
    let (a, b) = (good("A-1", 2), good(" a-1 ", 3));
    let table = checked(&[(a, &seed(1, 20)), (b, &seed(1, 20))]);
    assert_eq!(words(&table), [("duplicate_row", Some(1))]);
    assert_eq!(table.faults()[0].reason, Reason::DuplicateRow { first_line: 2 });
    assert_eq!(table.row(RowId(1)).unwrap().verdict(), Verdict::Duplicate);
    assert!(!table.is_rejected());
}

#[test]
fn a_serial_with_different_data_spoils_all_its_rows() {
    let other_person = RowDraft { upn: Some("a@example.test"), ..good("A-1", 4) };
    let rows = [(good("A-1", 2), seed(1, 20)), (good("a-1", 3), seed(1, 20)), (other_person, seed(1, 20))];
    let rows: Vec<_> = rows.iter().map(|(draft, seed)| (*draft, seed.as_slice())).collect();
    let table = checked(&rows);
    assert_eq!(table.faults()[0].reason, Reason::SerialConflict { lines: vec![3, 4] });
    let conflicts = words(&table).iter().filter(|(word, _)| *word == "serial_conflict").count();
    assert_eq!(conflicts, 3);
    assert_eq!(words(&table).last(), Some(&("no_usable_row", None)));
}

#[test]
fn a_seed_under_two_serials_spoils_both() {
    let table = checked(&[(good("A-1", 2), &seed(1, 20)), (good("A-2", 3), &seed(1, 20))]);
    assert_eq!(table.faults()[0].reason, Reason::SeedShared { other_line: 3 });
    assert_eq!(table.faults()[1].reason, Reason::SeedShared { other_line: 2 });
}

#[test]
fn six_tokens_for_one_person_spoil_all_six() {
    let serials = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"];
    let seeds: Vec<_> = (0..6).map(|n| seed(n, 20)).collect();
    let spelled = ["ada@example.test", "ADA@example.test"];
    let rows = |count: usize| -> Vec<(RowDraft<'_>, &[u8])> {
        let draft = |n: usize| RowDraft { upn: Some(spelled[n % 2]), ..good(serials[n], 2 + n as u64) };
        (0..count).map(|n| (draft(n), seeds[n].as_slice())).collect()
    };
    assert!(words(&checked(&rows(5))).is_empty());
    let mut with_copy = rows(5);
    with_copy.push(with_copy[0]);
    assert_eq!(words(&checked(&with_copy)), [("duplicate_row", Some(5))], "a copy is no sixth token");
    let table = checked(&rows(6));
    assert_eq!(table.faults()[0].reason, Reason::TooManyForPerson { tokens: 6 });
    assert_eq!(words(&table).len(), 7, "six rows and the file without a usable one");
}

#[test]
fn what_is_no_name_is_nobody_with_too_many() {
    let serials = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"];
    let seeds: Vec<_> = (0..6).map(|n| seed(n, 20)).collect();
    let draft = |n: usize| RowDraft { upn: Some("front desk"), ..good(serials[n], 2 + n as u64) };
    let rows: Vec<(RowDraft<'_>, &[u8])> = (0..6).map(|n| (draft(n), seeds[n].as_slice())).collect();
    let found = words(&checked(&rows));
    assert_eq!(found.iter().filter(|(word, _)| *word == "upn_malformed").count(), 6);
    assert!(!found.iter().any(|(word, _)| *word == "too_many_for_person"), "{found:?}");
}

#[test]
fn serials_shorter_than_most_are_told() {
    let serials = ["0012", "0013", "14"];
    let seeds: Vec<_> = (0..3).map(|n| seed(n, 20)).collect();
    let rows: Vec<_> =
        serials.iter().zip(&seeds).map(|(serial, seed)| (good(serial, 2), seed.as_slice())).collect();
    let table = checked(&rows);
    assert_eq!(table.faults()[0].reason, Reason::SerialWidth { length: 2, usual: 4 });
    assert_eq!(table.faults()[0].row, Some(RowId(2)));
    assert!(table.rows().all(|row| row.verdict() == Verdict::Usable));
}

#[test]
fn odd_lengths_name_their_rows() {
    let serials: Vec<String> =
        (0..60).map(|n| if n < 35 { format!("{n:0>8}") } else { n.to_string() }).collect();
    let seeds: Vec<_> = (0..60).map(|n| seed(n, 20)).collect();
    let draft = |n: usize| good(&serials[n], 2 + n as u64);
    let rows: Vec<_> = (0..60).map(|n| (draft(n), seeds[n].as_slice())).collect();
    let table = checked(&rows);
    let widths: Vec<_> = table.faults().iter().filter(|f| f.reason.word() == "serial_width").collect();
    assert!(widths.iter().all(|f| f.place.line.is_some() && f.serial.is_some()));
    let told: Vec<_> = widths.iter().map(|f| f.row.map(|row| row.0)).collect();
    let expected: Vec<_> = (35..55).map(Some).chain([None]).collect();
    assert_eq!(told, expected, "twenty rows and one word for the rest");
    assert_eq!(widths[20].place.line, Some(57));
}

#[test]
fn the_usual_length_is_that_of_usable_rows() {
    let hotp = |serial, line| RowDraft { kind: Some(OtpKind::Hotp), ..good(serial, line) };
    let drafts =
        [hotp("12", 2), hotp("13", 3), hotp("14", 4), good("1001", 5), good("1002", 6), good("10003", 7)];
    let seeds: Vec<_> = (0..6).map(|n| seed(n, 20)).collect();
    let rows: Vec<_> = drafts.iter().zip(&seeds).map(|(draft, seed)| (*draft, seed.as_slice())).collect();
    let table = checked(&rows);
    let widths: Vec<_> = table.faults().iter().filter(|f| f.reason.word() == "serial_width").collect();
    assert_eq!(widths.len(), 1);
    assert_eq!(widths[0].reason, Reason::SerialWidth { length: 5, usual: 4 });
    assert_eq!((widths[0].place.line, widths[0].serial.as_deref()), (Some(7), Some("10003")));
}

#[test]
fn mixed_models_are_a_note() {
    let other = RowDraft { manufacturer: "Examplar", model: "XT-2", ..good("A-2", 3) };
    let first = RowDraft { manufacturer: "Examplar", model: "XT-1", ..good("A-1", 2) };
    let table = checked(&[(first, &seed(1, 20)), (other, &seed(2, 20))]);
    assert_eq!(table.faults()[0].reason, Reason::MixedModels { models: 2 });
    assert_eq!(table.faults()[0].severity, Severity::Note);
}

#[test]
fn a_likely_reading_is_told() {
    let mut table = table(&[(good("A-1", 2), &seed(1, 20))]);
    table.add_decision(crate::fault::Decision {
        what: "seed_encoding".into(),
        chosen: "hex".into(),
        why: "likelihood".into(),
        certain: false,
        piece: None,
    });
    check(&mut table, &CheckOptions::default());
    assert_eq!(words(&table), [("seed_encoding_uncertain", None)]);
    assert!(!table.is_rejected());
}

#[test]
fn for_another_file_entras_limits_do_not_hold() {
    let hotp = RowDraft { kind: Some(OtpKind::Hotp), period_secs: None, counter: Some(7), ..good("A-1", 2) };
    let eight = RowDraft { digits: Some(8), period_secs: Some(45), ..good("A-2", 3) };
    let long = RowDraft { hash: Some(Hash::Sha512), upn: Some("guest#EXT#@x.example"), ..good("A-3", 4) };
    let other = RowDraft { kind: Some(OtpKind::Other), ..good("A-4", 5) };
    let (a, b, c, d) = (seed(1, 20), seed(2, 20), seed(3, 90), seed(4, 20));
    let mut table = table(&[(hotp, &a), (eight, &b), (long, &c), (other, &d)]);
    check(&mut table, &CheckOptions { purpose: Purpose::Convert, ..CheckOptions::default() });
    assert_eq!(words(&table), [("not_totp", Some(3))]);
}

#[test]
fn an_answer_is_told_from_a_flag() {
    let mut builder = TableBuilder::default();
    builder.about(Some("inner.csv".into()));
    builder.decision("hash", "sha256", "stated_by_flag", true);
    builder.decision("period", "30", "stated_by_flag", true);
    let mut table = builder.finish();
    table.was_answered("hash");
    let whys: Vec<_> = table.decisions().iter().map(|it| (it.why.as_str(), it.piece.as_deref())).collect();
    assert_eq!(whys, [("stated_by_answer", Some("inner.csv")), ("stated_by_flag", Some("inner.csv"))]);
}

#[test]
fn a_device_may_have_several_keys_of_which_a_tenant_takes_one() {
    let key = |id, kind, line| RowDraft { key_id: Some(id), kind: Some(kind), ..good("A-1", line) };
    let seeds = [seed(1, 20), seed(2, 20), seed(3, 20)];
    let two = [(key("1", OtpKind::Hotp, 2), seeds[0].as_slice()), (key("2", OtpKind::Totp, 3), &seeds[1])];
    assert_eq!(words(&checked(&two)), [("not_totp", Some(0))]);

    let three = [two[0], two[1], (key("3", OtpKind::Totp, 4), seeds[2].as_slice())];
    let told = words(&checked(&three));
    let conflicts: Vec<_> = told.iter().filter(|(word, _)| *word == "serial_conflict").collect();
    assert_eq!(conflicts, [&("serial_conflict", Some(1)), &("serial_conflict", Some(2))]);
    let mut table = table(&three);
    check(&mut table, &CheckOptions { purpose: Purpose::Convert, ..CheckOptions::default() });
    assert!(words(&table).iter().all(|(word, _)| *word != "serial_conflict"), "{:?}", words(&table));

    let same_id = [two[1], (key("2", OtpKind::Totp, 4), seeds[2].as_slice())];
    assert_eq!(words(&checked(&same_id)).iter().filter(|(word, _)| *word == "serial_conflict").count(), 2);
}
