//! The everyday life of a token: each case ends with a sign-in of the true device, or with the proof that it can't.

mod desk;
mod from_vault;
mod given;
mod leavers;
mod lists;
mod looks;
mod lost;
mod people;
mod resumed;
pub mod scenes;
mod shown;
mod stock;
mod taken;
