//! Surfaces of the one world.

pub mod http;
