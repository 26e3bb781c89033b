use oathctl_core::check::{CheckOptions, check};
use oathctl_core::fault::{Fault, Severity};
use oathctl_core::table::{RowView, Table};
use oathctl_files::{Input, NoKeys, ReadOptions, read};

/// Three seeds that protect nothing but these tests.
pub(crate) const SEEDS: [&str; 3] = [
    "ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z",
    "436KRXINZ23OLBSUSGOI4JWTW63RIOB4",
    "4WU2JTMXTNK4UZ4STCNOCUSPQ6VLOJBA",
];

/// The same three as hex.
pub(crate) const HEX: [&str; 3] = [
    "ccb624b7cbd69c64624c30c6ad9775a28a8f33d9",
    "e6fca8dd0dceb6e58654919c8e26d3b7b714383c",
    "e5a9a4cd979b55ca6792989ae1524f87aab72420",
];

pub(crate) const MS: &str = "upn,serial number,secret key,time interval,manufacturer,model\n";

pub(crate) fn input(bytes: impl Into<Vec<u8>>) -> Input {
    Input::new(Some("tokens.csv".into()), bytes.into())
}

pub(crate) fn read_text(text: &str) -> Table {
    read(input(text), &ReadOptions::default(), &mut NoKeys)
}

pub(crate) fn checked_with(text: &str, options: &ReadOptions) -> Table {
    let mut table = read(input(text), options, &mut NoKeys);
    check(&mut table, &CheckOptions::default());
    table
}

pub(crate) fn checked(text: &str) -> Table {
    checked_with(text, &ReadOptions::default())
}

/// Word, line and column of every fault that is an error.
pub(crate) fn errors(table: &Table) -> Vec<(&'static str, Option<u64>, Option<u32>)> {
    let errors = table.faults().iter().filter(|f| f.severity == Severity::Error);
    errors.map(|f| (f.reason.word(), f.place.line, f.place.column)).collect()
}

/// Words of everything told below an error, but for comments on columns.
pub(crate) fn remarks(table: &Table) -> Vec<&'static str> {
    let below = table.faults().iter().filter(|f| f.severity != Severity::Error);
    below.map(|f| f.reason.word()).collect()
}

pub(crate) fn fault<'t>(table: &'t Table, word: &str) -> &'t Fault {
    table.faults().iter().find(|f| f.reason.word() == word).unwrap_or_else(|| {
        panic!("no {word} among {:?}", table.faults());
    })
}

pub(crate) fn decision(table: &Table, what: &str) -> (String, String, bool) {
    let found = table.decisions().iter().find(|d| d.what == what);
    let found = found.unwrap_or_else(|| panic!("no {what} among {:?}", table.decisions()));
    (found.chosen.clone(), found.why.clone(), found.certain)
}

pub(crate) fn hex(row: RowView<'_>) -> String {
    row.expose_seed().iter().map(|b| format!("{b:02x}")).collect()
}

/// Serial and seed of every row that has both.
pub(crate) fn tokens(table: &Table) -> Vec<(String, String)> {
    let rows = table.rows().filter(|row| row.seed_len() > 0 && !row.serial().is_empty());
    rows.map(|row| (row.serial().to_owned(), hex(row))).collect()
}

pub(crate) fn as_utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}
