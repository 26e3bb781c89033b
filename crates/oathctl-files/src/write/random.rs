//! Randomness for keys, salts and initial vectors.
//!
//! Owns: the port [`Random`] and its face towards the PGP library. Does not own: any source of it. Other than core's
//! `Entropy` (run ids, jitter) this one may fail and has to say so: a key of zeros would look like any other.

use std::cell::Cell;

use oathctl_core::reason::Reason;
use rsa::rand_core::{CryptoRng, Error, RngCore};

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Random bytes fit for keys.
pub trait Random {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoRandomness`]; `bytes` are then not to be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// So many random bytes.
///
/// # Errors
/// `own_fault` without randomness.
pub(super) fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], Reason> {
    let mut bytes = [0; N];
    random.fill(&mut bytes).map_err(|_| none())?;
    Ok(bytes)
}

pub(super) fn none() -> Reason {
    Reason::OwnFault { what: "no randomness".into() }
}

/// For a library that can't be told of a failure: it is remembered, and what came of it thrown away.
pub(super) struct Remembering<'r> {
    random: &'r dyn Random,
    failed: Cell<bool>,
}

impl<'r> Remembering<'r> {
    pub(super) fn new(random: &'r dyn Random) -> Self {
        Self { random, failed: Cell::new(false) }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.get()
    }
}

impl RngCore for Remembering<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if self.random.fill(bytes).is_err() {
            self.failed.set(true);
            // Anything but an endless wait for a number the caller would accept.
            bytes.fill(0x5a);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Remembering<'_> {}
