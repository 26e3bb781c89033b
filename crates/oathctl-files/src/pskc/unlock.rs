//! Finding the keys.
//!
//! Owns: which keys are tried, in which order, on which values, and when one counts as the right one. A single
//! altered value must not make the right key look wrong, nor chance a wrong key look right. Does not own: the keys
//! ([`crate::keys`]), several that are right ([`super::several`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::crypto::{Cipher, Key, decrypt};
use super::head::{Derivation, Head};
use super::opener::{MacKeys, Opener};
use super::several::{Candidate, Openers};
use super::value::Sealed;
use crate::keys::{Lock, Tried};
use crate::session::Session;

/// How many values a single key is tried on.
const MOST_SAMPLES: usize = 16;

/// Sealed values of the file, at most so many.
pub(super) type Samples<'s> = dyn Fn(usize) -> Vec<Sealed> + 's;

/// How well a key did: values whose check value fits, values that opened at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    checked: usize,
    opened: usize,
}

/// The right keys among those the ring lends.
///
/// # Errors
/// `key_needed`, `key_wrong`, `passphrase_needed`, `passphrase_wrong`; what makes the head unusable.
pub(super) fn unlock(
    head: &Head<'_>,
    samples: &Samples<'_>,
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Openers, Reason> {
    if let Some(problem) = &head.problem {
        return Err(problem.clone());
    }
    let few = samples(MOST_SAMPLES);
    // What the key must open first.
    let first = head.key.as_ref().or_else(|| few.first().and_then(|sample| sample.key.as_deref()));
    let sealing = first.into_iter().chain(head.mac.as_ref().and_then(|mac| mac.key.as_ref())).chain(&few);
    let cipher = sealing.map(|sealed| sealed.cipher).find(|cipher| *cipher != Cipher::Open);
    if cipher.is_some_and(Cipher::is_asymmetric) {
        let keys = session.rsa_keys(origin)?.into_iter().enumerate();
        let keys = keys.map(|(n, key)| (n.to_string(), Key::Private(Box::new(key)))).collect();
        return best(head, &few, samples, keys, session, origin);
    }
    if let Some(derivation) = &head.derivation {
        return by_passphrase(head, derivation, cipher, &few, session, origin);
    }
    let keys = session.shared_keys().into_iter();
    let keys = keys.map(|key| (key.name, Key::Secret(key.bytes))).collect();
    best(head, &few, samples, keys, session, origin)
}

fn by_passphrase(
    head: &Head<'_>,
    derivation: &Derivation,
    cipher: Option<Cipher>,
    samples: &[Sealed],
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Openers, Reason> {
    let length = derivation.length.or(cipher.map(Cipher::key_length)).unwrap_or(16);
    if cipher.is_some_and(|cipher| !cipher.takes(length)) {
        // No passphrase would fit, which is not the passphrase's fault.
        let shown = length.to_string();
        return Err(Reason::ValueMalformed { field: "KeyLength".into(), shown });
    }
    let derive = |text: &str| {
        let Derivation { digest, salt, rounds, .. } = derivation;
        Key::Secret(digest.pbkdf2(text.as_bytes(), salt, *rounds, length))
    };
    let hint = head.names.first().map(String::as_str);
    session.unlock(Lock::Pskc, origin, hint, |passphrase| {
        // Copied out of a mail it often has a blank or a line end with it.
        let whole = passphrase.expose();
        let trimmed = Some(whole.trim()).filter(|text| *text != whole);
        let mut tried = [Some(whole), trimmed]
            .into_iter()
            .flatten()
            .filter_map(|text| try_key(head, derive(text), samples));
        tried.next().map_or(Tried::Wrong, |(opener, _)| Tried::Fits(Openers::one(opener)))
    })
}

fn best(
    head: &Head<'_>,
    few: &[Sealed],
    samples: &Samples<'_>,
    keys: Vec<(String, Key)>,
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Openers, Reason> {
    let what = || Lock::Pskc.word().to_owned();
    if keys.is_empty() {
        session.tell_unusable_keys(origin, Severity::Error);
        return Err(Reason::KeyNeeded { what: what(), recipients: head.names.clone() });
    }
    // One file may be read as a key in several ways; only one of them is meant.
    let is_several = keys.windows(2).any(|pair| pair[0].0 != pair[1].0);
    if is_several && let Some(openers) = of_several(head, few, samples, &keys) {
        return Ok(openers);
    }
    let fitting = keys.into_iter().filter_map(|(_, key)| try_key(head, key, few));
    // The first of those that did best.
    let best = fitting.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(opener, _)| Openers::one(opener)).ok_or_else(|| Reason::KeyWrong { what: what() })
}

/// Values that tell themselves whether a key is theirs need none of the others to be looked at.
fn of_several(
    head: &Head<'_>,
    few: &[Sealed],
    samples: &Samples<'_>,
    keys: &[(String, Key)],
) -> Option<Openers> {
    let told = few.iter().all(Sealed::tells_its_key);
    let by_few = told.then(|| Openers::of(candidates(head, keys), few)).flatten();
    by_few.or_else(|| Openers::of(candidates(head, keys), &samples(usize::MAX)))
}

/// Each key with the check values of all: their key may be sealed by one of them alone.
fn candidates(head: &Head<'_>, keys: &[(String, Key)]) -> Vec<Candidate> {
    let content = |key: &Key| match &head.key {
        Some(sealed) => Some(Key::Secret(unsealed(sealed, key)?)),
        None => Some(key.clone()),
    };
    let keys: Vec<(&String, Key)> =
        keys.iter().filter_map(|(name, key)| Some((name, content(key)?))).collect();
    let own: Vec<Option<Opener>> = keys.iter().map(|(_, key)| Opener::with(head, key.clone())).collect();
    let macs: MacKeys = own.iter().flatten().flat_map(|opener| opener.mac_keys().iter().cloned()).collect();
    let makes_own = head.mac.as_ref().is_some_and(|mac| mac.key.is_none());
    if head.checks().is_some() && macs.is_empty() {
        return Vec::new();
    }
    let each = keys.into_iter().zip(own).filter_map(|((name, key), own)| {
        let opener = if makes_own { own? } else { Opener::beside(head, key, &macs) };
        Some(Candidate { opener, name: stem(name).to_owned() })
    });
    each.collect()
}

/// A key counts as the right one when one check value fits, or when most values open: then those that don't, or
/// whose check value is wrong, are altered.
fn try_key(head: &Head<'_>, key: Key, samples: &[Sealed]) -> Option<(Opener, Score)> {
    let key = match &head.key {
        Some(sealed) => Key::Secret(unsealed(sealed, &key)?),
        None => key,
    };
    let mut opener = Opener::with(head, key)?;
    // Who pads seeds pads all: a fitting check value beside a seed without padding is of another key then.
    opener.is_lenient = false;
    let seeds = || samples.iter().filter(|sample| sample.is_seed);
    let padded = seeds().filter(|sample| opener.open(sample).is_some()).count();
    opener.is_lenient = padded * 8 <= seeds().count();
    let mut score = Score { checked: 0, opened: 0 };
    for opened in samples.iter().filter_map(|sample| opener.open(sample)) {
        score.checked += usize::from(opened.check.fits());
        score.opened += 1;
    }
    (score.checked > 0 || score.opened * 2 > samples.len()).then_some((opener, score))
}

fn unsealed(sealed: &Sealed, key: &Key) -> Option<Zeroizing<Vec<u8>>> {
    decrypt(sealed.cipher, key, None, &sealed.bytes, false)
}

/// What a file is called, without folders and ending.
fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}
