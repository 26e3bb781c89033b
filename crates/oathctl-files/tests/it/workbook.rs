//! Workbooks: made here part by part, so that each test shows what it is about.

use std::io::{Cursor, Write};

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;
use oathctl_files::{ColumnMap, Input, NoKeys, ReadOptions, read};
use zip::write::SimpleFileOptions;

use crate::support::{HEX, SEEDS, decision, errors, fault, remarks, tokens};

const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEADER: &str = "<row r='1'><c t='inlineStr'><is><t>Serial Number</t></is></c><c t='inlineStr'><is><t>Secret Key</t></is></c>\
    <c t='inlineStr'><is><t>Time Interval</t></is></c></row>";

fn text(text: &str) -> String {
    format!("<c t='inlineStr'><is><t>{text}</t></is></c>")
}

fn row(serial: &str, seed: &str) -> String {
    format!("<row>{}{}<c><v>30</v></c></row>", text(serial), text(seed))
}

fn package(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of sheets: name, state, rows.
fn workbook(sheets: &[(&str, &str, String)]) -> Vec<u8> {
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships><Relationship Id='r' Type='{TYPES}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
            ),
        ),
    ];
    let (mut list, mut related) = (String::new(), String::new());
    for (n, (name, state, rows)) in sheets.iter().enumerate() {
        list += &format!("<sheet name='{name}' state='{state}' sheetId='{n}' r:id='r{n}'/>");
        related +=
            &format!("<Relationship Id='r{n}' Type='{TYPES}/worksheet' Target='worksheets/s{n}.xml'/>");
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/s{n}.xml"), sheet));
    }
    parts.push((
        "xl/workbook.xml".into(),
        format!("<workbook xmlns:r='r'><sheets>{list}</sheets></workbook>"),
    ));
    parts.push(("xl/_rels/workbook.xml.rels".into(), format!("<Relationships>{related}</Relationships>")));
    let parts: Vec<(&str, String)> = parts.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    package(&parts)
}

/// A workbook of one sheet whose cell formats are these codes, from 1.
fn formatted(codes: &[&str], rows: &str) -> Vec<u8> {
    let (mut own, mut formats) = (String::new(), "<xf numFmtId='0'/>".to_owned());
    for (n, code) in (170..).zip(codes) {
        own += &format!("<numFmt numFmtId='{n}' formatCode='{code}'/>");
        formats += &format!("<xf numFmtId='{n}'/>");
    }
    let styles = format!("<styleSheet><numFmts>{own}</numFmts><cellXfs>{formats}</cellXfs></styleSheet>");
    let sheet = format!("<worksheet><sheetData>{HEADER}{rows}</sheetData></worksheet>");
    let related = format!(
        "<Relationships><Relationship Id='r0' Type='{TYPES}/worksheet' Target='s.xml'/>\
         <Relationship Id='r1' Type='{TYPES}/styles' Target='styles.xml'/></Relationships>"
    );
    package(&[
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r='r'><sheets><sheet name='T' r:id='r0'/></sheets></workbook>".to_owned(),
        ),
        ("xl/_rels/workbook.xml.rels", related),
        ("xl/s.xml", sheet),
        ("xl/styles.xml", styles),
    ])
}

#[test]
fn a_serial_shown_with_zeros_is_taken_as_shown_and_told() {
    let row = |style: usize, number: &str, n: usize| {
        format!("<row><c s='{style}'><v>{number}</v></c>{}<c s='2'><v>30</v></c></row>", text(SEEDS[n]))
    };
    let rows = row(1, "120", 0) + &row(1, "1200000000011", 1) + &row(0, "5500000000011", 2);
    let table = checked(formatted(&["0000000000000", "000"], &rows));
    assert_eq!(errors(&table), []);
    let serials: Vec<_> = tokens(&table).into_iter().map(|(serial, _)| serial).collect();
    assert_eq!(serials, ["0000000000120", "1200000000011", "5500000000011"]);
    let told: Vec<_> = table.faults().iter().map(|f| (f.reason.clone(), f.place.line)).collect();
    assert_eq!(told, [(Reason::SerialAsShown { shown: "0000000000120".into() }, Some(2))]);
    let table = checked(formatted(&["&quot;SN-&quot;0000"], &row(1, "42", 0)));
    assert_eq!(tokens(&table)[0].0, "SN-0042");
}

#[test]
fn a_number_with_a_fraction_is_no_serial() {
    let rows = format!("<row><c><v>1234.5</v></c>{}<c><v>30</v></c></row>", text(SEEDS[0]));
    let table = checked(one(&rows));
    assert_eq!(errors(&table)[0], ("serial_malformed", Some(2), Some(1)));
}

fn one(rows: &str) -> Vec<u8> {
    workbook(&[("Tokens", "visible", format!("{HEADER}{rows}"))])
}

fn checked_with(bytes: Vec<u8>, options: &ReadOptions) -> Table {
    let mut table = read(Input::new(Some("tokens.xlsx".into()), bytes), options, &mut NoKeys);
    check(&mut table, &CheckOptions::default());
    table
}

