//! Surfaces of the one world: HTTP, as Microsoft's services speak it, and the product's own port.

pub mod http;
pub mod port;
mod words;
