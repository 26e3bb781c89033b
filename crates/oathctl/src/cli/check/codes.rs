//! `check --codes`: which reading of the file the tokens' own displays agree with.
//!
//! Owns: where codes come from, what the proof means for the exit code. Does not own: the proof (`oathctl-files`), its
//! words ([`crate::words::codes`]). A code is never shown again.

use oathctl_core::fault::Fault;
use oathctl_core::report::Exit;
use oathctl_files::proof::{
    Explanation, FileVerdict, Given, GivenCodes, Position, Proof, Statement, TokenProof, TokenResult,
    explain, read_codes,
};
use oathctl_files::{Input, SeedEncoding};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};
use crate::input::{self, Loaded};
use crate::words;

/// What the codes say, and what is wrong with their list.
pub(super) struct Said {
    proof: Proof,
    pub(super) faults: Vec<Fault>,
}

impl Said {
    /// Holds the codes against the file.
    pub(super) fn of(desk: &Desk, loaded: &Loaded, from: &str) -> Result<Self, Failure> {
        let given = gather(desk, from)?;
        let table = loaded.as_hex.as_ref().unwrap_or(&loaded.table);
        let mut proof = explain(table, &given.codes, desk.clock.utc());
        if loaded.as_hex.is_some() {
            state_hex(&mut proof);
        }
        Ok(Self { proof, faults: given.faults })
    }

    /// All codes fit the file as it is read, each too well for an accident.
    pub(super) fn exit(&self) -> Exit {
        let as_read = match &self.proof.verdict {
            FileVerdict::Pinned { reading, statement, .. }
            | FileVerdict::Likely { reading, statement, .. } => {
                *reading == Explanation::AsDeclared && *statement == Statement::default()
            }
            FileVerdict::Several(_) | FileVerdict::Nothing | FileVerdict::NoToken => false,
        };
        let pinned = matches!(self.proof.verdict, FileVerdict::Pinned { .. });
        let fits = |token: &TokenProof| match &token.result {
            // Once two tokens agree, a clock that is off is the token's matter and not the file's.
            TokenResult::Fits(fit) => (fit.proven || pinned) && fit.reading == Explanation::AsDeclared,
            _ => false,
        };
        let all = as_read && self.faults.is_empty() && self.proof.tokens.iter().all(fits);
        if all { Exit::Ok } else { Exit::Input }
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let tokens = self.proof.tokens.iter().map(words::codes::token);
        tokens.chain(words::codes::verdict(&self.proof.verdict)).map(|line| format!("  {line}")).collect()
    }

    /// For scripts.
    pub(super) fn value(&self) -> Value {
        let (word, reading, statement, tokens, chance) = match &self.proof.verdict {
            FileVerdict::Pinned { reading, statement, tokens, chance } => {
                ("pinned", vec![reading], Some(statement), Some(tokens), Some(chance))
            }
            FileVerdict::Likely { reading, statement, tokens, chance } => {
                ("likely", vec![reading], Some(statement), Some(tokens), Some(chance))
            }
            FileVerdict::Several(readings) => ("several", readings.iter().collect(), None, None, None),
            FileVerdict::Nothing => ("nothing", Vec::new(), None, None, None),
            FileVerdict::NoToken => ("no_token", Vec::new(), None, None, None),
        };
        json!({
            "verdict": word,
            "readings": reading.into_iter().map(reading_value).collect::<Vec<_>>(),
            "state": statement.map(statement_value),
            "tokens_agreeing": tokens,
            "chance": chance,
            "tokens": self.proof.tokens.iter().map(token_value).collect::<Vec<_>>(),
        })
    }
}

/// The file's spelling is open, and hex was only how it was looked at.
fn state_hex(proof: &mut Proof) {
    let (FileVerdict::Pinned { statement, .. } | FileVerdict::Likely { statement, .. }) = &mut proof.verdict
    else {
        return;
    };
    statement.secret_encoding.get_or_insert(SeedEncoding::Hex);
}

fn gather(desk: &Desk, from: &str) -> Result<GivenCodes, Failure> {
    let given = if from == "-" && desk.ui.terminals().can_ask() { asked(desk)? } else { listed(desk, from)? };
    if given.codes.is_empty() && given.faults.is_empty() {
        return Err(Failure::usage("No code was given; nothing was compared.")
            .advice("Write serial and code by line, as in `2300000007 123456`; or run it on a terminal and type them."));
    }
    Ok(given)
}

/// The codes of a list.
pub(in crate::cli) fn listed(desk: &Desk, from: &str) -> Result<GivenCodes, Failure> {
    let input = input::open(desk, from).map_err(|reason| {
        Failure::usage(format!("The list of codes {} can't be read.", quoted(from)))
            .because(words::message(&reason))
    })?;
    Ok(read_codes(input))
}

/// A serial, then its code, which isn't shown; or both at once. Each code counts for the moment it was typed.
fn asked(desk: &Desk) -> Result<GivenCodes, Failure> {
    let mut given = GivenCodes::default();
    while let Some(typed) = desk.ui.ask(words::ask::SERIAL).filter(|typed| !typed.trim().is_empty()) {
        let both = read_codes(Input::new(None, typed.clone().into_bytes())).codes;
        if !both.is_empty() {
            let now = Some(desk.clock.utc());
            for mut code in both {
                (code.line, code.at) = (0, now);
                given.codes.push(code);
            }
            continue;
        }
        let code = (desk.ask_secret)(words::ask::CODE)
            .map_err(|error| Failure::usage("The code can't be asked for.").because(io_words(&error)))?;
        match Given::new(&typed, &code, 0, Some(desk.clock.utc())) {
            Some(code) => given.codes.push(code),
            None => desk.ui.show(words::ask::NO_CODE),
        }
    }
    Ok(given)
}

fn reading_value(explanation: &Explanation) -> Value {
    match explanation {
        Explanation::AsDeclared => {
            json!({"as_read": true, "spelling": null, "hash": null, "period_s": null})
        }
        Explanation::Otherwise(reading) => json!({
            "as_read": false,
            "spelling": words::codes::spelling_word(reading.spelling),
            "hash": reading.hash,
            "period_s": Some(reading.period_secs).filter(|secs| *secs != 0),
        }),
    }
}

fn statement_value(statement: &Statement) -> Value {
    json!({
        "secret_encoding": statement.secret_encoding.map(SeedEncoding::word),
        "hash": statement.hash,
        "period_s": statement.period_secs,
        "digits": statement.digits,
        "contradicts": statement.contradicts,
    })
}

pub(in crate::cli) fn token_value(token: &TokenProof) -> Value {
    let fit = match &token.result {
        TokenResult::Fits(fit) => Some(fit),
        _ => None,
    };
    let (drift, counter, ahead) = match fit.map(|fit| fit.position) {
        Some(Position::Drift { secs }) => (Some(secs), None, None),
        Some(Position::Counter { value, ahead }) => (None, Some(value), Some(ahead)),
        None => (None, None, None),
    };
    json!({
        "serial": token.serial,
        "codes": token.codes,
        "result": words::codes::result_word(&token.result),
        "reading": fit.map(|fit| reading_value(&fit.reading)),
        "drift_s": drift,
        "counter": counter,
        "ahead": ahead,
        "chance": fit.map(|fit| fit.chance),
        "proven": fit.is_some_and(|fit| fit.proven),
    })
}
