//! Proof by device: which reading of a file explains the codes that its tokens show.
//!
//! Owns: [`explain`], a pure function of a table, codes and a moment. It lives here and not in the core because a
//! reading is also a spelling of the seed's text, and only this crate knows spellings. Does not own: asking for codes,
//! words for people.
//!
//! One code fits somewhere by accident more often than people think, so every find states its chance, and a reading is
//! pinned for a file only by two different tokens that agree.

mod candidate;
mod codes;
mod reading;
mod search;
mod state;
mod weigh;

use std::collections::BTreeMap;

use oathctl_core::table::{RowId, RowView, Table, Verdict};
use oathctl_core::time::Utc;
use oathctl_core::token::{OtpKind, serial_key};

pub use codes::{Given, GivenCodes, read_codes};
pub use reading::{Reading, Spelling};
pub use state::Statement;

use candidate::Candidate;

/// What the codes prove.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// About the file.
    pub verdict: FileVerdict,
    /// About each token that a code was given for, in that order.
    pub tokens: Vec<TokenProof>,
}

/// A reading as the file has it or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explanation {
    /// Each row as it is read and as it states its hash and period.
    AsDeclared,
    /// This reading, whatever the rows state.
    Otherwise(Reading),
}

/// What the codes say of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum FileVerdict {
    /// Two or more different tokens agree on this and on nothing else.
    Pinned {
        /// The reading.
        reading: Explanation,
        /// How to state it.
        statement: Statement,
        /// Tokens that agree.
        tokens: u32,
        /// How likely that many tokens agree by accident.
        chance: f64,
    },
    /// It explains the codes, but one token is not enough, or the chance of an accident is too large.
    Likely {
        /// The reading.
        reading: Explanation,
        /// How to state it.
        statement: Statement,
        /// Tokens that agree.
        tokens: u32,
        /// How likely this is an accident.
        chance: f64,
    },
    /// More than one reading explains as many tokens: a code of one more token is needed.
    Several(Vec<Explanation>),
    /// No reading explains any code: another file, a typing error, a token or a clock more than a day off.
    Nothing,
    /// None of the codes belongs to a row with a seed.
    NoToken,
}

/// What the codes say of one token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenProof {
    /// As given.
    pub serial: String,
    /// Its row, where there is exactly one.
    pub row: Option<RowId>,
    /// Different codes given for it.
    pub codes: u32,
    /// What they say.
    pub result: TokenResult,
}

/// What the codes of one token say.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenResult {
    /// A reading explains them.
    Fits(Fit),
    /// None does.
    Nothing,
    /// The file has no row with this serial.
    NotInFile,
    /// The file has several rows with this serial that differ.
    SeveralRows,
    /// The row has no readable seed.
    NoSeed,
    /// The row is neither TOTP nor HOTP.
    WrongKind,
}

/// Where the codes of a token were found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Under which reading: the file's if that is pinned and fits, else the nearest to what is declared.
    pub reading: Explanation,
    /// How far from where it was expected.
    pub position: Position,
    /// How likely the find is an accident: everything that was tried for it, over the codes there are.
    pub chance: f64,
    /// True when this very device is shown to be the row's: found within two steps under the declared reading, or by
    /// two codes in a row.
    pub proven: bool,
}

/// How far a token is from where it was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The token's clock minus true time, in seconds, give or take a period.
    Drift {
        /// Seconds; negative when it is slow.
        secs: i64,
    },
    /// The counter of the code, and how many presses it is ahead of the file.
    Counter {
        /// Moving factor of the first code.
        value: u64,
        /// Presses beyond the file's counter.
        ahead: u64,
    },
}

/// Finds the reading that explains the codes. The table should be a checked one, so that what a definition settles is
/// settled. A file whose seeds fit as hex and as Base32 has none in its table: read it again with
/// `secret_encoding: Some(SeedEncoding::Hex)`, from which the other reading can be had without loss.
pub fn explain(table: &Table, codes: &[Given], now: Utc) -> Proof {
    let read_as = reading::read_as(table);
    let rows = by_serial(table);
    let (mut tokens, mut candidates) = (Vec::new(), Vec::new());
    for (serial, codes) in grouped(codes) {
        let number = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        let (row, result) = match rows.get(&serial_key(serial)).map(Vec::as_slice) {
            None | Some([]) => (None, TokenResult::NotInFile),
            Some([row]) if row.seed_len() == 0 => (Some(row.id()), TokenResult::NoSeed),
            Some([row]) if row.kind() == OtpKind::Other => (Some(row.id()), TokenResult::WrongKind),
            Some([row]) => {
                let at = codes.first().and_then(|code| code.at).unwrap_or(now);
                candidates.push(Candidate::new(*row, codes, at, read_as));
                (Some(row.id()), TokenResult::Nothing)
            }
            Some(_) => (None, TokenResult::SeveralRows),
        };
        tokens.push(TokenProof { serial: serial.to_owned(), row, codes: number, result });
    }
    candidate::search_all(&mut candidates);
    let verdict = weigh::verdict(table, &candidates);
    for candidate in &candidates {
        let Some(token) = tokens.iter_mut().find(|token| token.row == Some(candidate.row.id())) else {
            continue;
        };
        token.result = weigh::fit(candidate, &verdict).map_or(TokenResult::Nothing, TokenResult::Fits);
    }
    Proof { verdict, tokens }
}

/// Rows by serial, without those that only repeat another.
fn by_serial(table: &Table) -> BTreeMap<String, Vec<RowView<'_>>> {
    let mut rows: BTreeMap<String, Vec<RowView<'_>>> = BTreeMap::new();
    for row in table.rows().filter(|row| row.verdict() != Verdict::Duplicate && !row.serial().is_empty()) {
        rows.entry(serial_key(row.serial())).or_default().push(row);
    }
    rows
}

/// Codes by token, in the order of the list; the same code once more proves nothing more.
fn grouped(codes: &[Given]) -> Vec<(&str, Vec<&Given>)> {
    let mut groups: Vec<(&str, Vec<&Given>)> = Vec::new();
    let mut numbers = BTreeMap::new();
    for code in codes {
        let number = *numbers.entry(serial_key(&code.serial)).or_insert_with(|| {
            groups.push((&code.serial, Vec::new()));
            groups.len() - 1
        });
        let group = &mut groups[number].1;
        if group.iter().all(|known| known.expose_code() != code.expose_code()) {
            group.push(code);
        }
    }
    groups
}
