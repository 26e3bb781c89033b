//! Files that are no lists of tokens: each is named, alone and beside a list.

use std::io::Write;

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;
use oathctl_files::{Input, NoKeys, ReadOptions, read};

use crate::support::{HEX, MS, SEEDS, as_utf16, errors, tokens};
use crate::wrapping_ring::{PASSPHRASE, opened, with, wrapped, zipped};

fn of(name: &str, bytes: impl Into<Vec<u8>>) -> Table {
    read(Input::new(Some(name.into()), bytes.into()), &ReadOptions::default(), &mut NoKeys)
}

fn list() -> String {
    format!("{MS},1200000000011,{},30,,\n", SEEDS[0])
}

fn pem(label: &str) -> String {
    format!("-----BEGIN {label}-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END {label}-----\n")
}

#[test]
fn files_of_other_kinds_have_names() {
    let zip = |names: &[&str]| zipped(&names.iter().map(|name| (*name, b"x".as_slice())).collect::<Vec<_>>());
    let checksum = format!("{}  tokens.csv\n{} *other.zip\n", HEX[0], HEX[1]);
    for (bytes, format) in [
        (b"{\\rtf1\\ansi tokens}".to_vec(), "RTF text"),
        (pem("PRIVATE KEY").into_bytes(), "private key (PEM)"),
        (pem("ENCRYPTED PRIVATE KEY").into_bytes(), "private key (PEM)"),
        (pem("RSA PRIVATE KEY").into_bytes(), "private key (PEM)"),
        (pem("PUBLIC KEY").into_bytes(), "public key (PEM)"),
        (pem("CERTIFICATE").into_bytes(), "certificate (PEM)"),
        (b"# created\nAGE-SECRET-KEY-1AAAA\n".to_vec(), "age identity"),
        (checksum.into_bytes(), "list of checksums"),
        (b"{\"name\": \"x\"}".to_vec(), "JSON"),
        (zip(&["[Content_Types].xml", "word/document.xml"]), "Office document without a sheet"),
        (zip(&["[Content_Types].xml", "xl/workbook.bin"]), "XLSB workbook"),
    ] {
        let table = of("file", bytes);
        let reason = Reason::UnsupportedFormat { format: format.into() };
        assert_eq!(table.faults()[0].reason, reason, "{:?}", table.faults());
    }
}

#[test]
fn a_tar_archive_is_opened_plain_and_packed() {
    let tar = tar(&[("batch/", b""), ("batch/tokens.csv", list().as_bytes()), ("README", b"Dear customer")]);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&tar).unwrap();
    for bytes in [tar, gz.finish().unwrap()] {
        let table = of("tokens.tar.gz", bytes);
        assert_eq!((errors(&table), tokens(&table).len()), (vec![], 1));
        assert_eq!(table.rows().next().unwrap().place(None).member.as_deref(), Some("batch/tokens.csv"));
    }
    assert_eq!(errors(&of("t.tar", &tar_header("tokens.csv", 4096)[..]))[0].0, "wrapping_damaged");
}

fn tar_header(name: &str, size: usize) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[156] = if name.ends_with('/') { b'5' } else { b'0' };
    header[257..265].copy_from_slice(b"ustar\x0000");
    header
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in members {
        tar.extend(tar_header(name, content.len()));
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

#[test]
fn armour_saved_as_utf16_opens() {
    let armoured = String::from_utf8(wrapped("symmetric.asc")).unwrap();
    for mark in [true, false] {
        let table = opened("tokens.asc", as_utf16(&armoured, true, mark), &mut with(&[PASSPHRASE]));
        assert!(!table.is_rejected() && !table.is_empty(), "{:?}", table.faults());
    }
}

#[test]
fn what_a_delivery_has_beside_its_list_is_passed_over_and_named() {
    let signature = [&[0x88, 0x5e, 4, 0, 0x16, 8][..], &[0; 90]].concat();
    let armoured = pem("PGP SIGNATURE");
    let checksum = format!("{}  tokens.csv\n", HEX[2]);
    let readme = "Dear customer,\n\nplease find attached the seeds of your tokens. The passphrase follows, by phone.\nYours\n";
    let members: [(&str, &[u8], Severity); 8] = [
        ("tokens.csv.sig", &signature, Severity::Note),
        ("tokens.csv.asc", armoured.as_bytes(), Severity::Note),
        ("tokens.csv.sha1", checksum.as_bytes(), Severity::Note),
        ("key.txt", HEX[1].as_bytes(), Severity::Note),
        ("password.txt", b"correct-horse-battery", Severity::Note),
        ("key.pem", b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n", Severity::Note),
        ("README", readme.as_bytes(), Severity::Note),
        ("notice.rtf", b"{\\rtf1 hello}", Severity::Note),
    ];
    let list = list();
    for (name, content, severity) in members {
        let table = of("delivery.zip", zipped(&[("tokens.csv", list.as_bytes()), (name, content)]));
        assert_eq!((errors(&table), tokens(&table).len()), (vec![], 1), "{name}: {:?}", table.faults());
        let told: Vec<_> =
            table.faults().iter().map(|f| (f.reason.word(), f.place.member.as_deref(), f.severity)).collect();
        assert_eq!(told, [("member_ignored", Some(name), severity)], "{name}");
    }
}

#[test]
fn a_letter_that_shows_the_columns_is_no_list() {
    let list = list();
    let headings = MS.trim_end();
    let row = list.lines().last().unwrap();
    for (name, letter) in [
        ("README.txt", format!("The columns are:\n{headings}\nWrite to us for help.\n")),
        ("docs/readme.csv", format!("{headings}\n")),
        ("LIESMICH", format!("Form:\n{headings}\n<upn>,<serial>,<base32>,30,<maker>,<model>\n")),
        ("columns.csv", format!("{headings}\n")),
    ] {
        let zip = zipped(&[("tokens.csv", list.as_bytes()), (name, letter.as_bytes())]);
        let table = of("delivery.zip", zip);
        assert_eq!((errors(&table), table.len()), (vec![], 1), "{name}: {:?}", table.faults());
        let passed = table.faults().iter().find(|fault| fault.reason.word() == "member_ignored").unwrap();
        assert_eq!((passed.place.member.as_deref(), passed.severity), (Some(name), Severity::Warning));
    }
    let second = row.replace("1200000000011", "1200000000012").replace(SEEDS[0], SEEDS[1]);
    let zip = zipped(&[
        ("tokens.csv", list.as_bytes()),
        ("readme.txt", format!("{headings}\n{second}\n").as_bytes()),
    ]);
    assert_eq!(tokens(&of("delivery.zip", zip)).len(), 2, "whatever a list is called, its tokens count");
}