fn checked(bytes: Vec<u8>) -> Table {
    checked_with(bytes, &ReadOptions::default())
}

#[test]
fn places_are_those_of_the_sheet() {
    let rows = format!("<row r='4'>{}{}<c r='C4'><v>45</v></c></row>", text("1200000000011"), text(SEEDS[0]));
    let table = checked(one(&rows));
    assert_eq!(errors(&table)[0], ("period_unsupported", Some(4), Some(3)));
    assert_eq!(fault(&table, "period_unsupported").place.sheet.as_deref(), Some("Tokens"));
    assert_eq!(decision(&table, "sheets").0, "Tokens");
}

#[test]
fn columns_that_stand_apart_and_cells_that_are_left_out() {
    let rows = "<row r='2'><c r='B2' t='inlineStr'><is><t>Serial</t></is></c><c r='E2' t='inlineStr'><is><t>Seed (hex)</t></is></c></row>";
    let data = format!(
        "<row r='3'><c r='B3' t='inlineStr'><is><t>A-1</t></is></c><c r='E3' t='inlineStr'><is><t>{}</t></is></c>\
         <c r='H3' t='inlineStr'><is><t>a remark</t></is></c></row>",
        HEX[0]
    );
    let options = ReadOptions { period_secs: Some(30), ..ReadOptions::default() };
    let table = checked_with(workbook(&[("T", "visible", format!("{rows}{data}"))]), &options);
    assert_eq!(errors(&table), []);
    assert_eq!(tokens(&table), [("A-1".to_owned(), HEX[0].to_owned())]);
    assert_eq!(decision(&table, "columns").0, "serial=2,seed=5");
}

#[test]
fn a_number_is_a_serial_as_long_as_it_is_exact_and_never_a_seed() {
    let number =
        |serial: &str, seed: &str| format!("<row><c><v>{serial}</v></c>{seed}<c><v>30</v></c></row>");
    let seed = |n: usize| text(SEEDS[n]);
    let rows = number("999999999999999", &seed(0))
        + &number("1E15", &seed(1))
        + &number("77", "<c><v>1234567890123456</v></c>");
    let table = checked(one(&rows));
    let words = errors(&table);
    assert_eq!(words, [("serial_damaged", Some(3), Some(1)), ("value_malformed", Some(4), Some(2))]);
    let shown = Reason::ValueMalformed { field: "seed".into(), shown: "<number>".into() };
    assert_eq!(fault(&table, "value_malformed").reason, shown);
    assert_eq!(tokens(&table)[0].0, "999999999999999");
}

