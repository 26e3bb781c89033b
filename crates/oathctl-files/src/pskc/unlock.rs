//! Finding the key.
//!
//! Owns: which keys are tried, in which order, on which values, and when one counts as the right one. A single
//! altered value must not make the right key look wrong, nor chance a wrong key look right. Does not own: the keys
//! ([`crate::keys`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::Source;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::crypto::{Cipher, Key, decrypt};
use super::head::{Derivation, Head};
use super::opener::{Check, Opener};
use super::value::Sealed;
use crate::keys::{Lock, Tried};
use crate::session::Session;

/// How many values a key is tried on.
pub(super) const MOST_SAMPLES: usize = 16;

/// How well a key did: values whose check value fits, values that opened at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    checked: usize,
    opened: usize,
}

/// The right key among those the ring lends.
///
/// # Errors
/// `key_needed`, `key_wrong`, `passphrase_needed`, `passphrase_wrong`; what makes the head unusable.
pub(super) fn unlock(
    head: &Head<'_>,
    samples: &[Sealed],
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Opener, Reason> {
    if let Some(problem) = &head.problem {
        return Err(problem.clone());
    }
    // What the key must open first.
    let first = head.key.as_ref().or_else(|| samples.first().and_then(|sample| sample.key.as_deref()));
    let sealing = first.into_iter().chain(head.mac.as_ref().and_then(|mac| mac.key.as_ref())).chain(samples);
    let cipher = sealing.map(|sealed| sealed.cipher).find(|cipher| *cipher != Cipher::Open);
    match &head.derivation {
        _ if cipher.is_some_and(Cipher::is_asymmetric) => by_private_key(head, samples, session, origin),
        Some(derivation) => by_passphrase(head, derivation, cipher, samples, session, origin),
        None => by_shared_key(head, samples, session, origin),
    }
}

fn by_passphrase(
    head: &Head<'_>,
    derivation: &Derivation,
    cipher: Option<Cipher>,
    samples: &[Sealed],
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Opener, Reason> {
    let length = derivation.length.or(cipher.map(Cipher::key_length)).unwrap_or(16);
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
        tried.next().map_or(Tried::Wrong, |(opener, _)| Tried::Fits(opener))
    })
}

fn by_shared_key(
    head: &Head<'_>,
    samples: &[Sealed],
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Opener, Reason> {
    let keys = session.shared_keys().into_iter().map(|key| Key::Secret(key.bytes)).collect();
    best(head, samples, keys, session, origin)
}

fn by_private_key(
    head: &Head<'_>,
    samples: &[Sealed],
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Opener, Reason> {
    let keys = session.rsa_keys(origin)?.into_iter().map(|key| Key::Private(Box::new(key))).collect();
    best(head, samples, keys, session, origin)
}

fn best(
    head: &Head<'_>,
    samples: &[Sealed],
    keys: Vec<Key>,
    session: &mut Session<'_>,
    origin: &Source,
) -> Result<Opener, Reason> {
    let what = || Lock::Pskc.word().to_owned();
    if keys.is_empty() {
        session.tell_unusable_keys(origin, Severity::Error);
        return Err(Reason::KeyNeeded { what: what(), recipients: head.names.clone() });
    }
    let fitting = keys.into_iter().filter_map(|key| try_key(head, key, samples));
    // The first of those that did best.
    let best = fitting.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(opener, _)| opener).ok_or_else(|| Reason::KeyWrong { what: what() })
}

/// A key counts as the right one when one check value fits, or when most values open: then those that don't, or
/// whose check value is wrong, are altered.
fn try_key(head: &Head<'_>, key: Key, samples: &[Sealed]) -> Option<(Opener, Score)> {
    let key = match &head.key {
        Some(sealed) => Key::Secret(unsealed(sealed, &key)?),
        None => key,
    };
    let opener = Opener::with(head, key)?;
    let mut score = Score { checked: 0, opened: 0 };
    for sample in samples {
        let opened = opener.open(sample);
        score.checked +=
            usize::from(opened.as_ref().is_some_and(|it| matches!(it.check, Check::Fits | Check::FitsPlain)));
        score.opened += usize::from(opened.is_some());
    }
    (score.checked > 0 || score.opened * 2 > samples.len()).then_some((opener, score))
}

fn unsealed(sealed: &Sealed, key: &Key) -> Option<Zeroizing<Vec<u8>>> {
    decrypt(sealed.cipher, key, None, &sealed.bytes, false)
}
