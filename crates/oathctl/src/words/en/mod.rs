//! English.
//!
//! Owns: one page a reason ([`page::Explanation`]), by whom it is about: [`file`] and [`file_notes`] (the file as a
//! whole), [`wrapping`] (what it is wrapped in), [`row`], [`seed`], [`sealed`] and [`parameters`] (one row of it), [`person`], [`tenant`], [`own`] (the way, clocks,
//! oathctl). Does not own: the choice of a language.

pub mod ask;
pub mod codes;
pub mod decision;
pub mod everyday;
pub mod explain;
pub mod foreign;
pub mod gate;
pub mod life;
pub mod outcome;
pub mod people;

pub mod reason;
pub mod remote;
pub mod stock;
pub mod stopped;
pub mod tenant_error;
pub mod verify;

mod file;
mod file_notes;
mod formats;
mod own;
mod page;
mod parameters;
mod permission;
mod person;
mod row;
mod sealed;
mod seed;
mod sign_in;
mod sources;
mod tenant;
mod wrapping;

#[cfg(test)]
mod docs;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
