//! One cell to one value.
//!
//! Owns: cleaning, and the readings of serial, seed, period, person, hash, digits and kind. Does not own: which
//! column holds what ([`crate::delimited`]), nor whether a value is permitted ([`oathctl_core::check`]).

pub(crate) mod clean;
pub(crate) mod params;
pub(crate) mod person;
pub(crate) mod seed;
pub(crate) mod serial;
pub(crate) mod shown;
