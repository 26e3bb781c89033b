//! 7z archives, plain or with AES-256, with or without an encrypted list of members.
//!
//! Owns: taking all members out, in memory. Does not own: the limits on output ([`super::limits`]).

use std::io::Cursor;

use oathctl_core::reason::Reason;
use sevenz_rust2::{Archive, ArchiveEntry, ArchiveReader, EncoderMethod, Error, Password};
use zeroize::Zeroizing;

use super::limits::{Cut, MOST_MEMBERS, Meter, read_all};
use super::{Piece, damaged, members, unsupported};
use crate::keys::{Lock, Tried};
use crate::session::Session;

/// What a decoder may keep: the largest dictionary of 7-Zip's strongest usual setting, and some.
const MEMORY_KIB: usize = 96 * 1024;

/// Rounds of key derivation an archive may ask for, all its blocks together. 7-Zip takes 2^19 for one.
const MOST_ROUNDS: u64 = 1 << 25;

type Members = Vec<(String, Zeroizing<Vec<u8>>)>;

pub(super) fn open(piece: &Piece, session: &mut Session<'_>) -> Result<Vec<Piece>, Reason> {
    let mut meter = session.spent.meter(piece.bytes.len());
    let members = match attempt(&piece.bytes, Password::empty(), &mut meter) {
        Tried::Fits(members) => members,
        Tried::Failed(reason) => return Err(reason),
        Tried::Wrong => {
            let fresh = session.spent.meter(piece.bytes.len());
            session.unlock(Lock::SevenZip, &piece.origin, None, |passphrase| {
                meter = fresh.clone();
                // An empty one means none to the library, and 7-Zip writes none.
                if passphrase.expose().is_empty() {
                    return Tried::Wrong;
                }
                attempt(&piece.bytes, Password::new(passphrase.expose()), &mut meter)
            })?
        }
    };
    session.spent.keep(&meter);
    session.spent.count_members(members.len())?;
    Ok(members.into_iter().map(|(name, bytes)| piece.member(&name, bytes)).collect())
}

fn attempt(bytes: &[u8], password: Password, meter: &mut Meter) -> Tried<Members> {
    let locked = !password.is_empty();
    let mut reader = match ArchiveReader::new_with_memory_limit(Cursor::new(bytes), password, MEMORY_KIB) {
        Ok(reader) => reader,
        Err(error) => return refused(&error, locked),
    };
    // Of several threads each would keep a dictionary.
    reader.set_thread_count(1);
    if let Err(reason) = bearable(reader.archive()) {
        return Tried::Failed(reason);
    }
    let encrypted = is_encrypted(reader.archive());
    if encrypted && !locked {
        return Tried::Wrong;
    }
    let (mut members, mut stopped) = (Members::new(), None);
    let result = reader.for_each_entries(|entry, content| {
        // What nobody looks at is unpacked and counted too: the next member of a block comes after it.
        match read_all(content, meter) {
            Ok(bytes) => keep(entry, bytes, &mut members),
            Err(cut) => stopped = Some(cut),
        }
        if stopped.is_some() { Err(Error::FileNotFound) } else { Ok(true) }
    });
    match (stopped, result) {
        (Some(Cut::Limit(reason)), _) => Tried::Failed(reason),
        (Some(Cut::Io), _) => refused(&Error::ChecksumVerificationFailed, encrypted),
        (None, Err(error)) => refused(&error, encrypted),
        (None, Ok(())) => Tried::Fits(members),
    }
}

fn keep(entry: &ArchiveEntry, bytes: Zeroizing<Vec<u8>>, members: &mut Members) {
    let name = members::tidy(entry.name());
    if !entry.is_directory() && !entry.is_anti_item() && !members::is_noise(&name) {
        members.push((name, bytes));
    }
}

/// Whether the archive may be unpacked at all: members, and work before the first byte.
fn bearable(archive: &Archive) -> Result<(), Reason> {
    if archive.files.len() > usize::try_from(MOST_MEMBERS).unwrap_or(usize::MAX) {
        return Err(Reason::UnwrapLimit { what: "members".into(), limit: MOST_MEMBERS });
    }
    let (mut rounds, mut last) = (0u64, None);
    for coder in archive.blocks.iter().flat_map(|block| &block.coders) {
        if coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256 {
            let derivation = derivation(coder.properties());
            // The library keeps the last key: only a change costs anything.
            if last != Some(derivation) {
                rounds = rounds.saturating_add(derivation.0);
            }
            last = Some(derivation);
        }
    }
    if rounds > MOST_ROUNDS { Err(unsupported("7z with an excessive key derivation")) } else { Ok(()) }
}

/// Rounds and salt. The exponent is in the low six bits of the first property (63: none at all), the length of the
/// salt in its highest bit and the high half of the second.
fn derivation(properties: &[u8]) -> (u64, &[u8]) {
    let (first, second) = match properties {
        [first, second, ..] => (*first, *second),
        [first] => (*first, 0),
        [] => return (0, &[]),
    };
    let rounds = match first & 0x3f {
        0x3f => 0,
        exponent => 1u64 << exponent,
    };
    let salt = usize::from(first >> 7) + usize::from(second >> 4);
    (rounds, properties.get(2..2 + salt).unwrap_or_default())
}

fn is_encrypted(archive: &Archive) -> bool {
    (0..archive.files.len()).any(|index| archive.is_file_encrypted(index))
}

/// What a failure means, with and without a passphrase. 7z has no check of the passphrase itself: a wrong one shows
/// as damage.
fn refused<T>(error: &Error, locked: bool) -> Tried<T> {
    match error {
        Error::PasswordRequired => Tried::Wrong,
        Error::UnsupportedCompressionMethod(method) => {
            Tried::Failed(unsupported(format!("7z compressed by {method}")))
        }
        Error::MaxMemLimited { .. } => Tried::Failed(unsupported("7z with an excessive dictionary")),
        Error::Unsupported(_) | Error::ExternalUnsupported | Error::UnsupportedVersion { .. } => {
            Tried::Failed(unsupported("7z of an unusual kind"))
        }
        // The outer header has check values of its own.
        Error::NextHeaderCrcMismatch | Error::BadSignature(_) => Tried::Failed(damaged("7z")),
        _ if locked => Tried::Wrong,
        _ => Tried::Failed(damaged("7z")),
    }
}
