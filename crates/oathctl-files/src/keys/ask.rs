//! Asking for passphrases until one fits.
//!
//! Owns: the order (those that opened something in this reading, then what the ring gives) and what it means when
//! none fits. Does not own: trying one (the layer's closure does).

use oathctl_core::place::Source;
use oathctl_core::reason::Reason;

use super::{Lock, Locked, Passphrase};
use crate::session::Session;

/// A ring that never says no must not keep a reading going for ever.
const MOST_ATTEMPTS: u32 = 100;

/// What became of one passphrase.
pub(crate) enum Tried<T> {
    /// It fits.
    Fits(T),
    /// It doesn't; the next one may.
    Wrong,
    /// No other will do either.
    Failed(Reason),
}

/// What is known of the ring in this reading.
#[derive(Default)]
pub(crate) struct Opened {
    /// The passphrases that opened something: an archive of archives is asked for once.
    passphrases: Vec<Passphrase>,
    /// Files that are no keys were told.
    pub(super) told_unusable: bool,
}

impl Session<'_> {
    /// Tries passphrases for `lock` until one fits.
    ///
    /// # Errors
    /// `passphrase_needed` when none came, `passphrase_wrong` when none fits, else what `open` says.
    pub(crate) fn unlock<T>(
        &mut self,
        lock: Lock,
        origin: &Source,
        hint: Option<&str>,
        mut open: impl FnMut(&Passphrase) -> Tried<T>,
    ) -> Result<T, Reason> {
        for known in &self.opened.passphrases {
            match open(known) {
                Tried::Fits(inner) => return Ok(inner),
                Tried::Failed(reason) => return Err(reason),
                Tried::Wrong => {}
            }
        }
        let place = origin.whole();
        for attempt in 0..MOST_ATTEMPTS {
            let locked = Locked { lock, place: &place, hint, attempt };
            let Some(passphrase) = self.keys.passphrase(&locked) else {
                return Err(none_left(lock, attempt));
            };
            match open(&passphrase) {
                Tried::Fits(inner) => {
                    self.opened.passphrases.push(passphrase);
                    return Ok(inner);
                }
                Tried::Failed(reason) => return Err(reason),
                Tried::Wrong => {}
            }
        }
        Err(none_left(lock, MOST_ATTEMPTS))
    }
}

fn none_left(lock: Lock, attempt: u32) -> Reason {
    let what = lock.word().into();
    if attempt == 0 { Reason::PassphraseNeeded { what } } else { Reason::PassphraseWrong { what } }
}
