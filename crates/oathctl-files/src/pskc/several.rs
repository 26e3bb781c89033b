//! Several keys for one container.
//!
//! Owns: [`Openers`]: which of the keys given are at work in it, and which of them opens a value. A value says so by
//! the name of its key, by its check value, or by opening with one of them alone. Does not own: opening with one
//! ([`super::opener`]), where keys come from ([`super::unlock`]).

use std::collections::BTreeMap;

use super::opener::{Opened, Opener};
use super::value::Sealed;

/// By chance a wrong key opens one value in 256 (one byte of padding); a right one opens its share.
const LEAST_SHARE: usize = 16;

/// Why a value stays closed.
pub(super) enum Closed {
    /// No key opens it.
    Locked,
    /// Several do, and nothing says which is right.
    Undecidable,
}

/// What opens the values of a container.
pub(super) struct Openers {
    all: Vec<Opener>,
    /// The opener of values that name their key.
    named: BTreeMap<String, Option<usize>>,
    /// Those of values that name none.
    live: Vec<usize>,
}

/// One of several keys, before it is known whether the file needs it.
pub(super) struct Candidate {
    pub(super) opener: Opener,
    /// As its file is called, without the ending.
    pub(super) name: String,
}

/// How a key did on one value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    Opens,
    Proven,
}

impl Openers {
    /// The one key there is.
    pub(super) fn one(opener: Opener) -> Self {
        Self { all: vec![opener], named: BTreeMap::new(), live: vec![0] }
    }

    /// Those of several keys that are at work in `samples`; `None` when none is.
    pub(super) fn of(mut candidates: Vec<Candidate>, samples: &[Sealed]) -> Option<Self> {
        candidates.iter_mut().for_each(|one| one.opener.is_lenient = false);
        let fit = |key: &Candidate| -> Vec<Fit> { samples.iter().map(|one| fit(&key.opener, one)).collect() };
        let fits: Vec<Vec<Fit>> = candidates.iter().map(fit).collect();
        if samples.iter().all(Sealed::tells_its_key) {
            let some = fits.iter().flatten().any(|fit| *fit != Fit::No);
            let live = (0..candidates.len()).collect();
            let all = candidates.into_iter().map(|one| one.opener).collect();
            return some.then_some(Self { all, named: BTreeMap::new(), live });
        }
        let unnamed: Vec<usize> = (0..samples.len()).filter(|n| samples[*n].name.is_none()).collect();
        let live = live(&fits, unnamed);
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (n, sample) in samples.iter().enumerate() {
            if let Some(name) = &sample.name {
                groups.entry(name).or_default().push(n);
            }
        }
        let named: BTreeMap<String, Option<usize>> = groups
            .into_iter()
            .map(|(name, of)| (name.to_owned(), of_name(name, &candidates, &fits, &of)))
            .collect();
        let some = !live.is_empty() || named.values().any(Option::is_some);
        let all = candidates.into_iter().map(|one| one.opener).collect();
        some.then_some(Self { all, named, live })
    }

    /// Opens a value.
    pub(super) fn open(&self, sealed: &Sealed) -> Result<Opened, Closed> {
        let named = sealed.name.as_ref().and_then(|name| self.named.get(name));
        let of_name = named.copied().map(|key| key.into_iter().collect::<Vec<_>>());
        let keys = of_name.as_ref().unwrap_or(&self.live);
        let mut found: Option<Opened> = None;
        let mut is_open = true;
        for opened in keys.iter().filter_map(|key| self.all[*key].open(sealed)) {
            if opened.is_proven {
                return Ok(opened);
            }
            is_open &= found.as_ref().is_none_or(|before| before.bytes == opened.bytes);
            found.get_or_insert(opened);
        }
        match found {
            Some(opened) if is_open => Ok(opened),
            Some(_) => Err(Closed::Undecidable),
            None => Err(Closed::Locked),
        }
    }
}

fn fit(opener: &Opener, sample: &Sealed) -> Fit {
    match opener.open(sample) {
        Some(opened) if opened.is_proven => Fit::Proven,
        Some(_) => Fit::Opens,
        None => Fit::No,
    }
}

fn count(fits: &[Fit], of: &[usize], least: Fit) -> usize {
    of.iter().filter(|n| fits[**n] >= least).count()
}

/// One key after the other, the one that does best first, each on what those before it leave closed. Together they
/// must open most: else chance did.
fn live(fits: &[Vec<Fit>], mut left: Vec<usize>) -> Vec<usize> {
    let all = left.len();
    let mut live = Vec::new();
    let mut is_proven = false;
    while !left.is_empty() {
        let score =
            |key: &usize| (count(&fits[*key], &left, Fit::Proven), count(&fits[*key], &left, Fit::Opens));
        // Of those that did alike the first.
        let Some(best) = (0..fits.len()).rev().filter(|key| !live.contains(key)).max_by_key(score) else {
            break;
        };
        let (proven, opened) = score(&best);
        if proven == 0 && (opened == 0 || opened * LEAST_SHARE < left.len()) {
            break;
        }
        is_proven |= proven > 0;
        left.retain(|n| fits[best][*n] == Fit::No);
        live.push(best);
    }
    if is_proven || (all - left.len()) * 2 > all { live } else { Vec::new() }
}

/// The one key of all values that name it: the one whose file is called so where it does, else the one that does best.
fn of_name(name: &str, candidates: &[Candidate], fits: &[Vec<Fit>], of: &[usize]) -> Option<usize> {
    let score = |key: &usize| {
        let opened = count(&fits[*key], of, Fit::Opens);
        let called = candidates[*key].name.eq_ignore_ascii_case(name);
        (count(&fits[*key], of, Fit::Proven), called && opened > 0, opened)
    };
    let best = (0..candidates.len()).rev().max_by_key(score)?;
    let (proven, _, opened) = score(&best);
    (proven > 0 || opened * 2 > of.len()).then_some(best)
}
