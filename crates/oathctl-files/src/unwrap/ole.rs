//! Compound files ([MS-CFB]): which of the things Office keeps in them this is.
//!
//! Owns: telling them apart, their streams, the refusal of old locked workbooks. Does not own: opening encrypted
//! packages ([`super::workbook`]).

use std::io::{Cursor, Read};

use cfb::CompoundFile;
use memchr::memmem;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::{Piece, unsupported};
use crate::detect::Format;
use crate::session::Session;

/// Record of a workbook that is locked ([MS-XLS] 2.4.117), and the first record of any ([MS-XLS] 2.4.21).
const FILE_PASS: u16 = 0x002f;
const BOF: u16 = 0x0809;
/// It stands among the first few records.
const RECORDS: usize = 64;

/// What a compound file is.
pub(crate) fn kind(bytes: &[u8]) -> Format {
    let Some(mut file) = open(bytes) else {
        // Cut off: its names may still be there, as UTF-16.
        let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
        return if memmem::find(bytes, &name).is_some() { Format::XlsxEncrypted } else { Format::Xls };
    };
    if file.is_stream("EncryptedPackage") {
        return Format::XlsxEncrypted;
    }
    let locked = ["Workbook", "Book"].iter().any(|name| {
        let mut start = Vec::new();
        let stream = file.open_stream(name);
        stream.is_ok_and(|stream| stream.take(64 * 1024).read_to_end(&mut start).is_ok() && is_locked(&start))
    });
    let other = ["WordDocument", "PowerPoint Document"].iter().any(|name| file.is_stream(name));
    match () {
        () if locked => Format::XlsEncrypted,
        () if other => Format::OfficeDocument,
        () => Format::Xls,
    }
}

/// Whether the records begin as those of a locked workbook.
fn is_locked(mut records: &[u8]) -> bool {
    for index in 0..RECORDS {
        let [a, b, c, d, rest @ ..] = records else { return false };
        let (kind, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        if kind == FILE_PASS || (index == 0 && kind != BOF) {
            return kind == FILE_PASS;
        }
        records = rest.get(length..).unwrap_or_default();
    }
    false
}

/// Old workbooks are locked by RC4 or less, and hardly anything writes them any more.
pub(super) fn refuse_old(_: &Piece, _: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    Err(unsupported("password-protected .xls"))
}

/// A stream's bytes, up to `most`.
pub(super) fn stream(bytes: &[u8], name: &str, most: u64) -> Option<Zeroizing<Vec<u8>>> {
    // A stream reads nothing any more when its file is gone.
    let mut file = open(bytes)?;
    let stream = file.open_stream(name).ok()?;
    // A length that lies must not make room for what isn't there.
    let length = stream.len().min(u64::try_from(bytes.len()).ok()?);
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(length).ok()?));
    stream.take(most.min(length)).read_to_end(&mut content).ok()?;
    Some(content)
}

fn open(bytes: &[u8]) -> Option<CompoundFile<Cursor<&[u8]>>> {
    CompoundFile::open(Cursor::new(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn made(name: &str, content: &[u8]) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(name).unwrap().write_all(content).unwrap();
        file.into_inner().into_inner()
    }

    fn record(kind: u16, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
    }

    #[test]
    fn what_office_keeps_in_compound_files() {
        let locked = [record(BOF, &[0; 16]), record(0x0086, &[]), record(FILE_PASS, &[1, 0])].concat();
        let open = [record(BOF, &[0; 16]), record(0x0042, &[0xb0, 4])].concat();
        assert_eq!(kind(&made("/Workbook", &locked)), Format::XlsEncrypted);
        assert_eq!(kind(&made("/Book", &locked)), Format::XlsEncrypted);
        assert_eq!(kind(&made("/Workbook", &open)), Format::Xls);
        assert_eq!(kind(&made("/EncryptedPackage", b"x")), Format::XlsxEncrypted);
        assert_eq!(kind(&made("/WordDocument", b"x")), Format::OfficeDocument);
    }

    #[test]
    fn any_part_of_one_is_told_without_a_panic() {
        let file = made("/Workbook", &record(BOF, &[0; 16]));
        for length in (0..file.len()).step_by(7) {
            kind(&file[..length]);
            assert!(stream(&file[..length], "Workbook", 100).is_none_or(|content| content.len() <= 20));
        }
        assert_eq!(stream(&file, "Workbook", 100).unwrap().len(), 20);
        assert_eq!(stream(&file, "Workbook", 5).unwrap().len(), 5);
    }
}
