//! The ways a row may be read.
//!
//! Owns: [`Reading`], [`Spelling`], the seeds a row's text gives under each of them. Does not own: comparing codes
//! ([`super::search`]).

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use oathctl_core::table::{RowView, Table};
use oathctl_core::token::{Hash, OtpKind};
use zeroize::Zeroizing;

use crate::cells::seed::{self, ROOM};
use crate::options::SeedEncoding;

/// Shorter seeds are none (80 bits; the checks refuse them too).
const SHORTEST: usize = 10;

/// How the seed's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// As the file was read.
    AsRead,
    /// The same text in another encoding.
    As(SeedEncoding),
    /// What was decoded is itself text in this encoding: the seed was encoded twice.
    Within(SeedEncoding),
}

/// One way to read a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// How the seed's text is read.
    pub spelling: Spelling,
    /// The hash under the code.
    pub hash: Hash,
    /// Seconds per step; 0 for counter-based tokens.
    pub period_secs: u32,
}

/// A seed under one spelling. A spelling may stand several times (the case of hex letters is not known any more).
pub(super) struct Variant {
    pub(super) spelling: Spelling,
    pub(super) seed: Zeroizing<Vec<u8>>,
}

/// What the file's seeds were read as, where a decision says so.
pub(super) fn read_as(table: &Table) -> Option<SeedEncoding> {
    let decision = table.decisions().iter().find(|d| d.what == "seed_encoding")?;
    SeedEncoding::parse(&decision.chosen)
}

/// Every different seed a row may mean; the first is the one that was read.
pub(super) fn variants(row: RowView<'_>, read_as: Option<SeedEncoding>) -> Vec<Variant> {
    let seed = row.expose_seed();
    let mut found = vec![Variant { spelling: Spelling::AsRead, seed: Zeroizing::new(seed.to_vec()) }];
    for text in read_as.map(|encoding| texts(seed, encoding)).unwrap_or_default() {
        for encoding in ENCODINGS.into_iter().filter(|other| Some(*other) != read_as) {
            add(&mut found, Spelling::As(encoding), &text, encoding);
        }
    }
    if let Ok(text) = std::str::from_utf8(seed) {
        for encoding in ENCODINGS {
            add(&mut found, Spelling::Within(encoding), text, encoding);
        }
    }
    found
}

const ENCODINGS: [SeedEncoding; 3] = [SeedEncoding::Hex, SeedEncoding::Base32, SeedEncoding::Base64];

fn add(found: &mut Vec<Variant>, spelling: Spelling, text: &str, encoding: SeedEncoding) {
    let mut room = Zeroizing::new([0; ROOM]);
    let Ok(spelled) = seed::decode(text, encoding, &mut room) else { return };
    let seed = &room[..spelled.len.min(ROOM)];
    if seed.len() >= SHORTEST && found.iter().all(|known| known.seed.as_slice() != seed) {
        found.push(Variant { spelling, seed: Zeroizing::new(seed.to_vec()) });
    }
}

/// The text a seed stood in, in both cases where case means nothing.
fn texts(seed: &[u8], encoding: SeedEncoding) -> Vec<Zeroizing<String>> {
    let text = Zeroizing::new(match encoding {
        SeedEncoding::Hex => HEXLOWER.encode(seed),
        SeedEncoding::Base32 => BASE32_NOPAD.encode(seed),
        SeedEncoding::Base64 => return vec![Zeroizing::new(BASE64.encode(seed))],
    });
    vec![Zeroizing::new(text.to_ascii_uppercase()), Zeroizing::new(text.to_ascii_lowercase())]
}

/// The reading the row itself states; `None` while something is open.
pub(super) fn declared(row: RowView<'_>) -> Option<Reading> {
    let (hash, period_secs) = match row.kind() {
        OtpKind::Hotp => (row.hash().unwrap_or(Hash::Sha1), 0),
        _ => (row.hash()?, row.period_secs()?),
    };
    Some(Reading { spelling: Spelling::AsRead, hash, period_secs })
}

/// Hashes and periods that are tried with every seed.
pub(super) fn parameters(row: RowView<'_>) -> Vec<(Hash, u32)> {
    let mut periods = match row.kind() {
        OtpKind::Hotp => vec![0],
        _ => vec![30, 60],
    };
    let stated = row.period_secs().filter(|_| row.kind() != OtpKind::Hotp);
    periods.extend(stated.filter(|period| !matches!(period, 30 | 60)));
    let hashes = [Hash::Sha1, Hash::Sha256, Hash::Sha512];
    periods.into_iter().flat_map(|period| hashes.map(|hash| (hash, period))).collect()
}
