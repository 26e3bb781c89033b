//! PEM (RFC 7468): the blocks of a text.
//!
//! Owns: finding and decoding them, wiped. Does not own: what is in a block.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::legacy::LegacyKey;

/// One block.
pub(super) struct Block<'t> {
    /// `RSA PRIVATE KEY` …
    pub(super) label: &'t str,
    /// Its Base64 lines as they stand, with any header lines.
    body: &'t str,
}

impl Block<'_> {
    /// RFC 1421 §4.6.1.1: the old way to lock a key.
    pub(super) fn is_locked_the_old_way(&self) -> bool {
        self.body.contains("Proc-Type:")
    }

    /// A key locked so; `None` where its cipher isn't read.
    pub(super) fn legacy(&self) -> Option<LegacyKey> {
        LegacyKey::of(self.body)
    }

    /// The bytes; `None` when they are no Base64.
    pub(super) fn der(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.body.len()));
        text.extend(self.body.bytes().filter(|b| !b.is_ascii_whitespace()));
        let mut der = Zeroizing::new(vec![0u8; BASE64.decode_len(text.len()).ok()?]);
        let length = BASE64.decode_mut(&text, &mut der).ok()?;
        der.truncate(length);
        Some(der)
    }
}

/// All blocks, in order; whatever stands between them is passed over.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, from) = rest.split_once("-----BEGIN ")?;
        let (label, after) = from.split_once("-----")?;
        let (body, left) = after.split_once("-----END ")?;
        rest = left;
        Some(Block { label, body })
    })
}
