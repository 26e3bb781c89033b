//! How the seeds of a column are spelled: decided for the whole column, never row by row.
//!
//! Owns: [`Tally`], [`decide`]. What is stated stands above what is seen; what is only likely is marked so, and
//! nobody activates with it. Does not own: decoding ([`crate::cells::seed`]).

use std::collections::BTreeMap;

use crate::cells::seed::{is_grouping, is_legal_length, value};
use crate::options::SeedEncoding;

/// Shorter cells are no evidence: they are no seeds, but headers and totals.
const SHORTEST: usize = 16;

/// Rows from which likelihood may speak for cells that fit both ways.
const ROWS_FOR_LIKELIHOOD: u64 = 3;

/// What the cells of a column permit.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cells: u64,
    hex_only: u64,
    base32_only: u64,
    base64_only: u64,
    neither: u64,
    /// Cells with a letter hex does not have, whatever else is in them.
    beyond_hex: u64,
    /// Lengths of the cells that are valid hex and valid Base32.
    both: BTreeMap<usize, u64>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) chosen: SeedEncoding,
    pub(crate) why: &'static str,
    pub(crate) certain: bool,
}

impl Tally {
    /// Takes one cleaned cell into account.
    pub(crate) fn add(&mut self, text: &str) {
        let text = text.trim_end_matches('=');
        let text = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
        let traits = Traits::of(text);
        if traits.length < SHORTEST {
            return;
        }
        self.cells += 1;
        self.beyond_hex += u64::from(traits.beyond_hex);
        match (traits.hex, traits.base32) {
            (true, true) => *self.both.entry(traits.length).or_default() += 1,
            (true, false) => self.hex_only += 1,
            (false, true) => self.base32_only += 1,
            (false, false) if traits.base64 => self.base64_only += 1,
            (false, false) => self.neither += 1,
        }
    }
}

struct Traits {
    length: usize,
    hex: bool,
    base32: bool,
    base64: bool,
    beyond_hex: bool,
}

impl Traits {
    fn of(text: &str) -> Self {
        let (mut length, mut all, mut any) = (0, 0xff, 0);
        for byte in text.bytes() {
            let class = CLASSES[usize::from(byte)];
            if class & GROUPING == 0 {
                // A character of several bytes counts several times; it fits nothing anyway.
                length += 1;
                all &= class;
                any |= class;
            }
        }
        let (hex, base32, base64) = (all & HEX != 0, all & BASE32 != 0, all & BASE64 != 0);
        let (upper, lower, beyond_hex) = (any & UPPER != 0, any & LOWER != 0, any & BEYOND_HEX != 0);
        Self {
            length,
            hex: hex && is_legal_length(length, SeedEncoding::Hex),
            base32: base32 && is_legal_length(length, SeedEncoding::Base32),
            // Twenty characters of Base64 in one case do not happen by chance.
            base64: base64 && upper && lower && is_legal_length(length, SeedEncoding::Base64),
            beyond_hex,
        }
    }
}

const HEX: u8 = 1;
const BASE32: u8 = 2;
const BASE64: u8 = 4;
const UPPER: u8 = 8;
const LOWER: u8 = 16;
const BEYOND_HEX: u8 = 32;
const GROUPING: u8 = 64;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = 0;
    while c < 256 {
        let byte = c as u8;
        let hex = value(byte, SeedEncoding::Hex).is_some();
        let marks = [
            (HEX, hex),
            (BASE32, value(byte, SeedEncoding::Base32).is_some()),
            (BASE64, value(byte, SeedEncoding::Base64).is_some()),
            (UPPER, byte.is_ascii_uppercase()),
            (LOWER, byte.is_ascii_lowercase()),
            (BEYOND_HEX, byte.is_ascii_alphabetic() && !hex),
            (GROUPING, is_grouping(byte as char, SeedEncoding::Hex)),
        ];
        let mut n = 0;
        while n < marks.len() {
            classes[c] |= if marks[n].1 { marks[n].0 } else { 0 };
            n += 1;
        }
        c += 1;
    }
    classes
};

