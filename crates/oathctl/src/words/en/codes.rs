//! What codes from displays say of a file.
//!
//! Owns: sentences about readings, finds and chances. Does not own: the proof. No code is in them.

use oathctl_core::place::Field;
use oathctl_core::token::Hash;
use oathctl_files::proof::{
    Explanation, FileVerdict, Fit, Position, Spelling, Statement, TokenProof, TokenResult,
};

use super::decision;
use super::foreign::clean;
use crate::tell;

/// One token.
pub fn token(token: &TokenProof) -> String {
    let serial = clean(&token.serial);
    match &token.result {
        TokenResult::Fits(fit) => format!("{serial}: {}.", fits(fit)),
        TokenResult::Nothing => format!("{serial}: no reading of its row explains what it showed."),
        TokenResult::NotInFile => format!("{serial}: the file has no such serial."),
        TokenResult::SeveralRows => {
            format!("{serial}: the file has several rows of this serial that differ.")
        }
        TokenResult::NoSeed => format!("{serial}: its row has no seed that can be read."),
        TokenResult::WrongKind => format!("{serial}: its row is neither time-based nor counter-based."),
    }
}

fn fits(fit: &Fit) -> String {
    let reading = match &fit.reading {
        Explanation::AsDeclared => "fits as it is read".to_owned(),
        other => format!("fits as {}", explanation(other)),
    };
    let place = match fit.position {
        Position::Drift { secs: 0 } => "its clock is right".to_owned(),
        Position::Drift { secs } if secs > 0 => format!("its clock is {} ahead", tell::span(secs * 1000)),
        Position::Drift { secs } => format!("its clock is {} behind", tell::span(-secs * 1000)),
        Position::Counter { value, ahead: 0 } => format!("counter {value}"),
        Position::Counter { value, ahead } => {
            let presses = if ahead == 1 { "press" } else { "presses" };
            format!("counter {value}, {ahead} {presses} on")
        }
    };
    let sure = if fit.proven { "" } else { "; another code of it would make it sure" };
    format!("{reading}, {place} (by accident: {}){sure}", chance(fit.chance))
}

/// The file as a whole, and what to do.
pub fn verdict(verdict: &FileVerdict) -> Vec<String> {
    match verdict {
        FileVerdict::Pinned { reading, statement, tokens, chance: accident } => {
            let said = match reading {
                Explanation::AsDeclared => format!("{tokens} tokens agree: the file is read as it is meant."),
                other => format!(
                    "{tokens} tokens agree: the file means {} (by accident: {}).",
                    explanation(other),
                    chance(*accident)
                ),
            };
            followed(said, reading, statement, "What to do")
        }
        FileVerdict::Likely { reading, statement, chance: accident, .. } => {
            let said = match reading {
                Explanation::AsDeclared => "The file seems to be read as it is meant; a code of one more token settles it \
                    for all."
                    .into(),
                other => format!(
                    "The file may mean {} (by accident: {}); a code of one more token settles it.",
                    explanation(other),
                    chance(*accident)
                ),
            };
            followed(said, reading, statement, "Once it agrees")
        }
        FileVerdict::Several(readings) => {
            let readings: Vec<String> = readings.iter().map(explanation).collect();
            vec![format!(
                "Several readings explain what was shown: {}. A code of one more token settles it.",
                readings.join("; ")
            )]
        }
        FileVerdict::Nothing => vec![
            "No reading of this file explains what was shown.".to_owned(),
            "What to do: see whether these tokens belong to this file, whether serial and code were typed rightly, and \
             whether the token and this machine show the same time; then try another token."
                .to_owned(),
        ],
        FileVerdict::NoToken => {
            vec!["None of the serials belongs to a row with a seed; nothing was compared.".to_owned()]
        }
    }
}

/// The verdict, then what to do.
fn followed(said: String, reading: &Explanation, statement: &Statement, when: &str) -> Vec<String> {
    let sha512 = matches!(reading, Explanation::Otherwise(reading) if reading.hash == Hash::Sha512);
    let not_there = "Microsoft Entra has no SHA-512: these tokens can't be used there, and `convert` alone carries them. Ask \
        the vendor for tokens with SHA-1 or SHA-256.";
    let stated = how_to_state(statement, when);
    [said].into_iter().chain(stated).chain(sha512.then(|| not_there.into())).collect()
}

fn how_to_state(statement: &Statement, when: &str) -> Vec<String> {
    let mut flags = Vec::new();
    flags.extend(statement.secret_encoding.map(|it| format!("--secret-encoding {}", it.word())));
    flags.extend(statement.hash.map(|it| format!("--hash {it}")));
    flags.extend(statement.period_secs.map(|it| format!("--period {it}")));
    flags.extend(statement.digits.map(|it| format!("--digits {it}")));
    let mut lines = Vec::new();
    if !flags.is_empty() {
        lines.push(format!("{when}: say `{}` from now on.", flags.join(" ")));
    }
    if !statement.contradicts.is_empty() {
        let fields: Vec<&str> = statement.contradicts.iter().copied().map(Field::word).collect();
        lines.push(format!(
            "The file itself states another {}, which no flag overrules: ask the vendor for a corrected file.",
            fields.join(", ")
        ));
    }
    lines
}

pub(super) fn explanation(explanation: &Explanation) -> String {
    let Explanation::Otherwise(reading) = explanation else { return "the file as it is read".into() };
    let spelling = match reading.spelling {
        Spelling::AsRead => String::new(),
        Spelling::As(encoding) => {
            format!("seeds in {}, ", decision::answer("seed_encoding", encoding.word()))
        }
        Spelling::Within(encoding) => {
            format!("seeds encoded twice, within in {}, ", decision::answer("seed_encoding", encoding.word()))
        }
    };
    let period =
        if reading.period_secs == 0 { String::new() } else { format!(", {} seconds", reading.period_secs) };
    format!("{spelling}{}{period}", decision::answer("hash", reading.hash.word()))
}

/// `as_read`, `hex`, `within_hex` …
pub fn spelling_word(spelling: Spelling) -> String {
    match spelling {
        Spelling::AsRead => "as_read".into(),
        Spelling::As(encoding) => encoding.word().into(),
        Spelling::Within(encoding) => format!("within_{}", encoding.word()),
    }
}

/// The result's word.
pub const fn result_word(result: &TokenResult) -> &'static str {
    match result {
        TokenResult::Fits(_) => "fits",
        TokenResult::Nothing => "nothing",
        TokenResult::NotInFile => "not_in_file",
        TokenResult::SeveralRows => "several_rows",
        TokenResult::NoSeed => "no_seed",
        TokenResult::WrongKind => "wrong_kind",
    }
}

/// `1 in 4,000` as people read it.
pub(super) fn chance(chance: f64) -> String {
    if chance >= 0.5 {
        return "as likely as not".into();
    }
    if chance < 1e-9 {
        return "less than 1 in 1,000,000,000".into();
    }
    let one_in = (1.0 / chance).round();
    // Below a billion, so that it is a whole number of three parts at most.
    let digits = format!("{one_in:.0}");
    let mut out = String::new();
    for (n, c) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    format!("1 in {out}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_as_people_read_them() {
        assert_eq!(chance(5e-6), "1 in 200,000");
        assert_eq!(chance(0.0064), "1 in 156");
        assert_eq!(chance(0.9), "as likely as not");
        assert_eq!(chance(1e-12), "less than 1 in 1,000,000,000");
    }
}