#[test]
fn cells_without_a_value_are_named_as_a_spreadsheet_names_them() {
    let rows = format!(
        "<row r='2'><c r='A2'><f>B1</f></c>{}<c r='C2'><v>30</v></c></row>\
         <row r='3'>{}<c r='B3' t='e'><v>#REF!</v></c><c r='C3'><v>30</v></c></row>\
         <row r='4'>{}{}<c r='C4'><f>15*2</f></c></row>\
         <row r='5'><c r='A5'><f>B1</f></c></row>\
         <row r='6'>{}{}<c r='C6'><f>15*2</f><v>30</v></c></row>",
        text(SEEDS[0]),
        text("A-3"),
        text("A-4"),
        text(SEEDS[1]),
        text("A-6"),
        text(SEEDS[2]),
    )
    .replace("<row r='2'><c r='A2'><f>B1</f></c><c", "<row r='2'><c r='A2'><f>B1</f></c><c r='B2'");
    let table = checked(one(&rows));
    let cells: Vec<_> = table
        .faults()
        .iter()
        .filter_map(|f| {
            if let Reason::CellWithoutValue { cell, error } = &f.reason {
                Some((cell.as_str(), error.as_str()))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(cells, [("A2", ""), ("B3", "#REF!"), ("C4", ""), ("A5", "")], "what failed says how");
    let others: Vec<_> =
        errors(&table).into_iter().filter(|(word, _, _)| *word != "cell_without_value").collect();
    assert!(
        others.iter().all(|(_, line, _)| *line == Some(5)),
        "row 5 has no seed and no period: {others:?}"
    );
    assert_eq!(tokens(&table).last().unwrap().0, "A-6");
}

#[test]
fn all_sheets_with_a_header_are_read_with_their_names() {
    let (a, b) = (format!("{HEADER}{}", row("A-1", SEEDS[0])), format!("{HEADER}{}", row("A-2", SEEDS[1])));
    let note = format!("<row>{}</row>", text("Delivery note"));
    let table =
        checked(workbook(&[("Note", "visible", note), ("One", "visible", a), ("Two", "veryHidden", b)]));
    assert_eq!(errors(&table), []);
    let sheets: Vec<_> = table.rows().map(|row| row.place(None).sheet.unwrap()).collect();
    assert_eq!(sheets, ["One", "Two"]);
    assert_eq!(fault(&table, "sheet_hidden").place.sheet.as_deref(), Some("Two"));
    assert_eq!(fault(&table, "member_ignored").place.sheet.as_deref(), Some("Note"));
}

#[test]
fn hidden_rows_of_tokens_are_counted_and_others_are_not() {
    let hidden = row("A-1", SEEDS[0]).replace("<row>", "<row hidden='1'>");
    let rows = format!("{hidden}{}<row hidden='1'/>", row("A-2", SEEDS[1]));
    let table = checked(one(&rows));
    assert_eq!(fault(&table, "rows_hidden").reason, Reason::RowsHidden { rows: 1 });
    assert_eq!(table.len(), 2);
}

#[test]
fn macros_are_told_and_not_looked_at() {
    let bytes = one(&row("A-1", SEEDS[0]));
    let mut zip = zip::ZipWriter::new_append(Cursor::new(bytes)).unwrap();
    zip.start_file("xl/vbaProject.bin", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"macros").unwrap();
    let table = checked(zip.finish().unwrap().into_inner());
    assert_eq!((remarks(&table), errors(&table)), (vec!["macros_ignored"], vec![]));
}

#[test]
fn workbooks_without_tokens_say_what_they_lack() {
    assert_eq!(
        errors(&checked(workbook(&[("Empty", "visible", String::new())]))),
        [("empty_file", None, None)]
    );
    let empty = checked(workbook(&[("Empty", "visible", String::new())]));
    assert_eq!(fault(&empty, "empty_file").reason, Reason::EmptyFile { what: "workbook".into() });
    assert_eq!(errors(&checked(one("")))[0].0, "only_header");
    let other = format!("<row>{}{}</row><row>{}{}</row>", text("Numri"), text("Kyci"), text("A"), text("B"));
    assert_eq!(errors(&checked(workbook(&[("T", "visible", other)])))[0].0, "headers_unknown");
    let headless = format!("<row>{}{}</row>", text("1200000000011"), text(SEEDS[0]));
    let options = ReadOptions { period_secs: Some(30), ..ReadOptions::default() };
    assert_eq!(tokens(&checked_with(workbook(&[("T", "visible", headless.clone())]), &options))[0].1, HEX[0]);
    let stated = ReadOptions { columns: ColumnMap::parse("serial=1,seed=2").ok(), ..options };
    assert_eq!(errors(&checked_with(workbook(&[("T", "visible", headless)]), &stated)), []);
}

#[test]
fn seeds_in_quotes_and_cells_with_everything_in_them() {
    let rows = format!(
        "<row>{}{}<c><v>30</v></c></row>",
        text("=&quot;0012&quot;"),
        text(&format!("&quot;{}&quot;", SEEDS[0]))
    ) + &format!("<row>{}{}<c><v>30</v></c></row>", text("A\u{1f}1"), text("x\ny"));
    let table = checked(one(&rows.replace('\u{1f}', "_x001F_")));
    assert_eq!(tokens(&table)[0], ("0012".to_owned(), HEX[0].to_owned()));
    assert_eq!(errors(&table)[0].1, Some(3));
    assert_eq!(table.len(), 2);
}

#[test]
fn rows_out_of_order_and_beyond_the_end_are_damage() {
    for rows in [
        "<row r='7'/><row r='3'/>",
        "<row r='0'/>",
        "<row r='9999999'/>",
        "<row r='x'/>",
        "<row r='2'><c r='ZZZZ2'/></row>",
    ] {
        assert_eq!(errors(&checked(one(rows)))[0].0, "wrapping_damaged", "{rows}");
    }
    let far = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>";
    assert_eq!(errors(&checked(one(far)))[0].0, "only_header", "a cell at the far end costs nothing");
}

#[test]
fn a_string_that_is_not_there_is_damage() {
    assert_eq!(errors(&checked(one("<row><c t='s'><v>4</v></c></row>")))[0].0, "wrapping_damaged");
}

#[test]
fn a_workbook_that_grows_beyond_all_measure_is_stopped() {
    let table = checked(one(&format!("<!--{}-->", " ".repeat(80 << 20))));
    assert_eq!(
        fault(&table, "unwrap_limit").reason,
        Reason::UnwrapLimit { what: "ratio".into(), limit: 200 }
    );
}

#[test]
fn a_part_with_a_declaration_is_refused() {
    let sheet = "<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>".to_owned();
    let bytes = workbook(&[("T", "visible", String::new())]);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for n in 0..archive.len() {
        let mut member = archive.by_index(n).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut member, &mut text).unwrap();
        let name = member.name().unwrap().into_owned();
        parts.push((name.clone(), if name.ends_with("s0.xml") { sheet.clone() } else { text }));
    }
    let parts: Vec<_> = parts.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    assert_eq!(errors(&checked(package(&parts)))[0].0, "doctype_forbidden");
}

#[test]
fn twenty_thousand_rows() {
    let seed = |n: usize| data_encoding::BASE32_NOPAD.encode(&n.to_be_bytes().repeat(3)[4..24]);
    let rows: String = (0..20_000).map(|n| row(&format!("{}", 1_000_000 + n), &seed(n + 1))).collect();
    let table = checked(one(&rows));
    assert_eq!((table.len(), table.rows().last().unwrap().line()), (20_000, 20_001));
    assert_eq!(tokens(&table).len(), 20_000);
}
