//! Values that must not be printed: seeds, codes, the client secret.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A value that is wiped when dropped and never shows itself in `Debug`.
#[derive(Clone)]
pub struct Hidden<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Hidden<T> {
    /// Takes the value into hiding.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself; the only door.
    pub fn open(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The secret of a token or device, as bytes.
pub type SeedBytes = Hidden<Vec<u8>>;
/// A code as typed or sent, leading zeros kept.
pub type CodeText = Hidden<String>;
