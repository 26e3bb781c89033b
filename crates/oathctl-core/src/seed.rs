//! The seed: a token's secret bytes, wiped on drop, opened at few named doors.
//!
//! Owns: [`Seed`], the port [`SeedSource`] that lends seeds without giving them away. Does not own: the
//! spellings (Base32, hex), which belong to the readers, nor storage.

use std::fmt;

use zeroize::Zeroizing;

/// A token's secret. No `Clone`, no `Display`, no serialisation; `Debug` shows nothing of it.
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// Takes the bytes over; they are wiped when the seed is dropped.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The door: the bytes themselves. Every caller states why at the call.
    pub fn expose_seed(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True for a seed without bytes, which no reader lets through.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(***)")
    }
}

/// Which seed is meant: the row of the input that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeedKey(pub u32);

/// Why a seed could not be lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// The source holds no seed for this key.
    #[error("no seed is held for this token")]
    NotHeld,
}

/// Lends seeds; never returns one. The closure gets a borrow that ends with the call.
pub trait SeedSource: Send + Sync {
    /// Calls `f` once with the seed of `key`.
    ///
    /// # Errors
    /// [`SeedError::NotHeld`] when there is none; `f` is then not called.
    fn with_seed(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError>;

    /// The same where a code is computed and the seed itself goes nowhere. Only a source that counts its doors
    /// tells the two apart.
    ///
    /// # Errors
    /// As [`Self::with_seed`].
    fn with_seed_for_code(&self, key: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
        self.with_seed(key, f)
    }
}
