//! What finds mean together.
//!
//! Owns: chances, the verdict on a file, the fit of a token. Does not own: finding ([`super::search`]).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::table::Table;
use oathctl_core::token::OtpKind;

use super::candidate::{Candidate, Found};
use super::search::{self, Reach};
use super::state::Statement;
use super::{Explanation, FileVerdict, Fit, Position};

/// A reading is pinned only below this chance of an accident.
const MOST_CHANCE: f64 = 0.001;

/// Readings with the tokens they explain, best first.
struct Ranked {
    reading: Explanation,
    tokens: Vec<usize>,
}

pub(super) fn verdict(table: &Table, candidates: &[Candidate<'_>]) -> FileVerdict {
    if candidates.is_empty() {
        return FileVerdict::NoToken;
    }
    let ranked = ranked(candidates);
    let Some(best) = ranked.first() else { return FileVerdict::Nothing };
    let equals: Vec<Explanation> =
        ranked.iter().filter(|r| r.tokens.len() == best.tokens.len()).map(|r| r.reading).collect();
    if equals.len() > 1 {
        return FileVerdict::Several(equals);
    }
    let agreeing: Vec<&Candidate<'_>> = best.tokens.iter().filter_map(|n| candidates.get(*n)).collect();
    let chance = joint_chance(best.reading, &agreeing);
    let statement = Statement::of(table, best.reading, &agreeing);
    let seeds: BTreeSet<&[u8]> = agreeing.iter().map(|c| c.row.expose_seed()).collect();
    let (reading, tokens) = (best.reading, u32::try_from(agreeing.len()).unwrap_or(u32::MAX));
    if seeds.len() > 1 && chance <= MOST_CHANCE {
        FileVerdict::Pinned { reading, statement, tokens, chance }
    } else {
        FileVerdict::Likely { reading, statement, tokens, chance }
    }
}

/// By number of tokens; what is declared stands above its equals, and a reading that is the declared one of all its
/// tokens does not stand beside it.
fn ranked(candidates: &[Candidate<'_>]) -> Vec<Ranked> {
    let mut tokens: BTreeMap<Explanation, Vec<usize>> = BTreeMap::new();
    for (n, candidate) in candidates.iter().enumerate() {
        for found in &candidate.found {
            let explanation = Explanation::Otherwise(found.reading);
            let declared = candidate.declared() == Some(found.reading);
            for explanation in
                [Some(explanation), declared.then_some(Explanation::AsDeclared)].into_iter().flatten()
            {
                let list = tokens.entry(explanation).or_default();
                if list.last() != Some(&n) {
                    list.push(n);
                }
            }
        }
    }
    let declared = tokens.get(&Explanation::AsDeclared).cloned().unwrap_or_default();
    tokens.retain(|reading, list| {
        *reading == Explanation::AsDeclared || list.iter().any(|n| !declared.contains(n))
    });
    let mut ranked: Vec<Ranked> =
        tokens.into_iter().map(|(reading, tokens)| Ranked { reading, tokens }).collect();
    ranked.sort_by_key(|r| (std::cmp::Reverse(r.tokens.len()), r.reading));
    ranked
}

/// How likely these tokens agree on some reading by accident: the readings tried, times each token's own chance.
fn joint_chance(reading: Explanation, candidates: &[&Candidate<'_>]) -> f64 {
    let own = |candidate: &&Candidate<'_>| {
        let found = found_under(candidate, reading)?;
        Some(number(steps_within(candidate, found)) * search::chance_of_a_step(&candidate.codes))
    };
    let readings = match reading {
        Explanation::AsDeclared => 1,
        Explanation::Otherwise(_) => candidates.iter().map(|c| readings(c)).max().unwrap_or(1),
    };
    let product: f64 = candidates.iter().filter_map(own).map(|chance| chance.min(1.0)).product();
    (number(readings) * product).min(1.0)
}

fn readings(candidate: &Candidate<'_>) -> u64 {
    let parameters = super::reading::parameters(candidate.row).len();
    u64::try_from(parameters * candidate.variants.len()).unwrap_or(u64::MAX)
}

/// The window that had to be opened for this find.
fn steps_within(candidate: &Candidate<'_>, found: &Found) -> u64 {
    let close = candidate.window(found.reading.period_secs, Reach::Close);
    let reach = if close.holds(found.offset) { Reach::Close } else { found.reach };
    candidate.window(found.reading.period_secs, reach).len()
}

fn found_under<'c>(candidate: &'c Candidate<'_>, reading: Explanation) -> Option<&'c Found> {
    let wanted = match reading {
        Explanation::AsDeclared => candidate.declared()?,
        Explanation::Otherwise(reading) => reading,
    };
    candidate.found.iter().find(|found| found.reading == wanted)
}

/// Where a token's codes were found: under the file's reading if it fits, else as declared, else the nearest.
pub(super) fn fit(candidate: &Candidate<'_>, verdict: &FileVerdict) -> Option<Fit> {
    let of_file = match verdict {
        FileVerdict::Pinned { reading, .. } | FileVerdict::Likely { reading, .. } => Some(*reading),
        _ => None,
    };
    let preferred = of_file.and_then(|reading| Some((reading, found_under(candidate, reading)?)));
    let declared = || Some((Explanation::AsDeclared, found_under(candidate, Explanation::AsDeclared)?));
    let nearest = || {
        let found = candidate.found.iter().min_by_key(|found| found.offset.unsigned_abs())?;
        Some((Explanation::Otherwise(found.reading), found))
    };
    let (reading, found) = preferred.or_else(declared).or_else(nearest)?;
    let is_declared = candidate.declared() == Some(found.reading);
    let close =
        steps_within(candidate, found) == candidate.window(found.reading.period_secs, Reach::Close).len();
    let tries = if is_declared { steps_within(candidate, found) } else { candidate.tries(found.reach) };
    let chance = (number(tries) * search::chance_of_a_step(&candidate.codes)).min(1.0);
    let proven = (is_declared && close) || (candidate.codes.len() > 1 && chance <= MOST_CHANCE);
    Some(Fit { reading, position: position(candidate, found), chance, proven })
}

fn position(candidate: &Candidate<'_>, found: &Found) -> Position {
    match candidate.row.kind() {
        OtpKind::Hotp => Position::Counter { value: found.step, ahead: found.offset.unsigned_abs() },
        _ => Position::Drift { secs: found.offset * i64::from(found.reading.period_secs) },
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few million at most")]
fn number(count: u64) -> f64 {
    count as f64
}
