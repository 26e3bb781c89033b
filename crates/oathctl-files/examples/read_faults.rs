//! Reads files of 10,000 rows with 100 different faults in four formats, insists that exactly those are told, each at its
//! place, and prints how long that took.
//!
//! ```text
//! cargo run --release -p oathctl-files --example read_faults [ROWS]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures time and takes an argument")]

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};

use std::time::Instant;

use data_encoding::BASE32_NOPAD;
use oathctl_core::check::{CheckOptions, check};
use oathctl_core::fault::Severity;
use oathctl_core::table::Verdict;
use oathctl_files::{Input, NoKeys, ReadOptions, read};
use sha1::{Digest, Sha1};

/// Every hundredth row has a fault.
const EVERY: u64 = 100;

/// One row before it is written in a format.
struct Cells {
    serial: String,
    seed: String,
    period: String,
}

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000u64);
    let rows: Vec<Cells> = (0..count).map(cells).collect();
    let files: [(&str, Vec<u8>, Place); 4] = [
        ("tokens.csv", csv(&rows), Place::Line { before: 2 }),
        ("tokens.xlsx", xlsx(&rows), Place::Line { before: 2 }),
        ("tokens.xml", pskc(&rows), Place::Path),
        ("tokens.txt", links(&rows), Place::Line { before: 1 }),
    ];
    for (name, bytes, place) in files {
        let start = Instant::now();
        let mut table = read(Input::new(Some(name.into()), bytes), &ReadOptions::default(), &mut NoKeys);
        check(&mut table, &CheckOptions::default());
        let secs = start.elapsed().as_secs_f64();
        let usable = table.rows().filter(|row| row.verdict() == Verdict::Usable).count() as u64;
        let errors = || table.faults().iter().filter(|fault| fault.severity == Severity::Error);
        let found: BTreeSet<u64> = errors().filter_map(|fault| place.row(&fault.place)).collect();
        let wanted: BTreeSet<u64> = (0..count).filter(|n| n.is_multiple_of(EVERY)).collect();
        println!("{name:<12} {secs:.3} s, {} errors, {usable} of {count} rows usable", errors().count());
        insist(found == wanted, "exactly every hundredth row should have a fault, at its place");
        insist(errors().count() == wanted.len(), "each of them should have one");
        insist(usable == count - wanted.len() as u64, "every other row should be usable");
    }
}

/// Ends the example when it did not find what it put in.
fn insist(holds: bool, what: &str) {
    if !holds {
        eprintln!("{what}");
        std::process::exit(1);
    }
}

/// How a format says which row it was.
enum Place {
    /// By the line, so many lines after the top.
    Line { before: u64 },
    /// By the last number in its path.
    Path,
}

impl Place {
    /// The row, from 0.
    fn row(&self, place: &oathctl_core::place::Place) -> Option<u64> {
        match self {
            Self::Line { before } => place.line?.checked_sub(*before),
            Self::Path => {
                let path = place.path.as_deref()?;
                let number = path.split("KeyPackage[").nth(1)?.split(']').next()?;
                number.parse::<u64>().ok()?.checked_sub(1)
            }
        }
    }
}

/// A row; every hundredth one is wrong in one of five ways, at a place of its own.
fn cells(n: u64) -> Cells {
    let seed = BASE32_NOPAD.encode(&Sha1::digest(n.to_be_bytes()));
    let good = Cells { serial: format!("12{n:011}"), seed, period: "30".into() };
    let (fault, of) = (n / EVERY, n / EVERY % 20);
    let at = usize::try_from(of).unwrap_or(0);
    match fault % 5 {
        _ if !n.is_multiple_of(EVERY) => good,
        0 => Cells { period: format!("{}", 100 + fault), ..good },
        1 => Cells { seed: format!("{}!{}", &good.seed[..at], &good.seed[at..]), ..good },
        2 => Cells { seed: good.seed[..2 + at % 4].to_owned(), ..good },
        3 => Cells { serial: format!("{}.23E+12", fault % 9 + 1), ..good },
        _ => Cells { seed: String::new(), ..good },
    }
}

fn csv(rows: &[Cells]) -> Vec<u8> {
    let row = |row: &Cells| format!("{},{},{}\r\n", row.serial, row.seed, row.period);
    let rows: String = rows.iter().map(row).collect();
    format!("Serial Number,Secret Key,Time Interval\r\n{rows}").into_bytes()
}

fn links(rows: &[Cells]) -> Vec<u8> {
    let row = |row: &Cells| {
        let serial = row.serial.replace('+', "%2B");
        format!("otpauth://totp/Examplar:{serial}?secret={}&period={}\n", row.seed, row.period)
    };
    rows.iter().map(row).collect::<String>().into_bytes()
}

fn pskc(rows: &[Cells]) -> Vec<u8> {
    let row = |row: &Cells| {
        // PSKC has its seeds in Base64; what is no seed stays as it is.
        let seed = BASE32_NOPAD.decode(row.seed.as_bytes());
        let seed = seed.map_or(row.seed.clone(), |bytes| data_encoding::BASE64.encode(&bytes));
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{0}</SerialNo></DeviceInfo>\
             <Key Id='{0}' Algorithm='urn:ietf:params:xml:ns:keyprov:pskc:totp'><AlgorithmParameters>\
             <ResponseFormat Length='6' Encoding='DECIMAL'/></AlgorithmParameters><Data><Secret><PlainValue>{seed}\
             </PlainValue></Secret><TimeInterval><PlainValue>{1}</PlainValue></TimeInterval></Data></Key></KeyPackage>\n",
            row.serial, row.period
        )
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<KeyContainer Version='1.0' xmlns='urn:ietf:params:xml:ns:keyprov:pskc'>\n{rows}</KeyContainer>")
        .into_bytes()
}

fn xlsx(rows: &[Cells]) -> Vec<u8> {
    let text = |text: &str| format!("<c t='inlineStr'><is><t>{text}</t></is></c>");
    let row = |cells: [&str; 3]| format!("<row>{}</row>", cells.map(text).concat());
    let mut sheet = String::from("<worksheet><sheetData>");
    sheet += &row(["Serial Number", "Secret Key", "Time Interval"]);
    sheet.extend(rows.iter().map(|one| row([&one.serial, &one.seed, &one.period])));
    sheet += "</sheetData></worksheet>";
    let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
    let related =
        format!("<Relationships><Relationship Id='r' Type='{types}' Target='s.xml'/></Relationships>");
    let book = "<workbook xmlns:r='r'><sheets><sheet name='Tokens' r:id='r'/></sheets></workbook>";
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", &related),
        ("xl/s.xml", &sheet),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let started = zip.start_file(name, zip::write::SimpleFileOptions::default());
        insist(
            started.is_ok() && zip.write_all(content.as_bytes()).is_ok(),
            "memory takes what is written to it",
        );
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}
