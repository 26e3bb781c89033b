//! What an unpacked file may be at most.
//!
//! Owns: the limits, what a reading has spent of them ([`Spent`]), and [`read_all`], which keeps to them. Does not
//! own: any format.

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
/// Members of the archives of one layer.
pub(crate) const MOST_MEMBERS: u64 = 1000;

/// How much is asked for at once.
const CHUNK: usize = 64 * 1024;

/// What each layer of a reading has given so far. Archives side by side share the limits of their layer: a thousand
/// small bombs are one large one.
#[derive(Default)]
pub(crate) struct Spent {
    /// The layer being opened, from 0.
    pub(crate) layer: usize,
    bytes: Vec<u64>,
    members: Vec<u64>,
}

impl Spent {
    /// A meter for a layer of `packed` bytes, which starts from what others of the same layer have given.
    pub(crate) fn meter(&self, packed: usize) -> Meter {
        Meter { given: 0, before: self.bytes.get(self.layer).copied().unwrap_or(0), ..Meter::new(packed) }
    }

    /// What the meter counted stays given.
    pub(crate) fn keep(&mut self, meter: &Meter) {
        add(&mut self.bytes, self.layer, meter.given);
    }

    /// Counts the members of an archive.
    ///
    /// # Errors
    /// `unwrap_limit` beyond [`MOST_MEMBERS`].
    pub(crate) fn count_members(&mut self, more: usize) -> Result<(), Reason> {
        if add(&mut self.members, self.layer, as_u64(more)) > MOST_MEMBERS {
            return Err(limit("members", MOST_MEMBERS));
        }
        Ok(())
    }
}

fn add(counts: &mut Vec<u64>, layer: usize, more: u64) -> u64 {
    if counts.len() <= layer {
        counts.resize(layer + 1, 0);
    }
    let Some(count) = counts.get_mut(layer) else { return u64::MAX };
    *count = count.saturating_add(more);
    *count
}

/// How much one archive, message or stream has given so far, and from how much.
#[derive(Clone)]
pub(crate) struct Meter {
    packed: u64,
    given: u64,
    before: u64,
}

impl Meter {
    /// For a stage of its own, of `packed` bytes.
    pub(crate) fn new(packed: usize) -> Self {
        Self { packed: as_u64(packed), given: 0, before: 0 }
    }

    /// Counts `more` bytes.
    ///
    /// # Errors
    /// `unwrap_limit` beyond the bytes or the ratio.
    pub(crate) fn count(&mut self, more: usize) -> Result<(), Reason> {
        self.given = self.given.saturating_add(as_u64(more));
        if self.given > RATIO_FROM && self.given / self.packed.max(1) >= MOST_RATIO {
            return Err(limit("ratio", MOST_RATIO));
        }
        if self.before.saturating_add(self.given) > MOST_BYTES {
            return Err(limit("bytes", MOST_BYTES));
        }
        Ok(())
    }
}

fn limit(what: &str, limit: u64) -> Reason {
    Reason::UnwrapLimit { what: what.into(), limit }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Why reading a layer ended early.
pub(crate) enum Cut {
    /// A limit.
    Limit(Reason),
    /// The layer's own error: damaged, or a wrong passphrase. Its words are foreign and not told.
    Io,
}

impl Cut {
    /// As a reason, where no passphrase can be the cause.
    pub(crate) fn or_damaged(self, what: &str) -> Reason {
        match self {
            Self::Limit(reason) => reason,
            Self::Io => super::damaged(what),
        }
    }
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
            Err(_) => return Err(Cut::Io),
        };
        meter.count(count).map_err(Cut::Limit)?;
        crate::input::append(&mut bytes, &piece[..count]);
    }
}
