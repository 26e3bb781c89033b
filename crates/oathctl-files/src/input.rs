//! The bytes of one input and its name.
//!
//! Owns: [`Input`] and taking bytes from a `Read` without leaving copies behind. Does not own: opening files.

use std::io::Read;

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

/// The most bytes read from one source unless the caller says otherwise: 512 MiB, about five million rows.
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// How much is asked for at once.
const PIECE: usize = 64 * 1024;

/// One input as it was delivered. The bytes are wiped when it is dropped.
pub struct Input {
    /// The name to show in places; `None` for standard input.
    pub name: Option<String>,
    /// Everything that was in it.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Input {
    /// Takes bytes that are already there.
    pub fn new(name: Option<String>, bytes: Vec<u8>) -> Self {
        Self { name, bytes: Zeroizing::new(bytes) }
    }

    /// Reads everything, up to `most` bytes. A file's length as `expected` saves moving the buffer.
    ///
    /// # Errors
    /// `file_unreadable` with the operating system's words; `file_too_large` beyond `most`.
    pub fn read_from(
        name: Option<String>,
        mut reader: impl Read,
        expected: u64,
        most: u64,
    ) -> Result<Self, Reason> {
        let room = usize::try_from(expected.min(most)).unwrap_or(0).saturating_add(PIECE);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        let mut piece = Zeroizing::new(vec![0u8; PIECE]);
        loop {
            let count = match reader.read(&mut piece) {
                Ok(0) => return Ok(Self { name, bytes }),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Reason::FileUnreadable { detail: error.to_string() }),
            };
            if (bytes.len() + count) as u64 > most {
                return Err(Reason::FileTooLarge { limit_bytes: most });
            }
            append(&mut bytes, &piece[..count]);
        }
    }
}

/// Grows by hand, so that the outgrown buffer is wiped.
pub(crate) fn append(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let needed = bytes.len() + more.len();
    if needed > bytes.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed * 2));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}
