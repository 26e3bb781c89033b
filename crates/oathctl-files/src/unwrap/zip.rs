//! ZIP archives (APPNOTE 6.3), plain, with AES of WinZip or with the old ZipCrypto.
//!
//! Owns: taking all members out, and telling an archive from a workbook. Does not own: workbooks.

use std::io::Cursor;

use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};
use memchr::memmem::find;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::limits::{Cut, Meter, read_all};
use super::{Piece, damaged, members, unsupported};
use crate::detect::Format;
use crate::keys::{Lock, Passphrase, Tried};
use crate::session::Session;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Strong encryption of PKWARE (APPNOTE 4.4.4, bit 6): patented, and written by hardly anything.
const STRONG: u16 = 1 << 6;

/// What every Office document has, and as a rule begins with.
const CONTENT_TYPES: &[u8] = b"[Content_Types].xml";

/// What every OpenDocument begins with.
const OPEN_DOCUMENT: &[u8] = b"application/vnd.oasis.opendocument.";

/// A member worth looking at.
struct Member {
    index: usize,
    name: String,
    locked: bool,
}

/// A workbook or an archive, by the list of members: an archive may hold a workbook.
pub(crate) fn kind(bytes: &[u8]) -> Format {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { return cut_off(bytes) };
    let names = || archive.file_names_raw();
    let has = |wanted: &[u8]| names().any(|name| name == wanted);
    if has(CONTENT_TYPES) {
        let folder = |folder: &[u8]| names().any(|name| name.starts_with(folder));
        match () {
            () if has(b"xl/workbook.bin") => return Format::Xlsb,
            () if folder(b"xl/") => return Format::Xlsx,
            () if folder(b"word/") || folder(b"ppt/") => return Format::OfficeDocument,
            () => {}
        }
    }
    // OpenDocument 1.2 part 3, §3.3: the first member, stored as it is.
    if bytes.get(30..38) == Some(b"mimetype")
        && bytes.get(38..).is_some_and(|rest| rest.starts_with(OPEN_DOCUMENT))
    {
        let sheet =
            bytes.get(38 + OPEN_DOCUMENT.len()..).is_some_and(|rest| rest.starts_with(b"spreadsheet"));
        return if sheet { Format::Ods } else { Format::OfficeDocument };
    }
    let locked =
        (0..archive.len()).any(|index| archive.by_index_data(index).is_ok_and(|entry| entry.encrypted()));
    if locked { Format::ZipEncrypted } else { Format::Zip }
}

/// Without its list an archive shows only its first member, which workbooks begin with.
fn cut_off(bytes: &[u8]) -> Format {
    let first = bytes.get(30..30 + CONTENT_TYPES.len());
    if first == Some(CONTENT_TYPES) && find(bytes, b"xl/").is_some() { Format::Xlsx } else { Format::Zip }
}

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut archive = ZipArchive::new(Cursor::new(piece.bytes.as_slice())).map_err(refused)?;
    // The library keeps one of them: tokens would be missing and nobody told.
    if archive.has_duplicate_names() {
        return Err(unsupported("ZIP with two members of one name"));
    }
    let members = members(&archive)?;
    session.spent.count_members(members.len())?;
    let mut pieces = Vec::with_capacity(members.len());
    for member in members {
        let mut meter = session.spent.meter(piece.bytes.len());
        match take(&mut archive, &member, &mut meter, piece, session) {
            Ok(bytes) => pieces.push(piece.member(&member.name, bytes)),
            // The others are told as well: all faults of a file at once.
            Err(reason @ Reason::WrappingDamaged { .. }) => {
                session.refuse(&piece.member(&member.name, Zeroizing::default()).origin, reason);
            }
            Err(reason) => return Err(reason),
        }
        session.spent.keep(&meter);
    }
    Ok(pieces)
}

fn members(archive: &Archive<'_>) -> Result<Vec<Member>, Reason> {
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(refused)?;
        let name = members::tidy(&entry.name().map_err(refused)?);
        if entry.is_dir() || entry.is_symlink() || members::is_noise(&name) {
            continue;
        }
        if entry.flags().as_u16() & STRONG != 0 {
            return Err(unsupported("ZIP with PKWARE strong encryption"));
        }
        let method = entry.compression();
        if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(unsupported(format!("ZIP compressed by {method}")));
        }
        members.push(Member { index, name, locked: entry.encrypted() });
    }
    Ok(members)
}

/// One member's bytes, with the passphrase that fits where it is locked.
fn take(
    archive: &mut Archive<'_>,
    member: &Member,
    meter: &mut Meter,
    piece: &Piece,
    session: &mut Session<'_>,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    if !member.locked {
        let file = archive.by_index(member.index).map_err(refused)?;
        return read_all(file, meter).map_err(|cut| cut.or_damaged("zip"));
    }
    let aes = archive.get_aes_verification_key_and_salt(member.index).map_err(refused)?.is_some();
    let fresh = meter.clone();
    session.unlock(Lock::Zip, &piece.origin, None, |passphrase| {
        for spelling in spellings(passphrase) {
            *meter = fresh.clone();
            match attempt(archive, member.index, aes, &spelling, meter) {
                Tried::Wrong => {}
                done => return done,
            }
        }
        Tried::Wrong
    })
}

fn attempt(
    archive: &mut Archive<'_>,
    index: usize,
    aes: bool,
    passphrase: &[u8],
    meter: &mut Meter,
) -> Tried<Zeroizing<Vec<u8>>> {
    let file = match archive.by_index_decrypt(index, passphrase) {
        Ok(file) => file,
        Err(ZipError::InvalidPassword) => return Tried::Wrong,
        Err(error) => return Tried::Failed(refused(error)),
    };
    match read_all(file, meter) {
        Ok(bytes) => Tried::Fits(bytes),
        Err(Cut::Limit(reason)) => Tried::Failed(reason),
        // AES tells a wrong passphrase before (but for one in 65,536); ZipCrypto one in 256 only now.
        Err(Cut::Io) if aes => Tried::Failed(damaged("zip")),
        Err(Cut::Io) => Tried::Wrong,
    }
}

/// A ZIP doesn't say how its passphrase was encoded: UTF-8 today, the code page of Western Windows before.
fn spellings(passphrase: &Passphrase) -> Vec<Zeroizing<Vec<u8>>> {
    let text = passphrase.expose();
    let mut spellings = vec![Zeroizing::new(text.as_bytes().to_vec())];
    let (old, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
    if !text.is_ascii() && !lossy {
        spellings.push(Zeroizing::new(old.into_owned()));
    }
    spellings
}

/// The library's errors, told apart only as far as they mean different things to do.
fn refused(error: ZipError) -> Reason {
    match error {
        ZipError::UnsupportedArchive(_) => unsupported("ZIP of an unusual kind"),
        ZipError::CompressionMethodNotSupported(method) => {
            unsupported(format!("ZIP compressed by method {method}"))
        }
        _ => damaged("zip"),
    }
}
