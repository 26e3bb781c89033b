//! A growing buffer that wipes what it outgrows.
//!
//! Owns: [`Sink`]. Does not own: any format.

use std::io;

use data_encoding::Encoding;
use zeroize::Zeroizing;

use crate::input::append;

/// Where a writer writes.
pub(super) struct Sink(Zeroizing<Vec<u8>>);

impl Sink {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }

    pub(super) fn push(&mut self, text: &str) {
        append(&mut self.0, text.as_bytes());
    }

    /// Spells a seed without a copy that stays behind.
    pub(super) fn push_spelled(&mut self, encoding: &Encoding, seed: &[u8]) {
        append(&mut self.0, spelled(encoding, seed).as_bytes());
    }

    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        append(&mut self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes as text, in a buffer of the right size from the start.
pub(super) fn spelled(encoding: &Encoding, bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(encoding.encode_len(bytes.len())));
    encoding.encode_append(bytes, &mut text);
    text
}
