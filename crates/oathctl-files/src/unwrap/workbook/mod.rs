//! Office documents with a password ([MS-OFFCRYPTO]): the encrypted package in a compound file.
//!
//! Owns: which of the two methods it is, and the passphrase. Does not own: the methods ([`agile`], [`standard`]), nor
//! reading the workbook that comes out.
//!
//! Our own, since the known libraries check neither password nor integrity: a wrong one gives noise.

mod agile;
mod standard;

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::{Piece, damaged, ole, unsupported};
use crate::keys::{Lock, Passphrase, Tried};
use crate::session::Session;

/// Of the descriptor: a few kilobytes of XML.
const MOST_INFO: u64 = 1024 * 1024;
/// Excel locks by this what is only protected against changes, and opens it without asking ([MS-XLS] 2.2.10).
const BUILT_IN: &str = "VelvetSweatshop";

/// How a document is locked.
enum Method {
    Agile(Box<agile::Agile>),
    Standard(standard::Standard),
}

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut meter = session.spent.meter(piece.bytes.len());
    let info = ole::stream(&piece.bytes, "EncryptionInfo", MOST_INFO).ok_or_else(|| damaged("workbook"))?;
    let package =
        ole::stream(&piece.bytes, "EncryptedPackage", u64::MAX).ok_or_else(|| damaged("workbook"))?;
    let method = method(&info)?;
    let built_in = attempt(&method, &Passphrase::new(BUILT_IN.into()), &package);
    let inner = match built_in {
        Tried::Fits(inner) => inner,
        Tried::Failed(reason) => return Err(reason),
        Tried::Wrong => session.unlock(Lock::Workbook, &piece.origin, None, |passphrase| {
            attempt(&method, passphrase, &package)
        })?,
    };
    meter.count(inner.len())?;
    session.spent.keep(&meter);
    Ok(vec![piece.within(inner)])
}

/// By the version in front of the descriptor ([MS-OFFCRYPTO] 2.3.4.5, 2.3.4.10).
fn method(info: &[u8]) -> Result<Method, Reason> {
    let (version, rest) = info.split_at_checked(4).ok_or_else(|| damaged("workbook"))?;
    match version {
        [4, 0, 4, 0] => Ok(Method::Agile(Box::new(agile::Agile::read(rest.get(4..).unwrap_or_default())?))),
        [2..=4, 0, 2, 0] => Ok(Method::Standard(standard::Standard::read(rest)?)),
        [3 | 4, 0, 3, 0] => Err(unsupported("workbook with an encryption of its own (extensible)")),
        _ => Err(unsupported("workbook with an unknown encryption")),
    }
}

fn attempt(method: &Method, passphrase: &Passphrase, package: &[u8]) -> Tried<Zeroizing<Vec<u8>>> {
    let utf16 = utf16(passphrase);
    match method {
        Method::Agile(agile) => agile.open(&utf16, package),
        Method::Standard(standard) => standard.open(&utf16, package),
    }
}

/// Passphrases are hashed as UTF-16, little end first.
fn utf16(passphrase: &Passphrase) -> Zeroizing<Vec<u8>> {
    let text = passphrase.expose();
    let mut units = Zeroizing::new(Vec::with_capacity(text.len() * 2));
    units.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    units
}

/// The first eight bytes of a package: how many of its bytes count.
fn length(package: &[u8]) -> Option<(usize, &[u8])> {
    let (length, data) = package.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    (length <= data.len()).then_some((length, data))
}
