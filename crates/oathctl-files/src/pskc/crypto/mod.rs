//! The algorithms of PSKC: names, ciphers, MACs, derivation.
//!
//! Owns: what a URI names ([`Cipher`], [`Digest`]) and doing it. Does not own: which key, which value, and what a
//! failure means ([`super::opener`]).

mod cipher;
mod digest;
mod name;
mod private;
#[cfg(test)]
mod tests;

pub(super) use cipher::{Key, decrypt};
pub(super) use digest::Digest;
pub(super) use name::Cipher;
