//! What is sealed of one token, and what it is bound to.
//!
//! Owns: the bytes of a sealed seed with its parameters ([`Payload`]) and of its associated data ([`Bound`]).
//! Does not own: ciphers ([`super::secret`]) or tables.

use oathctl_core::token::{Hash, OtpKind};
use zeroize::Zeroizing;

/// The longest seed that is kept, in bytes.
const LONGEST: usize = 1024;

/// Kind, parameters and seed of one token; inside the vault nothing is left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Time- or counter-based.
    pub kind: OtpKind,
    /// The hash under the code.
    pub hash: Hash,
    /// Digits of a code.
    pub digits: u8,
    /// Seconds of a step; zero for HOTP.
    pub period_secs: u32,
}

/// An opened payload. Wiped when dropped.
pub(super) struct Payload {
    pub(super) parameters: Parameters,
    bytes: Zeroizing<Vec<u8>>,
}

/// Bytes before the seed: kind, hash, digits, period (4), length (2).
const HEAD: usize = 9;

impl Payload {
    /// `kind (1) ‖ hash (1) ‖ digits (1) ‖ period (4, big-endian) ‖ length of the seed (2) ‖ seed`.
    pub(super) fn new(parameters: Parameters, seed: &[u8]) -> Option<Self> {
        let length = u16::try_from(seed.len()).ok().filter(|n| (1..=LONGEST).contains(&usize::from(*n)))?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + seed.len()));
        bytes.push(kind_byte(parameters.kind)?);
        bytes.push(hash_byte(parameters.hash));
        bytes.push(parameters.digits);
        bytes.extend_from_slice(&parameters.period_secs.to_be_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(seed);
        Some(Self { parameters, bytes })
    }

    /// Reads what [`Self::new`] made.
    pub(super) fn read(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let head = bytes.get(..HEAD)?;
        let parameters = Parameters {
            kind: kind_of(head[0])?,
            hash: hash_of(head[1])?,
            digits: head[2],
            period_secs: u32::from_be_bytes([head[3], head[4], head[5], head[6]]),
        };
        let length = usize::from(u16::from_be_bytes([head[7], head[8]]));
        (length > 0 && bytes.len() == HEAD + length).then_some(Self { parameters, bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The door: the seed.
    pub(super) fn expose_seed(&self) -> &[u8] {
        &self.bytes[HEAD..]
    }
}

/// What a sealed payload belongs to. Moved to another row, another version or another vault it does not open.
pub(super) struct Bound<'a> {
    pub(super) store: &'a [u8; 16],
    pub(super) token: &'a [u8; 16],
    pub(super) serial_key: &'a str,
    pub(super) key_id: &'a [u8; 16],
    pub(super) version: u64,
}

impl Bound<'_> {
    /// `"oathctl vault 1 seed" 0 ‖ store (16) ‖ token (16) ‖ key id (16) ‖ version (8) ‖ serial`.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = b"oathctl vault 1 seed\0".to_vec();
        bytes.extend_from_slice(self.store);
        bytes.extend_from_slice(self.token);
        bytes.extend_from_slice(self.key_id);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(self.serial_key.as_bytes());
        bytes
    }
}

const fn kind_byte(kind: OtpKind) -> Option<u8> {
    match kind {
        OtpKind::Totp => Some(1),
        OtpKind::Hotp => Some(2),
        OtpKind::Other => None,
    }
}

const fn kind_of(byte: u8) -> Option<OtpKind> {
    match byte {
        1 => Some(OtpKind::Totp),
        2 => Some(OtpKind::Hotp),
        _ => None,
    }
}

const fn hash_byte(hash: Hash) -> u8 {
    match hash {
        Hash::Sha1 => 1,
        Hash::Sha256 => 2,
        Hash::Sha512 => 3,
    }
}

const fn hash_of(byte: u8) -> Option<Hash> {
    match byte {
        1 => Some(Hash::Sha1),
        2 => Some(Hash::Sha256),
        3 => Some(Hash::Sha512),
        _ => None,
    }
}