/// Decides. `declared` is what the dialect defines; it gives way only to cells that cannot be read so and can be
/// read otherwise. `None`: nobody can tell.
pub(crate) fn decide(
    tally: &Tally,
    flag: Option<SeedEncoding>,
    heading: Option<SeedEncoding>,
    declared: Option<SeedEncoding>,
) -> Option<Encoding> {
    let sure = |chosen, why| Some(Encoding { chosen, why, certain: true });
    match (flag, heading) {
        (Some(chosen), _) => return sure(chosen, "stated_by_flag"),
        (None, Some(chosen)) => return sure(chosen, "stated_by_header"),
        (None, None) => {}
    }
    let both: u64 = tally.both.values().sum();
    if let Some(chosen) = declared {
        return Some(defined(tally, chosen, both));
    }
    match (tally.hex_only, tally.base32_only) {
        (0, 0) if tally.base64_only * 2 > tally.cells => sure(SeedEncoding::Base64, "only_one_fits"),
        (1.., 0) => sure(SeedEncoding::Hex, "only_one_fits"),
        (0, 1..) => sure(SeedEncoding::Base32, "only_one_fits"),
        (0, 0) if both > 0 => likely(&tally.both, both),
        (0, 0) => sure(alphabet(tally), "only_one_fits"),
        (hex, base32) => mixed(hex, base32, both),
    }
}

/// What the dialect defines, unless every cell can be read, and none of them so.
fn defined(tally: &Tally, chosen: SeedEncoding, both: u64) -> Encoding {
    let (other, fits, fits_other) = match chosen {
        SeedEncoding::Hex => (SeedEncoding::Base32, tally.hex_only, tally.base32_only),
        SeedEncoding::Base32 | SeedEncoding::Base64 => (SeedEncoding::Hex, tally.base32_only, tally.hex_only),
    };
    let readable = tally.base64_only + tally.neither == 0;
    if fits == 0 && fits_other > 0 && readable {
        return Encoding { chosen: other, why: "only_one_fits", certain: true };
    }
    // Where every cell fits both ways the definition stands, but nothing in the column confirms it.
    Encoding { chosen, why: "definition", certain: fits > 0 || both == 0 }
}

/// Cells of both kinds: the many have it, and the few are faults; a cell that fits both ways stays in doubt.
fn mixed(hex: u64, base32: u64, both: u64) -> Option<Encoding> {
    let chosen = match () {
        () if hex >= base32.saturating_mul(10) => SeedEncoding::Hex,
        () if base32 >= hex.saturating_mul(10) => SeedEncoding::Base32,
        () => return None,
    };
    Some(Encoding { chosen, why: "only_one_fits", certain: both == 0 })
}

/// No cell can be read: the alphabet that most cells are nearest to, so that each gets the fault that helps.
fn alphabet(tally: &Tally) -> SeedEncoding {
    if tally.beyond_hex * 2 > tally.cells { SeedEncoding::Base32 } else { SeedEncoding::Hex }
}

/// Every cell fits both ways. Lengths speak first: 20 bytes are 40 characters of hex, 16 bytes 26 of Base32. Then
/// numbers: random Base32 hardly ever looks like hex, hex now and then looks like Base32.
fn likely(both: &BTreeMap<usize, u64>, rows: u64) -> Option<Encoding> {
    let all = |lengths: &[usize]| both.keys().all(|length| lengths.contains(length));
    let guess = |chosen| Some(Encoding { chosen, why: "likelihood", certain: false });
    match () {
        () if all(&[40, 48, 64, 96, 128]) => guess(SeedEncoding::Hex),
        // 16 characters of hex would be a seed of 8 bytes, which nobody makes.
        () if all(&[16, 26, 52]) => guess(SeedEncoding::Base32),
        () if rows >= ROWS_FOR_LIKELIHOOD => guess(SeedEncoding::Hex),
        () => None,
    }
}

#[cfg(test)]
#[path = "encoding_tests.rs"]
mod tests;
