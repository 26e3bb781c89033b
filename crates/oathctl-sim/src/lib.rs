//! The practice tenant: an imitation of a Microsoft Entra tenant to rehearse and to test on.
//!
//! `world` holds the rules and nothing else: time and randomness come in as arguments, answers go out as
//! plain values. `face` puts that one world behind a surface: `face::http` speaks Graph and the sign-in
//! service. `device` is the other side of the truth: what the key fob in the user's hand really shows. `server` puts the
//! HTTP face on a loopback address. `hands` is what people do there themselves, beside the app.
//!
//! What Microsoft documents is imitated as documented; what nobody outside knows is a switch (`options`),
//! marked with how certain the fact behind it is. To add a switch: one line in `options/table.rs`, read it where
//! the rule stands.
//!
//! This crate shares no wire struct with the client and computes codes with a library of its own.

pub mod device;
pub mod face;
pub mod guid;
pub mod hands;
pub mod options;
pub mod rng;
pub mod secret;
pub mod server;
pub mod sim;
pub mod time;
pub mod totp;
pub mod world;

pub use options::Options;
pub use sim::{Setup, Sim};
