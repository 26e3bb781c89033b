//! The rules for one row by itself.
//!
//! Owns: serial, seed, kind, period, digits, hash and person of a row, and which of these rules are Entra's. Does not own: rules that need a second
//! row ([`super::across`]) or the whole file ([`super::whole`]).

use super::{CheckOptions, Finding, Purpose, test_seeds};
use crate::fault::Severity;
use crate::place::Field;
use crate::reason::Reason;
use crate::table::{RowView, Table, Verdict};
use crate::token::{Hash, OtpKind};

/// Below this a seed is refused: 80 bits, what the oldest fobs carry.
const SHORTEST_SEED: usize = 10;
/// Below this it is weaker than RFC 4226 §4 (R6) asks: 128 bits.
const SHORTEST_GOOD_SEED: usize = 16;
/// Entra takes at most 128 Base32 characters, which is 80 bytes.
const LONGEST_SEED: usize = 80;

/// What one rule says about a row.
type Word = Option<(Severity, Reason, Field)>;

/// Applies every rule to every row.
pub(super) fn judge(table: &Table, options: CheckOptions) -> Vec<Finding> {
    let seeds_unread =
        table.faults().iter().any(|f| matches!(f.reason, Reason::SeedEncodingUndecidable { .. }));
    let mut found = Vec::new();
    for row in table.rows() {
        let mut take = |word: Word| {
            if let Some((severity, reason, field)) = word {
                found.push(Finding { row: row.id(), severity, reason, field: Some(field) });
            }
        };
        take(serial(row));
        if !seeds_unread {
            take(seed_length(row, options.purpose));
            take(seed_content(row, options));
        }
        match options.purpose {
            Purpose::Entra => [kind, period, digits, hash, person].iter().for_each(|rule| take(rule(row))),
            Purpose::Convert => take(counts_or_keeps_time(row)),
        }
    }
    found
}

fn error(reason: Reason, field: Field) -> Word {
    Some((Severity::Error, reason, field))
}

/// A reader that found a serial it could not use has said so already.
fn serial(row: RowView<'_>) -> Word {
    let silent = row.serial().is_empty() && row.verdict() == Verdict::Usable;
    silent.then_some((Severity::Error, Reason::SerialMissing, Field::Serial))
}

fn seed_length(row: RowView<'_>, purpose: Purpose) -> Word {
    let length = row.seed_len();
    let bytes = u32::try_from(length).unwrap_or(u32::MAX);
    match length {
        0 if row.verdict() == Verdict::Usable => error(Reason::SeedMissing, Field::Seed),
        0 => None,
        1..SHORTEST_SEED => error(Reason::SeedTooShort { bytes }, Field::Seed),
        SHORTEST_SEED..SHORTEST_GOOD_SEED => {
            Some((Severity::Warning, Reason::SeedWeak { bytes }, Field::Seed))
        }
        SHORTEST_GOOD_SEED..=LONGEST_SEED => None,
        _ if purpose == Purpose::Convert => None,
        _ => error(Reason::SeedTooLong { bytes }, Field::Seed),
    }
}

fn seed_content(row: RowView<'_>, options: CheckOptions) -> Word {
    // Opened to recognise seeds out of documentation and seeds that are text themselves.
    let seed = row.expose_seed();
    if test_seeds::is_for_tests(seed) {
        let rehearsed = options.allow_test_seeds || options.purpose == Purpose::Convert;
        let severity = if rehearsed { Severity::Warning } else { Severity::Error };
        return Some((severity, Reason::SeedForTests, Field::Seed));
    }
    let hex_text = seed.len() >= SHORTEST_GOOD_SEED && seed.iter().all(u8::is_ascii_hexdigit);
    hex_text.then_some((Severity::Warning, Reason::SeedDoubleEncoded, Field::Seed))
}

fn kind(row: RowView<'_>) -> Word {
    match row.kind() {
        OtpKind::Totp => None,
        OtpKind::Hotp => error(Reason::NotTotp { kind: "hotp".into() }, Field::Kind),
        OtpKind::Other => error(Reason::NotTotp { kind: "other".into() }, Field::Kind),
    }
}

/// Both kinds of RFC 4226 and RFC 6238 can be written down; of others the file holds no more than a name.
fn counts_or_keeps_time(row: RowView<'_>) -> Word {
    if row.kind() == OtpKind::Hotp { None } else { kind(row) }
}

fn period(row: RowView<'_>) -> Word {
    let secs = row.period_secs().filter(|_| row.kind() == OtpKind::Totp)?;
    let unsupported = !matches!(secs, 30 | 60);
    unsupported
        .then(|| (Severity::Error, Reason::PeriodUnsupported { shown: secs.to_string() }, Field::Period))
}

fn digits(row: RowView<'_>) -> Word {
    let digits = row.digits().filter(|digits| *digits != 6)?;
    error(Reason::DigitsUnsupported { shown: digits.to_string() }, Field::Digits)
}

fn hash(row: RowView<'_>) -> Word {
    match row.hash()? {
        Hash::Sha1 | Hash::Sha256 => None,
        Hash::Sha512 => error(Reason::HashUnsupported { shown: "sha512".into() }, Field::Hash),
    }
}

fn person(row: RowView<'_>) -> Word {
    let upn = row.upn()?;
    if !is_well_formed(upn) {
        return error(Reason::UpnMalformed { shown: upn.to_owned() }, Field::Upn);
    }
    let guest =
        upn.contains('#') && upn.as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"#EXT#"));
    guest.then_some((Severity::Error, Reason::PersonGuest, Field::Upn))
}

/// Something without blanks, one `@`, and a domain of letters, digits, dots and dashes.
pub(super) fn is_well_formed(upn: &str) -> bool {
    let Some((name, domain)) = upn.split_once('@') else { return false };
    let in_domain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c.is_alphanumeric();
    let blank = !name.is_ascii() && name.contains(char::is_whitespace) || name.bytes().any(|b| b <= b' ');
    !name.is_empty() && !blank && !domain.is_empty() && domain.chars().all(in_domain)
}
