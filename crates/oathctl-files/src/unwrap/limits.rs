//! What an unpacked file may be at most.
//!
//! Owns: the limits and [`read_all`], which keeps to them. Does not own: any format.

use std::io::{ErrorKind, Read};

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

/// Layers on top of each other.
pub(crate) const MOST_LAYERS: u64 = 4;
/// Bytes out of one layer, all its members together: 64 MiB.
pub(crate) const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes out for every byte in. Seeds are random and shrink threefold at best.
pub(crate) const MOST_RATIO: u64 = 200;
/// Below this the ratio says nothing: 1 MiB.
const RATIO_FROM: u64 = 1024 * 1024;
/// Members of one archive.
#[expect(dead_code, reason = "archives use it")]
pub(crate) const MOST_MEMBERS: u64 = 1000;

/// How much is asked for at once.
const CHUNK: usize = 64 * 1024;

/// How much one layer has given so far, and from how much.
pub(crate) struct Meter {
    packed: u64,
    given: u64,
}

impl Meter {
    /// For a layer of `packed` bytes.
    pub(crate) fn new(packed: usize) -> Self {
        Self { packed: u64::try_from(packed).unwrap_or(u64::MAX), given: 0 }
    }

    /// Counts `more` bytes.
    ///
    /// # Errors
    /// `unwrap_limit` beyond the bytes or the ratio.
    pub(crate) fn count(&mut self, more: usize) -> Result<(), Reason> {
        self.given += u64::try_from(more).unwrap_or(u64::MAX);
        let limit = |what: &str, limit| Err(Reason::UnwrapLimit { what: what.into(), limit });
        if self.given > RATIO_FROM && self.given / self.packed.max(1) >= MOST_RATIO {
            return limit("ratio", MOST_RATIO);
        }
        if self.given > MOST_BYTES { limit("bytes", MOST_BYTES) } else { Ok(()) }
    }
}

/// Why reading a layer ended early.
pub(crate) enum Cut {
    /// A limit.
    Limit(Reason),
    /// The layer's own error: damaged, or a wrong passphrase.
    Io(#[expect(dead_code, reason = "layers with locks look at it")] std::io::Error),
}

/// Reads a layer's output to its end under the limits. Outgrown buffers are wiped.
pub(crate) fn read_all(mut reader: impl Read, meter: &mut Meter) -> Result<Zeroizing<Vec<u8>>, Cut> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(CHUNK));
    let mut piece = Zeroizing::new(vec![0u8; CHUNK]);
    loop {
        let count = match reader.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Cut::Io(error)),
        };
        meter.count(count).map_err(Cut::Limit)?;
        crate::input::append(&mut bytes, &piece[..count]);
    }
}
